"""Whatever is sent, erased, decided and sent again, in whatever order: no row lands of which nothing but an erased
person's ids and contacts is known, none is dropped that may be somebody else's, and the numbers add up (invariant 10).

What is known is kept here in clear, beside the registry, by other rules than its own: of a contact that others had too
it is often not sure whose it is, and then a row may land, wait or, where it bears the first name, be dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from store.batch import Landed
from store.returned import Returned
from tests.sync.engine import START
from tests.sync.house import House
from tests.sync.test_engine_properties import folder, fresh
from tests.trying import examples

__all__ = ["folder"]

EXAMPLES = examples(40, 1500)
FIRSTS = ("Aino", "Veikko", "Sanni")
PHONES = tuple(f"+35840000010{number}" for number in range(3))
EMAILS = ("a@example.com", "b@example.com")
EARLY, LATE = START - timedelta(days=9), START + timedelta(days=9)

sources = st.sampled_from(("salon", "school"))
ids = st.sampled_from("123")
rows = st.fixed_dictionaries(
    {"first_name": st.sampled_from(FIRSTS), "last_name": st.just("Perhe"), "phone": st.sampled_from(PHONES)},
    optional={
        "email": st.sampled_from(EMAILS),
        "created_at": st.sampled_from((EARLY, LATE)),
    },
)
bookings = st.fixed_dictionaries(
    {}, optional={"client_phone": st.sampled_from(PHONES), "created_at": st.sampled_from((EARLY, LATE))}
)
landing = st.tuples(st.just("land"), sources, ids, rows | st.fixed_dictionaries({"first_name": st.just("Aino")}))
booking = st.tuples(st.just("book"), sources, ids, st.none() | ids, bookings)
erasing = st.tuples(st.just("erase"), sources, ids)
steps = st.one_of(
    landing,
    landing,
    landing,
    booking,
    erasing,
    st.tuples(st.just("again")),
    st.tuples(st.just("admit"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("refuse"), st.integers(0, 5)),
    st.tuples(st.just("rebuild")),
    st.tuples(st.just("run")),
)

Row = tuple[str, str]
"""Source and external id of a customer row."""
Contact = tuple[str, str]


@dataclass
class Gone:
    """Somebody who was erased, in clear. `shared`: contacts that other rows had then; `once`: or once had."""

    contacts: set[Contact]
    shared: set[Contact]
    once: set[Contact]
    firsts: set[str]
    rows: set[Row]
    booked: set[Row]
    released: bool = False


@dataclass
class Tale:
    """The registry, and what is known of it in clear. `sent`: what was sent last of a row; `had`: all that a row which
    is held was sent with. `let_in`, `kept_out`: about which a person decided."""

    house: House
    sent: dict[Row, dict[str, Any]] = field(default_factory=dict)
    had: dict[Row, list[dict[str, Any]]] = field(default_factory=dict)
    booked: dict[Row, tuple[str | None, dict[str, Any]]] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)
    let_in: set[tuple[str, str, str]] = field(default_factory=set)
    kept_out: set[tuple[str, str, str]] = field(default_factory=set)
    learnt: set[Row] = field(default_factory=set)

    def tell(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])

    def in_force(self) -> Iterator[Gone]:
        return (one for one in self.gone if not one.released)

    def held(self, stream: str, source: str, id_: str) -> bool:
        return (stream, source, id_) in self.house.rows()

    def land(self, source: str, id_: str, fields: dict[str, Any]) -> None:
        held = self.held("people", source, id_)
        landed = self.house.land(source, **{id_: fields})
        _adds_up(landed)
        if held:
            assert not landed.erased + landed.quarantined, "what is held is not asked about"
        else:
            self._judged(source, id_, fields, landed)
        self.sent[source, id_] = fields
        if landed.new or held:
            self.had.setdefault((source, id_), []).append(fields)

    def _judged(self, source: str, id_: str, fields: dict[str, Any], landed: Landed) -> None:
        row, named = (source, id_), ("people", source, id_)
        contacts = [(kind, fields[kind]) for kind in ("email", "phone") if kind in fields]
        own = any(row in one.rows for one in self.in_force())
        if landed.new:
            event("landed")
            if named not in self.let_in:
                assert not own, "its very id was erased"
                surely = [any(c in one.contacts - one.once for one in self.in_force()) for c in contacts]
                assert not contacts or not all(surely), "nothing of it but an erased person's"
        elif landed.erased:
            event("dropped")
            if named not in self.kept_out:
                assert own or row in self.learnt or contacts
                maybe = [any(_may_be(one, c, fields["first_name"]) for one in self.in_force()) for c in contacts]
                assert all(maybe), "a contact of it is somebody else's"
                self.learnt.add(row)
        else:
            event("waits")
            assert named not in self.let_in | self.kept_out

    def again(self) -> None:
        """Every platform sends all again that it ever had."""
        for (source, id_), sent in list(self.sent.items()):
            self.land(source, id_, sent)
        for (source, id_), (owner, fields) in list(self.booked.items()):
            self.book(source, id_, owner, fields)

    def book(self, source: str, id_: str, owner: str | None, fields: dict[str, Any]) -> None:
        held, owned = self.held("bookings", source, id_), owner and self.held("people", source, owner)
        said = fields | ({"client_name": "Aino Perhe"} if owner is None else {})
        landed = self.house.book(source, owner, **{id_: said})
        _adds_up(landed)
        self.booked[source, id_] = (owner, fields)
        if held:
            assert not landed.erased + landed.quarantined
            return
        named, theirs = ("bookings", source, id_), ("people", source, owner)
        own = any((source, id_) in one.booked for one in self.in_force())
        erased = owner is not None and any((source, owner) in one.rows for one in self.in_force())
        if landed.new and named not in self.let_in:
            assert not own, "its very id was erased"
            assert not erased or theirs in self.let_in, "its owner was"
        if landed.erased and named not in self.kept_out and not own:
            known = erased or theirs in self.kept_out or (source, owner) in self.learnt
            phone = ("phone", fields.get("client_phone", ""))
            assert known or (not owned and any(phone in one.contacts for one in self.in_force())), "it is somebody's"

    def erase(self, source: str, id_: str) -> None:
        self.house.registry.reconcile()
        mine = next((set(r) for r in self.house.registry.people() if f"{source}:{id_}" in r), None)
        if mine is None:
            return
        gone = {(source, external_id) for source, external_id in (one.split(":") for one in mine)}
        said = [fields for row in gone for fields in self.had.pop(row)]
        now = {contact for had in self.had.values() for contact in _contacts(had[-1])}
        once = {contact for had in self.had.values() for fields in had for contact in _contacts(fields)}
        contacts = {contact for fields in said for contact in _contacts(fields)}
        before = self.house.rows()
        self.house.erase(f"{source}:{id_}")
        went = before - self.house.rows()
        assert {("people", *row) for row in gone} <= went
        firsts = {fields["first_name"] for fields in said}
        booked = {(source, external_id) for stream, source, external_id in went if stream == "bookings"}
        self.gone.append(Gone(contacts, contacts & now, contacts & once, firsts, gone, booked))
        self.let_in -= went
        self.kept_out -= went

    def admit(self, which: int, person: bool) -> None:
        if waiting := self.house.returned():
            row = waiting[which % len(waiting)]
            self.house.admit(row, person=person)
            self.let_in.add(_named(row))
            self.gone[row.tombstone_id - 1].released |= person

    def refuse(self, which: int) -> None:
        if waiting := self.house.returned():
            row = waiting[which % len(waiting)]
            self.house.refuse(row)
            self.kept_out.add(_named(row))
            self.let_in.discard(_named(row))

    def rebuild(self) -> None:
        before = self.house.rows()
        self.house.registry.rebuild()
        assert self.house.rows() == before

    def run(self) -> None:
        self.house.begin_run()


def _contacts(fields: dict[str, Any]) -> set[Contact]:
    return {(kind, fields[kind]) for kind in ("email", "phone") if kind in fields}


def _may_be(one: Gone, contact: Contact, first: str) -> bool:
    """They had it; where somebody else had it too, only with a first name of theirs."""
    return contact in one.contacts and (contact not in one.shared or first in one.firsts)


def _named(row: Returned) -> tuple[str, str, str]:
    return row.stream, row.source, row.external_id


def _adds_up(landed: Landed) -> None:
    assert landed.new + landed.changed + landed.unchanged + landed.quarantined + landed.erased == 1


@settings(max_examples=EXAMPLES)
@given(
    before=st.lists(landing | booking, min_size=3, max_size=8),
    goes=st.lists(erasing, min_size=1, max_size=3),
    after=st.lists(steps, min_size=4, max_size=15),
)
def test_nobody_comes_back_and_nobody_else_is_kept_out(
    folder: Path, before: list[Any], goes: list[Any], after: list[Any]
) -> None:
    tale = Tale(House(fresh(folder, common=50), folder))
    for step in [*before, *goes, ("again",), *after]:
        tale.tell(step)
    tale.again()
