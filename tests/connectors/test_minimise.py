"""Identity codes are masked by shape alone, wherever they stand. The check character `O` occurs in no real code."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.minimise import MASK, is_identity_key, mask, mask_fields

SIGNS = "-+ABCDEFUVWXY"
LETTERS = "ABCDEFHJKLMNPRSTUVWXY"


def checked(number: int, fits: Callable[[str], bool] = str.isalpha) -> tuple[str, str]:
    """Three digits, and the check character that is right with them on 31 February 1990, which is no day, so nobody's;
    the first pair from `number` on of which the character `fits`."""
    while True:
        character = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(f"310290{number:03}") % 31]
        if fits(character):
            return f"{number:03}", character
        number += 1


RIGHT = "".join(checked(900))
RIGHT_DIGIT = "".join(checked(900, str.isdigit))


@pytest.mark.parametrize(
    "sign", [*SIGNS, *SIGNS.lower(), "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212"]
)
def test_every_century_sign_and_dash_is_known(sign: str) -> None:
    assert mask(f"tunnus 010190{sign}123O loppu") == (f"tunnus {MASK} loppu", 1)


@pytest.mark.parametrize(
    "text", ["010190-123o", "(010190-123O)", "010190-123O.", "x:010190-123O", "_010190-123O_", "311299A123O"]
)
def test_the_shape_is_found_between_other_signs(text: str) -> None:
    masked, count = mask(text)
    assert count == 1
    assert "123" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "320190-123O",
        "000190-123O",
        "011390-123O",
        "010090-123O",
        "1010190-123O",
        "a010190-123O",
        "010190-123OO",
        "010190-123O5",
        "010190G123O",
        "01.01.1990",
        "2026-11-24T10:00:00Z",
        "+358400000001",
        "0123456789abcdef01234567",
    ],
)
def test_what_has_another_shape_stays(text: str) -> None:
    assert mask(text) == (text, 0)


def test_several_codes_are_all_masked_and_counted() -> None:
    assert mask("010190-123O, 020290+234O;030303A345O") == (f"{MASK}, {MASK};{MASK}", 3)


@pytest.mark.parametrize(("text", "left"), [
    ("hetu010190-123O", "hetu[masked]"), ("sotu310290-900O@example.com", "sotu[masked]@example.com"),
    ("äiti31.2.1990-900O", "äiti[masked]"), ("tilaus310290900O", "tilaus310290900O"), ("n310290-900O", "n310290-900O"),
])  # fmt: skip
def test_a_word_that_is_glued_to_a_code_hides_it_not(text: str, left: str) -> None:
    assert mask(text)[0] == left
    assert json.loads(mask(json.dumps({"info": text}))[0]) == {"info": left}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("before", ["", "\n", "\t", "rivi\r\n", "ä ", "\u2013", '"', "\\"])
@pytest.mark.parametrize("sign", ["-", "\u2013", "\u2212", "A"])
def test_json_text_stays_json_and_loses_its_codes(before: str, sign: str, ascii_only: bool) -> None:
    text = json.dumps({"info": f"{before}010190{sign}123O\nloppu", "n": 1}, ensure_ascii=ascii_only)
    masked, count = mask(text)
    assert count == 1
    assert json.loads(masked) == {"info": f"{before}{MASK}\nloppu", "n": 1}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
)
@settings(max_examples=150, deadline=None)
def test_masking_any_json_text_leaves_json(value: object) -> None:
    masked, _ = mask(json.dumps(value))
    json.loads(masked)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once, _ = mask(text)
    assert mask(once) == (once, 0)


@pytest.mark.parametrize(
    "key", ["socialSecurityNumber", "social_security_number", "Henkilötunnus", "HENKILOTUNNUS", "Hetu", "sotu:", "ssn"]
)
def test_keys_that_announce_codes_are_known(key: str) -> None:
    assert is_identity_key(key)


@pytest.mark.parametrize("key", ["Asiakastunnus", "Tunniste", "id", "lesson", "session", ""])
def test_other_keys_are_not(key: str) -> None:
    assert not is_identity_key(key)


def test_fields_are_masked_deeply_and_keys_dropped() -> None:
    fields = {
        "name": "Maija Testaaja",
        "socialSecurityNumber": "mitä vain",
        "info": "010190-123O",
        "form": {"hetu": "", "lines": ["ok", "010190A123O", 7], "answer": None},
    }
    assert mask_fields(fields) == (
        {"name": "Maija Testaaja", "info": MASK, "form": {"lines": ["ok", MASK, 7], "answer": None}},
        3,
    )


def test_a_phone_column_may_keep_its_text() -> None:
    assert mask_fields({"phone": "040123-4567", "info": "040123-4567"}, keep=("phone",)) == (
        {"phone": "040123-4567", "info": MASK},
        1,
    )


@pytest.mark.parametrize(
    "text",
    [
        "310290 - 900O", "310290 -900O", "310290-  900O", "310290 A 900O", "31.2.1990-900O", "31.02.1990-900O",
        "31.2.90-900O", "31. 2. 1990 - 900O", "31/02/1990-900O", "31.2.2010A900O", "31.2.1890+900O", "31.02.1990Y900O",
        f"310290{RIGHT}", f"310290 {RIGHT}", f"31.02.1990{RIGHT}", f"31.02.1990 {RIGHT}", f"310290{RIGHT.lower()}",
        f"310290 - {RIGHT_DIGIT}", f"31.2.1990-{RIGHT_DIGIT}",
        "\uff13\uff11\uff10\uff12\uff19\uff10-900O", "\uff13\uff11\uff10\uff12\uff19\uff10-900\uff2f",
        "\u0663\u0661\u0660\u0662\u0669\u0660-\u0669\u0660\u0660O", "310290 \u2013 900O", "310290\xa0-\xa0900O",
    ],
)  # fmt: skip
def test_other_ways_to_write_one_are_known(text: str) -> None:
    for before, after in (("", ""), ("hetu:", " ."), ("(", ")"), ("Äiti ", ", 040 123 4567")):
        assert mask(f"{before}{text}{after}") == (f"{before}{MASK}{after}", 1)


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("code", ["310290 - 900O", "\uff13\uff11\uff10\uff12\uff19\uff10-900O", f"310290{RIGHT}"])
def test_and_json_stays_json(code: str, ascii_only: bool) -> None:
    for before in ("", "\n", "\\", "\\\\uff11", "ä "):
        masked, count = mask(json.dumps({"info": f"{before}{code}\nloppu"}, ensure_ascii=ascii_only))
        assert (json.loads(masked), count) == ({"info": f"{before}{MASK}\nloppu"}, 1)


@pytest.mark.parametrize(
    "text",
    [
        "990290 - 900O", "321390 - 900O", "31.13.1990-900O", "310290 900O", "310290900O", "31.2.1990 900O",
        "310290 - 9000", "24.11.2026 - 1130", "24.11.2026-201B", "1.12.2026 klo 12.30", "puh. 0401234567",
        "040 123 4567", "+358 40 123 4567", "040123 4567", "viite 12 34561", "1310523081", "131052 3081",
        "tilaus 310290901A", "2026-11-24 10:00", "31.2.2010-900O", "31.2.1990A900O", "\uff10\uff14\uff10 1234567",
        "x310290 - 900O", "310290 - 900OO", "3102901 - 900O", "Testitie 1.2.30 \u00e4 500 m",
    ],
)  # fmt: skip
def test_phones_order_numbers_and_dates_stay(text: str) -> None:
    assert mask(text) == (text, 0)


@given(st.text("0123456789 ()./\xa0\uff10\uff17", max_size=40))
@settings(max_examples=300, deadline=None)
def test_digits_without_a_letter_and_a_sign_are_never_masked(text: str) -> None:
    assert mask(text) == (text, 0)
    assert mask(f"+{text}") == (f"+{text}", 0)


def test_of_what_only_looks_like_one_a_thirtieth_is_masked() -> None:
    """A check character is right by chance once in 31 times."""
    phones = [f"040123 - {number:04}" for number in range(10000)]
    orders = [f"010126{number:03}{letter}" for number in range(1000) for letter in LETTERS]
    for texts in (phones, orders):
        assert sum(mask(text)[1] for text in texts) / len(texts) < 0.04
