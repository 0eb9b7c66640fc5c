"""What stands in the sidecar (`store.backup.sidecar`), and its form as JSON. It names nobody: ids, times and digests.

Of what people declared only what tightens is there, and when that was lifted: what loosens or corrects is to be
recorded again. No text that anybody wrote is there either.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple


class Tombstoned(NamedTuple):
    """Which tombstone an entry speaks of: its id, and when it came into force, since a restored registry goes on from
    the ids that it has."""

    id: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """A person, or rows of one, went. `keys`: kind and digest of each `store.tables.TombstoneKey`."""

    which: Tombstoned
    basis: str
    keys: tuple[tuple[str, str], ...]
    request_id: int | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """A person decided that whoever comes back by this tombstone may."""

    which: Tombstoned
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """A person decided about one row that waited because of this tombstone."""

    which: Tombstoned
    digest: str
    verdict: str
    at: datetime


class Saying(NamedTuple):
    """Which declaration an entry speaks of (`store.tables.Declaration`). Its id would not tell: a restored registry
    goes on from the ids that it has."""

    kind: str
    channel: str | None
    state: str | None
    scope: str | None
    brand: str | None
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Declared:
    """A person objected, refused or withdrew consent, or had the use of their data restricted. `records`: digests of
    the sources' own ids of those on which it hangs; `contacts`: kind and digest of each contact with a first name, as
    of a `store.tables.TombstoneKey`."""

    which: Saying
    controller: str
    grantee: str
    notice_version: str
    records: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lifted:
    """Such a declaration was lifted. `recorded_at`: when that was written down."""

    which: Saying
    at: datetime
    recorded_at: datetime


Entry = Erased | Released | Decided | Declared | Lifted


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as JSON."""
    found: dict[str, Any] = {"what": type(entry).__name__.lower()}
    if isinstance(entry, Declared | Lifted):
        found |= entry.which._asdict() | {"at": _iso(entry.which.at), "recorded_at": _iso(entry.which.recorded_at)}
    else:
        found |= {"id": entry.which.id, "effective_at": _iso(entry.which.effective_at)}
    match entry:
        case Erased():
            review_on = entry.review_on and entry.review_on.isoformat()
            found |= {"basis": entry.basis, "request": entry.request_id, "review_on": review_on, "keys": entry.keys}
        case Released():
            found["at"] = _iso(entry.at)
        case Decided():
            found |= {"digest": entry.digest, "verdict": entry.verdict, "at": _iso(entry.at)}
        case Declared():
            found |= {name: value for name, value in asdict(entry).items() if name != "which"}
        case Lifted():
            found |= {"lifted_at": _iso(entry.at), "lift_recorded_at": _iso(entry.recorded_at)}
    return found


def entry_of(found: Mapping[str, Any]) -> Entry:
    """The entry of such JSON."""
    what = found["what"]
    if what in ("declared", "lifted"):
        return _of_declaration(found)
    which = Tombstoned(found["id"], _time(found["effective_at"]))
    match what:
        case "erased":
            review_on = found["review_on"] and date.fromisoformat(found["review_on"])
            return Erased(which, found["basis"], _pairs(found["keys"]), found["request"], review_on)
        case "released":
            return Released(which, _time(found["at"]))
        case _:
            return Decided(which, found["digest"], found["verdict"], _time(found["at"]))


def _of_declaration(found: Mapping[str, Any]) -> Declared | Lifted:
    said = {name: found[name] for name in ("kind", "channel", "state", "scope", "brand")}
    which = Saying(**said, at=_time(found["at"]), recorded_at=_time(found["recorded_at"]))
    if found["what"] == "lifted":
        return Lifted(which, _time(found["lifted_at"]), _time(found["lift_recorded_at"]))
    by_whom = {name: found[name] for name in ("controller", "grantee", "notice_version")}
    return Declared(which, **by_whom, records=tuple(found["records"]), contacts=_pairs(found["contacts"]))


def _pairs(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple((kind, digest) for kind, digest in found)


def _iso(time: datetime) -> str:
    return time.isoformat()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
