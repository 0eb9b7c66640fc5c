"""A record for each brand and channel tells the published state, and the events that led to it."""

import pytest

from privacy.consents import ConsentRecord, Parties, consent_records, flag_state, shown
from store.consents import BATCH, Consenting, consents_of, every
from store.engine import reading
from store.times import stamp
from tests.sync.declaring import consent, declare, lift
from tests.sync.engine import Registry

MAIL = "a@example.com"
BRANDS = ("hieromo", "artsport")


def parties(registry: Registry) -> Parties:
    return Parties("hieromo", BRANDS, registry.grantees)


def held(registry: Registry, record: str = "salon:1") -> Consenting:
    with reading(registry.engine) as connection:
        found = consents_of(connection, registry.customer_of(record))
    assert found
    return found


def one(registry: Registry, record: str = "salon:1", brand: str = "artsport", channel: str = "email") -> ConsentRecord:
    records = consent_records(held(registry, record), parties(registry))
    (found,) = [each for each in records if (each.brand, each.channel) == (brand, channel)]
    return found


def land(registry: Registry, flag: bool | None, source: str = "salon") -> None:
    """The records of these registries are ArtSport's."""
    registry.land(source, {"1": {"first_name": "Maija", "email": MAIL, "email_marketing": flag}})
    registry.reconcile()


def told(record: ConsentRecord) -> list[tuple[str, str, bool]]:
    return [(event.origin, event.state, event.in_force) for event in record.events]


def test_each_brand_and_channel_has_a_record_and_what_nobody_said_is_unknown(registry: Registry) -> None:
    land(registry, None)
    records = consent_records(held(registry), parties(registry))
    assert [(each.controller, each.brand, each.channel, each.term) for each in records] == [
        ("hieromo", brand, channel, "dpv:ConsentUnknown") for brand in BRANDS for channel in ("email", "sms")
    ]
    assert all(each.standing is None for each in records)


def test_a_declaration_is_told_where_it_counts_with_all_that_proves_it(registry: Registry) -> None:
    land(registry, None)
    id_ = consent(registry, "salon:1", "granted", brand="artsport", evidence="binder 3")
    record = one(registry)
    assert (record.state, record.term) == ("granted", "dpv:ConsentGiven")
    (event,) = record.events
    assert event is record.standing
    assert (event.declaration, event.method, event.evidence) == (id_, "paper form", "binder 3")
    assert (event.grantee, event.notice_version, event.recorded_by) == ("hieromo", "2021-03-22", "tester")
    assert one(registry, brand="hieromo").events == one(registry, channel="sms").events == []


def test_what_is_declared_for_all_brands_is_told_for_each(registry: Registry) -> None:
    land(registry, None)
    consent(registry, "salon:1", "withdrawn", channel="sms")
    for brand in BRANDS:
        assert told(one(registry, brand=brand, channel="sms")) == [("declared", "withdrawn", True)]
    assert one(registry, channel="sms").state == "withdrawn"


def test_a_flag_of_nobody_knows_whose_permission_says_nothing_but_that_a_yes_was_taken_back(registry: Registry) -> None:
    land(registry, True)
    record = one(registry)
    (event,) = record.events
    assert (record.state, event.state, event.said, event.grantee) == ("unknown", "unknown", "yes", "unknown")
    assert (event.method, event.holding and event.holding.name) == ("platform flag", "salon:1")
    land(registry, False)
    record = one(registry)
    assert told(record) == [("flag", "unknown", False), ("flag", "withdrawn", True)]
    assert (record.state, record.standing) == ("withdrawn", record.events[-1])


def test_a_yes_to_the_controller_is_of_the_records_brand_and_a_no_of_every_brand(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    land(registry, True)
    assert one(registry).events[0].grantee == "hieromo"
    assert (one(registry).state, one(registry, brand="hieromo").events) == ("granted", [])
    land(registry, False)
    assert told(one(registry))[-1] == told(one(registry, brand="hieromo"))[-1] == ("flag", "withdrawn", True)


def test_the_state_is_due_to_the_strictest_not_to_the_last(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    land(registry, True)
    land(registry, False)
    consent(registry, "salon:1", "granted", evidence=None)
    record = one(registry)
    assert [state for _, state, _ in told(record)] == ["granted", "withdrawn", "granted"]
    assert (record.state, record.standing) == ("withdrawn", record.events[1])


def test_what_is_lifted_stays_to_be_seen_and_bears_nothing(registry: Registry) -> None:
    land(registry, None)
    lift(registry, consent(registry, "salon:1", "refused"))
    record = one(registry)
    (event,) = record.events
    assert (record.state, event.state, event.in_force) == ("unknown", "refused", False)
    assert event.lifted_at is not None


def test_a_grant_of_one_who_was_split_off_bears_nothing_for_the_other(registry: Registry) -> None:
    land(registry, None)
    land(registry, None, "school")
    assert registry.customer_of("salon:1") == registry.customer_of("school:1")
    consent(registry, "salon:1", "granted")
    registry.split(registry.customer_of("salon:1"), "school:1")
    other = one(registry, "school:1")
    assert (one(registry).state, other.state, other.standing) == ("granted", "unknown", None)
    assert told(other) == [("declared", "granted", False)]


def test_objections_and_restrictions_are_told_with_the_consents(registry: Registry) -> None:
    land(registry, None)
    declare(registry, "salon:1", "objection", scope="direct_advertising")
    lift(registry, declare(registry, "salon:1", "restriction", reason="contested"))
    consenting = held(registry)
    document = shown(consenting, consent_records(consenting, parties(registry)))
    (objection,), (restriction,) = document["objections"], document["restrictions"]
    assert (objection["scope"], objection["lifted_at"]) == ("direct_advertising", None)
    assert (restriction["reason"], restriction["lifted_at"]) == ("contested", stamp(registry.clock))


def test_everybody_is_read_once_whatever_the_batches_and_each_with_their_own(registry: Registry) -> None:
    people = {
        str(n): {"first_name": "Testi", "phone": f"+35840{n:07}", "sms_marketing": n % 2 == 0} for n in range(BATCH + 3)
    }
    registry.land("salon", people)
    registry.reconcile()
    consent(registry, "salon:7", "refused")
    with reading(registry.engine) as connection:
        found = list(every(connection))
    assert [each.customer_id for each in found] == sorted(registry.customers())
    assert all(len(each.records) == len(each.flags) == 1 for each in found)
    assert [next(iter(each.records.values())).name for each in found if each.declared] == ["salon:7"]


@pytest.mark.parametrize(
    ("value", "before", "ours", "state"),
    [
        (None, True, True, "unknown"),
        (True, None, True, "granted"),
        (True, None, False, "unknown"),
        (False, None, True, "refused"),
        (False, None, False, "unknown"),
        (False, True, False, "withdrawn"),
        (True, False, True, "granted"),
    ],
)
def test_a_flags_value_by_itself(value: bool | None, before: bool | None, ours: bool, state: str) -> None:
    assert flag_state(value, before, ours=ours) == state
