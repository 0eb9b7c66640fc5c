"""How healthy things are, as `/health`, the page for people and `rekisteri status` say it. Decides, does nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.place import HELSINKI
from config.settings import Settings, Source
from privacy.breach_clock import open_duties
from privacy.indirect import overdue
from store.health import Facts
from store.status import Held
from store.upkeep import OpenBreach
from sync.crontab import interval_of
from sync.wording import quantity

PASS, WARN, FAIL = "pass", "warn", "fail"
_ORDER = (PASS, WARN, FAIL)
_WAITS_TOO_LONG = timedelta(minutes=10)


class Reason(StrEnum):
    """What is the matter."""

    SILENT = "silent"
    REFUSING = "refusing"
    DEAD = "dead"
    HELD = "held"
    NEVER = "never"
    FAILING = "failing"
    OLD = "old"
    TOO_OLD = "too_old"
    QUARANTINE = "quarantine"
    REVIEW = "review"
    OVERDUE = "overdue"
    WAITING = "waiting"
    GIVEN_UP = "given_up"
    PENDING = "pending"
    NO_BACKUP = "no_backup"
    OLD_BACKUP = "old_backup"
    REVIEW_DUE = "review_due"
    BREACH = "breach"
    BREACH_LATE = "breach_late"
    UNTOLD = "untold"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    `name` as in docs/contract.md. `value` in `unit` (`s`, `rows`, `pairs`, `requests`, `deliveries`, `agreements`,
    `measures`, `breaches`, `people`, `findings`), if any. `reason` where it is not well, `subject` (a source, a part of
    the process) that it is about, `said`: what holds a source, what a database complains of, until when to tell.
    """

    name: str
    status: str = PASS
    value: int | None = None
    unit: str | None = None
    reason: Reason | None = None
    subject: str = ""
    said: str = ""

    @property
    def output(self) -> str | None:
        """What is the matter, in a sentence."""
        return None if self.reason is None else _SENTENCES[self.reason].format(**self._words())

    @property
    def advice(self) -> str | None:
        """What to do about it."""
        return None if self.reason is None else _ADVICE[self.reason].format(**self._words())

    def _words(self) -> dict[str, object]:
        noun = {"rows": "row", "pairs": "pair", "requests": "request"}.get(self.unit or "", "")
        many = quantity(self.value or 0, noun, "wait") if noun else ""
        return {"subject": self.subject, "said": self.said, "value": self.value, "many": many}


