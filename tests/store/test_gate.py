"""What bears on a use, read at once for everybody, and the direct-marketing register, on both databases."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from store import declarations, direct_marketing, gate
from store.declarations import Declared
from store.direct_marketing import Entry, Move
from store.engine import reading, writing
from store.ids import new_id
from store.tables import CustomerAlias, Declaration, DeclarationContact, DeclarationRecord, table
from tests.store.test_decisions import birth_of, id_of
from tests.sync.declaring import consent, declare, lift
from tests.sync.engine import START, Registry
from tests.trying import examples

PHONE, MAIL = "+358400000101", "perhe@example.com"


@pytest.fixture
def family(registry: Registry) -> Registry:
    """Maija, Onni and Aino on one phone, the first two with one address too; Maija at the salon and the school."""
    people(registry)
    return registry


def people(registry: Registry) -> None:
    registry.land(
        "salon",
        {
            "maija": {"first_name": "Maija", "last_name": "Perhe", "phone": PHONE, "email": MAIL},
            "onni": {"first_name": "Onni", "last_name": "Perhe", "phone": PHONE, "email": MAIL},
            "aino": {"first_name": "Aino", "last_name": "Perhe", "phone": PHONE},
        },
    )
    registry.land("school", {"maija": {"first_name": "Maija", "last_name": "Perhe", "email": MAIL}})
    registry.reconcile()


def refusing(registry: Registry, channel: str = "sms", brand: str | None = "artsport") -> set[str]:
    """Records of the salon whose customers a declared no reaches."""
    with reading(registry.engine) as connection:
        found = gate.refusing(connection, channel, brand)
    return {name for name in ("maija", "onni", "aino") if registry.customer_of(f"salon:{name}") in found}


def test_published_consents_and_contacts_are_read_for_everybody(family: Registry) -> None:
    consent(family, "salon:maija", "granted", brand="artsport")
    consent(family, "salon:onni", "refused")
    family.land("reseller", {"maija": {"first_name": "Maija", "email": "maija@example.com", "phone": PHONE}})
    family.reconcile()
    maija, onni, aino = (family.customer_of(f"salon:{name}") for name in ("maija", "onni", "aino"))
    with reading(family.engine) as connection:
        assert gate.customers(connection) == sorted((maija, onni, aino))
        of_brand = gate.published(connection, "email", "artsport")
        other = gate.published(connection, "email", "hieromo")
        overall = gate.published(connection, "email", None)
        sms = gate.published(connection, "sms", "artsport")
    assert of_brand.states == overall.states == {maija: "granted", onni: "refused"}
    assert other.states.get(maija) is None
    assert of_brand.first == {maija: f'"{MAIL}"', onni: f'"{MAIL}"'}
    assert of_brand.further == {maija: ['"maija@example.com"']}
    assert (sms.states, set(sms.first), sms.further) == ({}, {maija, onni, aino}, {})


def test_names_and_consents_tell_since_when_and_by_what(registry: Registry) -> None:
    registry.grantees = {"salon": "controller"}
    registry.land("salon", {"1": {"first_name": "Maija", "last_name": "Malli", "email_marketing": True}})
    registry.land("salon", {"2": {"email": MAIL}})
    registry.reconcile()
    consent(registry, "salon:2", "granted", days_ago=3)
    first, second = registry.customer_of("salon:1"), registry.customer_of("salon:2")
    with reading(registry.engine) as connection:
        assert gate.names(connection, [first, second]) == {first: "Maija Malli"}
        found = gate.consents(connection, [first, second], "email", "artsport")
    assert {id_: source for id_, (_, source) in found.items()} == {first: "salon", second: "declared"}
    assert (registry.clock - found[second][0]).days == 3


def test_a_declared_no_reaches_who_said_it_and_no_other_on_the_contact(family: Registry) -> None:
    consent(family, "salon:onni", "refused", channel="sms")
    assert refusing(family) == {"onni"}
    assert refusing(family, "email") == set()


@pytest.mark.parametrize(
    ("brand", "asked", "reached"),
    [(None, "artsport", True), ("artsport", "artsport", True), ("hieromo", "artsport", False), ("hieromo", None, True)],
)
def test_a_no_to_one_brand_is_none_to_another(
    light_registry: Registry, brand: str | None, asked: str | None, reached: bool
) -> None:
    people(light_registry)
    consent(light_registry, "salon:onni", "withdrawn", channel="sms", brand=brand)
    assert refusing(light_registry, brand=asked) == ({"onni"} if reached else set())


def test_a_no_that_was_lifted_and_a_yes_reach_nobody(family: Registry) -> None:
    lift(family, consent(family, "salon:onni", "refused", channel="sms"))
    consent(family, "salon:aino", "granted", channel="sms")
    assert refusing(family) == set()


def test_a_no_reaches_a_record_that_comes_anew_with_the_contact_and_first_name(family: Registry) -> None:
    consent(family, "salon:onni", "refused", channel="sms")
    family.vanish("salon", "onni")
    family.land("reseller", {"9": {"first_name": "Onni", "last_name": "Toinen", "phone": PHONE}})
    family.reconcile()
    with reading(family.engine) as connection:
        assert gate.refusing(connection, "sms", None) == {family.customer_of("reseller:9")}


ACTS = st.tuples(
    st.sampled_from(["salon:maija", "salon:onni", "salon:aino", "school:maija"]),
    st.one_of(
        st.fixed_dictionaries({
            "kind": st.just("consent"),
            "state": st.sampled_from(["granted", "refused", "withdrawn"]),
            "channel": st.sampled_from(["email", "sms"]),
            "brand": st.sampled_from([None, "artsport", "hieromo"]),
        }),
        st.fixed_dictionaries({
            "kind": st.just("objection"), "scope": st.sampled_from(["genealogy", "direct_advertising"])
        }),
        st.just({"kind": "restriction"}),
    ),
    st.booleans(),
)  # fmt: skip


def says_no(one: Declared, channel: str, brand: str | None) -> bool:
    said = one.said
    mine = said.channel == channel and said.state in ("refused", "withdrawn") and one.lifted_at is None
    return mine and (brand is None or said.brand in (None, brand))


@settings(
    max_examples=examples(10, 500), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=st.lists(ACTS, max_size=5), channel=st.sampled_from(["email", "sms"]), apart=st.booleans())
@pytest.mark.parametrize("brand", [None, "artsport"])
def test_what_is_declared_reaches_whom_declarations_reach(
    light_registry: Registry, brand: str | None, acts: list[Any], channel: str, apart: bool
) -> None:
    registry = light_registry
    if not registry.customers():
        people(registry)
    with writing(registry.engine) as connection:
        for model in (DeclarationContact, DeclarationRecord, Declaration):
            connection.execute(delete(table(model)))
    for record, said, lifted in acts:
        id_ = declare(registry, record, **said)
        if lifted:
            lift(registry, id_)
    decision = registry.decide("different", "salon:maija", "school:maija") if apart else None
    with reading(registry.engine) as connection:
        noes = [one for one in declarations.all_of(connection, "consent") if says_no(one, channel, brand)]
        reached = declarations.customers_reached(connection, noes)
        found = gate.refusing(connection, channel, brand)
        one_by_one, at_once = declarations.reserved(connection), gate.reserved(connection)
    if decision:
        registry.undo(decision)
    assert found == set().union(*reached.values())
    assert at_once == one_by_one


def test_objections_and_restrictions_are_read_at_once(family: Registry) -> None:
    declare(family, "salon:maija", "objection", scope="genealogy")
    declare(family, "salon:maija", "objection", scope="distance_selling")
    lift(family, declare(family, "salon:onni", "objection", scope="genealogy"))
    declare(family, "salon:aino", "restriction")
    with reading(family.engine) as connection:
        found = gate.reserved(connection)
    assert found.objections == {family.customer_of("salon:maija"): {"genealogy", "distance_selling"}}
    assert found.restricted == {family.customer_of("salon:aino")}


def moved(registry: Registry, record: str, brand: str | None = None) -> int:
    """Move somebody with this record; the entry's id."""
    how = Move(date(2025, 12, 31), "moved away", brand, "tester", registry.clock)
    with writing(registry.engine) as connection:
        return direct_marketing.enter(connection, id_of(registry, record), how)


