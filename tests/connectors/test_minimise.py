"""Identity codes are masked by shape alone, wherever they stand. The check character `O` occurs in no real code."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.minimise import MASK, is_identity_key, mask, mask_fields

SIGNS = "-+ABCDEFUVWXY"


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
