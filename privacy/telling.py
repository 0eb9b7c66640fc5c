"""The sidecar of the key is told what the registry knows (`store.backup.keeping`), for a restore to do it again."""

from pathlib import Path

from sqlalchemy import Connection

from config.keyfile import key_of
from privacy.pseudonym import Pseudonyms
from store.backup import keeping, sidecar


def tell(connection: Connection, key_file: Path) -> None:
    """Add what it does not know. Call once that is committed. Raises `ConfigError`, `SidecarError`."""
    key = key_of(key_file)
    keeping.catch_up(connection, sidecar.beside(key_file), key, Pseudonyms(key))
