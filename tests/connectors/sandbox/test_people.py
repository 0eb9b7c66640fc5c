"""The made-up people: the same for ever, possible, and truly known."""

import hashlib
import re
from collections import Counter

import phonenumbers
import pytest

from connectors.sandbox import words
from connectors.sandbox.made import Noise
from connectors.sandbox.making import NO_SHOW
from connectors.sandbox.people import Population
from connectors.sandbox.registered import noise_of, truth_of

LISTS = ("people", "accounts", "clients", "enrollments", "orders", "bookings")
PEOPLE = Population(7, 3000)
LATER = PEOPLE.change(1, 0.05)


def everything(population: Population) -> list[object]:
    return [getattr(population, name) for name in LISTS]


def parent_of(person: int) -> int:
    return PEOPLE.people[person - 1].family


def test_the_same_seed_makes_the_same_people() -> None:
    assert everything(Population(7, 300)) == everything(Population(7, 300))


def test_another_seed_makes_other_people() -> None:
    assert Population(8, 300).people != Population(7, 300).people


def test_the_people_of_a_seed_are_the_same_on_every_machine() -> None:
    digest = hashlib.sha256(repr(everything(Population(1, 50).change(2))).encode()).hexdigest()
    assert digest[:16] == "f8236d9144823460"


def test_so_many_people_are_made_as_are_asked_for() -> None:
    assert [len(Population(1, count).people) for count in (0, 1, 2, 57)] == [0, 1, 2, 57]


def test_one_in_four_is_known_at_both_places() -> None:
    at_both = {row.person for row in PEOPLE.accounts} & {row.person for row in PEOPLE.clients}
    assert 0.22 < len(at_both) / 3000 < 0.28
    assert {row.person for row in PEOPLE.accounts} | {row.person for row in PEOPLE.clients} == set(range(1, 3001))


def test_a_population_of_the_school_alone_has_exact_numbers() -> None:
    population = Population(1, 400, both=0, school_only=1)
    assert (len(population.accounts), len(population.enrollments), len(population.clients)) == (400, 800, 0)


@pytest.mark.parametrize("population", [PEOPLE, LATER], ids=["at first", "later"])
def test_every_phone_is_a_valid_finnish_mobile_number(population: Population) -> None:
    for person in population.people:
        for phone in person.phones:
            number = phonenumbers.parse(phone)
            assert phonenumbers.is_valid_number(number)
            assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
            assert phonenumbers.region_code_for_number(number) == "FI"


def test_the_block_of_phones_is_valid_to_its_end_and_holds_none_twice() -> None:
    indexes = [*range(0, 700_000, 997), 599_999, 600_000, 1_000_000]
    numbers = {words.phone_number(index) for index in indexes}
    assert len(numbers) == len(indexes)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)


@pytest.mark.parametrize("style", range(5))
def test_a_phone_as_a_person_types_it_is_the_same_number(style: int) -> None:
    typed = phonenumbers.parse(words.national("+358410000017", style), "FI")
    assert phonenumbers.format_number(typed, phonenumbers.PhoneNumberFormat.E164) == "+358410000017"


def test_only_a_family_shares_a_phone() -> None:
    owners: dict[str, set[int]] = {}
    for person in PEOPLE.people:
        for phone in person.phones:
            owners.setdefault(phone, set()).add(person.family or person.id)
    assert all(len(families) == 1 for families in owners.values())


def test_an_email_address_is_unique_at_the_school_and_reaches_nobody() -> None:
    for population in (PEOPLE, LATER):
        emails = [row.email for row in population.accounts]
        assert len(set(emails)) == len(emails)
        assert all(re.fullmatch(r"[^@\s]+@example\.(com|org|net)", email) for email in emails)


