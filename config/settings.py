"""What the owner set: `load` reads file and environment into frozen `Settings` with every path absolute.

Precedence: environment, then file, then defaults. The names, defaults and rules are listed in docs/configuration.md.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config import layers
from config.errors import ConfigError
from config.keys import Shape, meant, shape_of
from config.problems import first_problem
from config.sections import (
    BackupOptions,
    DatabaseOptions,
    FilesOptions,
    HealthOptions,
    HttpOptions,
    LogOptions,
    MatchOptions,
    PrivacyOptions,
    ProcessingOptions,
    SafetyOptions,
    ThinkificOptions,
    TimmaOptions,
)
from config.values import Schedule, paths_relative_to

DEFAULT_SCHEDULE = "*/15 * * * *"
_BUILT_IN = ("timma", "thinkific")
_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_NO_SETTINGS = frozenset({"base_dir", "file"})

_trees: ContextVar[tuple[layers.Tree, ...]] = ContextVar("trees", default=())


class Source(BaseModel):
    """A source that is switched on.

    `platform` is the package below `connectors/` that reads it, `party` the party of the processing register that
    its records come from, `options` its section of the settings.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    platform: str
    party: str
    brand: str
    notes: bool
    consent_grantee: str | None
    schedule: str
    options: TimmaOptions | ThinkificOptions | FilesOptions

    @property
    def inbox(self) -> Path | None:
        """The folder of export files that it reads, where it reads any."""
        return None if isinstance(self.options, ThinkificOptions) else self.options.inbox


class _Tree(PydanticBaseSettingsSource):
    """One layer of settings, read already."""

    def __init__(self, settings_cls: type[BaseSettings], tree: layers.Tree) -> None:
        super().__init__(settings_cls)
        self._tree = tree

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return self._tree.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._tree


class Settings(BaseSettings):
    """All settings. `base_dir` is the folder that relative paths were resolved against, `file` the file read."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        nested_model_default_partial_update=False,
    )

    database: DatabaseOptions = Field(default_factory=DatabaseOptions)
    thinkific: ThinkificOptions = Field(default_factory=ThinkificOptions)
    timma: TimmaOptions = Field(default_factory=TimmaOptions)
    files: Mapping[str, FilesOptions] = Field(default_factory=dict)
    schedule: Mapping[str, Schedule] = Field(default_factory=dict)
    http: HttpOptions = Field(default_factory=HttpOptions)
    health: HealthOptions = Field(default_factory=HealthOptions)
    log: LogOptions = Field(default_factory=LogOptions)
    privacy: PrivacyOptions = Field(default_factory=PrivacyOptions)
    backup: BackupOptions = Field(default_factory=BackupOptions)
    processing: ProcessingOptions = Field(default_factory=ProcessingOptions)
    match: MatchOptions = Field(default_factory=MatchOptions)
    safety: SafetyOptions = Field(default_factory=SafetyOptions)
    base_dir: Path = Field(default_factory=Path.cwd)
    file: Path | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` read counts: the library's own environment source ignores unknown names."""
        return (init_settings, *(_Tree(settings_cls, tree) for tree in _trees.get()))

    def sources(self) -> tuple[Source, ...]:
        """The sources that are switched on, in order of precedence: timma, thinkific, then files by name."""
        found = [*self._timma(), *self._thinkific()]
        return (*found, *(self._register(name, self.files[name]) for name in sorted(self.files)))

    def _timma(self) -> Iterator[Source]:
        api = self.timma.api
        if (api.base_url is None) != (api.token is None):
            missing = "token" if api.token is None else "base_url"
            raise ConfigError("is missing; the API needs base_url and token", f"timma.api.{missing}")
        if self.timma.inbox is not None or api.base_url is not None:
            yield self._source("timma", "timma", "timma", self.timma)

    def _thinkific(self) -> Iterator[Source]:
        options = self.thinkific
        if options.access_token is None and (options.api_key is None) != (options.subdomain is None):
            missing = "api_key" if options.api_key is None else "subdomain"
            raise ConfigError("is missing; give subdomain and api_key, or access_token alone", f"thinkific.{missing}")
        if options.access_token is not None or options.api_key is not None:
            yield self._source("thinkific", "thinkific", "thinkific", options)

    def _register(self, name: str, options: FilesOptions) -> Source:
        for needed in ("inbox", "processor", "brand"):
            if getattr(options, needed) is None:
                raise ConfigError("is missing; a register kept as files needs it", f"files.{name}.{needed}")
        return self._source(name, "files", str(options.processor), options)

    def _source(
        self, name: str, platform: str, party: str, options: TimmaOptions | ThinkificOptions | FilesOptions
    ) -> Source:
        return Source(
            name=name,
            platform=platform,
            party=party,
            brand=str(options.brand),
            notes=options.notes,
            consent_grantee=None if isinstance(options, FilesOptions) else options.consent_grantee,
            schedule=self.schedule.get(name, DEFAULT_SCHEDULE),
            options=options,
        )


