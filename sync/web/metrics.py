"""Metrics for Prometheus, as OpenMetrics 1.0 has it: base units, `_total` and `_seconds`, every name `rekisteri_…`.

Labels are names of sources and streams, and words of our own; nothing of a person ever is one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from config.place import HELSINKI
from store import status
from store.engine import reading
from store.health import Facts, facts
from sync.events import PROCESSED
from sync.report import FAILED, OK, PARTIAL
from sync.web.deliveries import STATUSES as ARRIVALS
from sync.web.host import BUCKETS_S, Durations, Host
from sync.web.observer import Observer

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

OUTCOMES = (OK, PARTIAL, FAILED)
STATUSES = ("2xx", "3xx", "4xx", "5xx", "none")


def exposition(host: Host, observer: Observer, ask: bool) -> bytes:
    """All metrics. Where the database is not to be asked or does not answer, those of the process alone."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(host, observer, ask))
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


class _Collector:
    def __init__(self, host: Host, observer: Observer, ask: bool) -> None:
        self._host, self._observer, self._ask = host, observer, ask
        self._names = [source.name for source in host.settings.sources()]

    def collect(self) -> Iterator[Metric]:
        """Everything, as the library asks for it."""
        yield from self._process()
        if self._ask and self._observer.answers:
            try:
                with reading(self._host.engine) as connection:
                    yield from self._registry(connection)
            except SQLAlchemyError:
                return

    def _process(self) -> Iterator[Metric]:
        totals, names = self._host.totals, self._names
        yield _gauge("up", "Whether a part of the daemon is alive.", "part", self._parts())
        with totals.lock:
            runs = {(name, outcome): totals.runs[name, outcome] for name in names for outcome in OUTCOMES}
            requests = {(name, status): totals.requests[name, status] for name in names for status in STATUSES}
            rows = dict(totals.rows)
            retries = {name: totals.retries[name] for name in names}
            waited = {name: totals.waited_s.get(name, 0.0) for name in names}
            durations = {name: _copied(totals.durations.get(name, Durations())) for name in names}
            arrived = {(name, outcome): totals.events[name, outcome] for name in names for outcome in ARRIVALS}
            processed = {(name, outcome): totals.events[name, outcome] for name in names for outcome in PROCESSED}
        yield _counter("runs", "Runs of a source, by outcome.", ("source", "outcome"), runs)
        yield _counter("rows", "Rows by what became of them.", ("source", "stream", "outcome"), rows)
        yield _counter("requests", "Requests by class of the answer's status.", ("source", "status"), requests)
        yield _counter("retries", "Requests that were tried again.", ("source",), _alone(retries))
        text = "Time spent waiting for a platform's pace or for another try."
        yield _counter("waiting_seconds", text, ("source",), _alone(waited), unit="seconds")
        yield _histogram("run_duration_seconds", "How long runs took.", durations)
        text = "Deliveries by how they were answered."
        yield _counter("deliveries", text, ("source", "outcome"), arrived)
        yield _counter("events", "Kept deliveries by what became of them.", ("source", "outcome"), processed)

    def _parts(self) -> dict[str, float]:
        parts = {name: float(alive) for name, alive in self._host.parts.items()}
        return parts | {"database": float(self._observer.takes)}

    def _registry(self, connection: Connection) -> Iterator[Metric]:
        found, size, now = facts(connection), status.registry_size(connection), datetime.now(UTC)
        yield from self._sources(found, now)
        text = "Live customer records in the registry."
        yield _plain("registry_records", text, size.records)
        yield _plain("registry_customers", "Master customers.", size.customers)
        yield _plain("registry_pending_records", "Records that landed and are not reconciled yet.", size.pending)
        yield _plain("events_waiting", "Deliveries that wait to be processed.", found.waiting)
        yield _plain("review_pairs", "Pairs that wait for a person's decision.", found.review)
        if found.backed_up_at:
            at = found.backed_up_at.timestamp()
            yield _plain("last_backup_timestamp_seconds", "Of what moment the newest backup is.", at)
        overdue = found.overdue(now.astimezone(HELSINKI).date())
        yield _plain("rights_requests_open", "Requests of people that are not closed.", len(found.due))
        yield _plain("rights_requests_overdue", "Open requests of people that are past their due date.", overdue)

    def _sources(self, found: Facts, now: datetime) -> Iterator[Metric]:
        states = {name: found.sources.get(name) for name in self._names}
        good = {name: state.last_ok_at for name, state in states.items() if state and state.last_ok_at}
        ages = {name: max(0.0, (now - at).total_seconds()) for name, at in good.items()}
        text = "Age of a source's data: time since its last run that went well."
        yield _gauge("data_age_seconds", text, "source", ages, unit="seconds")
        stamps = {name: at.timestamp() for name, at in good.items()}
        text = "When a source's last run that went well ended."
        yield _gauge("last_success_timestamp_seconds", text, "source", stamps, unit="seconds")
        held = {name: float(bool(state and state.held_since)) for name, state in states.items()}
        yield _gauge("source_held", "Whether a source waits for a person.", "source", held)
        failures = {name: float(state.failures if state else 0) for name, state in states.items()}
        yield _gauge("failures_in_a_row", "Runs of a source that failed in a row.", "source", failures)
        rows = {name: float(found.quarantine.get(name, 0)) for name in self._names}
        yield _gauge("quarantine_rows", "Rows that could not be read and wait.", "source", rows)


def _alone(values: Mapping[str, float]) -> dict[tuple[str], float]:
    return {(name,): value for name, value in values.items()}


def _copied(durations: Durations) -> Durations:
    return Durations(list(durations.buckets), durations.total_s)


def _counter(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float], *, unit: str = ""
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"rekisteri_{name}", text, labels=labels, unit=unit)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _gauge(name: str, text: str, label: str, values: dict[str, float], *, unit: str = "") -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"rekisteri_{name}", text, labels=(label,), unit=unit)
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family


def _plain(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"rekisteri_{name}", text, value=value)


def _histogram(name: str, text: str, values: dict[str, Durations]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(f"rekisteri_{name}", text, labels=("source",), unit="seconds")
    bounds = [*map(str, BUCKETS_S), "+Inf"]
    for source, durations in sorted(values.items()):
        counts = list(accumulate(durations.buckets))
        family.add_metric((source,), list(zip(bounds, counts, strict=True)), durations.total_s)
    return family
