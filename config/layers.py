"""Where settings come from: the configuration file and the environment, each read into a tree of plain values."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.keys import Shape, near, unknown_keys
from config.values import absolute

PREFIX = "REKISTERI_"
CONFIG_VARIABLE = "REKISTERI_CONFIG"
FILE_NAME = "rekisteri.toml"

LISTED = "docs/configuration.md lists all settings"

SECRETS = (
    "database.url",
    "thinkific.api_key",
    "thinkific.access_token",
    "thinkific.webhook_secret",
    "timma.api.token",
)
"""Settings that may be given as `NAME_file` too: the path of a file that holds the value and nothing else."""

Tree = dict[str, Any]


def find_file(path: Path | None, env: Mapping[str, str]) -> Path | None:
    """The configuration file that counts, absolute; `None` where there is none. A named one must be there."""
    named = path or (Path(env[CONFIG_VARIABLE]) if env.get(CONFIG_VARIABLE) else None)
    if named is not None:
        if not is_file(named):
            way = "check --config" if path else f"check ${CONFIG_VARIABLE}"
            raise ConfigError(f"the configuration file {named} is not there; {way}, or make one with `rekisteri init`")
        return absolute(named)
    usual = (Path(FILE_NAME), *_user_folder(env))
    return next((absolute(place) for place in usual if is_file(place)), None)


def working_folder() -> Path:
    """The working directory, which may have been removed under us."""
    try:
        return Path.cwd()
    except OSError:
        raise ConfigError("the working directory is not there any more; change to one that is") from None


def is_file(path: Path) -> bool:
    """Whether it is a file that can be seen. A service's user may not look into the home that its environment names."""
    try:
        return absolute(path).is_file()
    except (OSError, ValueError):
        return False


def _user_folder(env: Mapping[str, str]) -> Iterator[Path]:
    """`$XDG_CONFIG_HOME`, else `~/.config` (XDG Base Directory Specification). A service may have no home."""
    given = Path(env.get("XDG_CONFIG_HOME", ""))
    if given.is_absolute():
        yield given / "rekisteri" / FILE_NAME
        return
    home = env.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    if Path(home).is_absolute():
        yield Path(home) / ".config" / "rekisteri" / FILE_NAME


def read_toml(path: Path) -> Tree:
    """The file's tables. Raises `ConfigError` with the line where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        # The text of the error may quote a character of a value, never more; the line is what helps.
        raise ConfigError(f"{path} is no valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check its permissions") from None


def read_environment(env: Mapping[str, str], shape: Shape) -> Tree:
    """Settings of the environment as a tree. An empty variable counts as not set; an unknown one is an error."""
    tree: Tree = {}
    for name in sorted(env):
        if name.upper().startswith(PREFIX) and name != CONFIG_VARIABLE:
            path = tuple(name[len(PREFIX) :].lower().split("__"))
            _refuse_unknown_variable(name, path, shape)
            if env[name].strip():
                _put(tree, path, env[name].strip())
    return tree


def _put(tree: Tree, path: tuple[str, ...], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def _refuse_unknown_variable(name: str, path: tuple[str, ...], shape: Shape) -> None:
    if _is_value(path, shape):
        return
    known = near(path, shape)
    way = f"did you mean {PREFIX}{'__'.join(known).upper()}?" if known else LISTED
    raise ConfigError(f"no such setting (environment variable {name}); {way}", ".".join(path))


def _is_value(path: tuple[str, ...], shape: Shape | None) -> bool:
    """Whether a path leads to a value: a whole table cannot be given as one variable."""
    for part in path:
        if not part or shape is None or (part not in shape and "*" not in shape):
            return False
        shape = shape.get(part, shape.get("*"))
    return shape is None


def refuse_unknown_keys(tree: Tree, shape: Shape, file: Path) -> None:
    """Raise for the first key of the file that is no setting."""
    for path in unknown_keys(tree, shape):
        known = near(path, shape)
        way = f"did you mean {'.'.join(known)}?" if known else LISTED
        raise ConfigError(f"no such setting in {file}; {way}", ".".join(path))


def with_secret_files(tree: Tree, stronger: Tree | None = None) -> Tree:
    """`tree` with each `NAME_file` replaced by what its file holds. What `stronger` gives already is not read."""
    for secret in SECRETS:
        *tables, name = secret.split(".")
        table = _table(tree, tables)
        if table is None or f"{name}_file" not in table:
            continue
        if name in table:
            raise ConfigError(f"stands beside {name}_file; give one of the two", secret)
        path = table.pop(f"{name}_file")
        if name not in (_table(stronger or {}, tables) or {}):
            table[name] = _secret_in(path, f"{secret}_file")
    return tree


def secret_files(tree: Tree) -> Iterator[Path]:
    """The paths that a tree gives as `NAME_file`, absolute."""
    for secret in SECRETS:
        *tables, name = secret.split(".")
        path = (_table(tree, tables) or {}).get(f"{name}_file")
        if isinstance(path, str) and path.strip():
            yield absolute(Path(path.strip()))


def _table(tree: Tree, tables: list[str]) -> Tree | None:
    for name in tables:
        below = tree.get(name)
        if not isinstance(below, dict):
            return None
        tree = below
    return tree


def _secret_in(path: Any, setting: str) -> str:
    if not isinstance(path, str) or not path.strip():
        raise ConfigError("needs the path of a file", setting)
    # The path is not quoted: a secret written into NAME_file by mistake would stand in the message.
    try:
        text = absolute(Path(path.strip())).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text file"
        raise ConfigError(f"the file cannot be read ({reason}); check its path and permissions", setting) from None
    if not text:
        raise ConfigError("the file is empty; write the secret into it", setting)
    return text
