"""A person is found in a text however it is written, and nobody else is."""

from time import process_time
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.erasing.known import compared
from store.erasing.traces import Traces, words_of
from sync.reconcile.names import tokens

HERS = Traces(
    emails=["Maija.M@example.com"],
    phones=["+358401234567"],
    names=["Maija Meikäläinen", "Mallikatu 1"],
    words=["Maija", "Meikäläinen", "M", "Yrjö"],
    numbers=["1001"],
)


@pytest.mark.parametrize(
    "text",
    [
        "0401234567", "040 123 4567", "+358 (40) 123-4567", "00358401234567", "tel. 040.123.4567.", "358401234567",
        "MAIJA.M@EXAMPLE.COM", "<maija.m@example.com>", "maija meikalainen", "Meikäläinen, Maija", "MAIJA MEIKÄLÄINEN",
        '{"name": "Maija Meikäläinen"}', "Meikäläinen;Maija;x", "Mallikatu 1 A",
    ],
)  # fmt: skip
def test_contacts_and_whole_names_are_found(text: str) -> None:
    assert HERS.holds(text)
    assert HERS.mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "040 123 4568", "0401234567890", "1 234 567", "other.maija.m@example.com",
        "maija.m@example.community", "Maija Virtanen", "Maija ja Pekka Meikäläinen", "Mallikatu 11",
    ],
)  # fmt: skip
def test_what_is_like_them_is_not_them(text: str | None) -> None:
    assert not HERS.holds(text)


@pytest.mark.parametrize("text", ["Maijan lasku", "Meikäläisen asia", "MEIKÄLÄISTÄ", "order 1001", "Yrjölle"])
def test_a_text_about_them_is_known_by_less(text: str) -> None:
    assert not HERS.holds(text)
    assert HERS.mentions(text)


def test_a_name_whose_vowels_are_signs_is_found_and_no_other() -> None:
    his = Traces(names=["राम कुमार"], words=["राम", "कुमार"])
    assert his.without("राम कुमार, रीमा") == "[…], रीमा"
    assert not his.mentions("रीमा कमार")


@pytest.mark.parametrize("text", ["a passport", "11001", "1001a", "maailma", "m", "yrtti"])
def test_words_and_numbers_stand_by_themselves(text: str) -> None:
    assert not HERS.mentions(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Maija Meikäläinen called on 2.3.2026 from 040 123 4567", "[…] called on 2.3.2026 from […]"),
        ("+358 (0)40 123-4567, 00358401234567", "[…], […]"),
        ("Meikäläisen lasku: 60 e, order 1001", "[…] lasku: 60 e, order […]"),
        ("MAIJA.M@EXAMPLE.COM lives at Mallikatu 1 A", "[…] lives at […] A"),
        ("the massage of 3.11. hurt", "the massage of 3.11. hurt"),
        ("Meika\u0308la\u0308inen and Yrjölle", "[…] and […]"),
    ],
)
def test_they_are_cut_out_of_a_text_and_the_rest_stays(text: str, left: str) -> None:
    assert HERS.without(text) == left
    assert not HERS.mentions(left)


def test_nobody_leaves_no_traces() -> None:
    assert not Traces().mentions("Maija Meikäläinen 0401234567")


@pytest.mark.parametrize("name", ["Äijälä-Östen", "Mikael", "Joel von Döbeln", "Müller, Noel", "D'Angelo"])
def test_names_are_folded_as_they_are_compared(name: str) -> None:
    assert tuple(compared(name)) == tokens(name)
    assert " ".join(words_of("Äijälä-Östen, M.")) == "aijala osten m"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Maija Virtanen and Maija", "Maija Virtanen and […]"),
        ("Maija and Maija\nVirtanen", "[…] and […]\nVirtanen"),
        ("Maija ei tullut", "[…] ei tullut"),
        ("Maija Meikäläinen Virtanen", "[…] Virtanen"),
    ],
)
def test_in_a_text_of_others_the_first_name_of_another_stays(text: str, left: str) -> None:
    traces = Traces(names=["Maija Meikäläinen"], words=["Maija"])
    assert traces.without(text, of_others=True) == left
    assert not traces.mentions(traces.without(text))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Maija Maija Meikäläinen Meikäläinen Maija", "[…] […] […]"),
        ("Maija, 040 123 4567, Meikäläinen", "[…]"),
        ("Maija Maija Maija", "[…] […] […]"),
        ("", ""),
    ],
)
def test_names_side_by_side_are_all_cut(text: str, left: str) -> None:
    assert HERS.without(text) == left
    assert not HERS.mentions(left)


@given(st.text("MaijäMeikl enAino\u0308,.12040 \n[…]", max_size=60), st.booleans())
@settings(max_examples=200, deadline=None)
def test_of_whatever_is_cut_the_rest_stays_in_its_order(text: str, of_others: bool) -> None:
    left = HERS.without(text, of_others=of_others)
    rest = iter(normalize("NFC", text))
    assert all(letter in rest for letter in left.replace("[…]", ""))
    assert of_others or not HERS.holds(left)


def test_a_long_text_takes_time_by_its_length_alone() -> None:
    """Four times the text takes four times as long; the square of it would be sixteen."""

    def seconds(times: int) -> float:
        text = "Maija wrote: yes and then no. " * times
        begun = process_time()
        assert HERS.without(text).count("[…]") == times
        return process_time() - begun

    seconds(50)
    assert min(seconds(1600) for _ in range(3)) < 8 * min(seconds(400) for _ in range(3))
