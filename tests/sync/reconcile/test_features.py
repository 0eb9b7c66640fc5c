"""Levels of pairs of records, as arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.features import NONE, Codes, compare_names, levels_of, mixed, people_of
from sync.reconcile.judge import Agreement
from sync.reconcile.names import First, Last, compare, cut, read_name
from tests.sync.reconcile.judging import Row, every_pair, levels_of_rows, model, row
from tests.sync.reconcile.test_names import names

lines = names.map(lambda name: name.text)


def test_equal_values_have_equal_numbers_and_nothing_has_none() -> None:
    codes = Codes()
    assert [codes(value) for value in ("b", "a", None, "", "b")] == [0, 1, NONE, NONE, 0]
    assert codes.values == ["b", "a"]


def test_nobody_is_an_empty_table() -> None:
    people = people_of([])
    assert (len(people.names), people.name_texts) == (0, [])
    levels = levels_of(people, every_pair(0), model())
    assert len(levels.first) == len(levels.address) == len(levels.rare_last) == 0


@given(st.lists(lines, min_size=2, max_size=8))
def test_names_of_many_pairs_stand_as_each_pair_does(texts: list[str]) -> None:
    pairs = every_pair(len(texts))
    first, last = compare_names(people_of([(text, None, None, None, "salon") for text in texts]), pairs)
    alone = [compare(read_name(texts[a]), read_name(texts[b])) for a, b in zip(*pairs, strict=True)]
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == alone


@pytest.mark.parametrize("kind", ["email", "phone", "address"])
@pytest.mark.parametrize(
    ("a", "b", "stands"),
    [
        ("maija 1", "maija 1", Agreement.SAME),
        ("maija 1", "kauempana 77", Agreement.DIFFERENT),
        ("maija 1", None, Agreement.MISSING),
        (None, None, Agreement.MISSING),
    ],
)
def test_contacts_stand_to_each_other(kind: str, a: str | None, b: str | None, stands: Agreement) -> None:
    levels = levels_of_rows([row("maija/testaaja", **({kind: value} if value else {})) for value in (a, b)])
    assert {other: int(getattr(levels, other)[0]) for other in ("email", "phone", "address")} == {
        **dict.fromkeys(("email", "phone", "address"), Agreement.MISSING),
        kind: stands,
    }


@pytest.mark.parametrize("kind", ["email", "phone", "address"])
def test_a_contact_of_clearly_different_people_is_a_shared_one_to_everybody_on_it(kind: str) -> None:
    on_it = [row(name, **{kind: "x 1"}) for name in ("maija/testaaja", "maija/testaaja", "onni/testaaja")]
    elsewhere = [row(name, **{kind: "yy 22"}) for name in ("maija/testaaja", "m/testaaja")]
    levels = levels_of_rows([*on_it, *elsewhere])
    pairs = list(zip(*(side.tolist() for side in every_pair(5)), strict=True))
    found = dict(zip(pairs, getattr(levels, kind).tolist(), strict=True))
    assert {found[pair] for pair in ((0, 1), (0, 2), (1, 2))} == {Agreement.SHARED}
    assert found[3, 4] == Agreement.SAME
    assert found[0, 3] == Agreement.DIFFERENT


def test_only_addresses_may_nearly_agree() -> None:
    near = {"email": "maija.testaaja@example.com", "phone": "+358400000101", "address": "esimerkkikatu 12 a 3"}
    other = {"email": "maija.testaja@example.com", "phone": "+358400000102", "address": "esimerkkikatu 12 a3"}
    levels = levels_of_rows([row("maija/testaaja", **near), row("maija/testaaja", **other)])
    assert (levels.email[0], levels.phone[0], levels.address[0]) == (
        Agreement.DIFFERENT, Agreement.DIFFERENT, Agreement.CLOSE,
    )  # fmt: skip


def test_records_of_one_source_are_marked() -> None:
    rows = [row(source="salon"), row(source="school"), row(source="salon")]
    assert levels_of_rows(rows).own.tolist() == [0, 1, 0]


def test_a_contact_is_mixed_only_by_a_pair_that_shares_it() -> None:
    values = np.array([0, 1, 1, NONE, NONE])
    pairs = (np.array([0, 1, 3]), np.array([1, 2, 4]))
    first = np.full(3, First.DIFFERENT, np.int8)
    assert mixed(values, pairs, first).tolist() == [False, True]
    assert mixed(values, pairs, np.full(3, First.TYPO, np.int8)).tolist() == [False, False]


def test_rarity_is_that_of_the_name_and_of_two_spellings_the_lower() -> None:
    rows = [row("anna/virtanen"), row("tellervo/esimerkki"), row("=virtanen anna")]
    levels = levels_of_rows(rows)
    common = model().rarity("first", ("anna",)), model().rarity("last", ("virtanen",))
    assert (levels.rare_first[1], levels.rare_last[1]) == common, "the joined one is cut by itself"
    assert levels.rare_first[0] == min(common[0], model().rarity("first", ("tellervo",)))
    assert cut(read_name("=virtanen anna")) == read_name("anna|virtanen")


@given(st.lists(lines, min_size=2, max_size=6))
def test_the_numbers_of_values_change_no_level(texts: list[str]) -> None:
    rows: list[Row] = [(text, f"tie {at % 3}", f"{at % 2}", None, "salon") for at, text in enumerate(texts)]
    there = levels_of_rows(rows)
    people = people_of(rows[::-1])
    a, b = every_pair(len(rows))
    back = levels_of(people, (len(rows) - 1 - a, len(rows) - 1 - b), model())
    for name in there.__slots__:
        assert getattr(there, name).tobytes() == getattr(back, name).tobytes(), name


def test_last_names_missing_say_nothing() -> None:
    assert levels_of_rows([row("maija/"), row("maija/testaaja")]).last.tolist() == [Last.MISSING]
