"""A whole life of a registry in one process: two platforms that are the truth, runs, events, people, deaths, clocks.

What happens is said in plain values, so that Hypothesis can tell it again and make it shorter. Each deed on the
database may be the last one of the process: then all that it had in memory is gone, and another opens the same file.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import Engine
from sqlalchemy import event as listen

from config.settings import Settings, load
from connectors.errors import HoldSource, RetryLater
from store.engine import make_engine, reading, writing
from sync import decisions
from sync.decisions import UnknownError
from sync.events import accept, work_off
from sync.models import active
from sync.reconcile.model import Model, shipped
from sync.reconciling import Act, Rules
from sync.rematch import rematch
from sync.report import SourceReport
from sync.run import Wish, rules_of, run
from tests.sync.machine_platforms import SETTINGS, Fact, Made, MadeReceiver, Trouble, salon, school, standing_in

BEGINNING = datetime(2026, 11, 1, tzinfo=UTC)
STREAMS = {"people": "thinkific", "enrollments": "thinkific", "clients": "timma", "bookings": "timma"}
OWNERS = {"enrollments": "people", "bookings": "clients"}

Change = tuple[str, str, int, Mapping[str, Any], bool]
"""Stream, verb (`add`, `edit`, `delete`, `restore`, `move`), which row, its fields, whether an event tells of it."""


Deed = tuple[int, Sequence[Any]]
"""At which page, and what is done then: a method of `Life`, what it takes, and by name."""


class Killed(BaseException):
    """The process dies."""


@dataclass
class Fuse:
    """Kills the process at its n-th statement from now; a dead process says nothing more to the database."""

    left: int | None = None
    dead: bool = False
    dies: Callable[[], None] = lambda: None

    def burn(self, *_: Any) -> None:
        """A statement is about to be executed."""
        if self.left is not None and not self.dead:
            self.left -= 1
            if self.left < 0:
                self.dead = True
                self.dies()
        if self.dead:
            raise Killed


@dataclass
class Life:
    """One registry, its platforms and its clock. `offset`: by how much our clock is wrong.

    `ever_gone`, `ever_there`: rows that their platform did not have, or had, at some moment of the present step.
    `told`: of rows whose present state an event tells of, or that they are gone, the id of that event.
    """

    folder: Path
    database: Path
    school: Made = field(default_factory=school)
    salon: Made = field(default_factory=salon)
    now: datetime = BEGINNING
    offset: timedelta = timedelta(0)
    outbox: list[bytes] = field(default_factory=list)
    sent: int = 0
    gone: dict[str, dict[str, Fact]] = field(default_factory=dict)
    ever_gone: set[tuple[str, str]] = field(default_factory=set)
    ever_there: set[tuple[str, str]] = field(default_factory=set)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    was_behind: bool = False
    was_wrong: bool = False
    decided: list[int] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    deaths: int = 0

    def __post_init__(self) -> None:
        """The clock stands still but for what is done, so that every telling is the same."""
        self.stack = ExitStack()
        file = self.folder / "rekisteri.toml"
        file.write_text(SETTINGS, "utf-8")
        file.chmod(0o600)
        self.settings: Settings = load(file, env={})
        self.stack.enter_context(standing_in(self.school, self.salon))
        self.clock = self.stack.enter_context(time_machine.travel(self.now, tick=False))
        self.gone = {stream: {} for stream in STREAMS}
        self.engine = self._open()
        self.tick()

    def _open(self) -> Engine:
        engine = make_engine(f"sqlite:///{self.database}")
        self.fuse = Fuse(dies=self._left)
        listen.listen(engine, "before_cursor_execute", self.fuse.burn)
        self.school.left = self.salon.left = False
        return engine

    def _left(self) -> None:
        for made in (self.school, self.salon):
            made.leave()

    def close(self) -> None:
        """The end."""
        self.engine.dispose()
        self.stack.close()

    def begin_step(self) -> None:
        """What was so far was looked at."""
        self.ever_gone = {(stream, id_) for stream, rows in self.gone.items() for id_ in rows}
        self.ever_there = {(stream, id_) for stream in STREAMS for id_ in self.platform(stream).rows[stream]}

    def tick(self, seconds: float = 1.0) -> None:
        """Time goes on, for everybody."""
        self.now += timedelta(seconds=seconds)
        self.school.clock = self.salon.clock = self.now
        self.clock.move_to(self.now + self.offset)

    def set_clock(self, wrong: int) -> None:
        """Somebody sets our clock; it is wrong by so many hours from now on."""
        self.offset = timedelta(hours=wrong)
        self.was_behind |= wrong < 0
        self.was_wrong |= wrong != 0
        self.tick()

    def deed(self, doing: Callable[[], None], fuse: int | None = None) -> bool:
        """Do something that the process may not survive; whether it did."""
        self.tick()
        self.fuse.left = fuse
        try:
            doing()
        except Killed:
            self.deaths += 1
            self.engine.dispose()
            self.engine = self._open()
            return False
        self.fuse.left = None
        return True

    def platform(self, stream: str) -> Made:
        """Whose stream it is."""
        return self.school if STREAMS[stream] == "thinkific" else self.salon

    def change(self, change: Change) -> None:
        """Something changes at a platform."""
        stream, verb, which, fields, told = change
        self.tick()
        platform = self.platform(stream)
        rows = platform.rows[stream]
        if verb == "add":
            id_ = str(1 + len(rows) + len(self.gone[stream]))
        elif verb == "restore":
            id_ = _chosen(self.gone[stream], which)
        else:
            id_ = _chosen(rows, which)
        if not id_:
            return
        before = rows.pop(id_, None) or self.gone[stream].pop(id_, None)
        if verb in ("add", "restore"):
            self.ever_there.add((stream, id_))
        if verb == "delete":
            self.gone[stream][id_] = before or Fact({})
            self.ever_gone.add((stream, id_))
        elif verb == "move" and before:
            platform.rows[stream] = {id_: before, **rows}
        else:
            kept = before.fields if before and verb == "restore" else fields
            fact = Fact(kept, self._owner(stream, which), self.now if stream == "people" and int(id_) % 2 else None)
            place = {id_: fact} if verb != "edit" else {}
            platform.rows[stream] = {**rows, **place} if place else self._in_place(stream, id_, fact, which)
        if verb != "move":
            self.told.pop((stream, id_), None)
            if told and platform is self.school:
                self._send(stream, id_, verb)

    def _in_place(self, stream: str, id_: str, fact: Fact, which: int) -> dict[str, Fact]:
        rows = list(self.platform(stream).rows[stream].items())
        rows.insert(which % (len(rows) + 1), (id_, fact))
        return dict(rows)

    def _owner(self, stream: str, which: int) -> str | None:
        owners = OWNERS.get(stream)
        if not owners or (stream == "bookings" and which % 2):
            return None
        return _chosen(self.platform(owners).rows[owners], which) or None

    def _send(self, stream: str, id_: str, verb: str) -> None:
        topic = f"{stream}.{'deleted' if verb == 'delete' else 'changed'}"
        if topic != "enrollments.deleted":
            self.sent += 1
            self.outbox.append(self.school.delivery(topic, id_, self.sent))
            self.told[stream, id_] = f"e{self.sent}"

    def deliver(self, which: int, *, keep: bool) -> None:
        """An event comes, whichever of them; one that is kept will come again."""
        if not self.outbox:
            return
        at = which % len(self.outbox)
        body = self.outbox[at] if keep else self.outbox.pop(at)
        accept(self.engine, "thinkific", MadeReceiver(self.school), body)

    def tell(self, change: Change, *, works: bool = True) -> None:
        """Something changes, and its event comes at once and is worked off, unless it must wait."""
        before = self.sent
        self.change((*change[:4], True))
        if self.sent > before:
            self.tick()
            self.deliver(-1, keep=False)
            if works:
                self.work()

    def work(self) -> None:
        """Deliveries are worked off. None may fail by a fault of the program."""
        outcomes = work_off(self.engine, self.settings, threading.Event())
        failed = sum(number for (_, outcome), number in outcomes.items() if outcome in ("postponed", "failed"))
        assert not failed or self.school.silent, "an event failed for no reason"

    def sync(self, source: str, troubles: Mapping[str, Trouble], **wish: Any) -> SourceReport:
        """A run of one source: of two, the one that is quicker would differ from telling to telling."""
        made = self.school if source == "thinkific" else self.salon
        made.trouble = dict(troubles)
        report = run(self.engine, self.settings, Wish(sources=(source,), progress=self._landed, **wish))
        made.trouble, made.confirming = {}, None
        found = report.sources[source]
        assert not (found.error or "").startswith(("internal error", "the database")), found.error
        return found

    def _landed(self, source: str, stream: str, fetched: int, total: int | None) -> None:
        self.platform(stream).told(stream)

    def trouble(
        self,
        stream: str,
        *,
        fails: int | None,
        again: int | None,
        lie: int,
        held: bool,
        meanwhile: Sequence[Deed],
    ) -> Trouble:
        """Bad habits of a platform in one read. A list that is not confirmed row by row does not both lose and win
        rows in one read, nor states too few while it loses some: its total would not tell, and nothing else can."""
        error: Exception = HoldSource("look at the key") if held else RetryLater("no answer")
        adds = any(_is_change(deed) and deed[1][1] in ("add", "restore") for _, deed in meanwhile)

        return Trouble(
            fails=None if fails is None else (fails, error),
            again=again,
            total=lie if self.platform(stream) is self.school else max(lie, 0),
            meanwhile=self._between(
                [(at, deed) for at, deed in meanwhile if not (adds and _is_change(deed) and deed[1][1] == "delete")]
            ),
        )

    def beside(self, *, reading: Sequence[Deed] = (), confirming: Sequence[Deed] = ()) -> Trouble:
        """What happens beside one read that goes well, and while rows are asked about that it did not list."""
        asked = self._between([(0, deed) for _, deed in confirming])
        return Trouble(meanwhile=self._between(reading), confirming=lambda: asked(0))

    def _between(self, deeds: Sequence[Deed]) -> Callable[[int], None]:
        def between(page: int) -> None:
            self.tick()
            for at, deed in deeds:
                if at == page:
                    getattr(self, deed[0])(*deed[1:-1], **deed[-1])

        return between

    def rules(self) -> Rules:
        """As a run has them."""
        with reading(self.engine) as connection:
            return rules_of(self.settings, active(connection, self.settings))

    def act(self) -> Act:
        """A person's act."""
        return Act("tester", self.now + self.offset)

    def decide(self, verdict: str, a: str, b: str) -> None:
        """A person decides; what makes no sense at the time is refused."""
        self._person(lambda c, **by: getattr(decisions, verdict)(c, a, b, **by))

    def split(self, record: str) -> None:
        """A person takes a record out of its customer."""
        from store.decisions import record_named

        with reading(self.engine) as connection:
            named = record_named(connection, record)
        if named:
            self._person(lambda c, **by: decisions.split(c, named.customer_id, record, **by))

    def undo(self, which: int) -> None:
        """A person takes a decision back."""
        if self.decided:
            id_ = self.decided[which % len(self.decided)]
            self._person(lambda c, **by: decisions.undo(c, id_, **by))

    def _person(self, deed: Callable[..., int | None]) -> None:
        rules = self.rules()
        with suppress(UnknownError):
            with writing(self.engine) as connection:
                made = deed(connection, rules=rules, act=self.act())
            if made is not None:
                self.decided.append(made)

    def rematch(self, threshold: str, score: float) -> None:
        """Another match model is taken."""
        document = shipped().document
        model = Model({**document, "thresholds": {**document["thresholds"], threshold: score}})
        rematch(self.engine, rules_of(self.settings, model), self.act())

    def copy(self) -> Path:
        """The database as it is now, in another file."""
        path = self.database.with_suffix(".copy")
        path.unlink(missing_ok=True)
        source, target = sqlite3.connect(self.database), sqlite3.connect(path)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        return path


def _chosen(rows: Mapping[str, Any], which: int) -> str:
    return list(rows)[which % len(rows)] if rows else ""


def _is_change(deed: Sequence[Any]) -> bool:
    return deed[0] in ("change", "tell")
