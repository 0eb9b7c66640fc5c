"""The whole engine through any life at all: whatever happens, the invariants of docs/design.md stand."""

import os
import shutil
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from connectors.errors import RetryLater
from store.engine import reading
from tests.sync import machine_invariants as must
from tests.sync.machine import STREAMS, Change, Life

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
WHICH = st.integers(0, 7)
VERBS = ("add", "add", "add", "edit", "edit", "delete", "restore", "move")


@st.composite
def changes(draw: st.DrawFn, source: str | None = None) -> Change:
    """Something that happens at a platform."""
    stream = draw(st.sampled_from([name for name, of in STREAMS.items() if source in (None, of)]))
    return stream, draw(st.sampled_from(VERBS)), draw(WHICH), draw(FIELDS[stream]), draw(st.booleans())


def meanwhile(source: str) -> st.SearchStrategy[list[tuple[int, Sequence[Any]]]]:
    """What happens while a page of this source is on its way."""
    deeds: st.SearchStrategy[Sequence[Any]] = st.one_of(
        changes(source).map(lambda change: ("change", change, {})),
        WHICH.map(lambda which: ("deliver", which, {"keep": False})),
        st.just(("work", {})),
    )
    return st.lists(st.tuples(st.integers(0, 2), deeds), max_size=4)


maybe_page = st.one_of(st.none(), st.none(), st.integers(0, 2))
lies = st.sampled_from((0, 0, 0, 1, -1))
fuses = st.one_of(st.none(), st.none(), st.integers(0, 120))
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
        if of == source and draw(st.booleans())
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
        self.deleted: set[tuple[str, str]] = set()
        self.looked = True

    def do(self, deed: Any, fuse: int | None) -> None:
        """Something that touches the database."""
        self.life.deed(deed, fuse)
        self.looked = False

    @rule(change=changes())
    def something_changes(self, change: Change) -> None:
        self.life.change(change)

    @rule(some=st.lists(changes(), min_size=2, max_size=6))
    def much_changes(self, some: list[Change]) -> None:
        for change in some:
            self.life.change(change)

    @rule(which=WHICH, keep=st.booleans(), fuse=fuses)
    @precondition(lambda self: self.life.outbox)
    def an_event_comes(self, which: int, keep: bool, fuse: int | None) -> None:
        self.do(lambda: self.life.deliver(which, keep=keep), fuse)

    @rule(fuse=fuses, silent=st.booleans())
    @precondition(lambda self: self.life.sent)
    def events_are_worked_off(self, fuse: int | None, silent: bool) -> None:
        self.life.school.silent = RetryLater("no answer") if silent else None
        self.do(self.life.work, fuse)
        self.life.school.silent = None

    @rule(data=st.data(), source=st.sampled_from(("thinkific", "timma")), full=st.booleans(), fuse=fuses)
    def a_source_is_read(self, data: st.DataObject, source: str, full: bool, fuse: int | None) -> None:
        found = data.draw(habits(source))
        troubles = {stream: self.life.trouble(stream, **each) for stream, each in found.items()}
        self.do(lambda: self._sync(source, troubles, full=full), fuse)

    def _sync(self, source: str, troubles: Mapping[str, Any], **wish: Any) -> None:
        self.life.sync(source, troubles, **wish)

    @rule(hours=st.sampled_from((-30 * 24, -7, -1, 1, 7, 30 * 24)))
    def the_clock_jumps(self, hours: int) -> None:
        self.life.jump(hours)

    @rule(hours=st.integers(1, 24))
    def time_goes_by(self, hours: int) -> None:
        self.life.tick(hours * 3600)

    @rule(verdict=st.sampled_from(("same", "different")), a=references, b=references, fuse=fuses)
    def a_person_decides(self, verdict: str, a: str, b: str, fuse: int | None) -> None:
        self.do(lambda: self.life.decide(verdict, a, b), fuse)

    @rule(record=references, fuse=fuses)
    def a_person_splits(self, record: str, fuse: int | None) -> None:
        self.do(lambda: self.life.split(record), fuse)

    @rule(which=WHICH, fuse=fuses)
    @precondition(lambda self: self.life.decided)
    def a_person_takes_back(self, which: int, fuse: int | None) -> None:
        self.do(lambda: self.life.undo(which), fuse)

    @rule(threshold=st.sampled_from((("join", 45.0), ("join", 21.0), ("review", 12.0))), fuse=fuses)
    def another_model_is_taken(self, threshold: tuple[str, float], fuse: int | None) -> None:
        self.do(lambda: self.life.rematch(*threshold), fuse)

    @rule()
    def the_mapping_learns(self) -> None:
        self.life.school.learnt = True

    @rule()
    def all_is_read_calmly(self) -> None:
        """11: whatever happened before, one calm run gives the truth."""
        self.life.tick(120)
        for source in ("thinkific", "timma"):
            self.do(lambda source=source: self._sync(source, {}, full=True, accept_vanished=True), None)
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
            must.absence_is_no_deletion(view, self.seen, self.life, self.life.ever_gone)
            must.no_withdrawal_is_weakened(view, self.seen, self.life.settings)
            settled = view.settled
            if settled:
                must.everybody_is_one_customer(view)
                must.golden_values_know_their_record(view)
                must.people_decide(view)
        self.life.ever_gone = {(stream, id_) for stream, rows in self.life.gone.items() for id_ in rows}
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
    few, many = (25, 12), (600, 40)
    examples, steps = many if THOROUGH else few
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=steps))
