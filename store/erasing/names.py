"""Names by which people find something: third parties to whom data went, and segments.

1. A recipient keeps its name, since everybody whose data it got may ask to whom they went (GDPR Art. 15(1)(c)): a firm
   may well bear the name of somebody who is erased. Only one who is a person loses a name that is the erased person's,
   wherever it stands: in the approval, in what was disclosed, in what is to be done.
2. A segment whose name speaks of the person gets another, under which all its versions are found.

Call everything inside `store.engine.writing`.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from store.among import among
from store.erasing.texts import ERASED, Told
from store.tables import Disclosure, Recipient, RequestTask, Segment, table

_PERSON = "person"
_recipient = table(Recipient)
_disclosure = table(Disclosure)
_task = table(RequestTask)
_segment = table(Segment)


def forget(connection: Connection, told: Told) -> Counter[str]:
    """Take the person's name off; the number of rows, by table."""
    changed: Counter[str] = Counter()
    if told.whole:
        persons = _persons(connection)
        theirs = sorted(name for name in persons if told.tells(name))
        for of, name in ((_recipient, "name"), (_disclosure, "recipient"), (_task, "party")):
            _rename(connection, changed, of, name, ERASED, among(connection, of.c[name], theirs))
        asked = sorted(name for name in persons if told.own.names_in(name))
        mine = (among(connection, _task.c.party, asked), among(connection, _task.c.request_id, told.requests))
        _rename(connection, changed, _task, "party", ERASED, *mine)
        for name, other in list(_segments(connection, told)):
            _rename(connection, changed, _segment, "name", other, _segment.c.name == name)
    return changed


def is_theirs(told: Told, name: str, kind: str) -> bool:
    """Whether a recipient of this name and kind is the person."""
    return kind == _PERSON and told.tells(name)


def _persons(connection: Connection) -> set[str]:
    """Names of recipients who are persons, but those that another recipient has too."""
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for of, name in ((_recipient, "name"), (_disclosure, "recipient")):
        for kind, said in connection.execute(select(of.c.kind, of.c[name]).distinct()).all():
            named[kind == _PERSON].add(said)
    return named[True] - named[False]


def _segments(connection: Connection, told: Told) -> Iterator[tuple[str, str]]:
    """Names of segments that speak of the person, each with one that nobody has."""
    firsts = select(_segment.c.name, func.min(_segment.c.id)).group_by(_segment.c.name)
    names: dict[str, int] = dict(connection.execute(firsts).all())
    for name, id_ in names.items():
        if told.tells(name):
            yield name, _free(f"erased-{id_}", names)


def _free(name: str, taken: Collection[str]) -> str:
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))) if one not in taken)


def _rename(
    connection: Connection, changed: Counter[str], of: Table, name: str, to: str, *which: ColumnElement[bool]
) -> None:
    number = connection.execute(update(of).where(*which, of.c[name] != to).values({name: to})).rowcount
    if number:
        changed[of.name] += number
