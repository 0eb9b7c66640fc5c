"""`rekisteri request erase`: a person goes from the registry, and does not come back with the next sync."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.erase_telling import counted, tell, tell_before
from sync.cli.opening import Desk, actor, opened
from sync.cli.program import NOT_ALL, complain
from sync.cli.requested import Number, outlined, tasked
from sync.cli.showing import AsJson, document, lines

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from privacy.erasure import Erased
    from privacy.pseudonym import Pseudonyms
    from privacy.requests import By
    from store.requests import Request

IDENTITY = "confirmed with --yes"


def erase(
    ctx: typer.Context,
    id_: Number,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; where nothing says so yet, identity counts as checked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase the person who asked for it, for good.

    Everything that is held of them goes, in one step. What is left names nobody, and keeps them out when a platform
    still sends them. At the platforms it is you who must delete them: each is a task.

    \b
    Example:
      rekisteri request erase 12 --dry-run
      rekisteri request erase 12 --yes
    """
    with opened(ctx) as desk:
        if _gone_already(desk, id_):
            _finish(desk, id_, as_json=as_json)
            return
        files = _files(desk, id_)
        if dry_run:
            _preview(desk, id_, files, as_json=as_json)
            return
        if not yes:
            _ask(desk, id_, files, as_json=as_json)
        done = _carry_out(desk, id_, files, yes=yes)
        done["clean"] = clean = _follow_up(desk, id_)
    if as_json:
        document(done)
    else:
        tell(done)
    if not clean:
        raise typer.Exit(NOT_ALL)


def _gone_already(desk: Desk, id_: int) -> bool:
    """Whether the person of this request was erased. Raises `NotPossibleError` where there is nothing to erase."""
    from privacy import requests
    from privacy.errors import NotPossibleError
    from store import tombstones
    from store.engine import reading

    with reading(desk.engine) as connection:
        found = requests.there(connection, id_)
        if found.type != requests.ERASURE:
            raise NotPossibleError(f"request {id_} asks for {found.type}; only what asks for erasure is erased")
        if any(stone.request_id == id_ for stone in tombstones.every(connection)):
            return True
        requests.to_erase(connection, requests.still_open(connection, id_))
    return False


def _finish(desk: Desk, id_: int, *, as_json: bool) -> None:
    """What an earlier erasure has left to be done."""
    clean = _follow_up(desk, id_)
    if as_json:
        document({"id": id_, "erased": None, "clean": clean})
    elif clean:
        lines(f"The person of request {id_} is erased already, and the database's files hold nothing of them.")
    if not clean:
        raise typer.Exit(NOT_ALL)


def _files(desk: Desk, id_: int) -> list[dict[str, Any]]:
    """Files of the inboxes that hold the person, or that nobody could look into."""
    from privacy.requests import still_open, to_erase
    from store.engine import reading
    from store.erasing.texts import told_of
    from store.erasing.whose import whose
    from sync.leftovers import leftovers

    with reading(desk.engine) as connection:
        told = told_of(connection, whose(connection, to_erase(connection, still_open(connection, id_))))
    found = leftovers(desk.settings.sources(), told)
    return [{"source": one.source, "file": one.file, "read": one.read} for one in found]


class _TriedError(Exception):
    """Takes back what was only tried."""


def _tried(desk: Desk, id_: int) -> "Erased":
    """What would go: it goes, and is taken back. No key is made."""
    import os
    from contextlib import suppress
    from datetime import UTC, datetime

    from privacy import erasure, key, requests
    from privacy.pseudonym import Pseudonyms
    from store.engine import writing

    found: list[Erased] = []
    with suppress(_TriedError), writing(desk.engine) as connection:
        digests = key.for_landing(connection, desk.settings.privacy.key_file) or Pseudonyms(os.urandom(32))
        records = requests.to_erase(connection, requests.still_open(connection, id_))
        now = datetime.now(UTC)
        found.append(erasure.erase(connection, records, basis=erasure.REQUEST, now=now, pseudonyms=digests))
        raise _TriedError
    return found[0]


