"""The whole engine through any life at all: whatever happens, the invariants of docs/design.md stand."""

import os
import shutil
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors.errors import RetryLater
from store.engine import reading
from tests.sync import machine_invariants as must
from tests.sync.machine import STREAMS, Change, Life
from tests.sync.machine_platforms import PAGE

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
numbers = count()

names = st.sampled_from(("Maija", "Maija", "Maija", "Kaisa", "Mikko", "Östen", None))
contacts = {
    "email": st.sampled_from(("a@example.com", "A+sale@example.com", "b@example.com")),
    "phone": st.sampled_from(("+358400000101", "+358400000102")),
}
people = st.fixed_dictionaries(
    {"first_name": names},
    optional={
        "last_name": st.sampled_from(("Testaaja", "Äijälä")),
        **contacts,
        "email_marketing": st.sampled_from((True, False)),
        "bad": st.just(True),
    },
)
studies = st.fixed_dictionaries({"progress": st.sampled_from((0.0, 0.5, 1.0))})
bookings = st.fixed_dictionaries(
    {"state": st.sampled_from(("booked", "completed", "no_show"))},
    optional={
        "client_name": st.sampled_from(("Maija Testaaja", "Kaisa Äijälä", "Maija")),
        "client_phone": contacts["phone"],
        "client_email": contacts["email"],
    },
)
FIELDS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "people": people,
    "clients": people,
    "enrollments": studies,
    "bookings": bookings,
}
OFTEN = ("people", "people", "clients", "enrollments", "bookings")
mostly = st.sampled_from((True, True, False))
WHICH = st.integers(0, 7)
VERBS = ("edit", "add", "delete", "edit", "move", "restore", "delete", "edit")


@st.composite
def changes(draw: st.DrawFn, source: str | None = None, verbs: Sequence[str] = VERBS) -> Change:
    """Something that happens at a platform."""
    stream = draw(st.sampled_from([name for name in OFTEN if source in (None, STREAMS[name])]))
    return stream, draw(st.sampled_from(verbs)), draw(WHICH), draw(FIELDS[stream]), draw(mostly)


def additions() -> st.SearchStrategy[Change]:
    """Somebody comes."""
    return changes(verbs=("add",))


def meanwhile(source: str) -> st.SearchStrategy[list[tuple[int, Sequence[Any]]]]:
    """What happens while a page of this source is on its way."""
    deeds: st.SearchStrategy[Sequence[Any]] = st.one_of(
        changes(source).map(lambda change: ("change", change, {})),
        changes(source).map(lambda change: ("tell", change, {})),
        changes(source).map(lambda change: ("tell", change, {})),
        WHICH.map(lambda which: ("deliver", which, {"keep": False})),
        st.just(("work", {})),
    )
    return st.lists(st.tuples(st.integers(0, 2), deeds), min_size=1, max_size=4)


maybe_page = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 2))
lies = st.sampled_from((0, 0, 0, 1, -1))
silence = st.sampled_from((False, False, True))
fuses = st.one_of(st.none(), st.integers(0, 40), st.integers(0, 150))
references = st.tuples(st.sampled_from(("thinkific:people", "timma:clients")), st.integers(1, 4)).map(
    lambda pair: f"{pair[0]}:{pair[1]}"
)


@st.composite
def habits(draw: st.DrawFn, source: str) -> Mapping[str, dict[str, Any]]:
    """How the streams of a source behave in one run."""
    return {
        stream: {
            "fails": draw(maybe_page),
            "held": draw(st.booleans()),
            "again": draw(maybe_page),
            "lie": draw(lies),
            "meanwhile": draw(meanwhile(source)),
        }
        for stream, of in STREAMS.items()
        if of == source
    }


