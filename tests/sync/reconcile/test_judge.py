"""Who is one person: doubt waits for a person, and a name alone joins nobody (invariant 8)."""

from collections.abc import Sequence
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.features import levels_of, people_of
from sync.reconcile.judge import APART, JOIN, NOTHING, REVIEW, Agreement, Levels, Outcome, Verdict, explain, judge
from sync.reconcile.model import Model
from sync.reconcile.names import First, Last
from tests.sync.reconcile.judging import (
    ADDRESS,
    EMAIL,
    PHONE,
    Row,
    blocks,
    generous,
    levels,
    miserly,
    model,
    outcome,
    row,
    verdict,
)

ONE = ({"email": EMAIL}, {"phone": PHONE})
BOTH = {"email": EMAIL, "phone": PHONE}
CLOSE = (
    ("raimo/testaaja", "riamo/testaaja"),
    ("anna liisa/testaaja", "liisa/testaaja"),
    ("rau/testaaja", "rauni/testaaja"),
    ("maija/onni", "onni/maija"),
)
LITTLE = (
    ("m/testaaja", "maija/testaaja"),
    ("anna/testaaja", "anne/testaaja"),
    ("ville/testaaja", "vilhelm/testaaja"),
    ("anna maria/testaaja", "anna liisa/testaaja"),
    ("rauniola/testaaja", "rauniol/testaaja"),
    ("raimo/testaaja", "raino/testaaja"),
    ("anna liisa/testaaja", "liisa/aijala"),
    ("ville", "vilhelm/testaaja"),
)
"""Names that could be one person's, and too little to say so of a mailbox."""
NAMELESS = (("/testaaja", "maija/testaaja"), ("/testaaja", "/testaaja"), ("", ""))

first_names = st.sampled_from(("", "maija", "m", "onni", "anna", "anna maija", "ville", "vilhelm", "raimo", "raino"))
last_names = st.sampled_from(("", "testaaja", "testaja", "aijala", "maija"))
lines = st.builds("{}/{}".format, first_names, last_names) | st.sampled_from(("=maija testaaja", "=testaaja onni"))
rows = st.builds(
    row,
    lines,
    email=st.sampled_from((None, "a", "b")),
    phone=st.sampled_from((None, "1", "2")),
    address=st.sampled_from((None, "esimerkkikatu 1", "esimerkkikatu 2", "toinen tie 7")),
    source=st.sampled_from(("salon", "school")),
)
any_levels = st.builds(
    levels,
    first=st.sampled_from(First),
    last=st.sampled_from(Last),
    email=st.integers(0, 3),
    phone=st.integers(0, 3),
    address=st.sampled_from(Agreement),
    own=st.integers(0, 1),
)


@pytest.mark.parametrize("contact", ONE, ids=["e-mail", "phone"])
@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("maija/testaaja", "maija/testaaja", Outcome.JOIN),
        ("maija/testaaja", "maija/aijala", Outcome.JOIN),
        ("maija", "maija/testaaja", Outcome.JOIN),
        ("=testaaja maija", "maija/testaaja", Outcome.JOIN),
        *((*pair, Outcome.REVIEW) for pair in (*LITTLE, *NAMELESS)),
        ("maija/testaaja", "onni/testaaja", Outcome.APART),
        ("maija/testaaja", "onni/aijala", Outcome.APART),
        ("=maija testaaja", "=onni testaaja", Outcome.APART),
    ],
)
def test_one_contact_and_two_names(contact: dict[str, str], a: str, b: str, expected: Outcome) -> None:
    found = verdict(row(a, **contact), row(b, **contact))
    assert found is not None
    assert found.outcome is expected
    assert ("perhaps a family" in found.reasons) == (expected is Outcome.APART)


@pytest.mark.parametrize(("a", "b"), CLOSE)
def test_a_name_that_could_be_one_persons_joins_on_a_mailbox_and_waits_on_a_phone(a: str, b: str) -> None:
    mail, phone = ONE
    assert outcome(row(a, **mail), row(b, **mail)) is Outcome.JOIN
    assert outcome(row(a, **phone), row(b, **phone)) is Outcome.REVIEW