def settings_shape() -> Shape:
    """Every known setting, the `*_file` siblings of secrets included."""
    shape = {name: below for name, below in shape_of(Settings).items() if name not in _NO_SETTINGS}
    for secret in layers.SECRETS:
        *tables, name = secret.split(".")
        table: Shape = shape
        for part in tables:
            table = table[part] or {}
        table[f"{name}_file"] = None
    return shape


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `env` stands in for the process environment. Raises `ConfigError` alone.

    File: `path`, else `$REKISTERI_CONFIG`, else `./rekisteri.toml`, else the user's configuration folder, else none.
    """
    given = os.environ if env is None else env
    file = layers.find_file(path, given)
    base_dir = file.parent if file else layers.working_folder()
    with paths_relative_to(base_dir):
        environment, tree = _read(file, given)
        settings = _build((environment, tree, {"base_dir": base_dir, "file": file}))
    _check_names(settings)
    _check_inboxes(settings.sources())
    return settings


def _read(file: Path | None, env: Mapping[str, str]) -> tuple[layers.Tree, layers.Tree]:
    shape = settings_shape()
    environment = layers.with_secret_files(layers.read_environment(env, shape))
    if file is None:
        return environment, {}
    tree = layers.read_toml(file)
    layers.refuse_unknown_keys(tree, shape, file)
    return environment, layers.with_secret_files(tree, environment)


def _build(trees: tuple[layers.Tree, ...]) -> Settings:
    token = _trees.set(trees)
    try:
        return Settings()
    except ValidationError as error:
        raise first_problem(error) from None
    finally:
        _trees.reset(token)


def _check_names(settings: Settings) -> None:
    for name in settings.files:
        if name in _BUILT_IN or not _NAME.fullmatch(name):
            raise ConfigError(
                "is no name for a register: use small letters, digits, - and _, and neither timma nor thinkific",
                f"files.{name}",
            )
    known = (*_BUILT_IN, *sorted(settings.files))
    for name in settings.schedule:
        if name not in known:
            raise ConfigError(f"no such source; {meant(name, known)}", f"schedule.{name}")


def _check_inboxes(sources: tuple[Source, ...]) -> None:
    """Two sources on one folder would land every row twice, under two origins."""
    seen: dict[Path, str] = {}
    for source in sources:
        inbox = source.inbox
        if inbox is not None and (other := seen.setdefault(inbox.resolve(), source.name)) != source.name:
            raise ConfigError(f"is the inbox of {other} too; give each source its own", setting_of(source, "inbox"))


def setting_of(source: Source, name: str) -> str:
    """Dotted name of one of a source's settings, for messages."""
    return f"files.{source.name}.{name}" if source.platform == "files" else f"{source.platform}.{name}"


def require_folders(settings: Settings) -> None:
    """Raise where a folder that a run needs is missing. Folders are the owner's to make: a typo must not make one."""
    for setting, folder in missing_folders(settings):
        raise missing_folder(setting, folder)


def missing_folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Setting and path of each folder that a run needs and that is not there."""
    return ((setting, folder) for setting, folder in _folders(settings) if not folder.is_dir())


def missing_folder(setting: str, folder: Path) -> ConfigError:
    """What to do about such a folder."""
    return ConfigError(f"the folder {folder} is not there; make it, or correct the path", setting)


def database_file(settings: Settings) -> Path | None:
    """The file of the database, where it is SQLite's."""
    url = settings.database.url.get_secret_value()
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if url.startswith("sqlite:///") else None


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    database = database_file(settings)
    if database is not None:
        yield "database.url", database.parent
    yield "privacy.key_file", settings.privacy.key_file.parent
    if settings.timma.inbox is not None:
        yield "timma.inbox", settings.timma.inbox
    for name, options in sorted(settings.files.items()):
        if options.inbox is not None:
            yield f"files.{name}.inbox", options.inbox
