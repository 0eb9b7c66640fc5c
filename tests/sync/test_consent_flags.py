"""Unknown is not consent, and a withdrawal outlives merges, splits and syncs (invariant 7)."""

import pytest

from tests.sync.engine import Registry

MAIL = "a@example.com"


def land(registry: Registry, source: str, flag: bool | None, **fields: str) -> None:
    person = {"first_name": "Maija", "email": MAIL, "email_marketing": flag, **fields}
    registry.land(source, {"1": person})
    registry.reconcile()


def state(registry: Registry, record: str = "salon:1") -> str:
    grown = registry.golden(record, "marketing.email")
    registry.rebuild()
    assert registry.golden(record, "marketing.email") == grown
    return grown[0][0] if grown else "unknown"


@pytest.mark.parametrize(("grantee", "yes", "no"), [("controller", "granted", "refused"), (None, "unknown", "unknown")])
def test_a_flag_counts_only_where_the_controller_was_given_the_permission(
    registry: Registry, grantee: str | None, yes: str, no: str
) -> None:
    registry.grantees = {"salon": grantee}
    land(registry, "salon", None)
    assert state(registry) == "unknown"
    land(registry, "salon", False)
    assert state(registry) == no
    land(registry, "salon", True)
    assert state(registry) == yes
    land(registry, "salon", False)
    assert state(registry) == "withdrawn"
    land(registry, "salon", True)
    assert state(registry) == "withdrawn", "the flag carries no time and no evidence"


def test_the_strictest_of_several_registers_is_the_customers(registry: Registry) -> None:
    registry.grantees = {"salon": "controller", "school": "controller"}
    land(registry, "salon", True)
    assert state(registry) == "granted"
    land(registry, "school", False)
    assert state(registry) == "refused"
    registry.split(registry.customer_of("salon:1"), "school:1")
    assert (state(registry), state(registry, "school:1")) == ("granted", "refused")


def test_a_withdrawal_goes_into_a_merge_and_stays_with_its_record_in_a_split(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    land(registry, "school", True, email="b@example.com")
    land(registry, "school", False, email="b@example.com")
    land(registry, "salon", True)
    assert (state(registry), state(registry, "school:1")) == ("granted", "withdrawn")
    registry.decide("same", "salon:1", "school:1")
    assert state(registry) == "withdrawn"
    registry.split(registry.customer_of("salon:1"), "school:1")
    assert (state(registry), state(registry, "school:1")) == ("granted", "withdrawn")


def test_a_withdrawal_is_remembered_by_a_record_that_was_away(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    land(registry, "salon", True)
    land(registry, "salon", False)
    registry.vanish("salon", "1")
    registry.reconcile()
    land(registry, "salon", True)
    assert state(registry) == "withdrawn"