def test_a_mailbox_that_another_person_has_too_is_no_persons_own() -> None:
    close = {"first": First.TYPO, "last": Last.SAME}
    for email, expected in ((Agreement.SAME, JOIN), (Agreement.SHARED, REVIEW)):
        assert judge(levels(**close, email=email), model())[0].tolist() == [expected]


@pytest.mark.parametrize(("a", "b"), CLOSE)
def test_both_contacts_join_a_name_that_could_be_one_persons(a: str, b: str) -> None:
    assert outcome(row(a, **BOTH), row(b, **BOTH)) is Outcome.JOIN


@pytest.mark.parametrize(("a", "b"), NAMELESS)
def test_without_a_first_name_all_waits_whatever_is_shared(a: str, b: str) -> None:
    everything = {**BOTH, "address": ADDRESS}
    assert outcome(row(a, **everything), row(b, **everything)) is Outcome.REVIEW


def test_both_contacts_and_close_names_join_only_from_the_threshold_on() -> None:
    both = levels(first=First.TYPO, last=Last.MISSING, email=Agreement.SAME, phone=Agreement.SAME)
    score = float(judge(both, model())[1][0])
    for join, expected in ((score, JOIN), (score + 0.01, REVIEW)):
        strict = Model({**model().document, "thresholds": {"join": join, "review": -1000}})
        assert judge(both, strict)[0].tolist() == [expected]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({**BOTH, "phone": "+358400000102"}, BOTH),
        ({**BOTH, "email": "other@example.com"}, BOTH),
    ],
    ids=["e-mail", "phone"],
)
def test_one_contact_with_other_last_names_waits_under_a_common_first_name_and_joins_under_a_rare_one(
    a: dict[str, str], b: dict[str, str]
) -> None:
    assert outcome(row("anna/testaaja", **a), row("anna/aijala", **b)) is Outcome.REVIEW
    assert outcome(row("anna/testaaja", **a), row("anna/testaaja", **b)) is Outcome.JOIN
    assert outcome(row("raiskuu/testaaja", **a), row("raiskuu/aijala", **b)) is Outcome.JOIN, "few are called that"


@given(any_levels)
def test_clearly_different_first_names_never_meet_whatever_the_sum(found: Levels) -> None:
    different = levels(first=First.DIFFERENT, **{name: getattr(found, name) for name in ("last", "email", "phone")})
    assert judge(different, generous())[0][0] in (APART, NOTHING)
    shares = different.email[0] in (1, 2) or different.phone[0] in (1, 2)
    assert (judge(different, generous())[0][0] == APART) == shares


@given(any_levels)
def test_only_the_same_first_name_or_two_signs_of_a_close_one_join(found: Levels) -> None:
    if judge(found, generous())[0][0] == JOIN:
        agreeing = [getattr(found, kind)[0] in (1, 2, 4) for kind in ("email", "phone", "address")]
        assert found.first[0] not in (First.DIFFERENT, First.MISSING)
        assert any(agreeing)
        assert found.first[0] == First.SAME or sum(agreeing) > 1


@given(any_levels)
def test_a_contact_in_common_is_worth_a_look_whatever_the_sum_unless_first_names_differ(found: Levels) -> None:
    contact = found.email[0] in (1, 2) or found.phone[0] in (1, 2)
    assert (judge(found, miserly())[0][0] == REVIEW) == (contact and found.first[0] != First.DIFFERENT)


@given(st.sampled_from(First), st.sampled_from(Last), st.integers(0, 1))
def test_names_never_join_without_a_contact_or_an_address(first: First, last: Last, own: int) -> None:
    for email, phone, address in np.ndindex(2, 2, 2):
        contacts = {"email": 3 * email, "phone": 3 * phone, "address": 3 * address}
        found = judge(levels(first=first, last=last, own=own, **contacts), generous())[0][0]
        assert found in (NOTHING, REVIEW)
        whole = last is Last.SAME and first in (First.SAME, First.SWAPPED)
        assert (found == REVIEW) == (whole and not (own and email and phone))


