"""The gate's rules alone: nobody passes whom a rule stops, each is counted once under the first that holds."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from config.register import load_register
from privacy.gate import (
    DIRECT_MARKETING,
    OF_A_CHANNEL,
    SCOPES,
    STOPPED_BY,
    WORDS,
    Contact,
    Judged,
    Known,
    Reason,
    Use,
    hindrance,
    judge,
)
from privacy.uses import use_for

REGISTER = load_register(None)
MARKETING = use_for(REGISTER, "communication_and_marketing", channel="email", brand="hieromo")
SHARED = Contact("Perhe@example.com", "perhe@example.com")


def known(*customers: str, contacts: Mapping[str, tuple[Contact, ...]] | None = None, **fields: object) -> Known:
    """Customers who all consent and have a contact of their own, but for what is said."""
    usual = {
        "objections": {},
        "states": dict.fromkeys(customers, "granted"),
        "contacts": {id_: (Contact(id_, id_),) for id_ in customers} | dict(contacts or {}),
    }
    return Known(customers=customers, **{**usual, **fields})  # type: ignore[arg-type]


def reason(found: Judged, customer: str = "a") -> str:
    return found.dropped[customer].value if customer in found.dropped else "passed"


def test_who_consents_and_has_an_address_passes_with_it() -> None:
    found = judge(MARKETING, known("a"))
    assert (found.passed, found.dropped) == ({"a": (Contact("a", "a"),)}, {})
    assert found.counts == dict.fromkeys(Reason, 0)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_an_objection_stops_what_its_scope_covers(scope: str) -> None:
    found = judge(MARKETING, known("a", objections={"a": {scope}}))
    assert reason(found) == ("objected" if scope in DIRECT_MARKETING else "passed")


@pytest.mark.parametrize("state", ["withdrawn", "refused", "unknown", "never heard of", None])
def test_nothing_but_a_grant_is_consent(state: str | None) -> None:
    found = judge(MARKETING, known("a", states={"a": state} if state else {}))
    assert reason(found) == (state if state in ("withdrawn", "refused") else "unknown")


def test_each_is_counted_under_the_first_reason_that_holds() -> None:
    people = known(
        *"abcdefgh",
        restricted={"a"},
        objections={"a": {"direct_advertising"}, "b": {"other_direct_marketing"}},
        ended={"a", "b", "c", "d"},
        moved={"d"},
        states={"c": "withdrawn", "e": "withdrawn", "f": "refused", "h": "granted"},
        contacts={"h": ()},
    )
    found = judge(MARKETING, people)
    assert {id_: reason(found, id_) for id_ in "abcdefgh"} == {
        "a": "restricted", "b": "objected", "c": "relationship_ended", "d": "unknown", "e": "withdrawn",
        "f": "refused", "g": "unknown", "h": "no_contact",
    }  # fmt: skip
    assert found.counts[Reason.UNKNOWN] == 2


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        ({"states": {"a": "granted", "b": "withdrawn"}}, "contact_withdrawn_by_other"),
        ({"states": {"a": "granted", "b": "refused"}, "refusing": {"b"}}, "contact_withdrawn_by_other"),
        ({"states": {"a": "granted", "b": "refused"}}, "passed"),
        ({"states": {"a": "granted", "b": "granted"}, "refusing": {"b"}}, "passed"),
        ({"states": {"a": "granted"}}, "passed"),
        ({"objections": {"b": {"distance_selling"}}}, "contact_withdrawn_by_other"),
        ({"objections": {"b": {"genealogy"}}}, "passed"),
    ],
)
def test_a_message_does_not_reach_another_who_said_no(other: dict[str, object], outcome: str) -> None:
    mine = Contact("PERHE@example.com", SHARED.reaches)
    found = judge(MARKETING, known("a", "b", contacts={"a": (mine,), "b": (SHARED,)}, **other))
    assert reason(found) == outcome


def test_of_several_contacts_those_stay_that_are_nobody_elses() -> None:
    own = Contact("a@example.com", "a@example.com")
    people = known("a", "b", contacts={"a": (SHARED, own), "b": (SHARED,)}, states={"a": "granted", "b": "withdrawn"})
    assert judge(MARKETING, people).passed == {"a": (own,)}


def test_a_use_that_writes_to_nobody_asks_for_no_consent_but_for_objections() -> None:
    use = use_for(REGISTER, "analysis")
    found = judge(use, known(*"abc", states={}, restricted={"b"}, objections={"c": {"direct_advertising"}}))
    assert (set(found.passed), found.passed["a"]) == ({"a"}, ())
    assert set(found.counts) == set(Reason) - set(OF_A_CHANNEL)


def test_the_end_of_a_relationship_stops_marketing_alone() -> None:
    people = known("a", ended={"a"})
    assert reason(judge(use_for(REGISTER, "refunds_and_claims"), people)) == "passed"
    assert reason(judge(use_for(REGISTER, "communication_and_marketing"), people)) == "relationship_ended"


@pytest.mark.parametrize(
    ("purpose", "scopes"),
    [
        ("service", frozenset()),
        ("customer_relationship", frozenset()),
        ("communication_and_marketing", DIRECT_MARKETING),
        ("feedback", frozenset()),
        ("refunds_and_claims", frozenset()),
        ("analysis", DIRECT_MARKETING),
        ("channel_statistics", DIRECT_MARKETING),
        ("register_upkeep", frozenset()),
    ],
)
def test_every_purpose_of_the_shipped_register_is_stopped_by_its_scopes(purpose: str, scopes: frozenset[str]) -> None:
    assert use_for(REGISTER, purpose).scopes == scopes
    assert use_for(REGISTER, purpose, channel="sms").scopes == scopes | DIRECT_MARKETING
    assert {term for one in REGISTER.purposes.values() for term in one.terms} <= set(STOPPED_BY)


@pytest.mark.parametrize(
    ("term", "scopes"),
    [
        ("own:MarketResearch", {"market_opinion_research"}),
        ("own:PersonalDirectory", {"personal_directory"}),
        ("own:Genealogy", {"genealogy"}),
        ("dpv:SellDataToThirdParties", SCOPES),
        ("unknown", SCOPES),
    ],
)
def test_a_purpose_that_nobody_has_looked_at_is_stopped_by_every_scope(term: str, scopes: set[str]) -> None:
    purpose = REGISTER.purposes["service"].model_copy(update={"terms": (term,)})
    register = REGISTER.model_copy(update={"purposes": {"mine": purpose}})
    assert use_for(register, "mine").scopes == scopes


def test_unknown_purposes_and_brands_are_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"--brand: .* did you mean hieromo\?"):
        use_for(REGISTER, "analysis", brand="hieromoo")
    with pytest.raises(ConfigError, match=r"--purpose: .* did you mean analysis\?"):
        use_for(REGISTER, "analyses")


def test_what_a_person_set_against_a_use_counts_without_a_channel_too() -> None:
    use = use_for(REGISTER, "communication_and_marketing")
    assert hindrance(use, True, ["direct_advertising"]) is Reason.RESTRICTED
    assert hindrance(use, False, ["genealogy", "direct_advertising"]) is Reason.OBJECTED
    assert hindrance(use, False, ["genealogy"]) is hindrance(use, False, []) is None


IDS = "abcdef"
SOME = st.frozensets(st.sampled_from(IDS))
CONTACTS = st.lists(st.builds(Contact, st.text(max_size=2), st.sampled_from("xyz")), max_size=2)
PEOPLE = st.builds(
    Known,
    customers=st.just(IDS),
    restricted=SOME,
    objections=st.dictionaries(st.sampled_from(IDS), st.frozensets(st.sampled_from(sorted(SCOPES)))),
    ended=SOME,
    moved=SOME,
    states=st.dictionaries(st.sampled_from(IDS), st.sampled_from(["granted"] * 6 + ["refused", "withdrawn"])),
    refusing=SOME,
    contacts=st.dictionaries(st.sampled_from(IDS), CONTACTS),
)
USES = st.builds(Use, st.just("any"), st.frozensets(st.sampled_from(sorted(SCOPES))), st.just(None)) | st.builds(
    lambda scopes, channel: Use("any", scopes | DIRECT_MARKETING, channel),
    st.frozensets(st.sampled_from(sorted(SCOPES))),
    st.sampled_from(["email", "sms"]),
)


def holds(use: Use, people: Known, one: str) -> dict[str, bool]:
    """Every reason, and whether it holds, each by itself and without regard to the others."""
    marketing = any(scope in use.scopes for scope in DIRECT_MARKETING)
    writes, state = use.channel is not None, people.states.get(one, "unknown")

    def says_no(other: str) -> bool:
        theirs = people.states.get(other)
        objects = bool(DIRECT_MARKETING & set(people.objections.get(other, ())))
        return objects or theirs == "withdrawn" or (theirs == "refused" and other in people.refusing)

    def reached(customer: str) -> set[str]:
        return {contact.reaches for contact in people.contacts.get(customer, ())}

    noes = set().union(*(reached(other) for other in IDS if other != one and says_no(other)))
    return {
        "restricted": one in people.restricted,
        "objected": not use.scopes.isdisjoint(people.objections.get(one, ())),
        "relationship_ended": marketing and one in people.ended and one not in people.moved,
        "withdrawn": writes and state == "withdrawn",
        "refused": writes and state == "refused",
        "unknown": writes and state == "unknown",
        "contact_withdrawn_by_other": writes and bool(reached(one)) and reached(one) <= noes,
        "no_contact": writes and not reached(one),
    }


@given(USES, PEOPLE)
def test_nobody_passes_whom_a_rule_stops_and_the_counts_add_up(use: Use, people: Known) -> None:
    found = judge(use, people)
    expected = {one: [name for name, true in holds(use, people, one).items() if true] for one in IDS}
    assert set(found.passed) == {one for one in IDS if not expected[one]}
    assert {one: [why.value] for one, why in found.dropped.items()} == {
        one: names[:1] for one, names in expected.items() if names
    }
    assert len(found.passed) + sum(found.counts.values()) == len(IDS)
    withdrawn = {one for one, state in people.states.items() if state == "withdrawn"}
    theirs = {contact.reaches for one in withdrawn for contact in people.contacts.get(one, ())}
    assert theirs.isdisjoint(contact.reaches for contacts in found.passed.values() for contact in contacts)


def test_every_reason_is_said_in_words_of_its_own() -> None:
    assert list(WORDS) == list(Reason)
    assert len(set(WORDS.values())) == len(Reason)
