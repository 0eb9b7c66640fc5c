"""A contact on more than so many records is a business's own and says nothing about who is who."""

from dataclasses import replace

import pytest

from sync.reconcile.candidates import COMMON
from tests.sync.engine import Registry

MAIL = "salon@example.com"
MAIJA = {"first_name": "Maija", "email": MAIL}


@pytest.fixture
def few(registry: Registry) -> Registry:
    """A registry in which three records may share a contact, and four may not."""
    return replace(registry, common=3)


def ids(*numbers: int) -> dict[str, dict[str, str]]:
    return {str(number): MAIJA for number in numbers}


def whole(*numbers: int) -> set[frozenset[str]]:
    return {frozenset(f"salon:{number}" for number in numbers)}


def alone(*numbers: int) -> set[frozenset[str]]:
    return {frozenset({f"salon:{number}"}) for number in numbers}


def settled(registry: Registry, part: int = 2000) -> set[frozenset[str]]:
    """Who is who after reconciling; a rebuild must say the same."""
    registry.reconcile(part)
    grown = registry.snapshot()
    registry.rebuild()
    assert registry.snapshot() == grown
    return registry.people()


@pytest.mark.parametrize("part", [1, 2000])
def test_the_record_too_many_parts_all_and_its_going_joins_them_again(few: Registry, part: int) -> None:
    few.land("salon", ids(1, 2, 3))
    assert settled(few, part) == whole(1, 2, 3)
    few.land("salon", ids(4))
    assert settled(few, part) == alone(1, 2, 3, 4)
    assert few.pairs("review") == few.pairs("apart") == set()
    few.vanish("salon", "2")
    assert settled(few, part) == whole(1, 3, 4)


def test_a_contact_that_a_record_gives_up_may_be_usable_again(few: Registry) -> None:
    few.land("salon", ids(1, 2, 3, 4))
    assert settled(few) == alone(1, 2, 3, 4)
    few.land("salon", {"4": {"first_name": "Maija", "email": "own@example.com"}})
    assert settled(few) == whole(1, 2, 3) | alone(4)
    few.land("salon", ids(4))
    assert settled(few) == alone(1, 2, 3, 4)


def test_many_may_cross_the_limit_at_once(few: Registry) -> None:
    few.land("salon", ids(1))
    settled(few)
    few.land("salon", ids(2, 3, 4, 5, 6))
    assert settled(few) == alone(*range(1, 7))
    for number in (2, 3, 4, 5):
        few.vanish("salon", str(number))
    assert settled(few) == whole(1, 6)


def test_one_goes_as_another_comes_and_the_limit_is_not_crossed(few: Registry) -> None:
    few.land("salon", ids(1, 2, 3))
    settled(few)
    few.vanish("salon", "1")
    few.land("salon", ids(4))
    assert settled(few) == whole(2, 3, 4)


def test_a_common_contact_leaves_other_contacts_their_say(few: Registry) -> None:
    few.land("salon", {str(number): {**MAIJA, "phone": f"+35840000010{number // 2}"} for number in range(6)})
    assert settled(few) == whole(0, 1) | whole(2, 3) | whole(4, 5)


def test_contacts_that_are_too_common_are_counted_when_they_are_met(few: Registry) -> None:
    few.land("salon", ids(1, 2, 3))
    assert few.reconcile().common == set()
    few.land("salon", ids(4))
    assert few.reconcile().common == {("email", MAIL)}
    few.land("salon", {"5": {"first_name": "Onni", "email": "onni@example.com"}})
    assert few.reconcile().common == set()


def test_the_limit_is_fifty(registry: Registry) -> None:
    assert COMMON == 50
    registry.land("salon", ids(*range(50)))
    registry.reconcile()
    assert registry.people() == whole(*range(50))
    registry.land("salon", ids(50))
    registry.reconcile()
    assert registry.people() == alone(*range(51))


def test_who_is_met_before_its_turn_still_says_how_much_its_other_contacts_are_worth(registry: Registry) -> None:
    """Mikko of the salon joins Mikko of the school, whose turn is first; on his phone are others, of whom nobody
    asked then."""
    phone = {"last_name": "Testaaja", "phone": "+358400000101"}
    registry.land("salon", {"1": phone, "2": {**phone, "first_name": "Kaisa"}})
    registry.reconcile()
    registry.land("school", {"3": {"first_name": "Mikko", "email": "mikko@example.com"}})
    registry.land("salon", {"4": {"first_name": "Mikko", "email": "mikko@example.com", "phone": "+358400000101"}})
    assert frozenset({"school:3", "salon:4"}) in settled(registry, part=1)
