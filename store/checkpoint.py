"""What is written with a page beside its rows: quarantine and the stream's checkpoint."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, select

from store.among import among
from store.batch import Batch, FileMark
from store.bulk import moment, run_plain, upsert
from store.tables import ImportedFile, Quarantine, table

_quarantine = table(Quarantine)
_file = table(ImportedFile)

# Said with every page, so in plain SQL.
_WAITING = "SELECT 1 FROM quarantine WHERE source = ? AND stream = ? LIMIT 1"
_CHECKPOINT = (
    "INSERT INTO stream_state (source, stream, cursor, newest) VALUES (?, ?, ?, ?) ON CONFLICT (source, stream)"
)


def settle_quarantine(connection: Connection, batch: Batch, ids: Collection[str]) -> None:
    """Quarantine what could not be mapped; lift the quarantine of `ids`, which could."""
    if ids and run_plain(connection, _WAITING, batch.source, batch.stream).scalar():
        mine = (_quarantine.c.source == batch.source, _quarantine.c.stream == batch.stream)
        connection.execute(delete(_quarantine).where(*mine, among(connection, _quarantine.c.key, ids)))
    if not batch.rejected:
        return
    statement = upsert(connection, _quarantine)
    kept = (
        "fields", "reason", "column", "file", "row", "origin_id", "retrieved_from", "retrieved_at", "run_id",
        "tombstone_id",
    )  # fmt: skip
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "stream", "key"], set_={name: statement.excluded[name] for name in kept}
        ),
        [
            {
                "source": batch.source,
                "stream": batch.stream,
                "key": rejected.key,
                "fields": rejected.fields,
                "reason": rejected.reason,
                "column": rejected.column,
                "file": rejected.file,
                "row": rejected.row,
                "origin_id": batch.origin_id,
                "retrieved_from": batch.retrieved_from,
                "retrieved_at": batch.now,
                "first_seen_at": batch.now,
                "run_id": batch.run_id,
                "tombstone_id": rejected.tombstone_id,
            }
            for rejected in {rejected.key: rejected for rejected in batch.rejected}.values()
        ],
    )


def checkpoint(connection: Connection, batch: Batch) -> None:
    """Write how far the read has come, and with the last page of a file that the file is in."""
    newest = max((row.updated_at for row in batch.rows if row.updated_at), default=None)
    later = "greatest" if connection.dialect.name == "postgresql" else "max"
    changes = "cursor = excluded.cursor"
    if newest is not None:
        changes += f", newest = {later}(coalesce(stream_state.newest, excluded.newest), excluded.newest)"
    statement = f"{_CHECKPOINT} DO UPDATE SET {changes}"
    run_plain(connection, statement, batch.source, batch.stream, batch.cursor, moment(connection, newest))
    if batch.file:
        mark = upsert(connection, _file).values(
            source=batch.source,
            stream=batch.stream,
            sha256=batch.file.sha256,
            name=batch.file.name,
            rows=batch.file.rows,
            imported_at=batch.now,
            run_id=batch.run_id,
        )
        connection.execute(mark.on_conflict_do_nothing())
        _forget_older_rows(connection, batch, batch.file)


def _forget_older_rows(connection: Connection, batch: Batch, file: FileMark) -> None:
    """What an earlier state of this file left in quarantine is mended, or stands there again as of this state.

    Told by time and not by run: this state may have been read in two runs, a crash between them.
    """
    earlier = (
        select(func.max(_file.c.imported_at))
        .where(_file.c.source == batch.source, _file.c.stream == batch.stream)
        .where(_file.c.name == file.name, _file.c.sha256 != file.sha256)
        .scalar_subquery()
    )
    connection.execute(
        delete(_quarantine).where(
            _quarantine.c.source == batch.source,
            _quarantine.c.stream == batch.stream,
            _quarantine.c.file == file.name,
            _quarantine.c.retrieved_at <= earlier,
        )
    )
