"""Who was erased from a world, where they can still be read, and whether everybody else is as without the erasures."""

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

from sqlalchemy import select, text
from sqlmodel import SQLModel

from privacy.key import for_erasing
from store.engine import reading, writing
from sync.erasing import erase_and_reconcile, follow_up
from sync.reconciling import Act
from sync.run import rules_of
from tests.scenarios.programs import Program, forked
from tests.scenarios.world import World

_MAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
_PHONE = re.compile(r"\+\d{7,14}")

Row = tuple[str, str, str]
"""Source, stream, external id."""


class Gone:
    """Who is to be erased: every so many of a world's customers. `rows`: all that is theirs, as the sources have it;
    `contacts` and `names`: those that nobody has who stays."""

    def __init__(self, world: World, every: int) -> None:
        everyone = world.customers()
        self.victims = everyone[::every]
        self.customers = [customer["id"] for customer in self.victims]
        staying = [one for one in everyone if one["id"] not in set(self.customers)]
        self.staying = {one["id"] for one in staying}
        self.contacts = contacts_of(self.victims) - contacts_of(staying)
        self.names = _names_of(self.victims)
        self.rows: set[Row] = set()
        self.belonging(
            {(one["source"], one["stream"], one["external_id"]) for c in self.victims for one in c["records"]}
        )
        self.belonging(self._vanished(world))
        self.heed(world)

    def _vanished(self, world: World) -> Iterator[Row]:
        """Records that vanished and are of nobody in the registry: by a contact of theirs, and a first name."""
        firsts: dict[str, set[str]] = defaultdict(set)
        for victim in self.victims:
            for contact in contacts_of([victim]) & self.contacts:
                firsts[contact] |= {_plain(word) for word in re.findall(r"[\w-]+", str(victim["name"]))}
        query = "SELECT source, stream, external_id, payload FROM source_record"
        for row in world.ask(f"{query} WHERE vanished_at IS NOT NULL AND kind = 'customer'"):
            said = json.loads(row.payload)
            words = {_plain(word) for word in re.findall(r"[\w-]+", str(said.get("name")))}
            if any(words & firsts.get(str(said.get(kind)).casefold(), set()) for kind in ("email", "phone")):
                yield row.source, row.stream, row.external_id

    def heed(self, world: World) -> None:
        """Whoever stays may be their namesake, from the beginning or since yesterday: such names say nothing."""
        self.names -= _names_told_of(world, self.rows)

    def belonging(self, people: Iterable[Row]) -> None:
        """Rows that are known to be theirs, of people."""
        self.rows |= set(people)

    def records_of(self, world: World, customer: str) -> list[int]:
        """The records of one of them."""
        return [row.record_id for row in world.ask("SELECT record_id FROM link WHERE customer_id = :id", id=customer)]

    def erase(self, world: World, customers: Iterable[str]) -> None:
        """These of them, each in a transaction of its own."""
        settings = world.settings
        for customer in customers:
            with writing(world.engine) as connection:
                key = for_erasing(connection, settings.privacy.key_file)
                records = self.records_of(world, customer)
                act = Act("tester", datetime.now(UTC))
                erase_and_reconcile(
                    connection, records, basis="request", pseudonyms=key, rules=rules_of(settings), act=act
                )
        assert follow_up(world.engine, settings.privacy.key_file)


def contacts_of(customers: Iterable[Mapping[str, Any]]) -> set[str]:
    """Addresses and phones, as they are compared here."""
    return {contact for one in customers for contact in (*map(str.casefold, one["emails"]), *one["phones"])}


def _names_of(customers: Iterable[Mapping[str, Any]]) -> set[str]:
    return {_plain(str(one["name"])) for one in customers if one["name"] and " " in str(one["name"])}


def _names_told_of(world: World, but: set[Row]) -> set[str]:
    """Whatever may be a whole name in a world's records, but for those of these people, as the sources write it and as
    it is compared."""
    rows = world.ask(
        "SELECT who.source, who.stream, who.external_id, mine.payload AS said FROM source_record mine"
        " JOIN source_record who ON who.id = coalesce(mine.owner_record_id, mine.id) WHERE who.kind = 'customer'"
        " UNION ALL SELECT source, stream, external_id, match_key.value FROM match_key"
        " JOIN source_record ON source_record.id = match_key.record_id WHERE source_record.kind = 'customer'"
    )
    others = (row for row in rows if (row.source, row.stream, row.external_id) not in but)
    return {pair for row in others for pair in _pairs(_plain(row.said))}


def _plain(said: str) -> str:
    """As names are compared: without case and accents."""
    return "".join(one for one in normalize("NFKD", said.casefold()) if not combining(one))


def told_in_tables(world: World, gone: Gone) -> set[str]:
    """In which tables a contact or a whole name of theirs stands."""
    found = set()
    with reading(world.engine) as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                said = "\n".join(value for value in row if isinstance(value, str))
                if _tells(said, gone):
                    found.add(table.name)
    return found


