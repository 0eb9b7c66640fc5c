"""An erased person does not come back (invariant 10), whatever of them is sent, and nobody else is kept out."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from store.batch import Landed
from store.engine import reading, writing
from store.tables import Quarantine, TombstoneKey, table
from sync.recognising import REASON, Recognition
from tests.sync.declaring import declare
from tests.sync.engine import START, Registry
from tests.sync.house import House

MAIJA = {"first_name": "Maija", "last_name": "Malli", "email": "maija@example.com", "phone": "+358400000101"}
FAMILY = "+358400000200"
MOTHER = {"first_name": "Aino", "last_name": "Perhe", "phone": FAMILY}
CHILD = {"first_name": "Veikko", "last_name": "Perhe", "phone": FAMILY}
LONG_AFTER = START + timedelta(days=365)


@pytest.fixture
def house(registry: Registry, tmp_path: Path) -> House:
    return _house(registry, tmp_path)


@pytest.fixture
def light_house(light_registry: Registry, tmp_path: Path) -> House:
    return _house(light_registry, tmp_path)


def _house(registry: Registry, folder: Path) -> House:
    """Maija was erased, Pekka stays."""
    house = House(registry, folder)
    house.land(one=MAIJA, pekka={"name": "Pekka Muu", "phone": "+358400000900"})
    house.book(owner="one", old={"starts_at": START})
    house.erase("salon:one")
    return house


def became(landed: Landed) -> tuple[int, int, int]:
    """(new, dropped, quarantined)."""
    return landed.new, landed.erased, landed.quarantined


def test_what_was_erased_is_dropped_and_counted_each_time_that_it_is_sent(house: House) -> None:
    for _ in range(2):
        assert became(house.land(one=MAIJA)) == (0, 1, 0)
        assert became(house.book(owner="one", old={"starts_at": START})) == (0, 1, 0)
    (stone,) = house.stones()
    assert (stone.hits, stone.last_hit_at) == (4, house.registry.clock)
    assert house.held() == {"people:pekka"}
    assert house.waiting() == {}


def test_the_numbers_of_a_page_add_up(light_house: House) -> None:
    landed = light_house.land(
        one=MAIJA, pekka={"name": "Pekka Muu", "phone": "+358400000900"}, new={"name": "Uusi Malli"}, two=MAIJA
    )
    assert (landed.new, landed.unchanged, landed.erased, landed.quarantined) == (1, 1, 2, 0)


def test_under_a_new_id_and_at_another_source_too(house: House) -> None:
    assert became(house.land("school", anew={"name": "M. Malli", "email": "MAIJA+kurssi@example.com"})) == (0, 1, 0)
    assert became(house.land(two={**MAIJA, "first_name": "Maj", "street": "Uusikatu 3"})) == (0, 1, 0)


@pytest.mark.parametrize(
    ("field", "value", "row"),
    [
        ("phones", '["+358400000555"]', {"phone": "+358400000555"}),
        ("emails", '["Uusi@Example.com"]', {"email": "uusi+kurssi@example.com"}),
    ],
)
def test_by_a_contact_that_only_a_correction_brought(
    registry: Registry, tmp_path: Path, field: str, value: str, row: dict[str, str]
) -> None:
    house = House(registry, tmp_path)
    house.land(one=MAIJA)
    registry.reconcile()
    declare(registry, "salon:one", "correction", field=field, value=value)
    house.erase("salon:one")
    assert became(house.land("school", anew={"name": "Maija Malli", **row})) == (0, 1, 0)


def test_what_a_dropped_id_owns_is_known_from_then_on(house: House) -> None:
    house.land(two=MAIJA)
    assert became(house.book(owner="two", b={"starts_at": START})) == (0, 1, 0)
    house.begin_run()
    assert became(house.book(owner="two", c={"starts_at": START})) == (0, 1, 0)
    assert became(house.land(two={"name": "Maija"})) == (0, 1, 0), "without its contacts too"


def test_with_a_contact_that_is_new_it_waits_and_holds_nothing(house: House) -> None:
    assert became(house.land(one={**MAIJA, "email": "uusi@example.com"})) == (0, 0, 1)
    assert became(house.land(two={"name": "Joku", "email": "maija@example.com", "phone": "+358400000777"})) == (0, 0, 1)
    quarantine = table(Quarantine)
    with reading(house.registry.engine) as connection:
        rows = connection.execute(select(quarantine).order_by(quarantine.c.id)).all()
    assert [(row.key, row.fields, row.reason, row.tombstone_id) for row in rows] == [
        ("one", '{"id": "one"}', REASON, 1),
        ("two", '{"id": "two"}', REASON, 1),
    ]
    assert house.held() == {"people:pekka"}


def test_who_signed_up_after_the_erasure_waits(house: House) -> None:
    assert became(house.land(back={**MAIJA, "created_at": LONG_AFTER})) == (0, 0, 1)
    assert became(house.land(again={**MAIJA, "created_at": START})) == (0, 1, 0)
    assert house.waiting()["back"].created_at == "2027-01-01T09:00:00.000Z"


def test_what_somebody_does_who_waits_waits_too(house: House) -> None:
    house.land(back={**MAIJA, "created_at": LONG_AFTER})
    assert became(house.book(owner="back", b={"starts_at": START})) == (0, 0, 1)
    assert house.waiting().keys() == {"back", "b"}


def test_what_is_booked_after_the_erasure_waits_by_id_and_by_contact(house: House) -> None:
    assert became(house.book(owner="one", new={"created_at": LONG_AFTER, "starts_at": LONG_AFTER})) == (0, 0, 1)
    assert became(house.book(owner="one", moved={"created_at": START, "starts_at": LONG_AFTER})) == (0, 1, 0)
    by_phone = {"client_phone": MAIJA["phone"], "client_name": "Maija Malli"}
    assert became(house.book(p={**by_phone, "starts_at": LONG_AFTER})) == (0, 0, 1)
    assert became(house.book(q={**by_phone, "starts_at": START})) == (0, 1, 0)
    assert became(house.book(r={**by_phone, "starts_at": START, "client_email": "pekka@example.com"})) == (0, 0, 1)
    assert became(house.book(s={"client_name": "Maija Malli", "starts_at": START})) == (1, 0, 0), (
        "a name is everybody's"
    )
    assert became(house.book(owner="nobody", t={**by_phone, "starts_at": START})) == (0, 1, 0)
    assert became(house.book(owner="pekka", u={**by_phone, "starts_at": START})) == (1, 0, 0), "his, whatever it says"


def test_of_a_family_the_others_are_no_hit(house: House) -> None:
    house.land(mother=MOTHER, child=CHILD)
    house.erase("salon:child")
    assert became(house.land(child=CHILD)) == (0, 1, 0)
    assert became(house.land("school", child=CHILD)) == (0, 1, 0)
    assert became(house.land("school", mother=MOTHER)) == (1, 0, 0)
    assert became(house.land("school", father={"first_name": "Kalle", "phone": FAMILY})) == (1, 0, 0)
    assert became(house.land("reseller", child={"name": "Perhe Veikko", "phone": FAMILY})) == (0, 0, 1), (
        "which is which?"
    )
    assert became(house.land("reseller", mother={"name": "Perhe Aino", "phone": FAMILY})) == (1, 0, 0)
    book = {"starts_at": START, "client_phone": FAMILY}
    assert became(house.book("reseller", b={**book, "client_name": "Veikko"})) == (0, 1, 0)
    assert became(house.book("reseller", c={**book, "client_name": "Aino Perhe"})) == (1, 0, 0)


HERS = {"first_name": "Maijastiina", "last_name": "Qvarnberg", "phone": FAMILY}
HIS = {"first_name": "Veeti", "last_name": "Qvarnberg", "phone": FAMILY}


@pytest.fixture
def shared(house: House) -> House:
    """Maijastiina was erased; Veeti and Marja, who had one phone with her, are here."""
    house.land(hers=HERS, his=HIS, mother={"first_name": "Marja", "phone": FAMILY})
    house.erase("salon:hers")
    return house


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({"first_name": "Maijastiina", "last_name": "Uusi"}, (0, 1, 0)),
        ({"first_name": "M.", "last_name": "Qvarnberg"}, (0, 0, 1)),
        ({"name": "M Qvarnberg"}, (0, 0, 1)),
        ({"name": "Qvarnberg"}, (0, 0, 1)),
        ({"last_name": "Qvarnberg"}, (0, 0, 1)),
        ({}, (0, 0, 1)),
        ({"first_name": "Maija", "last_name": "Qvarnberg"}, (0, 0, 1)),
        ({"name": "Qvarnberg Maija"}, (0, 0, 1)),
        ({"first_name": "Maijastiinaliisa"}, (0, 0, 1)),
        ({"first_name": "V.", "last_name": "Qvarnberg"}, (1, 0, 0)),
        ({"first_name": "Veeti", "last_name": "Qvarnberg"}, (1, 0, 0)),
        ({"name": "Qvarnberg Veeti"}, (1, 0, 0)),
        ({"first_name": "Kalle", "last_name": "Qvarnberg"}, (1, 0, 0)),
        ({"first_name": "Marja"}, (1, 0, 0)),
        ({"first_name": "Mauri", "last_name": "Muu"}, (1, 0, 0)),
    ],
)
def test_on_a_contact_of_a_family_less_than_a_first_name_waits(
    shared: House, said: dict[str, str], numbers: tuple[int, int, int]
) -> None:
    assert became(shared.land("school", new={**said, "phone": FAMILY})) == numbers


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({"client_name": "M. Qvarnberg"}, (0, 0, 1)),
        ({"client_name": "Qvarnberg"}, (0, 0, 1)),
        ({}, (0, 0, 1)),
        ({"client_name": "Maijastiina"}, (0, 1, 0)),
        ({"client_name": "Veeti Qvarnberg"}, (1, 0, 0)),
    ],
)
def test_and_so_does_what_was_booked(shared: House, said: dict[str, str], numbers: tuple[int, int, int]) -> None:
    assert became(shared.book("school", b={**said, "starts_at": START, "client_phone": FAMILY})) == numbers


@pytest.mark.parametrize(
    ("erased", "comes", "fate"),
    [
        ("Maria", "Maija", (0, 0, 1)),
        ("Maija", "Maria", (0, 0, 1)),
        ("Maija", "Maijastiina", (0, 0, 1)),
        ("M", "Maija", (0, 0, 1)),
        ("Liisa", "Maija", (1, 0, 0)),
        ("Maija", "Mauri", (1, 0, 0)),
    ],
)
def test_a_short_form_and_a_longer_one_wait_both_ways(
    light_house: House, erased: str, comes: str, fate: tuple[int, int, int]
) -> None:
    light_house.land(hers={"first_name": erased, "phone": FAMILY}, his=HIS)
    light_house.erase("salon:hers")
    assert became(light_house.land("school", new={"first_name": comes, "phone": FAMILY})) == fate


def test_who_is_here_by_that_very_name_lands(light_house: House) -> None:
    """Marja may be called Maija; but she is here with that phone."""
    light_house.land(hers={"first_name": "Maija", "phone": FAMILY}, mother={"first_name": "Marja", "phone": FAMILY})
    light_house.erase("salon:hers")
    assert became(light_house.land("school", mother={"first_name": "Marja", "phone": FAMILY})) == (1, 0, 0)
    assert became(light_house.land("school", other={"first_name": "Maria", "phone": FAMILY})) == (0, 0, 1)


def test_what_is_held_is_never_asked_about(house: House) -> None:
    landed = house.land(pekka={"name": "Pekka Muu", "phone": MAIJA["phone"]})
    assert (landed.changed, landed.erased, landed.quarantined) == (1, 0, 0)


def test_what_its_source_marks_as_removed_is_dropped_too(light_house: House) -> None:
    landed = light_house.registry.land("salon", {"one": MAIJA}, deleted=["one"])
    assert became(landed) == (0, 1, 0)


def test_an_id_that_another_program_learns_meanwhile_counts_from_the_next_page_on(house: House) -> None:
    run = Recognition(house.key_file)
    beside, house.registry.recognise = house.registry.recognise, run
    for number in range(3):  # enough for all keys to be read
        house.land(**{f"new-{number}-{at}": {"name": f"Joku{number} Muu{at}"} for at in range(30)})
    house.registry.recognise = beside
    assert became(house.land(two=MAIJA)) == (0, 1, 0)
    house.registry.recognise = run
    assert became(house.book(owner="two", b={"starts_at": START})) == (0, 1, 0)


def test_whether_all_keys_are_read_or_looked_up_changes_nothing(house: House) -> None:
    many = {f"p{number}": {"name": f"Testi {number}", "phone": f"+35840{number:07}"} for number in range(60)}
    assert became(house.land(**many)) == (60, 0, 0)  # more than it takes to read them all
    assert became(house.land(one=MAIJA, two=MAIJA)) == (0, 2, 0)
    assert became(house.book(owner="two", b={"starts_at": START})) == (0, 1, 0), "what was learnt since is among them"
    house.land(late={"name": "Myöhäinen", "phone": "+358400000333"})
    house.erase("salon:late")
    assert became(house.land("school", late={"name": "x", "phone": "+358400000333"})) == (0, 1, 0), "and who was erased"


def refused(house: House, key: str, fields: str, stream: str = "people", kind: str = "customer") -> Landed:
    """A row lands that could not be mapped."""
    from store.batch import Batch, RejectedRow
    from store.landing import land

    registry = house.registry
    rejected = [RejectedRow(key, fields, "no name")]
    batch = Batch("salon", stream, kind, "run", registry.act().now, registry.origin, "test", (), rejected, "people")
    with writing(registry.engine) as connection:
        return land(connection, batch, registry.recognise)


@pytest.mark.parametrize(
    ("key", "fields", "numbers", "kept"),
    [
        ("one", '{"Nimi": ""}', (0, 1, 0), None),
        ("row-1", '{"Puh": "040 000 0101"}', (0, 0, 1), '{"id": "row-1"}'),
        ("row-1", '{"posti": {"oma": ["Maija@Example.COM"]}}', (0, 0, 1), '{"id": "row-1"}'),
        ("row-1", '{"Puh": "040 000 0102", "n": 7, "x": true}', (0, 0, 1), None),
        ("pekka", '{"Puh": "040 000 0101"}', (0, 0, 1), None),
    ],
)
def test_a_row_that_nobody_could_read_keeps_nothing_of_the_erased(
    light_house: House, key: str, fields: str, numbers: tuple[int, int, int], kept: str | None
) -> None:
    landed = refused(light_house, key, fields)
    assert became(landed) == numbers
    with reading(light_house.registry.engine) as connection:
        found = connection.execute(select(table(Quarantine))).all()
    assert [row.fields for row in found] == ([kept or fields] if numbers[2] else [])
    assert [row.tombstone_id for row in found] == ([1 if kept else None] if numbers[2] else [])


def test_an_owner_in_a_row_that_nobody_could_read_is_known(light_house: House) -> None:
    assert became(refused(light_house, "b9", '{"user_id": "one"}', "bookings", "booking")) == (0, 0, 1)
    assert light_house.waiting()["b9"].tombstone_id == 1


def test_admitted_with_the_person_all_of_it_comes_in(house: House) -> None:
    back = {**MAIJA, "created_at": LONG_AFTER}
    house.land(back=back)
    house.book(owner="back", b={"starts_at": START})
    assert house.admit(house.waiting()["back"])
    assert house.waiting().keys() == {"back", "b"}, "until they are sent again"
    assert became(house.land(back=back, one=MAIJA)) == (2, 0, 0)
    assert became(house.book(owner="back", b={"starts_at": START})) == (1, 0, 0)
    assert house.waiting() == {}


def test_admitted_alone_nothing_else_comes_in(house: House) -> None:
    somebody = {"name": "Joku Muu", "phone": MAIJA["phone"], "email": "joku@example.com"}
    house.land(other=somebody)
    house.book(owner="other", b={"starts_at": START})
    assert not house.admit(house.waiting()["other"], person=False)
    assert became(house.land(other=somebody, one=MAIJA)) == (1, 1, 0)
    assert became(house.book(owner="other", b={"starts_at": START}, c={"starts_at": START})) == (2, 0, 0)
    assert became(house.book(owner="one", old={"starts_at": START})) == (0, 1, 0)
    assert house.waiting() == {}


def test_an_activity_is_admitted_alone_unless_it_is_said(house: House) -> None:
    new = {"created_at": LONG_AFTER}
    house.book(owner="one", new=new)
    assert not house.admit(house.waiting()["new"])
    assert became(house.book(owner="one", new=new)) == (1, 0, 0)
    assert became(house.land(one=MAIJA)) == (0, 1, 0)
    house.book(owner="one", more=new)
    assert house.admit(house.waiting()["more"], person=True)
    assert became(house.land(one=MAIJA)) == (1, 0, 0)


def test_refused_it_is_dropped_from_then_on_and_nobody_is_asked_again(house: House) -> None:
    back = {**MAIJA, "created_at": LONG_AFTER}
    house.land(back=back)
    house.book(owner="back", b={"starts_at": LONG_AFTER})
    house.refuse(house.waiting()["back"])
    house.refuse(house.waiting()["b"])
    assert house.waiting() == {}
    assert became(house.land(back=back)) == (0, 1, 0)
    assert became(house.book(owner="back", b={"starts_at": LONG_AFTER}, c={"created_at": LONG_AFTER})) == (0, 2, 0)
    assert became(house.land(further={**MAIJA, "created_at": LONG_AFTER})) == (0, 0, 1), (
        "another row is another question"
    )


def test_who_is_erased_again_stays_away_whatever_was_decided_before(house: House) -> None:
    somebody = {"name": "Joku Muu", "phone": MAIJA["phone"], "email": "joku@example.com"}
    house.land(other=somebody)
    house.admit(house.waiting()["other"], person=False)
    house.land(other=somebody)
    house.erase("salon:other")
    assert became(house.land(other=somebody)) == (0, 1, 0)


def test_what_went_by_its_age_stays_away_although_its_owner_is_here(light_house: House) -> None:
    from privacy.erasure import RETENTION, erase

    house, registry = light_house, light_house.registry
    house.book(owner="pekka", ancient={"starts_at": START}, recent={"starts_at": START})
    with writing(registry.engine) as connection:
        ids = [registry.id_of(connection, "salon", "ancient")]
        erase(connection, ids, basis=RETENTION, now=registry.act().now, pseudonyms=house.digests)
    landed = house.book(owner="pekka", ancient={"starts_at": START}, recent={"starts_at": START}, third={})
    assert (landed.new, landed.unchanged, landed.erased) == (1, 1, 1)


def test_a_tombstone_learns_no_id_of_one_who_may_be_somebody_else(light_house: House) -> None:
    keys = table(TombstoneKey)

    def number() -> int:
        with reading(light_house.registry.engine) as connection:
            return len(connection.execute(select(keys)).all())

    before = number()
    light_house.land(two={**MAIJA, "email": "uusi@example.com"}, three={**MAIJA, "created_at": LONG_AFTER})
    assert number() == before
    light_house.land(four=MAIJA)
    light_house.land(four=MAIJA)
    assert number() == before + 1