def _preview(desk: Desk, id_: int, files: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Show what would go; that somebody looks is audited before, and is among what would go."""
    from datetime import UTC, datetime

    from privacy.requests import there
    from store import audit
    from store.engine import writing
    from store.requests import known_as

    with writing(desk.engine) as connection:
        person, detail = known_as(connection, there(connection, id_)), {"request": id_}
        audit.note(connection, datetime.now(UTC), actor(), "request.preview", UPKEEP, customer_id=person, detail=detail)
    tell_before(id_, _tried(desk, id_), files, as_json=as_json)


def _ask(desk: Desk, id_: int, files: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Ask the person at the keyboard. Raises `NotPossibleError` where there is nobody, or identity is not checked."""
    from privacy.errors import NotPossibleError
    from privacy.requests import ready
    from store.engine import reading

    if as_json or not sys.stdin.isatty():
        raise NotPossibleError(f"nothing was erased: `rekisteri request erase {id_} --yes` does it without asking")
    with reading(desk.engine) as connection:
        ready(connection, id_)
    _preview(desk, id_, files, as_json=False)
    if not typer.confirm("Erase the person? Nothing brings it back."):
        raise typer.Exit(NOT_ALL)


def _carry_out(desk: Desk, id_: int, files: Sequence[Mapping[str, Any]], *, yes: bool) -> dict[str, Any]:
    """Erase, write down the tasks and the step, and audit, in one transaction; the request as it is then."""
    from datetime import UTC, datetime

    from privacy import key, requests
    from privacy.tasks import DELETE, TELL_ERASED
    from store import audit
    from store import requests as held
    from store.engine import writing

    with writing(desk.engine) as connection:
        by = requests.By(actor(), datetime.now(UTC))
        found = requests.still_open(connection, id_)
        if yes and found.identified_at is None:
            requests.identify(connection, id_, IDENTITY, by)
        found = requests.ready(connection, id_)
        person = held.known_as(connection, found)
        digests = key.for_erasing(connection, desk.settings.privacy.key_file)
        erased = _erased(desk, connection, found, digests, by)
        todo = [(party, DELETE) for party in erased.parties] + [(name, TELL_ERASED) for name in erased.recipients]
        held.add_tasks(connection, id_, todo, by.now)
        step = held.Step(by.now, by.actor, "erase", requests.ACCEPTED, {"tombstone": erased.tombstone})
        held.take(connection, id_, step)
        detail = {"request": id_, "tombstone": erased.tombstone, "records": len(erased.records)}
        audit.note(connection, by.now, by.actor, "request.erase", UPKEEP, customer_id=person, detail=detail)
        after = requests.there(connection, id_)
        return outlined(after, person, by.today) | {
            "tasks": [tasked(task) for task in held.tasks(connection, id_)],
            "erased": counted(erased),
            "files": list(files),
        }


def _erased(desk: Desk, connection: "Connection", request: "Request", digests: "Pseudonyms", by: "By") -> "Erased":
    from privacy.erasure import REQUEST
    from privacy.requests import to_erase
    from sync.erasing import erase_and_reconcile
    from sync.models import active
    from sync.reconciling import Act
    from sync.run import rules_of

    return erase_and_reconcile(
        connection,
        to_erase(connection, request),
        basis=REQUEST,
        pseudonyms=digests,
        rules=rules_of(desk.settings, active(connection, desk.settings)),
        act=Act(by.actor, by.now),
        request_id=request.id,
    )


def _follow_up(desk: Desk, id_: int) -> bool:
    """What comes after the commit. Whatever of it cannot be done is said in a line; the person is erased."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.backup.errors import SidecarError
    from store.faults import database_fault
    from sync.erasing import follow_up

    again = f"`rekisteri request erase {id_} --yes` or the next erasure does it"
    try:
        if follow_up(desk.engine, desk.settings.privacy.key_file):
            return True
        complain(f"the person is erased; the database's files hold remains, since others are reading them: {again}")
    except SidecarError as error:
        complain(f"the person is erased, but a restore does not know it yet: {error}; then {again}")
    except SQLAlchemyError as error:
        complain(f"the person is erased; the database's files hold remains ({database_fault(error)}): {again}")
    return False
