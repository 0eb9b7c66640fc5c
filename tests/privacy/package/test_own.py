"""What counts as the person's own, and how others are masked in free text."""

import pytest

from privacy.package.own import Own

AINO = {"name": "Aino Perhe", "first_name": "Aino", "last_name": "Perhe", "phone": "+358400000103"}


def own(*others: dict[str, str], mine: dict[str, object] | None = None, taken: tuple[str, ...] = ()) -> Own:
    return Own([mine or AINO], ["former@example.com"], others, taken)


@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("Aino Perhe", True),
        ("PERHE, AINO", True),
        ("A. Perhe", True),
        ("Perhe", True),
        ("Aino Uusinimi", True),
        (None, True),
        ("Veikko Perhe", False),
        ("V. Perhe", False),
        ("Aina Perhe", False),
    ],
)
def test_a_name_is_ones_own_by_its_words_or_its_first_name(name: str | None, mine: bool) -> None:
    assert own().named(name) is mine


def test_a_first_name_that_was_cut_from_one_string_makes_no_name_ones_own() -> None:
    cut = {"name": "Perhe Aino", "first_name": "Perhe", "last_name": "Aino", "name_guessed": True}
    assert not own(mine=cut).named("Perhe Veikko")
    assert own(mine=cut).named("Aino Perhe")


def test_names_whose_vowels_are_signs_are_told_apart_and_masked_whole() -> None:
    ram = {"name": "राम कुमार", "first_name": "राम", "last_name": "कुमार"}
    known = own({"first_name": "रीमा", "last_name": "कुमार"}, mine=ram)
    assert (known.named("राम कुमार"), known.named("रीमा कुमार")) == (True, False)
    assert known.masked("रीमा ja राम") == "[…] ja राम"


@pytest.mark.parametrize(
    ("payload", "foreign"),
    [
        ({"client_name": "Aino Perhe", "client_phone": "+358400000103"}, []),
        ({"client_name": "Aino Perhe", "client_email": "Former@example.com"}, []),
        ({"client_name": "Aino Perhe", "client_email": "new@example.com"}, []),
        ({"client_name": "Aino Perhe", "client_email": "Taken@example.com"}, ["client_email"]),
        ({"client_email": "taken@example.com"}, ["client_email"]),
        ({"client_name": "Ville", "client_phone": "+358400000103"}, ["client_name"]),
        ({"client_name": "Ville", "client_phone": "+358400000777"}, ["client_name", "client_phone"]),
        ({"service": "Hieronta"}, []),
    ],
)
def test_what_of_a_booking_is_of_somebody_else(payload: dict[str, str], foreign: list[str]) -> None:
    assert own(taken=("taken@example.com",)).foreign(payload) == foreign


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("Veikko", "Veikko, Veikon, veikolla ja VEIKOLLE", "[…], […], […] ja […]"),
        ("Virtanen", "Virtasen tytär, Virtaselle", "[…] tytär, […]"),
        ("Markus", "Markuksen ja Markusta", "[…] ja […]"),
        ("Mikael", "Mikaelin luona", "[…] luona"),
        ("Kai", "Kai, Kain; mutta kaikki kainalot", "[…], […]; mutta kaikki kainalot"),
        ("Matti", "Matin matka matolla", "[…] matka matolla"),
        ("Perhe", "Perheen alennus", "Perheen alennus"),
    ],
)
def test_names_of_others_are_masked_in_finnish_cases(name: str, text: str, masked: str) -> None:
    assert own({"first_name": name}).masked(text) == masked


def test_contacts_of_others_are_masked_however_they_are_written_and_ones_own_are_not() -> None:
    other = {"email": "Kai@example.com", "phone": "+358401234567"}
    text = "kai@EXAMPLE.com 040 123 4567 +358 40 123 4567 0401234567 0400000103"
    assert own(other, {"phone": "+358400000103"}).masked(text) == "[…] […] […] […] 0400000103"


def test_text_without_anybody_else_stays_as_it_is() -> None:
    assert own().masked("Veikko (ei *)") == "Veikko (ei *)"
    assert own({"first_name": "(.*"}).masked("all of this") == "all of this"
    assert own({"first_name": "Veikko"}).masked(None) is None
