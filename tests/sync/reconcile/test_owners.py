"""To whom a booking belongs that names no customer id: to nobody, where there is doubt."""

import pytest

from sync.reconcile.owners import Claim, choose_owner

MAIJA = {"client_name": "Maija Testaaja"}


def claim(id_: int, kind: str, name: str = "", *, former: bool = False) -> Claim:
    first, _, last = name.partition(" ")
    return Claim(kind, id_, {"first_name": first, "last_name": last} if name else {}, former)


@pytest.mark.parametrize("kind", ["phone", "email", "name"])
def test_one_who_fits_is_the_owner(kind: str) -> None:
    assert choose_owner(MAIJA, [claim(1, kind, "Maija Testaaja")]) == 1


def test_a_phone_says_more_than_a_mailbox_and_that_more_than_a_name() -> None:
    claims = [claim(3, "name", "Maija Testaaja"), claim(2, "email", "Maija"), claim(1, "phone", "Maija")]
    assert choose_owner(MAIJA, claims) == 1
    assert choose_owner(MAIJA, claims[:2]) == 2
    assert choose_owner(MAIJA, claims[:1]) == 3
    assert choose_owner(MAIJA, []) is None


def test_on_a_family_phone_only_the_one_with_the_name_is_meant() -> None:
    family = [claim(1, "phone", "Onni Testaaja"), claim(2, "phone", "Maija Testaaja")]
    assert choose_owner(MAIJA, family) == 2
    assert choose_owner(MAIJA, family[:1]) is None


def test_where_nobody_on_the_phone_is_meant_the_mailbox_is_asked() -> None:
    assert choose_owner(MAIJA, [claim(1, "phone", "Onni"), claim(2, "email", "Maija")]) == 2


def test_a_present_contact_comes_before_a_former_one_of_its_kind() -> None:
    former, present = claim(1, "phone", "Maija Testaaja", former=True), claim(2, "phone", "Maija Testaaja")
    assert choose_owner(MAIJA, [former, present]) == 2
    assert choose_owner(MAIJA, [former, claim(2, "phone", "Onni")]) == 1
    assert choose_owner(MAIJA, [former, claim(2, "email", "Maija")]) == 1, "a former phone before a mailbox"


def test_of_several_the_one_with_the_very_same_name_is_the_owner() -> None:
    several = [claim(1, "phone", "Maija"), claim(2, "phone", "Maija Testaaja"), claim(3, "phone", "M Testaaja")]
    assert choose_owner(MAIJA, several) == choose_owner(MAIJA, several[::-1]) == 2
    assert choose_owner({"client_name": "TESTAAJA, Maija"}, several) == 2


@pytest.mark.parametrize("names", [("Maija Testaaja", "Maija Testaaja"), ("Maija", "Maija Testinen"), ("", "")])
def test_where_several_remain_it_is_nobodys(names: tuple[str, str]) -> None:
    assert choose_owner(MAIJA, [claim(id_, "phone", name) for id_, name in enumerate(names, 1)]) is None


def test_a_booking_without_a_name_goes_to_the_only_one_on_the_phone() -> None:
    assert choose_owner({}, [claim(1, "phone", "Maija")]) == 1
    assert choose_owner({}, [claim(1, "phone", "Maija"), claim(2, "phone", "Onni")]) is None
    assert choose_owner({}, [claim(1, "phone"), claim(2, "phone")]) is None


def test_several_claims_of_one_record_are_one() -> None:
    assert choose_owner(MAIJA, [claim(1, "email", "Maija"), claim(1, "email", "Maija")]) == 1