def entries(registry: Registry) -> list[Entry]:
    with reading(registry.engine) as connection:
        return direct_marketing.entries(connection)


def test_an_entry_says_all_about_the_move_and_about_the_leaving(family: Registry) -> None:
    id_ = moved(family, "salon:onni", "hieromo")
    (entry,) = entries(family)
    assert (entry.id, entry.customer_id, entry.brand) == (id_, family.customer_of("salon:onni"), "hieromo")
    assert (entry.relationship_ended_on, entry.reason, entry.entered_by) == (date(2025, 12, 31), "moved away", "tester")
    assert (entry.in_force, entry.ended) == (True, True)
    with writing(family.engine) as connection:
        direct_marketing.leave(connection, [id_], "long ago", "other", family.clock)
        direct_marketing.leave(connection, [id_], "again", "nobody", family.clock)
    (entry,) = entries(family)
    assert (entry.in_force, entry.ended, entry.left_by, entry.left_reason) == (False, True, "other", "long ago")
    with writing(family.engine) as connection:
        direct_marketing.resume(connection, [id_], date(2026, 1, 1))
    (entry,) = entries(family)
    assert (entry.in_force, entry.ended, entry.resumed_on) == (False, False, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("of", "asked", "covered"),
    [(None, None, True), (None, "artsport", True), ("artsport", "artsport", True), ("artsport", "hieromo", False),
     ("artsport", None, False)],
)  # fmt: skip
def test_an_entry_covers_its_brand_or_all(
    light_registry: Registry, of: str | None, asked: str | None, covered: bool
) -> None:
    people(light_registry)
    moved(light_registry, "salon:onni", of)
    assert [entry.covers(asked) for entry in entries(light_registry)] == [covered]


