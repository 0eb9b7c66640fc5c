"""Who is one person: doubt waits for a person, and a name alone joins nobody (invariant 8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.judge import Outcome, judge
from sync.reconcile.names import FirstNames, Name, compare_first_names, folded_name
from tests.sync.reconcile.test_names import names

EMAIL, PHONE = frozenset({"email"}), frozenset({"phone"})
BOTH = EMAIL | PHONE
contacts = st.sampled_from((EMAIL, PHONE, BOTH))


def name(text: str) -> Name:
    first, _, last = text.partition("/")
    return folded_name(None, first, last)


@pytest.mark.parametrize("shared", [EMAIL, PHONE, BOTH], ids=["e-mail", "phone", "both"])
@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("Maija/Testaaja", "Maija/Testaaja", Outcome.JOIN),
        ("Maija/Testaaja", "MAIJA/Äijälä", Outcome.JOIN),
        ("Maija", "Maija/Testaaja", Outcome.JOIN),
        ("Raimo/Testaaja", "Raino/Testaaja", Outcome.REVIEW),
        ("Anna-Liisa/Testaaja", "Liisa/Testaaja", Outcome.REVIEW),
        ("Ville/Testaaja", "Vilhelm/Testaaja", Outcome.REVIEW),
        ("Maija/Onni", "Onni/Maija", Outcome.REVIEW),
        ("/Testaaja", "Maija/Testaaja", Outcome.REVIEW),
        ("", "", Outcome.REVIEW),
        ("Maija/Testaaja", "Onni/Testaaja", Outcome.APART),
        ("Maija/Testaaja", "Onni/Äijälä", Outcome.APART),
    ],
)
def test_one_contact_and_two_names(shared: frozenset[str], a: str, b: str, outcome: Outcome) -> None:
    verdict = judge(name(a), name(b), shared)
    assert verdict.outcome is outcome
    assert ("perhaps a family" in verdict.reasons) == (outcome is Outcome.APART)


def test_a_verdict_says_all_its_reasons_and_its_contacts() -> None:
    verdict = judge(name("Maija/Testaaja"), name("Maija/Äijälä"), BOTH)
    assert verdict.reasons == ("same e-mail", "same phone", "first names agree", "last names differ")
    assert (verdict.method, verdict.score) == ("email+phone", 18.5)
    verdict = judge(name("Ville/Testaaja"), name("Vilhelm/Testaaja"), PHONE)
    assert verdict.reasons == ("same phone", "one first name is a short form of the other", "last names agree")
    assert (verdict.method, verdict.score) == ("phone", 10.5)


def test_swapped_names_are_not_also_said_to_differ() -> None:
    verdict = judge(name("Maija/Onni"), name("Onni/Maija"), EMAIL)
    assert verdict.reasons == ("same e-mail", "first and last name are swapped")
    assert verdict.score == 9.5


def test_more_evidence_scores_higher() -> None:
    maija, again, sister = name("Maija/Testaaja"), name("Maija/Testaaja"), name("Maija/Äijälä")
    scores = [judge(maija, again, shared).score for shared in (PHONE, EMAIL, BOTH)]
    assert scores == sorted(set(scores))
    assert judge(maija, sister, BOTH).score < judge(maija, name("Maija"), BOTH).score < scores[-1]


@given(names, names, contacts)
def test_a_verdict_has_no_direction(a: Name, b: Name, shared: frozenset[str]) -> None:
    assert judge(a, b, shared) == judge(b, a, shared)


@given(names, names, contacts)
def test_only_one_first_name_joins_whatever_is_shared(a: Name, b: Name, shared: frozenset[str]) -> None:
    joins = judge(a, b, shared).outcome is Outcome.JOIN
    assert joins == (compare_first_names(a, b)[0] is FirstNames.SAME)
