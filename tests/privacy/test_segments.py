"""Segments: versions of rules, and runs through the gate, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from config.errors import ConfigError
from config.register import load_register
from privacy import segments
from privacy.errors import NotPossibleError
from privacy.gate import Reason
from privacy.segments import Segment, Standing
from privacy.uses import use_for
from store import tables
from store.engine import reading, writing
from store.segments import note_run, runs
from store.segments import segments as counting
from sync.cli.listing import mailboxes
from tests.store.test_segment_facts import people
from tests.sync.declaring import consent, declare, lift
from tests.sync.engine import Registry

__all__ = ["people"]

REGISTER = load_register(None)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MAIJA, ONNI = "salon:maija", "salon:onni"


def define(registry: Registry, name: str, rule: str, purpose: str = "analysis", **use: str) -> Segment:
    with writing(registry.engine) as connection:
        return segments.define(
            connection, name, rule, use_for(REGISTER, purpose, **use), REGISTER, author="tester", now=NOW
        )


def group(registry: Registry, segment: Segment) -> tuple[set[str], dict[str, Reason]]:
    """Who is in it and who is left out, by a record of theirs."""
    known = {registry.customer_of(record): record for record in (MAIJA, ONNI, "salon:aino")}
    with reading(registry.engine) as connection:
        found = segments.group(connection, segment, mailboxes(), TODAY)
    assert found.fits == len(found.passed) + sum(found.counts.values())
    assert found.customers == 3
    return {known[one] for one in found.passed}, {known[one]: reason for one, reason in found.left_out.items()}


def standing(registry: Registry, record: str) -> list[Standing]:
    with reading(registry.engine) as connection:
        return segments.of_customer(connection, registry.customer_of(record), REGISTER, mailboxes(), TODAY)


def test_a_name_defined_again_is_a_new_version_and_the_former_stays(light_registry: Registry) -> None:
    first = define(light_registry, "kanta", " bookings  >= 3\n")
    second = define(light_registry, "kanta", "bookings >= 4")
    other = define(light_registry, "muut", "bookings = 0")
    with reading(light_registry.engine) as connection:
        found = segments.versions(connection, "kanta", REGISTER)
        last = [row.id for row in counting(connection)]
        every = [row.id for row in counting(connection, retired=True)]
    assert [(one.id, one.text) for one in found] == [(second.id, "bookings >= 4"), (first.id, "bookings >= 3")]
    assert (last, every) == ([second.id, other.id], [first.id, second.id, other.id])


def test_a_retired_segment_is_not_used_until_it_is_defined_again(light_registry: Registry) -> None:
    define(light_registry, "kanta", "bookings >= 3")
    with writing(light_registry.engine) as connection:
        segments.retire(connection, "kanta", REGISTER, actor="tester", now=NOW)
        assert counting(connection) == []
        for act in (segments.in_force, segments.retire):
            with pytest.raises(NotPossibleError, match=r"retired on 2\.3\.2026; define it again"):
                if act is segments.in_force:
                    segments.in_force(connection, "kanta", REGISTER)
                else:
                    segments.retire(connection, "kanta", REGISTER, actor="tester", now=NOW)
        with pytest.raises(NotPossibleError, match="no segment of this name; write one"):
            segments.in_force(connection, "muut", REGISTER)
    define(light_registry, "kanta", "bookings >= 4")
    with reading(light_registry.engine) as connection:
        assert segments.in_force(connection, "kanta", REGISTER).text == "bookings >= 4"


@pytest.mark.parametrize("name", ["", "Kanta", "kanta asiakkaat", "-kanta", "k" * 61, "kanta/../x"])
def test_a_name_is_short_and_plain(light_registry: Registry, name: str) -> None:
    with pytest.raises(ConfigError, match="lower-case letters and digits"):
        define(light_registry, name, "bookings >= 3")


def test_a_brand_in_a_rule_is_one_of_the_register(light_registry: Registry) -> None:
    define(light_registry, "kanta", "brand is Hieromo")
    with pytest.raises(ConfigError, match="--rule: the register has no brand hieromi; did you mean hieromo"):
        define(light_registry, "kanta", "bookings > 1 or not brand is hieromi")


def test_who_fits_and_passes_is_in_and_who_may_not_be_used_is_left_out_with_the_reason(people: Registry) -> None:
    kanta = define(people, "kanta", "bookings >= 1")
    assert group(people, kanta) == ({MAIJA, ONNI}, {})
    objection = declare(people, ONNI, "objection", scope="direct_advertising")
    restriction = declare(people, "school:maija", "restriction")
    assert group(people, kanta) == (set(), {MAIJA: Reason.RESTRICTED, ONNI: Reason.OBJECTED})
    assert group(people, define(people, "palvelu", "bookings >= 1", "service"))[0] == {ONNI}, "no marketing"
    lift(people, restriction)
    lift(people, objection)
    assert group(people, kanta) == ({MAIJA, ONNI}, {})


def test_a_segment_with_a_channel_holds_who_consents_on_it_alone(people: Registry) -> None:
    texts = define(people, "viestit", "bookings >= 1", channel="sms", brand="artsport")
    assert group(people, texts) == (set(), {MAIJA: Reason.UNKNOWN, ONNI: Reason.UNKNOWN})
    consent(people, MAIJA, "granted", channel="sms", brand="artsport")
    consent(people, ONNI, "withdrawn", channel="sms")
    consent(people, "salon:aino", "granted", channel="sms")
    assert group(people, texts) == ({MAIJA}, {ONNI: Reason.WITHDRAWN})


def test_where_somebody_stands_is_what_a_run_says_of_them(people: Registry) -> None:
    made = [
        define(people, "kanta", "bookings >= 1"),
        define(people, "uni", 'course is "HYVÄN unen kurssi"', channel="email", brand="artsport"),
        define(people, "uudet", "bookings = 0"),
        define(people, "asiakkaat", "customer_since before 2024-01-01", "service"),
    ]
    declare(people, ONNI, "objection", scope="other_direct_marketing")
    consent(people, "school:maija", "refused")
    for record in (MAIJA, ONNI, "salon:aino"):
        said = {one.segment.name: one.reason for one in standing(people, record)}
        ran = {one.name: group(people, one) for one in made}
        assert said == {
            name: left_out.get(record) for name, (members, left_out) in ran.items() if record in members | {*left_out}
        }
    assert [one.segment.name for one in standing(people, MAIJA)] == ["kanta", "uni", "asiakkaat"]


def test_a_rule_out_of_which_an_erasure_took_a_text_groups_nobody(people: Registry) -> None:
    kanta = define(people, "kanta", "course is 'Maijan kurssi' or bookings >= 0")
    segment = tables.table(tables.Segment)
    with writing(people.engine) as connection:
        connection.execute(update(segment).where(segment.c.id == kanta.id).values(rule="[erased]"))
        found = segments.in_force(connection, "kanta", REGISTER)
        assert found.rule is None
        with pytest.raises(NotPossibleError, match="an erasure took a text out"):
            segments.group(connection, found, mailboxes(), TODAY)
    assert standing(people, MAIJA) == []


def test_a_purpose_that_the_register_has_no_more_is_stopped_by_every_objection(people: Registry) -> None:
    kanta = define(people, "kanta", "bookings >= 1", "service")
    declare(people, ONNI, "objection", scope="genealogy")
    assert group(people, kanta)[0] == {MAIJA, ONNI}
    segment = tables.table(tables.Segment)
    with writing(people.engine) as connection:
        connection.execute(update(segment).where(segment.c.id == kanta.id).values(purpose="given_up"))
        again = segments.in_force(connection, "kanta", REGISTER)
    assert group(people, again) == ({MAIJA}, {ONNI: Reason.OBJECTED})


def test_names_that_nobody_has_are_told(people: Registry) -> None:
    kanta = define(people, "kanta", "course is 'niska kuntoon' or not course is Niksa or brand is hieromo")
    assert kanta.rule
    with reading(people.engine) as connection:
        assert [one.value for one in segments.unheard_of(connection, kanta.rule)] == ["Niksa"]


def test_a_run_is_written_down_by_counts_alone(light_registry: Registry) -> None:
    kanta = define(light_registry, "kanta", "bookings >= 1")
    with writing(light_registry.engine) as connection:
        note_run(connection, kanta.id, 3, {"objected": 1}, actor="tester", now=NOW, file_sha256="0" * 64)
        (row,) = runs(connection)
    assert (row.segment_id, row.listed, row.counts, row.actor) == (kanta.id, 3, '{"objected": 1}', "tester")
