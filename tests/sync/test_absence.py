"""Absence is not deletion, unless nothing can have been missed and the platform confirms it (invariants 6 and 10)."""

import pytest
from sqlalchemy import select

from connectors.base import Absence
from store.engine import reading
from store.tables import SourceRecord, table
from sync.report import SourceReport
from tests.sync.engine import Registry
from tests.sync.platform import Platform, pull


def people(number: int, gone: int = 0) -> dict[str, str | None]:
    """So many people, without the last `gone` of them."""
    return {str(each): f"Testi {each}" for each in range(number - gone)}


def live(registry: Registry) -> int:
    record = table(SourceRecord)
    with reading(registry.engine) as connection:
        return len(connection.execute(select(record.c.id).where(record.c.vanished_at.is_(None))).all())


def after(registry: Registry, first: Platform, second: Platform, *, accepted: bool = False) -> SourceReport:
    """The second of two runs."""
    assert pull(registry, first).outcome == "ok"
    report = pull(registry, second, accepted=accepted)
    stream = report.streams["people"]
    assert stream.fetched == stream.new + stream.changed + stream.unchanged + stream.quarantined
    return report


def test_few_that_a_complete_sweep_did_not_see_vanish(registry: Registry) -> None:
    report = after(registry, Platform(people(30)), Platform(people(30, gone=3)))
    assert (report.outcome, report.streams["people"].vanished, live(registry)) == ("ok", 3, 27)
    assert [problem.reason for problem in report.problems if "no erasure" not in problem.reason] == []
    assert any("deleted at the platform: 3 row" in problem.reason for problem in report.problems)
    again = pull(registry, Platform(people(30, gone=3)))
    assert (again.streams["people"].vanished, again.problems) == (0, [])


def test_many_at_once_are_held_until_a_person_accepts_or_they_are_back(registry: Registry) -> None:
    emptied = Platform(people(30, gone=20))
    report = after(registry, Platform(people(30)), emptied)
    stream = report.streams["people"]
    assert (report.outcome, stream.outcome, stream.held, stream.vanished) == ("partial", "partial", 20, 0)
    assert "20 of 30 rows are gone at once and are held" in report.problems[0].reason
    assert "--accept-vanished" in report.problems[0].reason
    assert live(registry) == 30
    assert pull(registry, Platform(people(30))).outcome == "ok"
    accepted = pull(registry, emptied, accepted=True)
    assert (accepted.outcome, accepted.streams["people"].vanished, live(registry)) == ("ok", 20, 10)


def test_an_incomplete_sweep_is_read_once_more(registry: Registry) -> None:
    shifting = Platform(people(5), reads=[["0", "1", "1", "3", "4"]])
    report = after(registry, Platform(people(5)), shifting)
    assert len(shifting.positions) == 2
    assert (report.outcome, report.streams["people"].complete, report.streams["people"].vanished) == ("ok", True, 0)
    assert live(registry) == 5


def test_a_sweep_that_stays_incomplete_takes_nothing_away(registry: Registry) -> None:
    slipping = ["0", "1", "1", "3", "4"]
    report = after(registry, Platform(people(6)), Platform(people(5), reads=[slipping, slipping]))
    assert (report.streams["people"].complete, report.streams["people"].vanished, live(registry)) == (False, 0, 6)
    assert "rows moved while they were read, twice" in report.problems[0].reason


def test_a_read_of_a_part_takes_nothing_away(registry: Registry) -> None:
    after(registry, Platform(people(5)), Platform(people(5, gone=4), sweep=False))
    assert live(registry) == 5


def test_where_absence_says_nothing_nothing_vanishes(registry: Registry) -> None:
    after(registry, Platform(people(5)), Platform(people(5, gone=4), absence=Absence.IGNORED))
    assert live(registry) == 5


def test_the_platform_is_asked_about_each_row_where_it_can_tell(registry: Registry) -> None:
    asked = Platform(people(5, gone=3), absence=Absence.CONFIRMED, gone=frozenset({"3", "4"}))
    report = after(registry, Platform(people(5)), asked)
    assert sorted(asked.asked) == ["2", "3", "4"]
    assert (report.streams["people"].vanished, live(registry)) == (2, 3)
    assert any("yet still at the platform" in problem.reason for problem in report.problems)
    assert any("deleted at the platform: 2 row" in problem.reason for problem in report.problems)


def test_the_share_is_judged_before_anybody_is_asked_about(registry: Registry) -> None:
    asked = Platform(people(30, gone=20), absence=Absence.CONFIRMED)
    assert after(registry, Platform(people(30)), asked).streams["people"].held == 20
    assert asked.asked == []


def test_a_row_that_cannot_be_mapped_is_there_all_the_same(registry: Registry) -> None:
    report = after(registry, Platform(people(3)), Platform({**people(2), "2": None}))
    assert (report.streams["people"].quarantined, report.streams["people"].vanished, live(registry)) == (1, 0, 3)


def test_what_vanished_stays_away_until_the_platform_brings_it_back(registry: Registry) -> None:
    after(registry, Platform(people(3)), Platform(people(3, gone=1)))
    registry.rebuild()
    assert registry.people() == {frozenset({"salon:0"}), frozenset({"salon:1"})}
    pull(registry, Platform(people(3, gone=1)), full=True)
    registry.rebuild()
    assert len(registry.people()) == 2
    report = pull(registry, Platform(people(3)))
    registry.reconcile()
    assert (report.streams["people"].changed, len(registry.people())) == (1, 3)


@pytest.mark.parametrize("total", [0, 99])
def test_a_total_that_is_wrong_takes_nothing_away(registry: Registry, total: int) -> None:
    after(registry, Platform(people(5)), Platform(people(5, gone=2), total=total))
    assert live(registry) == 5