def test_an_entry_goes_with_its_record_through_merge_and_split(family: Registry) -> None:
    moved(family, "salon:onni")
    decision = family.decide("same", "salon:maija", "salon:onni")
    assert entries(family)[0].customer_id == family.customer_of("salon:maija")
    family.undo(decision)
    (entry,) = entries(family)
    assert entry.customer_id == family.customer_of("salon:onni") != family.customer_of("salon:maija")
    with reading(family.engine) as connection:
        assert direct_marketing.of_customer(connection, family.customer_of("salon:maija")) == []
        assert direct_marketing.of_customer(connection, family.customer_of("salon:onni")) == [entry]


def test_an_entry_whose_record_is_gone_follows_the_customer(family: Registry) -> None:
    moved(family, "salon:maija")
    moved(family, "salon:aino")
    family.vanish("salon", "maija")
    family.vanish("salon", "aino")
    family.reconcile()
    assert [entry.customer_id for entry in entries(family)] == [family.customer_of("school:maija"), None]


def test_an_entry_whose_ids_lead_in_a_circle_is_nobodys(family: Registry) -> None:
    moved(family, "salon:aino")
    birth, other = birth_of(family, "salon:aino"), new_id(START)
    family.vanish("salon", "aino")
    family.reconcile()
    with writing(family.engine) as connection:
        rows = [{"old_id": birth, "new_id": other}, {"old_id": other, "new_id": birth}]
        connection.execute(table(CustomerAlias).insert(), rows)
    assert [entry.customer_id for entry in entries(family)] == [None]


def test_the_words_of_other_rooms_are_the_gates() -> None:
    from sync.reconcile import consent as published

    assert gate.DECLARED == published.BY_DECLARATION
    assert tuple(gate.CONTACTS) == published.CHANNELS
    assert gate.consent_field("sms", None) == f"{published.FIELD}.sms"
