"""What the check reads of a registry, on both databases: whether anything is there, never what it is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from config.errors import ConfigError
from config.register import load_register
from connectors.base import Stream
from connectors.records import BookingState, Enrollment, Kind, Order, SourceRecord
from privacy.errors import NotPossibleError
from privacy.notice import checking
from privacy.notice.checking import Checked, check, kept
from privacy.notice.findings import Kept
from privacy.notice.judging import Answer
from privacy.notice.telling import told
from store import disclosures, retention, upkeep
from store import findings as answered
from store.engine import reading, writing
from store.findings import Look
from tests.sync.engine import START, Registry

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def seen(registry: Registry) -> Kept:
    with reading(registry.engine) as connection:
        return kept(connection)


def test_an_empty_registry_collects_nothing(registry: Registry) -> None:
    assert seen(registry) == Kept()


def test_what_is_collected_is_told_by_live_records_alone(registry: Registry) -> None:
    registry.land("school", {"1": {"name": "Aino Malli", "email": "aino@example.com", "discounts": ()},
                             "2": {"name": "Eero Malli", "street": "Mallikatu 1"}})  # fmt: skip
    registry.vanish("school", "2")
    assert seen(registry).collected == {"name", "email", "identifier"}
    assert seen(registry).feeding == {"thinkific"}
    assert not seen(registry).empty


def test_activities_and_free_text_are_collected_too(registry: Registry) -> None:
    registry.land("school", {"1": {"first_name": "Aino", "phone": "+358405550001", "no_show_count": 0,
                                   "email_marketing": False, "discounts": ("10 %",)}})  # fmt: skip
    registry.book("school", {"b": {"state": BookingState.NO_SHOW, "price_cents": 100}}, "1")
    for kind, stream, payload in (
        (Kind.ENROLLMENT, "enrollments", Enrollment(course_id="1", progress=0.5)),
        (Kind.ORDER, "orders", Order(product_id="1")),
    ):
        row = SourceRecord(external_id="x", kind=kind, payload=payload, owner_id="1", notes="vapaa sana")
        registry._land("school", Stream(name=stream, kind=kind, activity="x"), [row])
    assert seen(registry).collected == {
        "name", "phone", "no_shows", "email_consent", "discounts", "bookings", "payments", "courses",
        "course_progress", "purchases", "notes", "identifier",
    }  # fmt: skip


def test_what_is_kept_beside_the_data_counts_while_it_is_in_force(registry: Registry) -> None:
    by = {"recorded_at": NOW, "recorded_by": "tester"}
    agreement = {"type": "dpv:ControllerProcessorAgreement", **by}
    approval = {"country": "FI", "purposes": "[]", "approved_at": NOW, "approved_by": "tester", "reason": "x"}
    with writing(registry.engine) as connection:
        signed = upkeep.add_agreement(connection, {"party": "timma", **agreement})
        upkeep.add_agreement(connection, {"party": "Amazon", "under": "thinkific", **agreement})
        measure = upkeep.add_measure(
            connection,
            {"kind": "technical", "term": "dpv:EncryptionAtRest", "name": "levyn salaus", "since": TODAY, **by},
        )
        partner = disclosures.approve(connection, {"name": "Kumppani", "kind": "partner", **approval})
        disclosures.approve(connection, {"name": "Tilitoimisto", "kind": "processor", **approval})
        retention.set_rule(connection, retention.Ruling("orders", "P6Y", "year_end", "law: x", NOW, "tester"))
        retention.set_rule(connection, retention.Ruling("notes", None, "created", "", NOW, "tester"))
    found = seen(registry)
    assert (found.agreements, found.defined) == (frozenset({"timma"}), frozenset({"orders"}))
    assert (found.partners, found.measures) == (True, True)
    with reading(registry.engine) as connection:
        said = told(connection, load_register(None))
    assert [(other.name, other.kind, other.under) for other in said.others] == [
        ("Amazon", "processor", "thinkific"), ("Kumppani", "partner", None), ("Tilitoimisto", "processor", None),
    ]  # fmt: skip
    assert (said.rules, said.measures) == ({"orders": ("P6Y", "year_end")}, ("levyn salaus",))
    assert (said.duty, said.segments) == (True, False)
    with writing(registry.engine) as connection:
        upkeep.end_agreement(connection, signed, TODAY, "tester", "over")
        upkeep.end_measure(connection, measure, TODAY)
        disclosures.revoke(connection, partner, "over", "tester", NOW)
    found = seen(registry)
    assert (found.agreements, found.partners, found.measures) == (frozenset(), False, False)


def test_a_notice_is_in_force_from_its_day_on(registry: Registry) -> None:
    register = load_register(None)
    with reading(registry.engine) as connection:
        assert check(connection, register, None, TODAY).notice == "2021-03-22"
        before = check(connection, register, None, date(2021, 3, 21))
    assert before.notice is None
    assert "notice_missing" in [one.finding.code for one in before.findings]


CHECKED = Checked("2021-03-22", [])


def asked(registry: Registry, verdict: str, finding: str = "residue:theatre", minutes: int = 0) -> Checked:
    with reading(registry.engine) as connection:
        checked = check(connection, load_register(None), None, TODAY)
    given = Answer(finding, verdict, "why", NOW + timedelta(minutes=minutes), "tester")
    with writing(registry.engine) as connection:
        return checking.answer(connection, checked, given)


def states(checked: Checked) -> dict[str, str]:
    return {one.finding.code: one.state for one in checked.findings}


def test_an_answer_closes_a_finding_until_it_is_reopened_and_every_answer_stays(registry: Registry) -> None:
    with reading(registry.engine) as connection:
        number = check(connection, load_register(None), None, TODAY).open
    for minutes, (verdict, state, less) in enumerate(
        [("accepted", "accepted", 1), ("reopened", "open", 0), ("resolved", "resolved", 1)]
    ):
        after = asked(registry, verdict, minutes=minutes)
        assert states(after)["residue:theatre"] == state
        assert after.open == number - less
    assert after.findings[-1].finding.code == "residue:theatre"  # who has an answer comes last
    with reading(registry.engine) as connection:
        assert [(row.id, row.verdict) for row in answered.answers(connection)] == [(3, "resolved")]


def test_what_nobody_found_or_answered_cannot_be_answered(registry: Registry) -> None:
    with pytest.raises(ConfigError, match="no such finding; did you mean residue:theatre"):
        asked(registry, "accepted", "residue:teatre")
    with pytest.raises(ConfigError) as refused:
        asked(registry, "accepted", "nope:x")
    assert str(refused.value) == "FINDING: there is no such finding; all stand in `rekisteri notice check`"
    with pytest.raises(NotPossibleError, match="open already"):
        asked(registry, "reopened")
    with writing(registry.engine) as connection, pytest.raises(ConfigError, match="no such finding; all"):
        checking.answer(connection, Checked(None, []), Answer("x", "accepted", "why", NOW, "tester"))


def test_what_was_answered_can_be_answered_again_when_it_is_gone(registry: Registry) -> None:
    asked(registry, "accepted")
    with writing(registry.engine) as connection:
        after = checking.answer(connection, CHECKED, Answer("residue:theatre", "reopened", "why", NOW, "tester"))
    assert (after.open, after.findings) == (0, [])


def test_the_last_look_is_kept(registry: Registry) -> None:
    with reading(registry.engine) as connection:
        assert answered.last_look(connection) is None
    for number in (3, 2):
        with writing(registry.engine) as connection:
            answered.note_look(connection, Look(START, number, "digest"))
        with reading(registry.engine) as connection:
            assert answered.last_look(connection) == Look(START, number, "digest")