class Registry(RuleBasedStateMachine):
    """Takes steps and asks after each whether all is well."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        folder = self.template.parent / f"life-{next(numbers)}"
        folder.mkdir()
        self.life = Life(folder, Path(shutil.copy(self.template, folder / "registry.db")))
        self.seen = must.Seen()
        self.looked = True

    def do(self, deed: Any, fuse: int | None = None) -> None:
        """Something that touches the database."""
        self.life.deed(deed, fuse)
        self.looked = False

    @initialize(some=st.lists(additions(), min_size=4, max_size=10))
    def people_are_there(self, some: list[Change]) -> None:
        """Most lives begin with somebody in the registry."""
        self.something_changes(some, told=False)
        self.all_is_read_calmly()

    @rule(some=st.lists(changes(), min_size=2, max_size=5), told=mostly)
    def something_changes(self, some: list[Change], told: bool) -> None:
        """Told of: the event comes at once, and is worked off."""
        for change in some:
            if told:
                self.do(lambda change=change: self.life.tell(change))
            else:
                self.life.change(change)

    @rule(comings=st.lists(st.tuples(WHICH, st.booleans()), min_size=1, max_size=4), fuse=fuses, silent=silence)
    @precondition(lambda self: self.life.outbox)
    def events_come(self, comings: list[tuple[int, bool]], fuse: int | None, silent: bool) -> None:
        """Late, twice, in another order, or never; the process may die over them, and the platform confirm nothing."""
        for which, keep in comings:
            self.do(lambda which=which, keep=keep: self.life.deliver(which, keep=keep))
        self.life.school.silent = RetryLater("no answer") if silent else None
        self.do(self.life.work, fuse)
        self.life.school.silent = None

    @rule(data=st.data(), full=st.booleans(), fuse=fuses)
    def the_school_is_read(self, data: st.DataObject, full: bool, fuse: int | None) -> None:
        self._is_read("thinkific", data.draw(habits("thinkific")), full, fuse)

    @rule(data=st.data(), full=st.booleans(), fuse=fuses)
    def the_salon_is_read(self, data: st.DataObject, full: bool, fuse: int | None) -> None:
        self._is_read("timma", data.draw(habits("timma")), full, fuse)

    def _is_read(self, source: str, found: Mapping[str, dict[str, Any]], full: bool, fuse: int | None) -> None:
        troubles = {stream: self.life.trouble(stream, **each) for stream, each in found.items()}
        self.do(lambda: self._sync(source, troubles, full=full), fuse)

    @rule(data=st.data(), stream=st.sampled_from(("people", "people", "enrollments")), which=WHICH, works=st.booleans())
    def an_event_comes_while_its_row_is_read(self, data: st.DataObject, stream: str, which: int, works: bool) -> None:
        """The page has the row as it was before, or does not have it and that is being confirmed."""
        rows = self.life.platform(stream).rows[stream]
        verb = data.draw(st.sampled_from(("edit", "delete")))
        page = which % max(len(rows), 1) // PAGE
        self.life.change((stream, verb, which, data.draw(FIELDS[stream]), False))
        again = (stream, "restore", -1) if verb == "delete" else (stream, "edit", which)
        told = (page, ("tell", (*again, data.draw(FIELDS[stream]), True), {"works": works}))
        trouble = self.life.beside(**{"reading" if verb == "edit" else "confirming": [told]})
        self.do(lambda: self._sync("thinkific", {stream: trouble}))
        self.do(self.life.work)

    def _sync(self, source: str, troubles: Mapping[str, Any], **wish: Any) -> None:
        self.life.sync(source, troubles, **wish)

    @rule(wrong=st.sampled_from((0, 0, 0, -7, -30 * 24, 7)), hours=st.sampled_from((1, 7, 40 * 24)))
    def time_goes_by(self, wrong: int, hours: int) -> None:
        """And somebody sets our clock, right or wrong by some hours."""
        self.life.tick(hours * 3600)
        self.life.set_clock(wrong)

    @rule(verdict=st.sampled_from(("same", "different", "split")), a=references, b=references, fuse=fuses)
    def a_person_decides(self, verdict: str, a: str, b: str, fuse: int | None) -> None:
        self.do(lambda: self.life.split(a) if verdict == "split" else self.life.decide(verdict, a, b), fuse)

    @rule(which=WHICH, fuse=fuses)
    @precondition(lambda self: self.life.decided)
    def a_person_takes_back(self, which: int, fuse: int | None) -> None:
        self.do(lambda: self.life.undo(which), fuse)

    @rule(threshold=st.sampled_from((("join", 45.0), ("join", 21.0), ("review", 12.0))), fuse=fuses)
    def the_program_changes(self, threshold: tuple[str, float], fuse: int | None) -> None:
        """Another match model, or a mapping that understands more."""
        if self.life.school.learnt:
            self.do(lambda: self.life.rematch(*threshold), fuse)
        self.life.school.learnt = True

    @rule()
    def all_is_read_calmly(self) -> None:
        """11: whatever happened before, one calm run gives the truth."""
        self.life.tick(120)
        for source in ("thinkific", "timma"):
            self.do(lambda source=source: self._sync(source, {}, full=True, accept_vanished=True))
        with reading(self.life.engine) as connection:
            view = must.View(connection)
            must.it_is_the_truth(view, self.life)
            assert view.settled

    @invariant()
    def all_is_well(self) -> None:
        """Every invariant that can be asked now."""
        if self.looked:
            return
        self.looked = True
        with reading(self.life.engine) as connection:
            view = must.View(connection)
            must.nothing_is_lost(view)
            must.ids_are_stable(view, self.seen)
            must.origins_are_known(view)
            must.what_is_gone_stays_gone(view, self.seen, self.life)
            must.absence_is_no_deletion(view, self.seen, self.life)
            must.what_was_told_stands(view, self.life)
            must.no_withdrawal_is_weakened(view, self.seen, self.life.settings)
            settled = view.settled
            if settled:
                must.everybody_is_one_customer(view)
                must.golden_values_know_their_record(view)
                must.people_decide(view)
        self.life.begin_step()
        if settled:
            must.it_is_a_function(self.life, self.life.rules())

    def teardown(self) -> None:
        """The life ends calmly, and gives what a rebuild gives."""
        try:
            self.all_is_read_calmly()
            self.all_is_well()
            must.a_rebuild_changes_nothing(self.life, self.life.rules())
        finally:
            self.life.close()
            shutil.rmtree(self.life.folder)


def test_any_life_at_all_keeps_the_invariants(sqlite_template: Path) -> None:
    """`HYPOTHESIS_PROFILE=thorough` lives more and longer lives."""
    machine = type("Machine", (Registry,), {"template": sqlite_template})
    few, many = (12, 12), (600, 40)
    examples, steps = many if THOROUGH else few
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=steps))
