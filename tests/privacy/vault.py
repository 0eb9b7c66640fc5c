"""A folder with the key, the sidecar and backups of a registry, and databases to restore them into."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import Connection, Engine

from privacy.backup import Restored, Written, back_up, restore
from privacy.key import for_erasing
from store.backup import sidecar
from store.backup.keeping import catch_up
from store.engine import open_database, reading, writing
from sync.reconciling import Tally, reconcile_records
from tests.privacy.erasing import DIGESTS, erase
from tests.sync.engine import Registry

KEY = b"k" * 32
"""The one of `tests.privacy.erasing.DIGESTS`."""


@dataclass
class Vault:
    """Where the backups of a registry are kept."""

    folder: Path
    identity: Any = field(default_factory=pyrage.x25519.Identity.generate)

    def __post_init__(self) -> None:
        self.key_file.write_text(KEY.hex())

    @property
    def key_file(self) -> Path:
        """The key."""
        return self.folder / "rekisteri.key"

    @property
    def sidecar(self) -> Path:
        """What was erased."""
        return sidecar.beside(self.key_file)

    @property
    def file(self) -> Path:
        """The backup."""
        return self.folder / "registry.age"

    def back_up(self, registry: Registry, *, decrypt: bool = True) -> Written:
        """Make it."""
        identity = self.identity if decrypt else None
        return back_up(registry.engine, self.file, self.identity.to_public(), identity, self.key_file, "tester")

    def restore(self, url: str, registry: Registry | None = None, **options: Any) -> Restored:
        """Bring it back; with a registry, those who stay are reconciled as there."""

        def settle(connection: Connection, queued: Any) -> None:
            if registry:
                reconcile_records(connection, queued, registry.rules, registry.act(), Tally())

        values = {"identity": self.identity, "key_file": self.key_file, **options}
        return restore(self.file, url, values["identity"], values["key_file"], settle)

    def erase(self, registry: Registry, record: str) -> None:
        """Somebody is erased, and the sidecar told of it."""
        with writing(registry.engine) as connection:
            for_erasing(connection, self.key_file)
        erase(registry, record)
        self.tell(registry)

    def tell(self, registry: Registry) -> None:
        """The sidecar learns what the registry knows."""
        with reading(registry.engine) as connection:
            catch_up(connection, self.sidecar, KEY, DIGESTS)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database that was restored."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()
