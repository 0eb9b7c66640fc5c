"""How everything stands, as `rekisteri status --json` prints it: per source its last and next run, and what waits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from config.settings import Settings, Source
from store import requests, status
from store.health import facts
from store.times import stamp
from sync.crontab import coming
from sync.health import Check, of_database, of_registry, worst
from sync.report import StreamReport

_RUN = ("run_id", "outcome", "error", "requests", "retries", "waited_s")


def standing(
    connection: Connection,
    settings: Settings,
    now: datetime,
    *,
    running: bool,
    daemon: bool = False,
    refusal: str | None = None,
) -> dict[str, Any]:
    """The document. `running`: somebody holds the run lock; `daemon`: the instance lock; `refusal`: why the database
    takes nothing. Call inside `store.engine.reading`."""
    waiting = status.quarantined(connection)
    configured = {source.name: source for source in settings.sources()}
    size = status.registry_size(connection)
    last = status.last_run(connection)
    known = facts(connection)
    checks = [of_database(refusal=refusal), *of_registry(known, settings, now, running=running)]
    return {
        "at": stamp(now),
        "health": {"status": worst(checks), "checks": {check.name: _check(check) for check in checks}},
        "daemon": daemon,
        "running": running,
        "last_run": last and _run(last, running=running),
        "sources": {
            name: _source(connection, name, configured.get(name), waiting.get(name, {}), now, daemon=daemon)
            for name in (*configured, *sorted(waiting.keys() - configured.keys()))
        },
        "registry": {
            "records": size.records,
            "customers": size.customers,
            "review": size.review,
            "pending": size.pending,
        },
        "requests": {
            "open": len(known.due),
            "next_due": min((day.isoformat() for day in known.due), default=None),
            "tasks": {str(request): number for request, number in requests.undone(connection).items()},
        },
    }


def _check(check: Check) -> dict[str, Any]:
    found = {"status": check.status, "value": check.value, "unit": check.unit, "reason": check.reason}
    return found | {"output": check.output, "advice": check.advice}


def _run(run: Mapping[str, Any], *, running: bool) -> dict[str, Any]:
    """A run that never ended, while nobody runs, was cut by a crash: it failed, and the next one goes on from there."""
    cut = run["outcome"] == "running" and not running
    return {
        "run_id": run["id"],
        "started_at": stamp(run["started_at"]),
        "finished_at": stamp(run["finished_at"]),
        "outcome": "failed" if cut else run["outcome"],
    }


def _source(
    connection: Connection,
    name: str,
    source: Source | None,
    waiting: Mapping[str, int],
    now: datetime,
    *,
    daemon: bool,
) -> dict[str, Any]:
    held = status.held(connection, name)
    run = status.last_source_run(connection, name)
    return {
        "configured": source is not None,
        "last_run": run and _source_run(run),
        "last_ok_at": stamp(held.last_ok_at),
        # A clock that was set back would make it less than nothing.
        "age_s": max(0, round((now - held.last_ok_at).total_seconds())) if held.last_ok_at else None,
        "schedule": source and source.schedule,
        "next_run_at": stamp(coming(source.schedule, held.next_run_at if daemon else None, now)) if source else None,
        "failures": held.failures,
        "lost_since": stamp(held.lost_since),
        "held_since": stamp(held.held_since),
        "held_reason": held.held_reason,
        "quarantine": {"rows": sum(waiting.values()), "reasons": dict(waiting)},
    }


def _source_run(run: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: run[name] for name in _RUN},
        "started_at": stamp(run["started_at"]),
        "finished_at": stamp(run["finished_at"]),
        "streams": {
            stream["stream"]: {name: stream[name] for name in StreamReport.__slots__} for stream in run["streams"]
        },
        "problems": [
            {name: value for name, value in problem.items() if value is not None} for problem in run["problems"]
        ],
    }
