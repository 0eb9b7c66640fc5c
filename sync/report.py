"""The numbers of a run, in the shape in which `rekisteri sync --json` prints them (docs/contract.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.base import Problem
from store.times import stamp

OK, PARTIAL, FAILED = "ok", "partial", "failed"


def worst(outcomes: list[str]) -> str:
    """Of several parts: `ok` when all are, `failed` when all are, else `partial`."""
    if all(outcome == OK for outcome in outcomes):
        return OK
    return FAILED if all(outcome == FAILED for outcome in outcomes) else PARTIAL


@dataclass(slots=True)
class StreamReport:
    """One stream: fetched = new + changed + unchanged + quarantined. `erased`: rows of erased people that were dropped,
    not among the fetched."""

    outcome: str = OK
    complete: bool = False
    fetched: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    held: int = 0
    quarantined: int = 0
    skipped: int = 0
    masked: int = 0
    erased: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Its part of the JSON document."""
        return {name: getattr(self, name) for name in StreamReport.__slots__}


@dataclass(slots=True)
class SourceReport:
    """One source. `statuses`: answers by class (`connectors.base.Traffic`)."""

    outcome: str = OK
    error: str | None = None
    requests: int = 0
    retries: int = 0
    waited_s: float = 0.0
    statuses: Mapping[str, int] = field(default_factory=dict)
    streams: dict[str, StreamReport] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Its part of the JSON document."""
        return {
            "outcome": self.outcome,
            "error": self.error,
            "requests": self.requests,
            "retries": self.retries,
            "waited_s": round(self.waited_s, 3),
            "streams": {name: stream.as_dict() for name, stream in self.streams.items()},
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(slots=True)
class RunReport:
    """A whole run."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = OK
    sources: dict[str, SourceReport] = field(default_factory=dict)
    registry: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {
            "run_id": self.run_id,
            "started_at": stamp(self.started_at),
            "finished_at": stamp(self.finished_at),
            "outcome": self.outcome,
            "sources": {name: source.as_dict() for name, source in self.sources.items()},
            "registry": self.registry,
        }