@given(lines, lines)
def test_two_records_of_one_source_with_other_contacts_are_never_asked_about(a: str, b: str) -> None:
    one, other = row(a, email="a", phone="1"), row(b, email="b", phone="2")
    assert outcome(one, other) is None


def test_a_rare_name_of_two_sources_waits_whatever_else_is_known() -> None:
    name = "tellervo/esimerkki"
    assert outcome(row(name), row(name, source="school")) is Outcome.REVIEW
    assert outcome(row(name, email="a"), row(name, phone="1")) is Outcome.REVIEW
    assert outcome(row(name, email="a", phone="1"), row(name, email="b", phone="2", source="school")) is Outcome.REVIEW


def test_a_usual_name_says_less_than_a_rare_one() -> None:
    usual, rare = (
        verdict(row(name, email="a"), row(name, email="a")) for name in ("anna/virtanen", "tellervo/esimerkki")
    )
    assert usual is not None
    assert rare is not None
    assert usual.score < rare.score


def test_an_address_alone_joins_only_a_whole_name() -> None:
    home = {"address": ADDRESS}
    assert outcome(row("maija/testaaja", **home), row("maija/testaaja", **home)) is Outcome.JOIN
    assert outcome(row("maija/testaaja", **home), row("maija", **home)) is Outcome.REVIEW
    assert outcome(row("maija/testaaja", **home), row("onni/testaaja", **home)) is Outcome.APART


def test_an_address_written_differently_is_a_sign_beside_a_contact() -> None:
    a = row("raimo/testaaja", phone=PHONE, address="esimerkkikatu 12 a 3 00100")
    b = row("raino/testaaja", phone=PHONE, address="esimerkkikatu 12 a3 00100")
    found = verdict(a, b)
    assert found is not None
    assert (found.method, found.reasons[:2]) == ("phone+address", ("same phone", "addresses nearly agree"))
    assert found.outcome is Outcome.JOIN


def test_a_contact_that_others_have_too_says_less() -> None:
    a, b = row("maija/testaaja", phone=PHONE), row("maija/testaaja", phone=PHONE, source="school")
    alone, shared = verdict(a, b), verdict(a, b, row("onni/testaaja", phone=PHONE))
    assert alone is not None
    assert shared is not None
    assert shared.score < alone.score
    assert shared.reasons[0] == "same phone, which others have too"
    assert verdict(a, b, row("onni/testaaja", phone="+358400000102")) == alone
    assert verdict(a, b, row("m/testaaja", phone=PHONE)) == alone, "who may be the same person is nobody else"


def test_a_verdict_says_all_its_reasons_and_its_contacts() -> None:
    found = verdict(row("maija/testaaja", **BOTH), row("maija/aijala", **BOTH))
    assert found is not None
    assert found.reasons == ("same e-mail", "same phone", "first names agree", "last names differ")
    assert found.method == "email+phone"
    found = verdict(row("ville/testaaja", phone=PHONE, email="a"), row("vilhelm/testaaja", phone=PHONE, email="b"))
    assert found is not None
    assert found.method == "phone"
    assert found.reasons == (
        "same phone", "one first name is a short form of the other", "last names agree", "e-mails differ",
    )  # fmt: skip
    found = verdict(row("maija/testaaja"), row("maija/testaaja"))
    assert found is not None
    assert (found.method, found.reasons[-1]) == ("name", "nothing else in common")


def test_swapped_names_are_not_also_said_to_differ() -> None:
    found = verdict(row("maija/onni", email=EMAIL), row("onni/maija", email=EMAIL))
    assert found is not None
    assert found.reasons == ("same e-mail", "first and last name are swapped")


