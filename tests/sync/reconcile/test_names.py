"""Names as they are compared."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.keys import feature_row
from sync.reconcile.names import (
    FIRST_WORDS,
    First,
    Last,
    Name,
    clash,
    compare,
    cut,
    fold,
    joined_name,
    name_of,
    read_name,
    tokens,
)

SAMPLES = ("maija", "maria", "miaja", "kaisa", "kaisaliisa", "mikko", "miko", "m", "testaaja", "aleksandra", "m?ija")
words = st.sampled_from(SAMPLES) | st.text(alphabet="aijkm?", min_size=1, max_size=9)
plain_names = st.builds(Name, st.lists(words, max_size=3).map(tuple), st.lists(words, max_size=2).map(tuple))
joined_names = st.lists(words, min_size=2, max_size=4).map(lambda found: Name(tuple(found), (), joined=True))
names = plain_names | joined_names


def named(first: str, last: str = "") -> Name:
    return name_of({"first_name": first, "last_name": last})


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
        ("राम, रीमा", "राम रीमा"),
        ("สมชัย", "สมชัย"),
        ("Андрей", "андреи"),
        ("ガク", "カ\u3099ク"),
        ("Mai\u200dja", "maija"),
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
        ({"name": "Somebody Else", "first_name": "Anna-Liisa", "last_name": "Testaaja"}, "anna liisa", "testaaja"),
        ({"name": "Somebody Else", "first_name": "Maija"}, "maija", ""),
        ({"name": "Somebody Else", "last_name": "Testaaja"}, "", "testaaja"),
        ({"name": "Maija", "first_name": "", "last_name": ""}, "maija", ""),
        ({"name": "Testaaja, Anna Maija"}, "anna maija", "testaaja"),
        ({"first_name": "Maija", "last_name": "von Testaaja"}, "maija", "testaaja"),
        ({"first_name": "Maija", "last_name": "af"}, "maija", "af"),
        ({}, "", ""),
    ],
)
def test_the_parts_of_a_name_come_before_the_joined_one(payload: dict[str, str], first: str, last: str) -> None:
    assert name_of(payload) == Name(tuple(first.split()), tuple(last.split()))


@pytest.mark.parametrize(
    "payload",
    [
        {"name": "Maija Tellervo Testaaja"},
        {"name": "Maija Tellervo Testaaja,"},
        {"name": "Maija Tellervo Testaaja", "first_name": "Maija", "last_name": "Testaaja", "name_guessed": True},
    ],
)
def test_a_joined_name_is_not_cut_before_it_is_compared(payload: dict[str, Any]) -> None:
    assert name_of(payload) == Name(("maija", "tellervo", "testaaja"), (), joined=True)


def test_parts_that_were_guessed_are_believed_where_nothing_else_is_known() -> None:
    assert name_of({"first_name": "Maija", "name_guessed": True}) == Name(("maija",), ())


@given(names)
def test_a_name_is_the_same_after_a_line_of_text(name: Name) -> None:
    assert read_name(name.text) == name


@pytest.mark.parametrize(
    ("a", "b", "stands", "reason"),
    [
        (named("Maija"), named("MAIJA", "Testaaja"), First.SAME, "first names agree"),
        (named("Östen"), named("Osten"), First.SAME, "first names agree"),
        (named("Anna-Liisa"), named("Anna Liisa"), First.SAME, "first names agree"),
        (named("Annaliisa"), named("Anna-Liisa"), First.SAME, "first names agree"),
        (named("", "Testaaja"), named("Maija", "Testaaja"), First.MISSING, "a first name is missing"),
        (named(""), named(""), First.MISSING, "a first name is missing"),
        (named("Maija", "Onni"), named("Onni", "Maija"), First.SWAPPED, "first and last name are swapped"),
        (named("Anna-Liisa"), named("Liisa"), First.HALF, "one uses a part of the other's first name"),
        (named("Anna-Liisa"), named("Anna-Kaisa"), First.NEAR, "first names are two that are much alike"),
        (named("Ville"), named("Vilhelm"), First.SHORT, "one first name is a short form of the other"),
        (named("Jyrki"), named("Yrjö"), First.SHORT, "one first name is a short form of the other"),
        (named("M"), named("Maija"), First.INITIAL, "one first name is an initial of the other"),
        (named("Rau"), named("Rauni"), First.PREFIX, "one first name begins with the other"),
        (named("Raimo"), named("Raino"), First.NEAR, "first names are two that are much alike"),
        (named("Pentti"), named("Petnti"), First.TYPO, "first names differ by a slip of the pen"),
        (named("Kristoffer"), named("Kristoffre"), First.TYPO, "first names differ by a slip of the pen"),
        (named("Maija"), named("Onni"), First.DIFFERENT, "first names differ"),
        (named("Rauno"), named("Raimo"), First.DIFFERENT, "first names differ"),
        (named("Oi"), named("Ai"), First.DIFFERENT, "first names differ"),
        (named("Ai"), named("Aino"), First.DIFFERENT, "first names differ"),
        (named("M"), named("Onni"), First.DIFFERENT, "first names differ"),
        (named("Maija", "Onni"), named("Onni", "Testaaja"), First.DIFFERENT, "first names differ"),
    ],
)
def test_first_names_stand_to_each_other(a: Name, b: Name, stands: First, reason: str) -> None:
    assert compare(a, b)[0] is compare(b, a)[0] is stands
    assert FIRST_WORDS[stands] == reason


@pytest.mark.parametrize(
    ("a", "b", "stands"),
    [
        ("Testaaja", "TESTAAJA", Last.SAME),
        ("von Testaaja", "Testaaja", Last.SAME),
        ("Testaaja-Äijälä", "Testaaja", Last.PART),
        ("Testaaja", "Testaja", Last.TYPO),
        ("Testaaja", "Äijälä", Last.DIFFERENT),
        ("Testaaja", "", Last.MISSING),
    ],
)
def test_last_names_stand_to_each_other(a: str, b: str, stands: Last) -> None:
    one, other = named("Maija", a), named("Maija", b)
    assert compare(one, other) == compare(other, one) == (First.SAME, stands)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Mäkinen", "MÃ¤kinen"),
        ("Östen", "Ã–sten"),
        ("ÄIJÄLÄ", "Ã„IJÃ„LÃ„"),
        ("Mäkinen", "M?kinen"),
        ("Mäkinen", "M\ufffdkinen"),
        ("Äijälä", "?ij?l?"),
        ("Päivi", "Paeivi"),
        ("Östen", "OESTEN"),
    ],
)
def test_a_name_that_an_encoding_or_a_keyboard_broke_is_the_same_name(a: str, b: str) -> None:
    assert compare(named(a, b), named(b, a)) == (First.SAME, Last.SAME)


@pytest.mark.parametrize(("a", "b"), [("राम", "रीमा"), ("சீதா", "சாத்து"), ("はな", "ばな")])
def test_names_that_differ_in_vowel_or_voicing_signs_alone_are_not_the_same(a: str, b: str) -> None:
    assert compare(named(a), named(b))[0] is not First.SAME
    assert compare(named(a), named(a))[0] is First.SAME


def test_a_question_mark_beside_a_name_is_no_lost_letter() -> None:
    assert tokens("Maija ? Testaaja") == ("maija", "testaaja")
    assert compare(named("M?ija"), named("Maaija"))[0] is not First.SAME, "one lost letter is one letter"


def joined(a: str, b: str) -> tuple[First, Last]:
    one, other = joined_name(a), joined_name(b)
    assert compare(one, other) == compare(other, one)
    return compare(one, other)


def test_a_family_of_joined_names_are_different_people() -> None:
    assert joined("Maija Testaaja", "Onni Testaaja") == (First.DIFFERENT, Last.SAME)
    assert joined("Testaaja Maija", "Testaaja Onni") == (First.DIFFERENT, Last.SAME)
    assert joined("Testaaja Maija", "Onni Testaaja") == (First.DIFFERENT, Last.SAME)


def test_the_order_of_a_joined_name_does_not_matter() -> None:
    assert joined("Testaaja Maija", "Maija Testaaja") == (First.SAME, Last.SAME)
    assert joined("Testaaja, Maija", "Maija Testaaja") == (First.SAME, Last.SAME)
    assert joined("Testaaja, Maija", "Testaaja Maija") == (First.SAME, Last.SAME)


@pytest.mark.parametrize("text", ["Maija Testaaja", "Testaaja Maija"])
def test_a_joined_name_is_cut_as_the_other_name_says(text: str) -> None:
    assert compare(joined_name(text), named("Maija", "Testaaja")) == (First.SAME, Last.SAME)
    assert compare(joined_name(text), named("Maija")) == (First.SAME, Last.MISSING)
    assert compare(joined_name(text), named("Maija", "Äijälä")) == (First.SAME, Last.DIFFERENT)
    assert compare(joined_name(text), named("", "Testaaja")) == (First.MISSING, Last.SAME)
    assert compare(joined_name(text), named("Onni", "Testaaja")) == (First.DIFFERENT, Last.SAME)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Maija Testaaja", "maija", "testaaja"),
        ("Testaaja Maija", "maija", "testaaja"),
        ("Testaaja Anna Maija", "anna maija", "testaaja"),
        ("Anna Maija Testaaja", "anna maija", "testaaja"),
        ("Maija Onni", "maija", "onni"),
        ("Testaaja Esimerkki", "testaaja", "esimerkki"),
    ],
)
def test_a_joined_name_is_cut_where_just_one_end_is_a_given_name(text: str, first: str, last: str) -> None:
    assert cut(joined_name(text)) == Name(tuple(first.split()), tuple(last.split()))


@given(names, names)
def test_a_comparison_has_no_direction(a: Name, b: Name) -> None:
    assert compare(a, b) == compare(b, a)


@given(names)
def test_a_name_is_the_same_as_itself_and_never_clashes(name: Name) -> None:
    first, last = compare(name, name)
    assert (first, last) == (
        First.SAME if name.first else First.MISSING,
        Last.SAME if name.last or name.joined else Last.MISSING,
    )
    assert not clash(name.text, name.text)


@given(names, names)
def test_names_clash_where_first_names_clearly_differ(a: Name, b: Name) -> None:
    assert clash(a.text, b.text) == clash(b.text, a.text) == (compare(a, b)[0] is First.DIFFERENT)


@given(plain_names, plain_names)
def test_only_first_names_with_equal_letters_are_the_same(a: Name, b: Name) -> None:
    one, other = "".join(a.first), "".join(b.first)
    equal = len(one) == len(other) > 0 and all(x == y or "?" in (x, y) for x, y in zip(one, other, strict=True))
    assert (compare(a, b)[0] is First.SAME) == equal


def test_a_joined_name_cut_to_its_longest_can_still_be_compared() -> None:
    long = read_name(feature_row({"name": "x" * 300 + " Testaaja"}).name)
    assert compare(long, read_name("maija|testaaja"))[0] is First.DIFFERENT


def test_short_forms_of_mikael_are_known() -> None:
    assert compare(named("Mikael"), named("Miikka"))[0] is First.SHORT


def test_a_name_in_which_something_was_masked_is_nobodys() -> None:
    assert feature_row({"name": "Maija [masked]"}).full_name == ""


def test_a_name_of_lost_letters_is_nobodys() -> None:
    assert compare(named("M????"), named("Maija"))[0] is not First.SAME
