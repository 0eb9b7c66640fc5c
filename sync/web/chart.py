"""The last runs of a source as a small chart of bars, and the same in words."""

from collections.abc import Iterator, Sequence
from math import sqrt

from store.health import PastRun
from sync.report import FAILED, OK, PARTIAL
from sync.web.speech import Speech

RUNS = 30
_HIGH, _WIDE, _GAP = 40, 6, 3
_LEAST, _LEAST_FAILED = 3.0, 12.0


def chart(runs: Sequence[PastRun], speech: Speech) -> Iterator[str]:
    """A bar a run, the newest on the right, its height by the root of its length. What failed is hollow and crossed
    out, what succeeded in part has a dashed edge: nobody needs the colours."""
    if not runs:
        return
    told = _told(runs, speech)
    longest = max([*map(_seconds, runs), 1.0])
    wide = RUNS * (_WIDE + _GAP)
    yield f'<svg class="chart" viewBox="0 0 {wide} {_HIGH}" role="img" aria-label="{told}">\n'
    yield f'<path class="floor" d="M0 {_HIGH - 0.5}H{wide}"/>\n'
    for at, run in enumerate(runs, RUNS - len(runs)):
        least = _LEAST_FAILED if run.outcome == FAILED else _LEAST
        high = max(least, sqrt(_seconds(run) / longest) * (_HIGH - 3))
        yield _bar(run, at * (_WIDE + _GAP) + 1.5, _HIGH - 1 - high, high, speech)
    yield f'</svg>\n<p class="told">{told}</p>\n'


def _bar(run: PastRun, left: float, top: float, high: float, speech: Speech) -> str:
    known = run.outcome if run.outcome in (OK, PARTIAL, FAILED) else PARTIAL
    time, seconds = speech.time(run.started_at), f"{_seconds(run):.0f}"
    rows = speech.say("rows", run.news)
    words = speech.say("bar", time=time, outcome=speech.say(known), seconds=seconds, rows=rows)
    cross = f'<path d="M{left + 1} {top + high - 1:.1f}l{_WIDE - 2} {2 - high:.1f}"/>' if known == FAILED else ""
    bar = f'<rect x="{left}" y="{top:.1f}" width="{_WIDE}" height="{high:.1f}" rx="1.5"/>'
    return f'<g class="{known}"><title>{words}</title>{bar}{cross}</g>\n'


def _told(runs: Sequence[PastRun], speech: Speech) -> str:
    counts = {outcome: sum(run.outcome == outcome for run in runs) for outcome in (OK, PARTIAL, FAILED)}
    if counts[OK] == len(runs):
        parts = [speech.say("all_ok", len(runs))]
    else:
        parts = [speech.say(f"some_{outcome}", number) for outcome, number in counts.items() if number]
    return f"{speech.say('runs', len(runs))}: {', '.join(parts)}"


def _seconds(run: PastRun) -> float:
    return max(0.0, (run.finished_at - run.started_at).total_seconds()) if run.finished_at else 0.0
