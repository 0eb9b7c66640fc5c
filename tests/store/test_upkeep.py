"""Agreements, measures and breaches in the store, on both databases."""

from datetime import date, timedelta

from store import upkeep
from store.engine import reading, writing
from store.health import facts
from store.upkeep import OpenBreach
from tests.sync.engine import START, Registry

WHO = {"recorded_at": START, "recorded_by": "tester"}
DAY = date(2026, 1, 1)


def test_what_ended_is_read_on_demand_alone(registry: Registry) -> None:
    with writing(registry.engine) as connection:
        for party in ("timma", "thinkific"):
            upkeep.add_agreement(connection, {"party": party, "type": "x", "country": "FI", "review_on": DAY} | WHO)
        for name in ("locks", "firewall"):
            upkeep.add_measure(connection, {"kind": "technical", "term": "x", "name": name, "since": DAY} | WHO)
        upkeep.end_agreement(connection, 1, DAY, "tester", "over")
        upkeep.end_measure(connection, 2, DAY)
    with reading(registry.engine) as connection:
        assert [row.party for row in upkeep.agreements(connection)] == ["thinkific"]
        assert [(row.party, row.ended_on) for row in upkeep.agreements(connection, ended=True)] == [
            ("timma", DAY), ("thinkific", None),
        ]  # fmt: skip
        assert [row.name for row in upkeep.measures(connection)] == ["locks"]
        assert [row.name for row in upkeep.measures(connection, ended=True)] == ["locks", "firewall"]
        assert facts(connection).reviews == {"agreements": (DAY,), "measures": (None,)}


def test_closed_breaches_are_read_unless_only_the_open_ones_are_asked_for(registry: Registry) -> None:
    later = START + timedelta(hours=1)
    with writing(registry.engine) as connection:
        for risk in ("none", "high"):
            values = {"discovered_at": START, "nature": "a loss", "categories": "customers", "risk": risk}
            upkeep.add_breach(connection, values | WHO)
        upkeep.change_breach(connection, 1, {"closed_at": later, "closed_by": "tester"})
    with reading(registry.engine) as connection:
        assert [row.risk for row in upkeep.breaches(connection)] == ["none", "high"]
        assert [row.risk for row in upkeep.breaches(connection, closed=False)] == ["high"]
        assert facts(connection).breaches == (OpenBreach("high", START, None, None),)
        assert upkeep.breach(connection, 3) is None
