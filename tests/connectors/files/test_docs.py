"""What docs/file-exports.md promises the owner is what the tables say."""

from pathlib import Path

import pytest

from connectors.files import columns, states, values

TEXT = (Path(__file__).parents[3] / "docs" / "file-exports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [columns.CUSTOMER, columns.BOOKING], ids=["customers", "bookings"])
def test_every_heading_is_listed_with_its_field(table: dict[str, tuple[str, ...]]) -> None:
    for field, headings in table.items():
        assert f"| `{field}` | {', '.join(headings)} |" in TEXT


def test_every_word_for_yes_and_no_is_listed() -> None:
    lower = TEXT.casefold()
    assert {word for word in values.YES | values.NO if word not in lower} <= {"kylla", "epatosi"}


def test_every_finnish_word_of_state_is_listed() -> None:
    english = {"completed", "sold", "cancelled", "booked", "reserved", "payment"}
    finnish = {word for words in states._STATE_WORDS.values() for word in words} - english
    assert len(finnish) > 8
    assert {word for word in finnish if word not in TEXT} == set()
