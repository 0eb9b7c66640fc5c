"""A stream whose absence is never judged is swept once it was read to its end, so that a part will do the next time."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Absence, Capabilities, Page, Position, Stream, Traffic
from connectors.errors import RejectRow, RetryLater
from connectors.records import Customer, Kind, SourceRecord
from sync.pull import Orders, Pull
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Listing:
    """A source of two people without a total, which notes from where it was read."""

    name = "salon"
    capabilities = Capabilities(
        stable_ids=True, consents=False, bookings=False, changed_since=True, confirms_deletion=False
    )
    traffic = Traffic()

    def __init__(self, absence: Absence, *, sweep: bool, breaks: bool = False) -> None:
        self.streams: Sequence[Stream] = (Stream(name="people", kind=Kind.CUSTOMER, absence=absence, activity="x"),)
        self.sweep, self.breaks = sweep, breaks
        self.positions: list[Position] = []

    def check(self) -> str:
        return "fine"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        self.positions.append(position)
        for number in ("1", "2"):
            record = SourceRecord(external_id=number, kind=Kind.CUSTOMER, payload=Customer(name=f"Testi {number}"))
            yield Page(stream=stream, retrieved_from="list", records=(record,), sweep=self.sweep)
            if self.breaks:
                raise RetryLater("gone")

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        raise RejectRow("never")

    def confirm_gone(self, stream: str, external_id: str) -> bool:
        return False

    def close(self, imported: frozenset[str]) -> None:
        pass


def swept_at(folder: Path, listing: Listing) -> datetime | None:
    """When the second of two runs thinks that the stream was swept."""
    registry = Registry.open(f"sqlite:///{folder / 'registry.db'}")
    orders = Orders("run", NOW, False, False, 0.2, threading.Event(), lambda *_: None)
    for _ in range(2):
        Pull(registry.engine, "salon", listing, {Kind.CUSTOMER: registry.origin}, orders).run()
    registry.engine.dispose()
    return listing.positions[-1].swept_at


def test_a_whole_read_without_a_total_counts_where_absence_says_nothing(tmp_path: Path) -> None:
    assert swept_at(tmp_path, Listing(Absence.IGNORED, sweep=True)) is not None


@pytest.mark.parametrize(
    "listing",
    [
        Listing(Absence.IGNORED, sweep=False),
        Listing(Absence.IGNORED, sweep=True, breaks=True),
        Listing(Absence.DELETED, sweep=True),
    ],
    ids=["a part", "a cut read", "absence is judged"],
)
def test_any_other_read_without_a_total_does_not(tmp_path: Path, listing: Listing) -> None:
    assert swept_at(tmp_path, listing) is None