def test_more_evidence_scores_higher() -> None:
    def score(a: str, b: str, **contacts: str) -> float:
        found = verdict(row(a, **contacts), row(b, **contacts))
        assert found is not None
        return found.score

    assert score("maija/testaaja", "maija/testaaja", email=EMAIL) < score("maija/testaaja", "maija/testaaja", **BOTH)
    sister, half, whole = (
        score("maija/testaaja", name, **BOTH) for name in ("maija/aijala", "maija/", "maija/testaaja")
    )
    assert sister < half < whole


def test_a_score_is_the_sum_of_its_weights() -> None:
    found = levels(first=First.TYPO, last=Last.PART, email=Agreement.SHARED, phone=Agreement.DIFFERENT)
    bits = model().document["weights"]
    weights = (bits["first"]["typo"], bits["last"]["part"], bits["email"]["shared"], bits["phone"]["different"])
    assert judge(found, model())[1].tolist() == [round(sum(weights), 2)]


def test_no_pairs_are_judged_as_none() -> None:
    outcomes, scores = judge(levels(0), model())
    assert (len(outcomes), len(scores)) == (0, 0)


@given(rows, rows)
def test_a_verdict_has_no_direction(a: Row, b: Row) -> None:
    assert verdict(a, b) == verdict(b, a)


@given(st.lists(rows, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_a_pair_is_judged_alike_alone_and_among_many_in_any_order(people: list[Row], random: Random) -> None:
    together = judged(people, range(len(people)))
    order = list(range(len(people)))
    random.shuffle(order)
    assert judged(people, order) == together
    for one in range(len(people)):
        near = [at for at in range(len(people)) if at == one or set(people[at][:4]) & set(people[one][:4]) - {None}]
        alone = judged(people, near)
        mine = {pair: found for pair, found in together.items() if one in pair}
        assert {pair: found for pair, found in alone.items() if one in pair} == mine


def judged(people: Sequence[Row], order: Sequence[int]) -> dict[frozenset[int], tuple[int, bytes, Verdict | None]]:
    """Outcome, the bits of the score and the words of each pair of candidates, by places in `people`."""
    held = people_of(people[at] for at in order)
    pairs = blocks(held)
    found = levels_of(held, pairs, model())
    outcomes, scores = judge(found, model())
    return {
        frozenset((order[int(a)], order[int(b)])): (
            int(outcomes[at]),
            scores[at].tobytes(),
            explain(found, at, int(outcomes[at]), float(scores[at])) if outcomes[at] else None,
        )
        for at, (a, b) in enumerate(zip(*pairs, strict=True))
    }


@given(st.lists(rows, min_size=2, max_size=6))
def test_turning_the_pairs_round_changes_no_bit(people: list[Row]) -> None:
    held = people_of(people)
    pairs = blocks(held)
    there, back = (judge(levels_of(held, way, model()), model()) for way in (pairs, pairs[::-1]))
    assert there[0].tobytes() == back[0].tobytes()
    assert there[1].tobytes() == back[1].tobytes()


@given(st.lists(any_levels, min_size=1, max_size=40))
def test_levels_are_judged_one_by_one_as_all_at_once(found: list[Levels]) -> None:
    names = Levels.__slots__
    together = Levels(**{name: np.concatenate([getattr(one, name) for one in found]) for name in names})
    outcomes, scores = judge(together, model())
    singly = [judge(one, model()) for one in found]
    assert outcomes.tobytes() == b"".join(one[0].tobytes() for one in singly)
    assert scores.tobytes() == b"".join(one[1].tobytes() for one in singly)


@given(st.tuples(rows, rows, rows))
def test_who_is_given_first_does_not_matter_among_three(people: tuple[Row, Row, Row]) -> None:
    assert len({tuple(sorted(judged(order, range(3)).values(), key=repr)) for order in permutations(people)}) == 1


def test_only_different_first_names_are_perhaps_a_family() -> None:
    found = verdict(
        row("maija/testaaja", address="testikatu 1 00100", email="a", phone="1"),
        row("maija/aijala", address="testikatu 1 00100", email="b", phone="2"),
    )
    assert found is None or "perhaps a family" not in found.reasons
