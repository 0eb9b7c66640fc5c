"""What is over its time goes, each person in one transaction, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from config.settings import Settings, load
from connectors.base import Page, Stream
from connectors.records import Booking, Kind, Order, SourceRecord
from privacy.cases import Came
from privacy.cases import begin as begin_case
from privacy.cases import close as close_case
from privacy.chain import Emptied
from privacy.contacts import Contact
from privacy.contacts import add as add_contact
from privacy.overdue import Review, review
from privacy.requests import Asked, By, begin, close
from privacy.retention import day_of
from privacy.trail import verify
from store import audit, cases, declarations, direct_marketing, retention
from store.declarations import Said
from store.direct_marketing import Move
from store.engine import reading, writing
from store.landing import land
from store.tables import (
    AuditPayload,
    CaseFile,
    ContactEvent,
    Declaration,
    HeldRecord,
    PlatformEvent,
    Quarantine,
    RightsRequest,
    Tombstone,
    TombstoneKey,
    table,
)
from store.tables import SourceRecord as Stored
from sync.prepare import Landing, prepare
from sync.recognising import Recognition
from sync.reconciling import Act
from sync.retention import Done, Retiring, clean_up
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=4000), NOW - timedelta(days=40)
PEOPLE = {
    "old": {"first_name": "Vanha", "last_name": "Asiakas", "phone": "+358400000201", "created_at": OLD},
    "young": {"first_name": "Uusi", "last_name": "Asiakas", "phone": "+358400000202", "created_at": OLD},
    "third": {"first_name": "Kolmas", "last_name": "Toinen", "phone": "+358400000203", "created_at": OLD},
}


@dataclass
class Desk:
    """A registry, its settings, and what is done to it at `NOW`."""

    registry: Registry
    settings: Settings

    def rule(self, category: str, period: str | None, trigger: str = "created", basis: str = "own need") -> None:
        with writing(self.registry.engine) as connection:
            retention.set_rule(connection, retention.Ruling(category, period, trigger, basis, NOW, "tester"))

    def found(self) -> Review:
        with reading(self.registry.engine) as connection:
            return review(connection, day_of(NOW))

    def over(self) -> dict[str, int]:
        return {name: len(judged.over) for name, judged in self.found().items() if judged.over}

    def held(self) -> set[tuple[str, str]]:
        return {(name, why) for name, judged in self.found().items() for _, why in judged.held}

    def run(self, found: Review | None = None) -> Done:
        done = Retiring(self.registry.engine, self.settings, Act("tester", NOW)).carry_out(found or self.found())
        assert clean_up(self.registry.engine, self.settings)
        return done

    def count(self, model: Any) -> int:
        with reading(self.registry.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(table(model))).scalar_one())

    def rows(self, model: Any) -> list[Any]:
        of = table(model)
        with reading(self.registry.engine) as connection:
            return list(connection.execute(select(of).order_by(*of.primary_key.columns)).all())

    def ids(self, stream: str) -> set[str]:
        stored = table(Stored)
        with reading(self.registry.engine) as connection:
            return set(connection.execute(select(stored.c.external_id).where(stored.c.stream == stream)).scalars())

    def insert(self, model: Any, *rows: dict[str, Any]) -> None:
        with writing(self.registry.engine) as connection:
            connection.execute(insert(table(model)), list(rows))

    def order(self, id_: str, owner: str, at: datetime, notes: str | None = None) -> None:
        payload = Order(product="Kurssi", amount_cents=2000, status="complete", created_at=at)
        row = SourceRecord(external_id=id_, kind=Kind.ORDER, payload=payload, owner_id=owner, notes=notes)
        self.registry._land("salon", Stream(name="orders", kind=Kind.ORDER, activity="x"), [row])

    def customer(self, name: str) -> str:
        return self.registry.customer_of(f"salon:{name}")


@pytest.fixture
def desk(registry: Registry, tmp_path: Path) -> Iterator[Desk]:
    """One person whose last booking is long past, two with one of late."""
    config = tmp_path / "rekisteri.toml"
    config.touch(0o600)
    registry.land("salon", PEOPLE)
    registry.book("salon", {"b-old": {"starts_at": OLD}}, "old")
    registry.book("salon", {"b-was": {"starts_at": OLD}, "b-new": {"starts_at": NEW}}, "young")
    registry.book("salon", {"b-third": {"starts_at": NEW}}, "third")
    registry.reconcile()
    yield Desk(registry, load(config))


def test_nothing_is_over_without_a_rule(desk: Desk) -> None:
    assert desk.over() == {}
    desk.rule("bookings", "P1D")
    assert desk.over() == {"bookings": 4}
    desk.rule("bookings", None)
    assert desk.over() == {}
    assert desk.run().counts.total() == 0
    assert len(desk.registry.customers()) == 3


def test_a_person_of_whom_nothing_is_newer_goes_whole_and_leaves_a_tombstone(desk: Desk) -> None:
    desk.rule("customers", "P5Y", "last_activity")
    gone = desk.customer("old")
    done = desk.run()
    assert done.counts == {"customers": 1}
    assert desk.registry.people() == {frozenset({"salon:young"}), frozenset({"salon:third"})}
    assert (desk.ids("people"), desk.ids("bookings")) == ({"young", "third"}, {"b-was", "b-new", "b-third"})
    with reading(desk.registry.engine) as connection:
        assert connection.execute(select(table(Tombstone).c.basis)).scalars().all() == ["retention"]
        (proof,) = retention.proofs(connection)
    assert (proof.actor, proof.counts, proof.ids) == ("tester", {"customers": 1}, {"customers": [gone]})
    assert desk.over() == {}


def test_old_bookings_go_and_the_person_stays(desk: Desk) -> None:
    desk.rule("bookings", "P5Y")
    before = desk.customer("young")
    assert desk.run().counts == {"bookings": 2}
    assert desk.ids("bookings") == {"b-new", "b-third"}
    assert desk.customer("young") == before and desk.customer("old")
    with reading(desk.registry.engine) as connection:
        assert set(connection.execute(select(table(TombstoneKey).c.kind)).scalars()) == {"record"}


def test_the_next_sweep_brings_no_old_booking_back(desk: Desk) -> None:
    desk.rule("bookings", "P5Y")
    desk.run()
    _again(desk, "b-was")
    assert desk.ids("bookings") == {"b-new", "b-third"}


def _again(desk: Desk, id_: str) -> None:
    """The platform still sends a booking."""
    stream = Stream(name="bookings", kind=Kind.BOOKING, activity="x")
    row = SourceRecord(external_id=id_, kind=Kind.BOOKING, payload=Booking(starts_at=OLD), owner_id="young")
    page = Page(stream="bookings", retrieved_from="test", records=(row,))
    landing = Landing("salon", stream, "run", desk.registry.origin, "people", names_help=True)
    batch, _ = prepare(page, landing, NOW)
    with writing(desk.registry.engine) as connection:
        land(connection, batch, Recognition(desk.settings.privacy.key_file))


def test_what_happened_since_the_review_counts(desk: Desk) -> None:
    desk.rule("customers", "P5Y", "last_activity")
    found = desk.found()
    assert len(found["customers"].over) == 1
    desk.registry.book("salon", {"b-again": {"starts_at": NEW}}, "old")
    done = desk.run(found)
    assert (done.counts.total(), done.passed) == (0, 1)
    assert "old" in desk.ids("people")


def _open(desk: Desk) -> None:
    with writing(desk.registry.engine) as connection:
        begin(connection, Asked("access", desk.customer("old"), NOW.date(), "email"), By("tester", NOW))


def _restrict(desk: Desk) -> None:
    said = Said(
        kind="restriction", controller="hieromo", grantee="hieromo", notice_version="x", at=NOW, recorded_at=NOW,
        recorded_by="tester",
    )  # fmt: skip
    with writing(desk.registry.engine) as connection:
        record = desk.registry.id_of(connection, "salon", "old")
        declarations.write(connection, said, [record], (), record)


def _claim(desk: Desk) -> None:
    desk.rule("bookings", None, basis="claim: case 12")


def _case(desk: Desk) -> None:
    with writing(desk.registry.engine) as connection:
        record = desk.registry.id_of(connection, "salon", "old")
        begin_case(connection, _came(record, desk.customer("old")), By("tester", NOW))


def _came(record: int, customer: str) -> Came:
    return Came(
        type="claim", record_id=record, customer_id=customer, brand=None, channel="letter", received_on=OLD.date(),
        subject="wants money back", hold=True,
    )  # fmt: skip


def _register(desk: Desk) -> None:
    with writing(desk.registry.engine) as connection:
        record = desk.registry.id_of(connection, "salon", "old")
        direct_marketing.enter(connection, record, Move(OLD.date(), "moved", None, "tester", NOW))


@pytest.mark.parametrize(
    ("holding", "why"),
    [
        (_open, "open request"),
        (_restrict, "restriction"),
        (_claim, "open claim"),
        (_case, "open claim"),
        (_register, "direct-marketing register"),
    ],
)
def test_whoever_is_held_back_stays_and_is_named(desk: Desk, holding: Any, why: str) -> None:
    desk.rule("customers", "P5Y", "last_activity")
    found = desk.found()
    holding(desk)
    assert desk.held() == {("customers", why)}
    assert desk.over() == {}
    assert desk.run(found).passed == 1, "what came since the review counts too"
    assert "old" in desk.ids("people")


def test_a_crash_leaves_each_person_whole_or_gone_and_the_next_run_goes_on(desk: Desk) -> None:
    desk.registry.land("salon", {"other": {"first_name": "Neljäs", "phone": "+358400000204", "created_at": OLD}})
    desk.registry.reconcile()
    desk.rule("customers", "P5Y", "last_activity")
    found = desk.found()
    assert len(found["customers"].over) == 2
    crashing = _Crashing(desk.registry.engine, desk.settings, Act("tester", NOW))
    with pytest.raises(KeyboardInterrupt):
        crashing.carry_out(found)
    assert desk.over() == {"customers": 1}
    with reading(desk.registry.engine) as connection:
        (proof,) = retention.proofs(connection)
    assert proof.counts == {"customers": 1}, "what was taken back is not proven"
    assert desk.run().counts == {"customers": 1}
    assert desk.over() == {}


class _Crashing(Retiring):
    """Ends in the middle of the second person."""

    def _prove(self, connection: Connection, category: str, went: Any) -> None:
        super()._prove(connection, category, went)
        if self._units == 2:
            raise KeyboardInterrupt


def test_a_duty_keeps_a_narrowed_row_until_its_last_day(desk: Desk) -> None:
    desk.order("o-1", "old", NOW - timedelta(days=3000))
    desk.registry.reconcile()
    desk.rule("orders", "P10Y", "year_end", "law: Accounting Act 2:10")
    desk.rule("customers", "P5Y", "last_activity")
    assert desk.run().counts == {"customers": 1}
    assert desk.count(HeldRecord) == 1
    assert desk.over() == {}
    held = table(HeldRecord)
    with writing(desk.registry.engine) as connection:
        connection.execute(held.update().values(hold_until=NOW.date() - timedelta(days=1)))
    assert desk.run().counts == {"held": 1}
    assert desk.count(HeldRecord) == 0


def test_what_vanished_at_its_platform_takes_the_same_way(desk: Desk) -> None:
    desk.registry.vanish("salon", "old")
    desk.registry.reconcile()
    assert desk.over() == {}
    desk.rule("vanished", "P30D", "vanished")
    assert desk.over() == {"vanished": 1}
    assert desk.run().counts == {"vanished": 1}
    assert "old" not in desk.ids("people")
    with reading(desk.registry.engine) as connection:
        assert connection.execute(select(table(Tombstone).c.basis)).scalars().all() == ["vanished"]


def test_free_text_goes_and_its_row_stays_unchanged(desk: Desk) -> None:
    desk.order("o-1", "young", OLD, notes="made-up note")
    desk.order("o-2", "young", NEW, notes="made-up note")
    desk.rule("notes", "P5Y")
    assert desk.run().counts == {"notes": 1}
    stored = table(Stored)
    query = select(stored.c.external_id, stored.c.notes).where(stored.c.stream == "orders")
    with reading(desk.registry.engine) as connection:
        assert dict(connection.execute(query).all()) == {"o-1": None, "o-2": "made-up note"}
    desk.order("o-1", "young", OLD, notes="made-up note")
    with reading(desk.registry.engine) as connection:
        assert dict(connection.execute(query).all())["o-1"] is None, "the same text is no change"


def _consent(desk: Desk, state: str, at: datetime, **values: Any) -> int:
    said = Said(
        kind="consent", channel="email", state=state, controller="hieromo", grantee="hieromo", notice_version="x",
        at=at, recorded_at=at, recorded_by="tester", method="form", evidence="binder", **values,
    )  # fmt: skip
    with writing(desk.registry.engine) as connection:
        record = desk.registry.id_of(connection, "salon", "young")
        return declarations.write(connection, said, [record], (), record)


def test_of_consents_only_what_bears_nothing_any_more_goes(desk: Desk) -> None:
    granted = _consent(desk, "granted", OLD)
    refused = _consent(desk, "withdrawn", OLD + timedelta(days=30), brand="hieromo")
    assert granted and refused
    desk.rule("consents", "P5Y", "closed")
    assert desk.over() == {}, "a withdrawal for one brand leaves the grant for the others in force"
    all_brands = _consent(desk, "withdrawn", OLD + timedelta(days=60))
    desk.registry.rebuild()
    before = desk.registry.golden("salon:young", "marketing.email")
    assert desk.run().counts == {"consents": 1}
    declared = table(Declaration)
    with reading(desk.registry.engine) as connection:
        left = set(connection.execute(select(declared.c.id)).scalars())
    assert left == {refused, all_brands}
    assert desk.registry.golden("salon:young", "marketing.email") == before


def test_closed_requests_looks_quarantine_and_events_go_by_their_own_times(desk: Desk) -> None:
    with writing(desk.registry.engine) as connection:
        for at in (OLD, NEW):
            by = By("tester", at)
            id_ = begin(connection, Asked("access", desk.customer("third"), at.date(), "email"), by).id
            close(connection, id_, "withdrawn", None, by)
    for at in (OLD, NEW):
        with writing(desk.registry.engine) as connection:
            audit.note(connection, at, "t", "x", "p")
        row = {"key": str(at), "fields": "{}", "reason": "no name", "origin_id": desk.registry.origin, "run_id": "run"}
        place = {"source": "salon", "stream": "people", "retrieved_from": "x", "retrieved_at": at, "first_seen_at": at}
        desk.insert(Quarantine, row | place)
        for state in ("landed", "waiting"):
            sent = {"source": "salon", "event_id": f"{at} {state}", "topic": "t", "deleted": False, "created_at": at}
            desk.insert(PlatformEvent, sent | {"received_at": at, "state": state, "tries": 0, "try_at": at})
    desk.rule("requests", "P5Y", "closed")
    for category in ("audit", "quarantine", "events"):
        desk.rule(category, "P5Y")
    models = (RightsRequest, Quarantine, PlatformEvent)
    before = [desk.count(model) for model in models]
    assert desk.run().counts == {"requests": 1, "audit": 1, "quarantine": 1, "events": 1}
    assert [old - desk.count(model) for model, old in zip(models, before, strict=True)] == [1, 1, 1]
    said = {row.event_id: row.detail for row in desk.rows(AuditPayload)}
    assert 1 not in said
    assert list(said.values()) == [
        "{}", '{"requests": 1}', '{"events": "1", "number": 1, "retention_run": 1}', '{"audit": 1}',
        '{"quarantine": 1}', '{"events": 1}',
    ]  # fmt: skip
    with reading(desk.registry.engine) as connection:
        found = verify(connection)
    assert (found.broken, found.emptied) == (None, Emptied(0, 0, 1, 1))
    with reading(desk.registry.engine) as connection:
        (proof,) = retention.proofs(connection)
    assert proof.counts["events"] == 1 and "events" not in proof.ids


def test_closed_cases_and_contacts_go_by_their_own_times(desk: Desk) -> None:
    customer = desk.customer("old")
    for at in (OLD, NEW):
        with writing(desk.registry.engine) as connection:
            record = desk.registry.id_of(connection, "salon", "old")
            case, open_ = (begin_case(connection, _came(record, customer), By("tester", at)).id for _ in range(2))
            close_case(connection, case, "paid", By("tester", at))
            for about in (None, case, open_):
                contact = Contact(
                    record_id=record, customer_id=customer, channel="letter", direction="in", at=at, brand=None,
                    purpose="feedback", summary="wrote", case_id=about,
                )  # fmt: skip
                add_contact(connection, contact, By("tester", at))
    desk.rule("cases", "P5Y", "closed")
    desk.rule("contacts", "P5Y")
    assert desk.over() == {}
    assert desk.held() == {("cases", "open claim"), ("contacts", "open claim")}, "as is all of whom it holds back"
    with writing(desk.registry.engine) as connection:
        for row in cases.cases(connection, closed=False):
            close_case(connection, row.id, "paid", By("tester", NEW))
    assert desk.run().counts == {"cases": 1, "contacts": 3}
    assert [row.closed_at for row in desk.rows(CaseFile)] == [NEW] * 3
    assert [row.at for row in desk.rows(ContactEvent)] == [NEW] * 3
    assert "old" in desk.ids("people")