_SENTENCES: Mapping[Reason, str] = {
    Reason.SILENT: "the database has not answered for {value} s",
    Reason.REFUSING: "nothing can be written to the database: {said}",
    Reason.DEAD: "a part of the daemon has ended: {subject}",
    Reason.HELD: "{subject} is held: {said}",
    Reason.NEVER: "{subject} never ran to its end",
    Reason.FAILING: "the last runs of {subject} failed",
    Reason.OLD: "the data of {subject} is older than twice its interval",
    Reason.TOO_OLD: "the data of {subject} is older than health.fail_after allows",
    Reason.QUARANTINE: "{many} in quarantine",
    Reason.REVIEW: "{many} for a decision",
    Reason.OVERDUE: "{many} past the due date",
    Reason.WAITING: "deliveries have waited for {value} s to be processed",
    Reason.PENDING: "records have landed that are not in the registry yet, and no run is in progress",
    Reason.NO_BACKUP: "there is no backup of the registry",
    Reason.OLD_BACKUP: "the newest backup is older than backup.interval",
    Reason.REVIEW_DUE: "{subject}s that are to be looked at again: {value}",
    Reason.BREACH: "breaches of which somebody has still to be told: {value}; {said}",
    Reason.BREACH_LATE: "breaches of which the authority should have been told: {value}; {said}",
    Reason.UNTOLD: "people who should have been told that their data came from others: {value}",
    Reason.FINDINGS: "open findings about the privacy notice: {value}",
    Reason.GIVEN_UP: "{value} deliveries could not be processed; the next sweep brings what they told",
}
_ADVICE: Mapping[Reason, str] = {
    Reason.SILENT: "Look whether the database runs, and whether its disk is full.",
    Reason.REFUSING: "Mend what it names; until then deliveries are refused and runs fail. All goes on by itself.",
    Reason.DEAD: "Restart the daemon, and keep its last log lines: this should not happen.",
    Reason.HELD: "Mend what it names, then `rekisteri sync {subject}`.",
    Reason.NEVER: "Run `rekisteri sync {subject}`; what it could not read, it names.",
    Reason.FAILING: "It is tried again by itself. If it lasts, run `rekisteri check`.",
    Reason.OLD: "Look whether the daemon or the timer runs, then `rekisteri sync {subject}`.",
    Reason.TOO_OLD: "Run `rekisteri check`, then `rekisteri sync {subject}`.",
    Reason.QUARANTINE: "To be mended at the source; `rekisteri status` says what and why.",
    Reason.REVIEW: "Decide with `rekisteri review list`.",
    Reason.OVERDUE: "Answer what is due: `rekisteri request list`.",
    Reason.WAITING: "Look at the daemon's log: the database may not take them.",
    Reason.PENDING: "A run was cut; the next one goes on: `rekisteri sync`.",
    Reason.NO_BACKUP: "Make one with `rekisteri backup FILE`.",
    Reason.OLD_BACKUP: "Make one with `rekisteri backup FILE`, and look why the last ones were not made.",
    Reason.REVIEW_DUE: "Look at them, and say when again: `rekisteri {subject} list`.",
    Reason.BREACH: "See whom: `rekisteri breach list`.",
    Reason.BREACH_LATE: "Tell it today, and why it is late: `rekisteri breach list`.",
    Reason.UNTOLD: "Tell them today: `rekisteri indirect list --due`.",
    Reason.FINDINGS: "Mend or answer each: `rekisteri notice check`.",
    Reason.GIVEN_UP: "Nothing, if the next run is well.",
}


def worst(checks: Iterable[Check]) -> str:
    """The worst status of all."""
    return max((check.status for check in checks), key=_ORDER.index, default=PASS)


def unwell(checks: Iterable[Check]) -> list[Check]:
    """What is not well, the worst first."""
    return sorted((check for check in checks if check.status != PASS), key=lambda one: -_ORDER.index(one.status))


def of_process(parts: Mapping[str, bool]) -> Check:
    """Whether all parts of the daemon live."""
    dead = [name for name, alive in parts.items() if not alive]
    if dead:
        return Check("scheduler", FAIL, reason=Reason.DEAD, subject=", ".join(dead))
    return Check("scheduler")


def of_database(silent_s: float = 0.0, patience_s: float = 0.0, refusal: str | None = None) -> Check:
    """Whether the database answered within so many seconds, and takes what is written."""
    if silent_s > patience_s:
        return Check("database", FAIL, round(silent_s), "s", Reason.SILENT)
    if refusal is not None:
        return Check("database", FAIL, reason=Reason.REFUSING, said=refusal)
    return Check("database")


def of_registry(facts: Facts, settings: Settings, now: datetime, *, running: bool = False) -> Sequence[Check]:
    """All that the registry itself tells: ages, quarantine, review, requests, deliveries, backups, and what the owner
    owes. `running`: a run is in progress, so what has landed may well wait to be reconciled."""
    rows = sum(facts.quarantine.values())
    waits = WARN if rows else PASS
    pairs = WARN if facts.review else PASS
    today = now.astimezone(HELSINKI).date()
    requests = facts.overdue(today)
    late = WARN if requests else PASS
    return (
        *(_age(source, facts.sources.get(source.name, Held()), settings, now) for source in settings.sources()),
        Check("quarantine:rows", waits, rows, "rows", Reason.QUARANTINE if rows else None),
        Check("review:pairs", pairs, facts.review, "pairs", Reason.REVIEW if facts.review else None),
        Check("requests:overdue", late, requests, "requests", Reason.OVERDUE if requests else None),
        *_events(facts, now),
        *_backup(facts, settings, now),
        *_owed(facts, now, today),
        *([Check("registry:pending", WARN, reason=Reason.PENDING)] if facts.pending and not running else []),
    )