def test_nothing_looks_like_an_identity_code() -> None:
    assert not re.search(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b", repr(everything(LATER)))


def test_the_truth_knows_every_row() -> None:
    by_side = Counter(platform for platform, _ in truth_of(PEOPLE))
    assert sorted(by_side.values()) == sorted([len(PEOPLE.accounts), len(PEOPLE.clients)])
    assert truth_of(PEOPLE)["thinkific", str(PEOPLE.accounts[0].id)] == PEOPLE.accounts[0].person
    assert truth_of(PEOPLE)["timma", PEOPLE.clients[0].id] == PEOPLE.clients[0].person


def test_every_kind_of_noise_occurs() -> None:
    assert set(noise_of(PEOPLE).values()) == set(Noise) - {Noise.NONE}


def test_noise_is_what_its_kind_says() -> None:
    people, seen = PEOPLE.people, 0
    for row in PEOPLE.accounts:
        person = people[row.person - 1]
        claims = {
            Noise.UPPER: row.first_name == person.first_name.upper(),
            Noise.OTHER_EMAIL: row.email != person.emails[0] and row.phone == person.phones[0],
            Noise.NO_PHONE: row.phone is None,
            Noise.NICKNAME: row.first_name == words.NICKNAMES.get(person.first_name),
            Noise.SWAPPED: (row.first_name, row.last_name) == (person.last_name, person.first_name),
            Noise.PLUS_TAG: "+" in row.email,
            Noise.MOVED: row.email not in person.emails[:1] and row.phone not in person.phones[:1],
            Noise.NONE: (row.first_name, row.email) == (person.first_name, person.emails[0]),
        }
        assert claims.get(row.noise, True), row
        seen += row.noise in claims
    assert seen > 1000


def test_noise_at_the_salon_is_what_its_kind_says() -> None:
    for row in PEOPLE.clients:
        person = PEOPLE.people[row.person - 1]
        claims = {
            Noise.FOLDED: row.name == words.fold(person.first_name + " " + person.last_name),
            Noise.NO_EMAIL: row.email is None and row.phone is not None,
            Noise.TYPO: row.first_name != person.first_name and row.last_name == person.last_name,
            Noise.NONE: row.first_name == person.first_name,
        }
        assert claims.get(row.noise, True), row


def test_a_child_has_its_parents_phone_and_name_but_another_first_name() -> None:
    children = [person for person in PEOPLE.people if person.family]
    assert len(children) > 50
    for child in children:
        parent = PEOPLE.people[child.family - 1]
        assert child.phones[0] == parent.phones[0]
        assert child.last_name == parent.last_name
        assert child.first_name[:3] != parent.first_name[:3]


def test_a_family_address_is_shared_only_between_the_two_places() -> None:
    shared = [row for row in PEOPLE.clients if row.noise is Noise.FAMILY_EMAIL]
    assert shared
    assert all(row.email == PEOPLE.people[parent_of(row.person) - 1].emails[0] for row in shared)


def test_bookings_are_past_and_coming_cancelled_and_missed() -> None:
    kinds = Counter(
        (row.status, row.deleted_on is not None, row.reason == NO_SHOW, row.starts_at > PEOPLE.now)
        for row in PEOPLE.bookings
    )
    assert {
        ("sold", False, False, False),
        ("reserved", False, False, True),
        ("reserved", True, False, True),
        ("reserved", True, True, False),
        ("payment", False, False, True),
        ("notForSale", False, False, False),
    } <= set(kinds)


def test_bookings_enrollments_and_orders_belong_to_somebody() -> None:
    for population in (PEOPLE, LATER):
        clients, accounts = {row.id for row in population.clients}, {row.id for row in population.accounts}
        assert {row.client_id for row in population.bookings} <= clients | {None}
        assert {row.user_id for row in population.enrollments} <= accounts
        assert {row.user_id for row in population.orders} <= accounts | {None}


def test_a_person_is_enrolled_on_a_course_once() -> None:
    for population in (PEOPLE, LATER):
        pairs = [(row.user_id, row.course) for row in population.enrollments]
        assert len(set(pairs)) == len(pairs)


def test_times_are_in_order() -> None:
    for population in (PEOPLE, LATER):
        for row in population.enrollments:
            assert row.created_at <= row.updated_at <= population.now
            assert (row.percent == 100) == (row.completed_at is not None)


def test_a_later_state_is_the_same_however_it_is_come_to() -> None:
    first = Population(3, 200)
    assert everything(first.change(2)) == everything(first.change(1).change(2))
    assert everything(first.change(2)) == everything(Population(3, 200).change(2))
    assert everything(first) == everything(Population(3, 200))


def test_a_population_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        LATER.change(0)


def test_no_share_changes_nothing() -> None:
    assert everything(PEOPLE.change(1, 0)) == everything(PEOPLE)


def test_a_share_of_the_rows_changes_and_the_others_are_the_same_objects() -> None:
    before = {row.id: row for row in PEOPLE.accounts}
    changed = [row for row in LATER.accounts if row.id in before and row is not before[row.id]]
    assert 0.04 < len(changed) / len(before) < 0.06
    same = {id(row) for row in PEOPLE.enrollments} & {id(row) for row in LATER.enrollments}
    assert 0.9 < len(same) / len(PEOPLE.enrollments) < 0.97


def test_people_come_leave_and_withdraw_their_consent() -> None:
    before = {row.id: row for row in PEOPLE.accounts}
    assert len(LATER.people) > len(PEOPLE.people)
    assert before.keys() - {row.id for row in LATER.accounts}
    assert len([row for row in LATER.clients if row.deleted_on]) > len(
        [row for row in PEOPLE.clients if row.deleted_on]
    )
    assert [r for r in LATER.accounts if r.id in before and before[r.id].email_marketing and r.email_marketing is False]
    assert None in {row.user_id for row in LATER.orders}


def test_progress_moves_with_its_time() -> None:
    before = {row.id: row for row in PEOPLE.enrollments}
    moved = [row for row in LATER.enrollments if row.id in before and row is not before[row.id]]
    assert moved
    assert all(row.updated_at > before[row.id].updated_at for row in moved)
    assert all(row.percent >= before[row.id].percent for row in moved)


def test_what_is_new_at_a_step_is_dated_that_day() -> None:
    day = LATER.now - 24 * 60 * 60_000
    known = {(name, row.id) for name in LISTS for row in getattr(PEOPLE, name)}
    new = {name: [row for row in getattr(LATER, name) if (name, row.id) not in known] for name in LISTS}
    assert all(new.values())
    for name in ("accounts", "enrollments", "bookings"):
        assert all(day <= row.created_at < LATER.now for row in new[name])
    assert all(day <= row.updated_at <= LATER.now for row in new["enrollments"])
    assert all(row.starts_at > LATER.now for row in new["bookings"] if row.client_id)


def test_no_id_is_ever_given_twice() -> None:
    for name in ("accounts", "clients", "enrollments", "orders", "bookings"):
        ids = [row.id for row in getattr(LATER.change(3, 0.05), name)]
        assert len(set(ids)) == len(ids)
    new = {row.id for row in LATER.accounts} - {row.id for row in PEOPLE.accounts}
    assert min(new) > max(row.id for row in PEOPLE.accounts)


def test_a_change_is_known_to_the_truth() -> None:
    for row in LATER.accounts:
        person = LATER.people[row.person - 1]
        known = {*person.emails, *map(words.plus_tagged, person.emails), *map(words.dotted, person.emails)}
        assert row.email in known
        assert row.phone is None or row.phone in person.phones
    assert truth_of(LATER)["timma", LATER.clients[-1].id] == LATER.clients[-1].person
