"""The key of tombstones and pseudonyms (`privacy.key_file`): 32 random bytes in hexadecimal, in a file of its own.

It stands outside of the database and of every backup: who has only those cannot tell whose digests they hold.
"""

import os
from pathlib import Path

from config.errors import ConfigError

SETTING = "privacy.key_file"
_BYTES = 32


def key_of(path: Path) -> bytes:
    """The key. Raises `ConfigError`."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise ConfigError(
            f"the key file {path} is not there; put it back from where you keep its copy, or correct the path", SETTING
        ) from None
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise ConfigError(
            f"the key file {path} cannot be read ({error.strerror}); check its permissions", SETTING
        ) from None
    return _key_in(text, path)


def _key_in(text: str, path: Path) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise ConfigError(
            f"the file {path} holds no key, which is {2 * _BYTES} hexadecimal digits; put the key back from where you"
            " keep its copy, or, where nobody was ever erased, remove the file",
            SETTING,
        )
    return key


def make_key(path: Path) -> bytes:
    """A new key in a new file of mode 0600; where one is there already, that. Raises `ConfigError`."""
    key = os.urandom(_BYTES)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(file.fileno(), key, path)
    except FileExistsError:
        return key_of(path)
    except OSError as error:
        raise ConfigError(
            f"the key file {path} cannot be written ({error.strerror}); make its folder writable, or set another path",
            SETTING,
        ) from None
    return key


def _write(file: int, key: bytes, path: Path) -> None:
    """On disk when this returns, the name in its folder too: no digest may outlive its key. No half of it stays."""
    try:
        os.write(file, f"{key.hex()}\n".encode())
        os.fsync(file)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        path.unlink(missing_ok=True)
        raise
