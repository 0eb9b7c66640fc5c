"""A backup of the registry, and a restore that obeys what was erased and forbidden since (`store.backup`).

A backup:

1. The key is there, or made where nobody was erased yet; the sidecar knows every erasure that the backup will know, and
   every declaration that forbids something.
2. One consistent view of all tables is written, compressed and encrypted, beside the file's name.
3. It is read back, and only then takes the name, which nothing had before. What was written is noted.

A restore is one transaction on an empty database, so that nobody reads before its end, and nothing stays of one that
fails:

1. Key and sidecar are read first: without both, nothing is known of who was erased.
2. Tables of the backup's revision are made, its rows taken in, every one of them counted and checked.
3. The sidecar must know each erasure that the backup knows, else it is older than the backup.
4. What was erased since is erased again, what people forbade since is in force again (`privacy.replay`), and who stays
   is published accordingly.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, make_url

from config import UPKEEP
from config.keyfile import key_of
from privacy import key as keys
from privacy.pseudonym import Pseudonyms
from privacy.replay import Replayed, replay
from privacy.telling import tell
from store import audit
from store.backup import exporting, form, importing, keeping, place, sealing, sidecar
from store.backup.entries import Entry, Erased
from store.backup.errors import BackupError, SidecarError
from store.backup.form import Block, Head, Shelf
from store.engine import open_as_it_is, reading, writing
from store.erasing import space
from store.tables import BackupRun, table

_run = table(BackupRun)

Settle = Callable[[Connection, Sequence[int]], None]
"""What is done, within the transaction, with records that stay and depended on what was erased again."""


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that is whole. `rows` of each table; `decrypted`: it was read back with an identity, and not by its
    digest alone."""

    file: Path
    at: datetime
    sha256: str
    size: int
    rows: dict[str, int]
    erasures: int
    decrypted: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """A registry that is back: when it was written, rows by table as the backup had them, and what was erased again.
    `clean`: nothing of that is left in the database's files."""

    written_at: str
    rows: dict[str, int]
    replayed: Replayed
    clean: bool


def _nobody(_connection: Connection, _queued: Sequence[int]) -> None:
    """Those who stay wait for the next run."""


def back_up(engine: Engine, file: Path, recipient: Any, identity: Any | None, key_file: Path, actor: str) -> Written:
    """Write a backup. Raises `BackupError`, `ConfigError`."""
    with place.fresh(file) as beside:
        with writing(engine) as connection:
            pseudonyms = keys.for_erasing(connection, key_file)
        key, now = key_of(key_file), datetime.now(UTC)
        with reading(engine) as connection:
            head = exporting.head_of(connection, pseudonyms.fingerprint, now.isoformat())
            tell(connection, key_file)
            lines = form.written(head, key, lambda shelf: exporting.blocks_of(connection, shelf))
            sha256 = sealing.seal(beside, lines, recipient)
        _read_back(beside, sha256, identity, key, pseudonyms.fingerprint)
        size = beside.stat().st_size
    rows = {shelf.name: shelf.rows for shelf in head.tables}
    _note(engine, file, head, sha256, actor, now)
    return Written(file, now, sha256, size, rows, head.erasures, identity is not None)


def _read_back(path: Path, sha256: str, identity: Any | None, key: bytes, fingerprint: str) -> None:
    """From the disk. With the identity it is decrypted, and every row counted and checked."""
    if sealing.digest_of(path) != sha256:
        raise BackupError("what stands on the disk is not what was written; name another place, and look at this disk")
    if identity is not None:
        sealing.unseal(path, identity, form.taken(key, fingerprint, _Onlooker()))


class _Onlooker:
    """Takes a backup in and keeps nothing of it (`store.backup.form.Taker`)."""

    def begin(self, head: Head) -> None:
        """Nothing to prepare."""

    @contextmanager
    def table(self, table: Shelf) -> Iterator[Callable[[Block], None]]:  # noqa: ARG002 - all are alike here
        """Nothing to write."""
        yield lambda _block: None


def _note(engine: Engine, file: Path, head: Head, sha256: str, actor: str, now: datetime) -> None:
    values = {"at": now, "actor": actor, "file": str(file), "sha256": sha256, "rows": head.rows}
    with writing(engine) as connection:
        connection.execute(insert(_run).values(values | {"erasures": head.erasures}))
        audit.note(connection, now, actor, "backup", UPKEEP, detail={"rows": head.rows})


def restore(
    file: Path, url: str, identity: Any, key_file: Path, settle: Settle = _nobody, actor: str = "rekisteri"
) -> Restored:
    """Bring a backup into the empty database at `url`. Its audit chain goes on with the restore, before anything else.
    Raises `BackupError`, `ConfigError`."""
    key = key_of(key_file)
    pseudonyms = Pseudonyms(key)
    known = sidecar.read(sidecar.beside(key_file), key)
    with _nothing_left(url), _opened(url) as engine:
        with writing(engine) as connection:
            importing.require_empty(connection)
            importer = importing.Importer(connection)
            head = sealing.unseal(file, identity, form.taken(key, pseudonyms.fingerprint, importer))
            importer.finish()
            detail: dict[str, str | int] = {"written_at": head.written_at, "rows": head.rows}
            audit.note(connection, datetime.now(UTC), actor, "restore", UPKEEP, detail=detail)
            _require_newer(connection, known, key_file)
            replayed = replay(connection, known, pseudonyms)
            if replayed.queued:
                settle(connection, replayed.queued)
            if replayed.erasures or replayed.declarations:
                detail = {name: getattr(replayed, name) for name in ("erasures", "rows", "declarations")}
                audit.note(connection, datetime.now(UTC), actor, "erasures.replayed", UPKEEP, detail=detail)
            importing.go_on(connection)
        clean = space.clean(engine)
        return Restored(head.written_at, {shelf.name: shelf.rows for shelf in head.tables}, replayed, clean)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_as_it_is(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _nothing_left(url: str) -> Iterator[None]:
    """Take away the file that SQLite made, where it is not to hold anything."""
    parsed = make_url(url)
    path = Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
    fresh = path is not None and not path.exists()
    try:
        yield
    except BaseException:
        if path is not None and fresh:
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
        raise


def _require_newer(connection: Connection, known: list[Entry], key_file: Path) -> None:
    there = {entry.which for entry in known if isinstance(entry, Erased)}
    mine = {entry.which for entry in keeping.erasures_of(connection) if isinstance(entry, Erased)}
    if mine - there:
        path = sidecar.beside(key_file)
        raise SidecarError(f"{path} is older than the backup: it knows fewer erasures; put the newest one back")