def _age(source: Source, held: Held, settings: Settings, now: datetime) -> Check:
    name, age = f"sync:{source.name}:age", now - held.last_ok_at if held.last_ok_at else None
    value = None if age is None else max(0, round(age.total_seconds()))
    failing = now - held.lost_since if held.lost_since else timedelta(0)
    reason, status = None, PASS
    interval = interval_of(source.schedule, now)
    too_old, edge = settings.health.fail_after, interval * 1.25
    if interval <= too_old < edge:  # else a daily run would fail a day's patience for as long as it takes
        too_old = edge
    if held.held_since is not None:
        reason, status = Reason.HELD, FAIL
    elif (failing if age is None else age) > too_old:
        reason, status = Reason.TOO_OLD, FAIL
    elif held.failures:
        reason, status = Reason.FAILING, WARN
    elif age is None:
        reason, status = Reason.NEVER, WARN
    elif age > 2 * interval:
        reason, status = Reason.OLD, WARN
    return Check(name, status, value, "s", reason, source.name, held.held_reason or "")


def _backup(facts: Facts, settings: Settings, now: datetime) -> Iterator[Check]:
    """Only where somebody means to make backups."""
    if settings.backup.recipient is None:
        return
    if facts.backed_up_at is None:
        yield Check("backup:age", WARN, reason=Reason.NO_BACKUP)
        return
    age = now - facts.backed_up_at
    old = age > settings.backup.interval
    value = max(0, round(age.total_seconds()))
    yield Check("backup:age", WARN if old else PASS, value, "s", Reason.OLD_BACKUP if old else None)


def _events(facts: Facts, now: datetime) -> Iterator[Check]:
    waited = now - facts.waiting_since if facts.waiting_since else timedelta(0)
    if waited > _WAITS_TOO_LONG:
        yield Check("events:waiting", WARN, round(waited.total_seconds()), "s", Reason.WAITING)
    elif facts.given_up:
        yield Check("events:waiting", WARN, facts.given_up, "deliveries", Reason.GIVEN_UP)


def _owed(facts: Facts, now: datetime, today: date) -> Iterator[Check]:
    """What the owner has to look at again, or has to tell somebody. Each only where there is anything of the kind."""
    for name, days in facts.reviews.items():
        due = sum(day is not None and day <= today for day in days)
        reason = Reason.REVIEW_DUE if due else None
        yield Check(f"{name}:review", WARN if due else PASS, due, name, reason, name.removesuffix("s"))
    if facts.breaches:
        yield _breaches(facts.breaches, now)
    if facts.findings is not None:
        waits = bool(facts.findings)
        status, reason = (WARN, Reason.FINDINGS) if waits else (PASS, None)
        yield Check("notice:findings", status, facts.findings, "findings", reason)
    if facts.untold:
        number = overdue(facts.untold, today)
        yield Check("art14:due", WARN if number else PASS, number, "people", Reason.UNTOLD if number else None)


def _breaches(found: Sequence[OpenBreach], now: datetime) -> Check:
    duties = [owed for breach in found if (owed := open_duties(breach))]
    late = [owed for owed in duties if any(duty.overdue(now) for duty in owed)]
    if not duties:
        return Check("breaches:open", value=0, unit="breaches")
    times = [duty.due_at for owed in late or duties for duty in owed if duty.due_at is not None]
    said = f"the authority by {min(times).astimezone(HELSINKI):%d.%m.%Y %H.%M}" if times else "the people at once"
    reason = Reason.BREACH_LATE if late else Reason.BREACH
    return Check("breaches:open", WARN, len(late or duties), "breaches", reason, said=said)
