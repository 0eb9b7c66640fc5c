"""Words that rooms which do not know each other spell each for themselves are the same words."""

from config.entries import KINDS
from connectors.records import BookingState, Kind
from store import batch, matching, owners
from store.activities import LISTS
from sync.reconcile import candidates, judge, keys, model


def test_the_kinds_of_records_are_the_registers() -> None:
    assert tuple(kind.value for kind in Kind) == KINDS


def test_the_store_knows_whose_records_are_whose() -> None:
    assert Kind.CUSTOMER.value == batch.CUSTOMER
    assert batch.ACTIVITIES == (Kind.BOOKING.value, Kind.ENROLLMENT.value, Kind.ORDER.value) == tuple(LISTS)
    assert BookingState.NO_SHOW.value == "no_show", "as store.matching counts it"


def test_the_store_knows_what_match_keys_are_called() -> None:
    assert (owners.PREFIX, matching.CONTACT_KINDS) == (keys.OWNER, (keys.EMAIL, keys.PHONE, keys.ADDRESS))
    assert (*matching.CONTACT_KINDS, keys.FULL_NAME) == matching.BLOCK_KINDS == tuple(candidates.LIMITS)


def test_contacts_are_compared_by_the_names_of_their_keys() -> None:
    assert matching.CONTACT_KINDS == judge.KINDS
    assert {*judge.KINDS, "first", "last"} == set(model.COMPARISONS)
    assert tuple(level.name.lower() for level in judge.Agreement) == model.AGREEMENTS
