"""Readers of single values."""

from typing import Any

import pytest
from hypothesis import given

from connectors.thinkific.values import UnreadableError, cents, cents_of_units, flag, identifier, moment, share, text
from tests.connectors.thinkific.samples import JSON


@pytest.mark.parametrize("reader", [text, identifier, moment, share, flag, cents, cents_of_units])
@given(value=JSON)
def test_a_reader_reads_or_says_what_it_is_not_without_quoting(reader: Any, value: Any) -> None:
    try:
        reader(value)
    except UnreadableError as error:
        assert str(error) in {
            "no text", "no id", "no time", "no number", "neither yes nor no", "no amount",
        }  # fmt: skip


@pytest.mark.parametrize("word", ["kyllä", "KYLLÄ", "yes", "true", "1", "on", "x", 1, True, 1.0])
def test_a_yes_in_any_word(word: object) -> None:
    assert flag(word) is True


@pytest.mark.parametrize("word", ["ei", "Ei", "no", "false", "0", "off", 0, False])
def test_a_no_in_any_word(word: object) -> None:
    assert flag(word) is False
