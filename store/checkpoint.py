"""What is written with a page beside its rows: quarantine and the stream's checkpoint."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, func, select

from store.among import among
from store.batch import Batch, FileMark
from store.bulk import upsert
from store.tables import ImportedFile, Quarantine, StreamState, table

_quarantine = table(Quarantine)
_state = table(StreamState)
_file = table(ImportedFile)


def settle_quarantine(connection: Connection, batch: Batch, ids: Collection[str]) -> None:
    """Quarantine what could not be mapped; lift the quarantine of `ids`, which could."""
    mine = (_quarantine.c.source == batch.source, _quarantine.c.stream == batch.stream)
    if ids and connection.execute(select(func.count()).select_from(_quarantine).where(*mine)).scalar():
        connection.execute(delete(_quarantine).where(*mine, among(connection, _quarantine.c.key, ids)))
    if not batch.rejected:
        return
    statement = upsert(connection, _quarantine)
    kept = ("fields", "reason", "column", "file", "row", "origin_id", "retrieved_from", "retrieved_at", "run_id")
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
            }
            for rejected in {rejected.key: rejected for rejected in batch.rejected}.values()
        ],
    )


def checkpoint(connection: Connection, batch: Batch) -> None:
    """Write how far the read has come, and with the last page of a file that the file is in."""
    newest = max((row.updated_at for row in batch.rows if row.updated_at), default=None)
    statement = upsert(connection, _state).values(
        source=batch.source, stream=batch.stream, cursor=batch.cursor, newest=newest
    )
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    changes: dict[str, Any] = {"cursor": statement.excluded.cursor}
    if newest is not None:
        changes["newest"] = later(func.coalesce(_state.c.newest, statement.excluded.newest), statement.excluded.newest)
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "stream"], set_=changes))
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
