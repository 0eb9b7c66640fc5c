"""What somebody forbade outlives the record on which they said it, and the contact (invariant 7)."""

import pytest

from privacy.uses import Use, allowed
from store import declarations
from store.engine import reading
from tests.sync.declaring import consent, declare, lift, shown, state
from tests.sync.engine import Registry

MAIL, OTHER, PHONE = "a@example.com", "b@example.com", "+358405550041"
MAIJA = {"first_name": "Maija", "last_name": "Testaaja"}
SCOPE = "direct_advertising"


def settled(registry: Registry) -> None:
    grown = registry.snapshot()
    registry.rebuild()
    assert registry.snapshot() == grown


def reached_by_text(registry: Registry, brand: str | None = None) -> set[str]:
    """Phones to which a text message may be sent."""
    use = Use("communication_and_marketing", frozenset({SCOPE}), "sms", brand)
    with reading(registry.engine) as connection:
        passed = allowed(connection, use, str).passed
    return {contact.written for contacts in passed.values() for contact in contacts}


def test_it_holds_under_a_new_id_with_a_contact_that_came_later(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    declare(registry, "salon:1", "objection", scope=SCOPE)
    registry.land("salon", {"1": {**MAIJA, "email": OTHER}})
    registry.reconcile()
    registry.vanish("salon", "1")
    registry.land("salon", {"2": {**MAIJA, "email": OTHER}})
    registry.reconcile()
    assert shown(registry, "salon:2")["objections"] == [SCOPE]
    settled(registry)


def test_it_holds_where_a_new_id_changes_the_contact_by_which_it_was_known(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    declare(registry, "salon:1", "restriction")
    registry.vanish("salon", "1")
    registry.land("salon", {"2": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    registry.land("salon", {"2": {**MAIJA, "email": OTHER}})
    registry.reconcile()
    assert shown(registry, "salon:2")["restricted"]
    settled(registry)


def test_it_stays_with_the_customer_when_its_record_leaves(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.land("school", {"9": {"first_name": "Mari", "last_name": "Malli", "email": "m@example.com"}})
    registry.reconcile()
    consent(registry, "school:9", "granted")
    for kind, fields in (("objection", {"scope": SCOPE}), ("restriction", {})):
        declare(registry, "salon:1", kind, **fields)
    consent(registry, "salon:1", "withdrawn")
    granted = consent(registry, "salon:1", "granted", channel="sms")
    registry.decide("same", "salon:1", "school:9")
    assert state(registry, "school:9", "sms") == "granted"
    registry.vanish("salon", "1")
    registry.reconcile()
    left = shown(registry, "school:9")
    assert (left["objections"], left["restricted"], left["marketing"]["email"]) == ([SCOPE], True, "withdrawn")
    assert state(registry, "school:9", "sms") == "unknown", f"grant {granted} goes with its record"
    settled(registry)


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_whom_it_reaches_by_a_contact_that_came_later_is_published_at_once(registry: Registry, how: str) -> None:
    """Another record that has that contact, apart from the first: it neither came nor changed."""
    registry.grantees = {"school": "controller"}
    registry.land("salon", {"1": {**MAIJA, "phone": PHONE}})
    registry.land("school", {"9": {"last_name": "Testaaja", "email": MAIL, "email_marketing": True}})
    registry.reconcile()
    consent(registry, "salon:1", "withdrawn")
    registry.land("salon", {"1": {"last_name": "Testaaja", "phone": PHONE, "email": MAIL}})
    registry.decide("different", "salon:1", "school:9")
    assert state(registry, "school:9", "email") == "granted"
    if how == "gone":
        registry.vanish("salon", "1")
    else:
        registry.land("salon", {"1": {**MAIJA, "phone": PHONE, "email": OTHER}})
    registry.reconcile()
    assert state(registry, "school:9", "email") == "withdrawn"
    settled(registry)


def test_whom_a_flags_withdrawal_reaches_is_published_at_once(registry: Registry) -> None:
    """It becomes a declaration as its record goes, and so reaches who else has the contact."""
    registry.grantees = {"salon": "controller", "school": "controller"}
    registry.land("salon", {"1": {**MAIJA, "email": MAIL, "email_marketing": True}})
    registry.land("school", {"9": {"last_name": "Toinen", "email": MAIL, "email_marketing": True}})
    registry.reconcile()
    registry.decide("different", "salon:1", "school:9")
    registry.land("salon", {"1": {**MAIJA, "email": MAIL, "email_marketing": False}})
    registry.reconcile()
    assert state(registry, "school:9", "email") == "granted"
    registry.vanish("salon", "1")
    registry.reconcile()
    assert state(registry, "school:9", "email") == "withdrawn"
    settled(registry)


def test_what_was_lifted_is_carried_nowhere(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.land("school", {"9": {"first_name": "Mari", "last_name": "Malli", "email": "m@example.com"}})
    registry.reconcile()
    lift(registry, declare(registry, "salon:1", "objection", scope=SCOPE))
    registry.decide("same", "salon:1", "school:9")
    registry.vanish("salon", "1")
    registry.reconcile()
    assert shown(registry, "school:9")["objections"] == []


@pytest.mark.parametrize("first", ["M.", "m", "", None])
def test_it_reaches_who_has_the_contact_and_an_initial_or_no_first_name(registry: Registry, first: str | None) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    declare(registry, "salon:1", "objection", scope=SCOPE)
    consent(registry, "salon:1", "granted")
    registry.land("school", {"9": {"first_name": first, "last_name": "Testaaja", "email": MAIL}})
    registry.reconcile()
    assert shown(registry, "school:9")["objections"] == [SCOPE]
    settled(registry)


def test_it_does_not_reach_another_first_name_on_the_contact(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "phone": PHONE}})
    registry.land("salon", {"2": {"first_name": "Veikko", "last_name": "Testaaja", "phone": PHONE}})
    registry.land("salon", {"3": {"first_name": "V.", "last_name": "Testaaja", "phone": PHONE}})
    registry.reconcile()
    declare(registry, "salon:1", "objection", scope=SCOPE)
    assert shown(registry, "salon:2")["objections"] == shown(registry, "salon:3")["objections"] == []


@pytest.mark.parametrize("kind", ["objection", "restriction", "consent"])
def test_no_message_reaches_a_phone_whose_owner_said_no_and_left(registry: Registry, kind: str) -> None:
    registry.land("salon", {"1": {**MAIJA, "phone": PHONE}})
    registry.land("salon", {"2": {"first_name": "Veikko", "last_name": "Testaaja", "phone": PHONE}})
    registry.reconcile()
    consent(registry, "salon:2", "granted", channel="sms")
    assert reached_by_text(registry) == {PHONE}
    if kind == "consent":
        said = consent(registry, "salon:1", "withdrawn", channel="sms")
    else:
        said = declare(registry, "salon:1", kind, scope=SCOPE if kind == "objection" else None)
    assert reached_by_text(registry) == set()
    registry.vanish("salon", "1")
    registry.reconcile()
    assert reached_by_text(registry) == set()
    registry.land("salon", {"3": {**MAIJA, "phone": PHONE}})
    registry.reconcile()
    lift(registry, said)
    assert reached_by_text(registry) == {PHONE}


@pytest.mark.parametrize("kind", ["objection", "restriction", "consent"])
@pytest.mark.parametrize("leaves", ["record", "contact"])
def test_no_message_reaches_a_phone_whose_owner_said_no_and_is_known_elsewhere(
    registry: Registry, kind: str, leaves: str
) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL, "phone": PHONE}})
    registry.land("salon", {"2": {"first_name": "Veikko", "last_name": "Testaaja", "phone": PHONE}})
    registry.land("school", {"9": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    consent(registry, "salon:2", "granted", channel="sms")
    if kind == "consent":
        said = consent(registry, "salon:1", "withdrawn", channel="sms")
    else:
        said = declare(registry, "salon:1", kind, scope=SCOPE if kind == "objection" else None)
    if leaves == "record":
        registry.vanish("salon", "1")
    else:
        registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    assert reached_by_text(registry) == set()
    lift(registry, said)
    assert reached_by_text(registry) == {PHONE}


def test_a_phone_is_free_again_once_its_owner_consents(registry: Registry) -> None:
    registry.land("salon", {"1": {**MAIJA, "email": MAIL, "phone": PHONE}})
    registry.land("salon", {"2": {"first_name": "Veikko", "last_name": "Testaaja", "phone": PHONE}})
    registry.reconcile()
    consent(registry, "salon:2", "granted", channel="sms")
    consent(registry, "salon:1", "withdrawn", channel="sms", days_ago=1)
    registry.land("salon", {"1": {**MAIJA, "email": MAIL}})
    registry.reconcile()
    assert reached_by_text(registry) == set()
    consent(registry, "salon:1", "granted", channel="sms")
    assert reached_by_text(registry) == {PHONE}


def test_a_withdrawal_that_a_flag_showed_stays_when_its_record_leaves(registry: Registry) -> None:
    registry.grantees = {"salon": "controller", "school": "controller"}
    ticked = {**MAIJA, "email": MAIL, "email_marketing": True}
    registry.land("salon", {"1": ticked})
    registry.land("school", {"9": ticked})
    registry.reconcile()
    assert state(registry, "school:9") == "granted"
    registry.land("salon", {"1": {**ticked, "email_marketing": False}})
    for _ in range(2):
        registry.vanish("salon", "1")
        registry.reconcile()
        assert state(registry, "school:9") == "withdrawn", "the school's flag says yes still"
        settled(registry)
        registry.land("salon", {"1": {**ticked, "email_marketing": False}})
        registry.reconcile()
    with reading(registry.engine) as connection:
        assert len(declarations.all_of(connection, "consent")) == 1, "each is written down once"
    registry.land("school", {"9": ticked}, deleted=["9"])
    registry.vanish("salon", "1")
    registry.land("reseller", {"5": {**ticked, "first_name": "M."}})
    registry.reconcile()
    assert state(registry, "reseller:5") == "withdrawn", "whoever comes with the contact and may be she"
    consent(registry, "reseller:5", "granted")
    assert state(registry, "reseller:5") == "granted"


def test_a_flag_that_was_never_a_yes_leaves_no_withdrawal(registry: Registry) -> None:
    registry.grantees = {"salon": "controller", "school": "controller"}
    registry.land("salon", {"1": {**MAIJA, "email": MAIL, "email_marketing": False}})
    registry.land("school", {"9": {**MAIJA, "email": MAIL, "email_marketing": True}})
    registry.reconcile()
    registry.vanish("salon", "1")
    registry.reconcile()
    assert state(registry, "school:9") == "granted"
