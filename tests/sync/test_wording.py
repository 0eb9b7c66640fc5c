"""Numbers with their nouns, as reports say them."""

import pytest

from sync.wording import quantity


@pytest.mark.parametrize(("number", "said"), [(0, "0 rows wait"), (1, "1 row waits"), (2, "2 rows wait")])
def test_a_noun_and_its_verb_follow_the_number(number: int, said: str) -> None:
    assert quantity(number, "row", "wait") == said


def test_a_noun_may_stand_alone() -> None:
    assert [quantity(number, "record") for number in (1, 12)] == ["1 record", "12 records"]
