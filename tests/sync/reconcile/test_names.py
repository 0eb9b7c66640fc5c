"""Names as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.names import FirstNames, Name, compare_first_names, fold, folded_name

SAMPLES = ("maija", "maria", "miaja", "kaisa", "kaisaliisa", "mikko", "miko", "m", "testaaja", "aleksandra", "aleksis")
words = st.sampled_from(SAMPLES) | st.text(alphabet="aijkm", min_size=1, max_size=9)
names = st.builds(Name, st.lists(words, max_size=3).map(tuple), st.lists(words, max_size=2).map(tuple))


def named(first: str, last: str = "") -> Name:
    return folded_name(None, first, last)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Äijälä-Östen", "aijala osten"),
        ("ÅKE", "ake"),
        ("Søren", "soren"),
        ("Weiß", "weiss"),
        ("Łukasz Đorđe", "lukasz dorde"),
        ("Æsa Œuvre", "aesa oeuvre"),
        ("Þóra Guðrún", "thora gudrun"),
        ("MAIJA", "maija"),
        ("  Maija   Testaaja ", "maija testaaja"),
        ("Anna_Liisa", "anna liisa"),
        ("O’Testi", "o testi"),
        ("A\u0308ija\u0308", "aija"),
        ("", ""),
        ("--", ""),
    ],
)
def test_a_name_is_folded_to_plain_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="abcÄÖÅäöåé -", max_size=20))
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower())


@pytest.mark.parametrize(
    ("payload", "first", "last"),
    [
        ((None, "Anna-Liisa", "Testaaja"), ("anna", "liisa"), ("testaaja",)),
        (("Somebody Else", "Maija", None), ("maija",), ()),
        (("Somebody Else", None, "Testaaja"), (), ("testaaja",)),
        (("Maija Tellervo Testaaja", None, None), ("maija",), ("tellervo", "testaaja")),
        (("Maija", "", ""), ("maija",), ()),
        ((None, None, None), (), ()),
    ],
)
def test_the_parts_of_a_name_come_before_the_joined_one(
    payload: tuple[str | None, str | None, str | None], first: tuple[str, ...], last: tuple[str, ...]
) -> None:
    assert folded_name(*payload) == Name(first, last)


@pytest.mark.parametrize(
    ("a", "b", "stands", "reason"),
    [
        (named("Maija"), named("MAIJA", "Testaaja"), FirstNames.SAME, "first names agree"),
        (named("Östen"), named("Osten"), FirstNames.SAME, "first names agree"),
        (named("Anna-Liisa"), named("Anna Liisa"), FirstNames.SAME, "first names agree"),
        (named("", "Testaaja"), named("Maija", "Testaaja"), FirstNames.MISSING, "a first name is missing"),
        (named(""), named(""), FirstNames.MISSING, "a first name is missing"),
        (named("Maija", "Onni"), named("Onni", "Maija"), FirstNames.CLOSE, "first and last name are swapped"),
        (named("Anna-Liisa"), named("Liisa"), FirstNames.CLOSE, "one uses a part of the other's first name"),
        (named("Anna-Liisa"), named("Anna-Kaisa"), FirstNames.CLOSE, "one uses a part of the other's first name"),
        (named("Annaliisa"), named("Anna-Liisa"), FirstNames.CLOSE, "first names differ by a space or hyphen only"),
        (named("Ville"), named("Vilhelm"), FirstNames.CLOSE, "one first name is a short form of the other"),
        (named("Jyrki"), named("Yrjö"), FirstNames.CLOSE, "one first name is a short form of the other"),
        (named("M"), named("Maija"), FirstNames.CLOSE, "one first name is an initial of the other"),
        (named("Rau"), named("Rauni"), FirstNames.CLOSE, "one first name begins with the other"),
        (named("Raimo"), named("Raino"), FirstNames.CLOSE, "first names differ by a slip of the pen"),
        (named("Pentti"), named("Petnti"), FirstNames.CLOSE, "first names differ by a slip of the pen"),
        (named("Kristoffer"), named("Christoffer"), FirstNames.CLOSE, "first names differ by a slip of the pen"),
        (named("Maija"), named("Onni"), FirstNames.DIFFERENT, "first names differ"),
        (named("Rauno"), named("Raimo"), FirstNames.DIFFERENT, "first names differ"),
        (named("Oi"), named("Ai"), FirstNames.DIFFERENT, "first names differ"),
        (named("Ai"), named("Aino"), FirstNames.DIFFERENT, "first names differ"),
        (named("M"), named("Onni"), FirstNames.DIFFERENT, "first names differ"),
        (named("Maija", "Onni"), named("Onni", "Testaaja"), FirstNames.DIFFERENT, "first names differ"),
    ],
)
def test_first_names_stand_to_each_other(a: Name, b: Name, stands: FirstNames, reason: str) -> None:
    assert compare_first_names(a, b) == compare_first_names(b, a) == (stands, reason)


@given(names, names)
def test_a_comparison_has_no_direction(a: Name, b: Name) -> None:
    assert compare_first_names(a, b) == compare_first_names(b, a)


@given(names, names)
def test_only_equal_first_names_are_the_same(a: Name, b: Name) -> None:
    assert (compare_first_names(a, b)[0] is FirstNames.SAME) == (a.first == b.first != ())
