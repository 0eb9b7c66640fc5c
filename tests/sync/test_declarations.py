"""What a person declares hangs on records and contacts: a merge takes the union, a split gives each its own back, and
nothing a sync brings weakens it (invariant 7)."""

import json

import pytest

from sync.decisions import UnknownError
from tests.sync.declaring import consent, declare, lift, shown, state
from tests.sync.engine import Registry

MAIL = "a@example.com"
PHONE = "+358400000101"


@pytest.fixture
def pair(registry: Registry) -> Registry:
    """Maija at the salon, Oskari at the school; nothing in common."""
    registry.grantees = {"salon": "controller", "school": "controller"}
    registry.land("salon", {"1": {"first_name": "Maija", "last_name": "Testaaja", "email": MAIL}})
    registry.land("school", {"1": {"first_name": "Oskari", "last_name": "Malli", "email": "o@example.com"}})
    registry.reconcile()
    return registry


def settled(registry: Registry) -> None:
    """A rebuild gives what grew."""
    grown = registry.snapshot()
    registry.rebuild()
    assert registry.snapshot() == grown


def test_a_grant_counts_for_every_brand_or_for_the_one_it_names(pair: Registry) -> None:
    consent(pair, "salon:1", "granted")
    assert pair.golden("salon:1", "marketing.email") == [("granted", "declared")]
    assert state(pair, "salon:1", brand="artsport") == "granted"
    consent(pair, "school:1", "granted", brand="artsport", channel="sms")
    assert state(pair, "school:1", "sms") == state(pair, "school:1", "sms", "artsport") == "granted"
    assert state(pair, "school:1", "sms", "other") == state(pair, "school:1", "email") == "unknown"
    settled(pair)


def test_a_withdrawal_from_one_brand_leaves_the_other(pair: Registry) -> None:
    consent(pair, "salon:1", "granted", days_ago=2)
    consent(pair, "salon:1", "withdrawn", brand="artsport")
    assert state(pair, "salon:1", brand="artsport") == state(pair, "salon:1") == "withdrawn"
    pair.land("school", {"2": {"first_name": "Maija", "email": MAIL, "email_marketing": True}})
    pair.reconcile()
    assert pair.customer_of("school:2") == pair.customer_of("salon:1")
    assert state(pair, "salon:1", brand="artsport") == "withdrawn"
    settled(pair)


def test_evidence_outranks_a_flag_but_for_a_later_withdrawal(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    person = {"first_name": "Maija", "email": MAIL}

    def flag(value: bool) -> None:
        registry.land("salon", {"1": {**person, "email_marketing": value}})
        registry.reconcile()

    flag(False)
    assert state(registry, "salon:1") == "refused"
    consent(registry, "salon:1", "granted", evidence=None)
    assert state(registry, "salon:1") == "refused", "without evidence nothing is outranked"
    consent(registry, "salon:1", "granted")
    assert state(registry, "salon:1") == "granted"
    flag(True)
    flag(False)
    assert state(registry, "salon:1") == "withdrawn", "a withdrawal that came later"
    consent(registry, "salon:1", "granted")
    assert state(registry, "salon:1") == "granted", "consent given anew, with evidence"
    consent(registry, "salon:1", "withdrawn")
    flag(True)
    assert state(registry, "salon:1") == "withdrawn", "no flag weakens what was declared"
    settled(registry)


def test_a_grant_of_earlier_takes_the_place_of_no_later_withdrawal(pair: Registry) -> None:
    consent(pair, "salon:1", "withdrawn", days_ago=1)
    consent(pair, "salon:1", "granted", days_ago=3)
    assert state(pair, "salon:1") == "withdrawn"


def test_a_merge_takes_the_union_and_a_split_gives_each_its_own(pair: Registry) -> None:
    consent(pair, "salon:1", "granted")
    consent(pair, "school:1", "withdrawn", days_ago=5)
    declare(pair, "school:1", "objection", scope="direct_advertising")
    decision = pair.decide("same", "salon:1", "school:1")
    assert state(pair, "salon:1") == "withdrawn"
    assert shown(pair, "salon:1")["objections"] == ["direct_advertising"]
    settled(pair)
    pair.undo(decision)
    assert (state(pair, "salon:1"), state(pair, "school:1")) == ("granted", "withdrawn")
    assert [shown(pair, record)["objections"] for record in ("salon:1", "school:1")] == [[], ["direct_advertising"]]
    settled(pair)


def test_what_two_who_were_one_declared_loosens_for_neither_and_tightens_for_both(pair: Registry) -> None:
    consent(pair, "school:1", "withdrawn", days_ago=5)
    decision = pair.decide("same", "salon:1", "school:1")
    consent(pair, "salon:1", "granted")
    declare(pair, "salon:1", "restriction")
    assert state(pair, "salon:1") == "granted", "the person gave consent anew"
    pair.undo(decision)
    assert state(pair, "school:1") == "withdrawn", "who knows which of the two gave it"
    assert shown(pair, "salon:1")["restricted"] and shown(pair, "school:1")["restricted"]
    settled(pair)


def test_a_person_who_comes_anew_with_a_known_contact_brings_what_was_said(registry: Registry) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "email": MAIL, "phone": PHONE}})
    registry.reconcile()
    consent(registry, "salon:1", "withdrawn", channel="sms")
    declare(registry, "salon:1", "objection", scope="genealogy")
    registry.vanish("salon", "1")
    registry.reconcile()
    registry.land("school", {"9": {"first_name": "Maija", "phone": PHONE}})
    registry.land("school", {"10": {"first_name": "Oskari", "phone": PHONE}})
    registry.reconcile()
    assert (state(registry, "school:9", "sms"), shown(registry, "school:9")["objections"]) == (
        "withdrawn",
        ["genealogy"],
    )
    child = shown(registry, "school:10")
    assert (child["marketing"]["sms"], child["objections"]) == ("unknown", []), "the child on the mother's phone"
    settled(registry)


