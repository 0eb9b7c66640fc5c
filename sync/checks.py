"""What `rekisteri check` tries, one finding after the other: each says what was looked at, and the way out."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from config import layers
from config.agreement import require_agreement
from config.errors import ConfigError
from config.register import load_register
from config.settings import Settings, Source, missing_folder, missing_folders
from connectors.errors import ConnectorError
from privacy.key import for_landing
from store import status
from store.engine import DatabaseError, open_database, reading
from sync.sources import connect
from sync.wording import quantity

OK, WARNING, FAILED, WRONG = "ok", "warning", "failed", "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `outcome`: `ok`, `warning`, `failed` (a platform), `wrong` (the configuration)."""

    what: str
    outcome: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """Its part of the JSON document."""
        return {"what": self.what, "outcome": self.outcome, "text": self.text}


def findings(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one thing after the other; a finding never stops the next."""
    yield _file(settings)
    yield from _open_to_others(settings)
    yield _register(settings)
    missing = dict(missing_folders(settings))
    yield from _folders(missing)
    # What a missing folder stops is not tried: one fault is one finding.
    if "database.url" not in missing:
        yield from _database(settings)
    sources = settings.sources()
    if not sources:
        yield Finding("sources", WRONG, "no source is configured; set one, see docs/configuration.md")
    for source in sources:
        if source.inbox not in missing.values():
            yield _answer(source)


def _file(settings: Settings) -> Finding:
    if settings.file is None:
        return Finding(
            "configuration",
            WARNING,
            "no file was found, defaults and environment count; make one with `rekisteri init`",
        )
    return Finding("configuration", OK, str(settings.file))


def _open_to_others(settings: Settings) -> Iterator[Finding]:
    """Files with secrets that other users of the machine may read."""
    for what, path in _secret_files(settings):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & 0o077:
            yield Finding(what, WARNING, f"other users may read {path}; run `chmod 600 {path}`")


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "privacy.key_file", settings.privacy.key_file
    tree = layers.read_toml(settings.file) if settings.file else {}
    for secret in layers.SECRETS:
        if settings.file and _given(tree, secret):
            yield secret, settings.file
        path = _given(tree, f"{secret}_file") or os.environ.get(_variable(f"{secret}_file"))
        if path:
            yield f"{secret}_file", settings.base_dir / Path(str(path)).expanduser()


def _given(tree: Any, setting: str) -> Any:
    for part in setting.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _variable(setting: str) -> str:
    return layers.PREFIX + setting.upper().replace(".", "__")


def _register(settings: Settings) -> Finding:
    """The processing register, and whether it fits the sources."""
    try:
        register = load_register(settings.processing.register_path)
        require_agreement(settings, register)
        return Finding("processing register", OK, f"{register.name}, controller {register.controller}")
    except ConfigError as error:
        return Finding("processing register", WRONG, str(error))


def _folders(missing: Mapping[str, Path]) -> Iterator[Finding]:
    for setting, folder in missing.items():
        yield Finding("folders", WRONG, str(missing_folder(setting, folder)))
    if not missing:
        yield Finding("folders", OK, "all there")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        engine = open_database(settings.database.url.get_secret_value())
    except (ConfigError, DatabaseError) as error:
        yield Finding("database", WRONG, str(error))
        return
    try:
        with reading(engine) as connection:
            size = status.registry_size(connection)
            key = _key(connection, settings)
    finally:
        engine.dispose()
    held = f"{quantity(size.customers, 'customer')} of {quantity(size.records, 'record')}"
    yield Finding("database", OK, f"{engine.dialect.name}, {held}")
    if key is not None:
        yield key


def _key(connection: Connection, settings: Settings) -> Finding | None:
    """Whether erased people can be known again, where there are any."""
    try:
        there = for_landing(connection, settings.privacy.key_file)
    except ConfigError as error:
        return Finding("privacy.key_file", WRONG, str(error))
    return Finding("privacy.key_file", OK, "erased people are known by it") if there else None


def _answer(source: Source) -> Finding:
    """One cheap call."""
    try:
        connector = connect(source)
    except ConnectorError as error:
        return Finding(source.name, WRONG, str(error))
    try:
        return Finding(source.name, OK, connector.check())
    except ConnectorError as error:
        return Finding(source.name, FAILED, str(error))
    finally:
        connector.close(frozenset())


def worst(found: list[Finding]) -> str:
    """Of all findings the one that matters most."""
    return max((finding.outcome for finding in found), key=(OK, WARNING, FAILED, WRONG).index, default=OK)
