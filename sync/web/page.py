"""The page for people: how things stand, without a script, without a name, in Finnish or English."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import PackageNotFoundError, version
from math import sqrt

from sqlalchemy.exc import SQLAlchemyError

from config.place import HELSINKI
from config.settings import Source
from store import status
from store.engine import reading
from store.health import Facts, PastRun, facts, past_runs
from store.status import Held, RegistrySize
from sync.daemon.crontab import following
from sync.health import PASS, Check, unwell, worst
from sync.report import FAILED, OK, PARTIAL
from sync.web.host import Host
from sync.web.observer import Observer
from sync.web.style import STYLE
from sync.web.words import FINNISH, MATTERS, SPANS, WORDS

RUNS = 30
_HIGH, _WIDE, _GAP = 36, 6, 3
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database told."""

    facts: Facts
    size: RegistrySize
    runs: dict[str, list[PastRun]]


def page(host: Host, observer: Observer, language: str, ask: bool) -> str:
    """The whole document; with what the database tells, where it is to be asked and answers."""
    checks, now = observer.checks(), datetime.now(UTC)
    seen = _look(host) if ask and observer.answers else None
    return "".join(_Page(host, language, now).document(checks, observer.looked_at, seen))


def _look(host: Host) -> _Seen | None:
    try:
        with reading(host.engine) as connection:
            names = [source.name for source in host.settings.sources()]
            runs = {name: past_runs(connection, name, RUNS) for name in names}
            return _Seen(facts(connection), status.registry_size(connection), runs)
    except SQLAlchemyError:
        return None