def _tells(said: str, gone: Gone) -> bool:
    told = {mail.casefold() for mail in _MAIL.findall(said)} | set(_PHONE.findall(said))
    plain = _plain(said)
    likely = gone.names.intersection(_pairs(plain))
    return not told.isdisjoint(gone.contacts) or any(name in plain for name in likely)


def _pairs(plain: str) -> Iterator[str]:
    """Whatever may be a name in a text: two words of it that follow each other, and parts of double names alone."""
    for word in (r"[^\W\d_]+(?:-[^\W\d_]+)*", r"[^\W\d_]+"):
        yield from (" ".join(pair) for pair in pairwise(re.findall(word, plain)))


def told_in_bytes(path: Path, gone: Gone) -> int:
    """How many contacts of theirs stand in a file, whatever stands around them."""
    data = path.read_bytes().lower()
    mails = {one.encode() for one in gone.contacts if "@" in one}
    by_place: dict[bytes, list[bytes]] = {}
    for mail in mails:
        at = mail.index(b"@")
        by_place.setdefault(mail[at - 2 : at + 4], []).append(mail)
    phones = {one.encode() for one in gone.contacts if "@" not in one}
    lengths = {len(phone) for phone in phones}
    found = 0
    for match in re.finditer(rb"@", data):
        at = match.start()
        for mail in by_place.get(data[at - 2 : at + 4], ()):
            begin = at - mail.index(b"@")
            found += data[begin : begin + len(mail)] == mail and not data[begin - 1 : begin].isalnum()
    for match in re.finditer(rb"\+\d", data):  # what follows may be digits of something else
        found += any(data[match.start() : match.start() + length] in phones for length in lengths)
    return found


def require_nobody_is_back(world: World, control: World, gone: Gone) -> None:
    """Nothing of them is there, in no table and no byte, and everybody else is as in a registry without erasures."""
    gone.heed(control)
    assert told_in_tables(world, gone) == set()
    if world.url.startswith("sqlite"):
        world.close()  # whoever leaves last writes the journal into the file
        for path in sorted(world.folder.glob("rekisteri.db*")):
            assert told_in_bytes(path, gone) == 0, path.name
    ours, theirs = _rows(world), _rows(control)
    assert not ours.keys() & gone.rows
    assert not ours.keys() - theirs.keys()
    ids = {external_id for _, _, external_id in gone.rows}
    for row in theirs.keys() - ours.keys():
        assert row in gone.rows or theirs[row] in ids, f"a row of {row[0]}:{row[1]} of somebody else is lost"
    _require_others_are_whole(world, control, gone)


def _rows(world: World) -> dict[Row, str | None]:
    """Every live row, with its owner's external id, be it named or found by contact."""
    rows = world.ask(
        "SELECT mine.source, mine.stream, mine.external_id, coalesce(owner.external_id, mine.owner_id) AS owner"
        " FROM source_record mine LEFT JOIN source_record owner ON owner.id = mine.owner_record_id"
        " WHERE mine.vanished_at IS NULL AND mine.kind <> 'product'"
    )
    return {(row.source, row.stream, row.external_id): row.owner for row in rows}


def _require_others_are_whole(world: World, control: World, gone: Gone) -> None:
    """Of whoever has none of the erased rows all that is known is the same."""
    ours, theirs = _by_records(world), _by_records(control)
    untouched = {records for records in theirs if not records & gone.rows}
    assert len(untouched) > len(theirs) / 2
    for records in untouched:
        assert ours.get(records) == theirs[records], "somebody else is not as before"
    for records in ours.keys() - untouched:
        whole = next(other for other in theirs if records & other)
        assert records == whole - gone.rows, "who was one with them stays whole"


def _by_records(world: World) -> dict[frozenset[Row], str]:
    """All customers, by their rows: what is exported of each, without ids and times of runs."""
    portrait = world.portrait()["customers"]
    found = {}
    for customer in portrait:
        rows = frozenset((one["source"], one["stream"], one["external_id"]) for one in customer["records"])
        found[rows] = json.dumps(customer, sort_keys=True, default=str)
    return found


def lose(world: World) -> None:
    """The database is gone, its journal and its locks with it; on PostgreSQL its tables are empty."""
    if world.url.startswith("sqlite"):
        world.close()
        for path in world.folder.glob("rekisteri.db*"):
            path.unlink()
        return
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    with world.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # else the audit trail refuses
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))


def until_done(world: World, moments: Iterable[float], *words: str, unless: str = "") -> int:
    """`rekisteri WORDS`, killed after each of these times in seconds, then let do what it does; how often it was still
    at it when it was killed. `unless`: what it says where it had done its work when the signal came."""
    world.close()
    killed = 0
    for moment in moments:
        with Program(world.folder, *words) as program:
            with suppress(subprocess.TimeoutExpired):
                assert program.wait(moment) == 0
                return killed
            killed += 1
    done = forked(world.folder, *words)
    assert done.returncode == 0 or (unless and unless in done.stderr), done.stderr
    return killed