def test_a_grant_does_not_follow_a_contact_to_a_new_record(registry: Registry) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "email": MAIL}})
    registry.reconcile()
    consent(registry, "salon:1", "granted")
    registry.vanish("salon", "1")
    registry.reconcile()
    registry.land("school", {"9": {"first_name": "Maija", "email": MAIL}})
    registry.reconcile()
    assert state(registry, "school:9") == "unknown"


def test_what_is_lifted_is_in_force_no_more_and_is_lifted_once(pair: Registry) -> None:
    objection = declare(pair, "salon:1", "objection", scope="genealogy")
    lift(pair, objection)
    assert shown(pair, "salon:1")["objections"] == []
    with pytest.raises(UnknownError, match="in force"):
        lift(pair, objection)


def correct(registry: Registry, record: str, field: str, value: object) -> int:
    return declare(registry, record, "correction", field=field, value=json.dumps(value), reason="asked for")


def test_no_sync_undoes_a_correction(pair: Registry) -> None:
    correct(pair, "salon:1", "last_name", "Oikea")
    correct(pair, "salon:1", "emails", ["new@example.com", "b@example.com"])
    pair.land("salon", {"1": {"first_name": "Maija", "last_name": "Testaja", "email": MAIL, "city": "Oulu"}})
    pair.reconcile()
    assert pair.golden("salon:1", "name") == [("Maija Oikea", "pinned")]
    assert pair.golden("salon:1", "first_name") == [("Maija", "only_value")]
    assert pair.golden("salon:1", "emails") == [("new@example.com", "pinned"), ("b@example.com", "pinned")]
    assert pair.golden("salon:1", "address") == [("Oulu", "only_value")]
    settled(pair)
    assert lift(pair, correct(pair, "salon:1", "emails", []))
    assert pair.golden("salon:1", "emails")[0] == ("new@example.com", "pinned"), "the earlier one stands again"


def test_a_whole_name_that_is_corrected_drops_parts_that_no_longer_make_it_up(pair: Registry) -> None:
    correct(pair, "salon:1", "name", "Maija Testaaja")
    assert pair.golden("salon:1", "last_name") == [("Testaaja", "only_value")]
    correct(pair, "salon:1", "name", "Maria Oikea")
    assert pair.golden("salon:1", "name") == [("Maria Oikea", "pinned")]
    assert pair.golden("salon:1", "last_name") == pair.golden("salon:1", "first_name") == []
    settled(pair)


def test_a_correction_goes_with_one_of_two_who_are_split_and_outlives_its_record(pair: Registry) -> None:
    pair.decide("same", "salon:1", "school:1")
    correct(pair, "salon:1", "address", "Oikeakatu 1, Oulu")
    pair.vanish("salon", "1")
    pair.reconcile()
    assert pair.golden("school:1", "address") == [("Oikeakatu 1, Oulu", "pinned")], "the person is still there"
    settled(pair)
    pair.land("salon", {"1": {"first_name": "Maija", "last_name": "Testaaja", "email": MAIL}})
    pair.reconcile()
    pair.decide("different", "salon:1", "school:1")
    assert pair.golden("salon:1", "address") == [("Oikeakatu 1, Oulu", "pinned")]
    assert pair.golden("school:1", "address") == [], "nobody sees what another corrected"
    pair.vanish("salon", "1")
    pair.reconcile()
    assert pair.golden("school:1", "address") == []
    settled(pair)


def test_a_restriction_reaches_nobody_else_in_the_registry(pair: Registry) -> None:
    declare(pair, "salon:1", "restriction")
    assert shown(pair, "salon:1")["restricted"]
    assert not shown(pair, "school:1")["restricted"]