class _Page:
    def __init__(self, host: Host, language: str, now: datetime) -> None:
        self._host, self._language, self._now = host, language, now
        self._words = WORDS[language]

    def document(self, checks: Sequence[Check], looked: datetime, seen: _Seen | None) -> Iterator[str]:
        """Its parts, top to bottom."""
        overall = worst(checks)
        title = self._say("title")
        yield f'<!doctype html>\n<html lang="{self._language}">\n<head>\n<meta charset="utf-8">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield '<meta name="color-scheme" content="light dark">\n<meta http-equiv="refresh" content="60">\n'
        yield f"<title>{self._say(overall)} · {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        yield f'<header class="{overall}">\n<p class="name">{title}</p>\n<h1>{self._say(overall)}</h1>\n'
        yield f'<p class="quiet">{self._say("looked", time=self._time(looked))}</p>\n</header>\n<main>\n'
        yield from self._matters(checks)
        yield from self._sources(checks, seen)
        if seen is None:
            yield f"<p>{self._say('no_answer')}</p>\n"
        else:
            yield from self._numbers(seen)
        yield f'</main>\n<footer class="quiet"><p>Rekisteri {escape(_version())} · {self._say("machines")}: '
        yield f'<a href="/health">/health</a> {self._say("and")} <a href="/metrics">/metrics</a></p></footer>\n'
        yield "</body>\n</html>\n"

    def _say(self, word: str, **values: object) -> str:
        return escape(self._words[word].format(**values))

    def _matters(self, checks: Sequence[Check]) -> Iterator[str]:
        matters = unwell(checks)
        if not matters:
            return
        yield '<section class="matters">\n<ul>\n'
        for check in matters:
            what, advice = self._of(check)
            yield f'<li class="{check.status}"><strong>{_sentence(what)}</strong> {_commands(advice)}</li>\n'
        yield "</ul>\n</section>\n"

    def _of(self, check: Check) -> tuple[str, str]:
        if self._language == FINNISH and check.reason is not None:
            values = {"value": check.value, "subject": check.subject}
            what, advice = (text.format(**values) for text in MATTERS[check.reason])
            return what, advice
        # A platform's refusal names our settings, not people; yet the page tells no more than whose it is.
        short = check.output.partition(":")[0] if check.said and check.output else check.output
        return f"{short}.", check.advice or ""

    def _sources(self, checks: Sequence[Check], seen: _Seen | None) -> Iterator[str]:
        yield f"<section>\n<h2>{self._say('sources')}</h2>\n"
        sources = self._host.settings.sources()
        if not sources:
            yield f"<p>{self._say('no_source')}</p>\n"
        by_name = {check.subject or check.name: check for check in checks}
        yield '<div class="cards">\n'
        for source in sources:
            check = by_name.get(source.name) or by_name.get(f"sync:{source.name}:age")
            yield from self._source(source, check, seen)
        yield "</div>\n</section>\n"

    def _source(self, source: Source, check: Check | None, seen: _Seen | None) -> Iterator[str]:
        state = check.status if check else PASS
        held = (seen.facts.sources.get(source.name) if seen else None) or Held()
        runs = seen.runs.get(source.name, []) if seen else []
        busy = source.name in self._host.running
        yield f'<article class="{state}">\n<h3>{escape(source.name)}</h3>\n<p class="state">'
        yield f"{self._say('running') if busy else self._say(f'is_{state}')}</p>\n<dl>\n"
        age = None if held.last_ok_at is None else (self._now - held.last_ok_at).total_seconds()
        old = self._say("no_age") if age is None else self._say("age", span=self._span(age))
        last = self._time(runs[-1].started_at) if runs else self._say("none")
        planned = held.next_run_at
        coming = planned if planned and planned > self._now else following(source.schedule, self._now)
        for name, value in (("data", old), ("last_run", last), ("next_run", self._time(coming))):
            yield f"<div><dt>{self._say(name)}</dt><dd>{value}</dd></div>\n"
        yield "</dl>\n"
        if runs:
            yield from self._chart(runs)
        yield "</article>\n"

    def _chart(self, runs: Sequence[PastRun]) -> Iterator[str]:
        """A bar a run, its height by the root of its length; one that failed is hollow: colour is not needed."""
        counts = {outcome: sum(run.outcome == outcome for run in runs) for outcome in (OK, PARTIAL, FAILED)}
        told = self._say("runs", number=len(runs), **counts)
        lengths = [(run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0 for run in runs]
        longest = max([*lengths, 1.0])
        wide = RUNS * (_WIDE + _GAP)
        yield f'<svg viewBox="0 0 {wide} {_HIGH}" role="img" aria-label="{told}">\n<title>{told}</title>\n'
        for at, (run, length) in enumerate(zip(runs, lengths, strict=True), RUNS - len(runs)):
            high = max(4.0, sqrt(max(0.0, length) / longest) * (_HIGH - 2))
            outcome = self._words.get(run.outcome, run.outcome)
            time, seconds = self._time(run.started_at), f"{length:.0f}"
            words = self._say("bar", time=time, outcome=outcome, seconds=seconds, news=run.news)
            yield (
                f'<rect class="{escape(run.outcome)}" x="{at * (_WIDE + _GAP) + 1}" y="{_HIGH - 1 - high:.1f}" '
                f'width="{_WIDE}" height="{high:.1f}" rx="1.5"><title>{words}</title></rect>\n'
            )
        yield f'</svg>\n<p class="quiet">{told}</p>\n'

    def _numbers(self, seen: _Seen) -> Iterator[str]:
        waits = (
            (sum(seen.facts.quarantine.values()), "quarantine"),
            (seen.facts.review, "review"),
            (seen.facts.waiting, "deliveries"),
        )
        size = ((seen.size.customers, "customers"), (seen.size.records, "records"))
        for title, numbers in (("waits", waits), ("registry", size)):
            yield f'<section>\n<h2>{self._say(title)}</h2>\n<ul class="numbers">\n'
            for number, word in numbers:
                one, _, many = self._say(word).partition("|")
                yield f"<li><b>{self._number(number)}</b> {one if number == 1 else many}</li>\n"
            yield "</ul>\n</section>\n"

    def _number(self, number: int) -> str:
        """`12 345` with a space that does not break, or `12,345`."""
        return f"{number:,}".replace(",", "\u00a0") if self._language == FINNISH else f"{number:,}"

    def _time(self, moment: datetime) -> str:
        there = moment.astimezone(HELSINKI)
        if self._language == FINNISH:
            return f"{there.day}.{there.month}. klo {there.hour}.{there.minute:02d}"
        return f"{there.day} {_MONTHS[there.month - 1]} at {there.hour:02d}:{there.minute:02d}"

    def _span(self, seconds: float) -> str:
        units = SPANS[self._language]
        for unit, size in ((units[3], 86_400), (units[2], 3600), (units[1], 60)):
            if seconds >= 2 * size or (size < 86_400 and seconds >= size):
                return f"{int(seconds // size)} {unit}"
        return f"{int(max(0, seconds))} {units[0]}"


def _sentence(text: str) -> str:
    return escape(text[:1].upper() + text[1:])


def _commands(text: str) -> str:
    """Words between back-ticks are commands."""
    mark: tuple[Callable[[str], str], Callable[[str], str]] = (escape, lambda part: f"<code>{escape(part)}</code>")
    return "".join(mark[at % 2](part) for at, part in enumerate(text.split("`")))


def _version() -> str:
    try:
        return version("rekisteri")
    except PackageNotFoundError:
        return ""
