"""An erasure with all that follows it here: who stays is reconciled at once, the key's sidecar learns of it, and the
database's files are cleaned."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine

from privacy.erasure import Erased, erase
from privacy.pseudonym import Pseudonyms
from privacy.telling import tell
from store.engine import reading
from store.erasing import space
from sync.reconciling import Act, Rules, Tally, reconcile_records


def erase_and_reconcile(
    connection: Connection,
    record_ids: Iterable[int],
    *,
    basis: str,
    pseudonyms: Pseudonyms,
    rules: Rules,
    act: Act,
    request_id: int | None = None,
) -> Erased:
    """Erase (`privacy.erasure.erase`), and publish whoever stays as if the others had never been there.

    Call inside `store.engine.writing`, and `follow_up` once that is committed.
    """
    done = erase(connection, record_ids, basis=basis, now=act.now, pseudonyms=pseudonyms, request_id=request_id)
    if done.queued:
        reconcile_records(connection, done.queued, rules, act, Tally())
    return done


def follow_up(engine: Engine, key_file: Path, *, patience_s: float = space.PATIENCE_S) -> bool:
    """Tell the sidecar what was erased, for a restore to do it again, and take from the database's files what they
    still hold; whether nothing is left there. Raises `SidecarError` when the files are clean but the sidecar is not
    there to be told."""
    try:
        with reading(engine) as connection:
            tell(connection, key_file)
    finally:
        done = space.clean(engine, patience_s=patience_s)
    return done
