"""The key under which people were erased, and no other: under another one they would come back unseen.

A fingerprint of it stands in the database from the first erasure on.
"""

from pathlib import Path

from sqlalchemy import Connection

from config.errors import ConfigError
from config.keyfile import SETTING, key_of, make_key
from privacy.pseudonym import Pseudonyms
from store import runs, tombstones

STAMP = "key_fingerprint"


def for_erasing(connection: Connection, path: Path) -> Pseudonyms:
    """The digests under which people are erased; the key is made where nobody was yet. Raises `ConfigError`.

    Call inside `store.engine.writing`.
    """
    if tombstones.there_are_any(connection):
        return _same(connection, path)
    made = Pseudonyms(make_key(path))
    remember(connection, made)
    return made


def remember(connection: Connection, pseudonyms: Pseudonyms) -> None:
    """From now on this is the key under which people are erased."""
    runs.set_stamp(connection, STAMP, pseudonyms.fingerprint)


def for_landing(connection: Connection, path: Path) -> Pseudonyms | None:
    """The digests by which erased people are known again; `None` where nobody was erased. Raises `ConfigError`."""
    return _same(connection, path) if tombstones.there_are_any(connection) else None


def _same(connection: Connection, path: Path) -> Pseudonyms:
    found = Pseudonyms(key_of(path))
    if found.fingerprint != runs.stamp(connection, STAMP):
        raise ConfigError(
            f"the file {path} holds another key than the one under which people were erased, so that they would come"
            " back; put that one back from where you keep its copy",
            SETTING,
        )
    return found
