"""The page for people: how things stand, without a script, without a name, in Finnish or English."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Source
from config.version import installed_version
from store import status
from store.engine import reading
from store.health import Facts, PastRun, facts, past_runs
from store.status import Held, RegistrySize
from sync.crontab import coming
from sync.health import FAIL, PASS, WARN, Check, unwell, worst
from sync.web.chart import RUNS, chart
from sync.web.host import Host
from sync.web.observer import Observer
from sync.web.speech import Speech
from sync.web.style import STYLE

_SIGNS = {PASS: "M6 12.5l4 4 8-9", WARN: "M12 6v7.5M12 17v.5", FAIL: "M7.5 7.5l9 9M16.5 7.5l-9 9"}


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
    return "".join(_Page(host, Speech(language, now), now).document(checks, observer.looked_at, seen))


def _look(host: Host) -> _Seen | None:
    try:
        with reading(host.engine) as connection:
            names = [source.name for source in host.settings.sources()]
            runs = {name: past_runs(connection, name, RUNS) for name in names}
            return _Seen(facts(connection), status.registry_size(connection), runs)
    except SQLAlchemyError:
        return None


class _Page:
    def __init__(self, host: Host, speech: Speech, now: datetime) -> None:
        self._host, self._speech, self._now = host, speech, now

    def document(self, checks: Sequence[Check], looked: datetime, seen: _Seen | None) -> Iterator[str]:
        """Its parts, top to bottom."""
        say, overall = self._speech.say, worst(checks)
        yield f'<!doctype html>\n<html lang="{self._speech.language}">\n<head>\n<meta charset="utf-8">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield '<meta name="color-scheme" content="light dark">\n<meta http-equiv="refresh" content="60">\n'
        yield f"<title>{say(overall)} · {say('title')}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        yield f'<header class="{overall}">\n{_sign(overall)}<div>\n<p class="name">{say("title")}</p>\n'
        yield f"<h1>{say(overall)}</h1>\n"
        looked_at = say("looked", time=self._speech.time(looked))
        yield f'<p class="quiet">{looked_at}</p>\n</div>\n</header>\n<main>\n'
        yield from self._matters(checks)
        yield from self._sources(checks, seen)
        if seen is None:
            yield f"<p>{say('no_answer')}</p>\n"
        else:
            yield from self._numbers(seen)
        yield f'</main>\n<footer class="quiet">\n<p>{say("private")}</p>\n'
        yield f"<p>Rekisteri {escape(installed_version() or '')} · "
        yield f'{say("machines")}: <a href="/health">/health</a> {say("and")} <a href="/metrics">/metrics</a></p>\n'
        yield "</footer>\n</body>\n</html>\n"

    def _matters(self, checks: Sequence[Check]) -> Iterator[str]:
        matters = unwell(checks)
        if not matters:
            return
        yield '<ul class="matters">\n'
        for check in matters:
            what, advice = self._speech.matter(check)
            yield f'<li class="{check.status}"><strong>{what}</strong> <span>{advice}</span></li>\n'
        yield "</ul>\n"

    def _sources(self, checks: Sequence[Check], seen: _Seen | None) -> Iterator[str]:
        say, sources = self._speech.say, self._host.settings.sources()
        yield f"<section>\n<h2>{say('sources')}</h2>\n"
        if not sources:
            yield f"<p>{say('no_source')}</p>\n"
        by_name = {check.name: check for check in checks}
        yield '<div class="cards">\n'
        for source in sources:
            yield from self._source(source, by_name.get(f"sync:{source.name}:age"), seen)
        yield "</div>\n</section>\n"

    def _source(self, source: Source, check: Check | None, seen: _Seen | None) -> Iterator[str]:
        yield f'<article class="{check.status if check and seen else WARN}">\n<h3>{escape(source.name)}</h3>\n'
        yield f'<p class="state">{self._state(source, check if seen else None)}</p>\n'
        if seen is not None:
            held, runs = seen.facts.sources.get(source.name, Held()), seen.runs.get(source.name, [])
            yield "<dl>\n"
            for name, value in self._times(source, held, runs):
                yield f"<div><dt>{self._speech.say(name)}</dt><dd>{value}</dd></div>\n"
            yield "</dl>\n"
            yield from chart(runs, self._speech)
        yield "</article>\n"

    def _state(self, source: Source, check: Check | None) -> str:
        if check is None:
            return self._speech.say("is_unknown")
        if source.name in self._host.running:
            return self._speech.say("running")
        return self._speech.say(check.reason or "is_pass")

    def _times(self, source: Source, held: Held, runs: Sequence[PastRun]) -> Iterator[tuple[str, str]]:
        say = self._speech.say
        if held.last_ok_at is None:
            yield "data", say("no_age")
        else:
            yield "data", say("age", span=self._speech.span((self._now - held.last_ok_at).total_seconds()))
        yield "last_run", self._speech.time(runs[-1].started_at) if runs else say("none")
        yield "next_run", self._speech.time(coming(source.schedule, held.next_run_at, self._now))

    def _numbers(self, seen: _Seen) -> Iterator[str]:
        waits = (
            (sum(seen.facts.quarantine.values()), "quarantine"),
            (seen.facts.review, "review"),
            (len(seen.facts.due), "requests"),
            (seen.facts.waiting, "deliveries"),
        )
        size = ((seen.size.customers, "customers"), (seen.size.records, "records"))
        yield '<div class="sums">\n'
        for title, numbers in (("waits", waits), ("registry", size)):
            yield f'<section>\n<h2>{self._speech.say(title)}</h2>\n<ul class="numbers">\n'
            for number, word in numbers:
                none, words = "" if number else ' class="none"', self._speech.say(word, number)
                yield f"<li{none}><b>{self._speech.number(number)}</b> <span>{words}</span></li>\n"
            yield "</ul>\n</section>\n"
        yield "</div>\n"


def _sign(status: str) -> str:
    """A tick, an exclamation mark or a cross in a circle; the headline beside it says the same."""
    path = f'<path d="{_SIGNS[status]}"/>'
    return f'<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/>{path}</svg>\n'
