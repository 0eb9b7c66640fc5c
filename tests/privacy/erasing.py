"""Somebody of whom every table tells something, and others who must stay."""

from datetime import date
from typing import Any

from sqlalchemy import insert

from privacy.erasure import Erased
from privacy.pseudonym import Pseudonyms
from store import audit, requests
from store.decisions import records_of
from store.engine import writing
from store.tables import (
    DirectMarketingEntry,
    ImportedFile,
    PlatformEvent,
    Quarantine,
    RunProblem,
    table,
)
from sync.erasing import erase_and_reconcile
from tests.sync.declaring import consent, declare
from tests.sync.engine import Registry

DIGESTS = Pseudonyms(b"k" * 32)
PHONE, EMAIL, STREET = "+358401987654", "Päivikki.Kuutamo@example.com", "Kajastuskuja 17"
OLD_PHONE, NEW_EMAIL, NEW_LAST = "+358501876543", "p.uusi-nimi@example.org", "Sarastus"
FIRST, LAST = "Päivikki", "Kuutamoääri"
VALUES = (
    PHONE,
    EMAIL,
    STREET,
    OLD_PHONE,
    NEW_EMAIL,
    NEW_LAST,
    FIRST,
    LAST,
    "kuutamo-17",
    "kuutamo-koulu",
    "varaus-kuutamo",
)
"""All of her that is hers alone. Nobody is called so."""
SHARED = "+358440765432"
"""The phone of a mother, which her child has too."""


def populate(registry: Registry) -> None:
    """Päivikki, who is to go; a mother and a child on one phone; somebody who has nothing to do with them."""
    registry.land("salon", {"kuutamo-17": {"first_name": FIRST, "last_name": LAST, "phone": OLD_PHONE, "email": EMAIL}})
    registry.land(
        "salon",
        {
            "kuutamo-17": {
                "first_name": FIRST, "last_name": LAST, "phone": PHONE, "email": EMAIL, "street": STREET,
                "postal_code": "00100", "city": "Helsinki", "email_marketing": True,
            },
            "mother": {"first_name": "Aino", "last_name": "Perhe", "phone": SHARED, "email": "aino@example.com"},
            "child": {"first_name": "Veikko", "last_name": "Perhe", "phone": SHARED},
            "other": {"first_name": "Pekka", "last_name": "Muu", "phone": "+358405550001"},
        },
    )  # fmt: skip
    registry.land("school", {"kuutamo-koulu": {"name": f"{LAST} {FIRST}", "email": EMAIL.upper()}})
    registry.land("reseller", {"kuutamo-17": {"first_name": FIRST, "last_name": LAST, "phone": OLD_PHONE}})
    registry.book("salon", {"varaus-kuutamo": {"client_name": f"{FIRST} {LAST}", "client_phone": PHONE}})
    registry.book("reseller", {"varaus-kuutamo-2": {"client_name": FIRST, "client_email": EMAIL}})
    registry.book("salon", {"bookings-of-pekka": {"client_name": "Pekka Muu", "client_phone": "+358405550001"}})
    registry.reconcile()
    registry.vanish("reseller", "kuutamo-17")
    registry.reconcile()


def speak_of(registry: Registry) -> None:
    """What people wrote, platforms sent and nobody could read."""
    declare(registry, "salon:kuutamo-17", "correction", field="emails", value=f'["{NEW_EMAIL}"]')
    declare(registry, "salon:kuutamo-17", "correction", field="last_name", value=f'"{NEW_LAST}"')
    consent(registry, "salon:kuutamo-17", "granted", evidence=f"mail from {EMAIL}")
    consent(registry, "salon:mother", "granted", evidence="binder 3")
    registry.decide("different", "salon:kuutamo-17", "salon:other")
    registry.decide("different", "salon:mother", "salon:other")
    act, who = registry.act(), registry.customer_of("salon:kuutamo-17")
    with writing(registry.engine) as connection:
        record = registry.id_of(connection, "salon", "mother")
        mine = registry.id_of(connection, "school", "kuutamo-koulu")
        audit.note(connection, act.now, "tester", "x", "y", detail={"to": EMAIL})
        for model, values in _rows(registry, mine, act.now):
            connection.execute(insert(table(model)).values(values))
        for type_, customer, anchor in (("erasure", who, mine), ("access", who, mine), ("access", "x", record)):
            told = f"called 040 198 7654, {FIRST.upper()} {LAST}n passi" if customer == who else "passport shown"
            id_ = requests.add(connection, _request(type_, customer, anchor, act.now) | {"identity_method": told})
            requests.add_tasks(connection, id_, [("Timma Oy", "correct emails")], act.now)
            requests.finish(connection, id_, requests.tasks(connection, id_)[0].id, act.now, "tester", told)


def _request(type_: str, customer: str, anchor: int, now: Any) -> dict[str, Any]:
    return {
        "type": type_, "customer_id": customer, "anchor_record_id": anchor, "received_on": date(2026, 1, 2),
        "channel": "email", "opened_at": now, "opened_by": "tester", "due_on": date(2026, 2, 2), "status": "open",
        "extension_reason": f"{LAST} has much paper" if customer != "x" else "much paper",
    }  # fmt: skip


def _rows(registry: Registry, record: int, now: Any) -> list[tuple[Any, dict[str, Any]]]:
    waits = {
        "source": "salon", "stream": "people", "origin_id": registry.origin, "retrieved_from": "test",
        "retrieved_at": now, "first_seen_at": now, "run_id": "run", "reason": "no name",
    }  # fmt: skip
    event = {
        "source": "school", "topic": "user.updated", "stream": "people", "deleted": False, "created_at": now,
        "received_at": now, "tries": 0, "try_at": now,
    }  # fmt: skip
    return [
        (Quarantine, waits | {"key": "kuutamo-17", "fields": '{"Nimi": ""}'}),
        (Quarantine, waits | {"key": "row-1", "fields": f'{{"Puh": "040-198 7654", "Nimi": "{FIRST}"}}'}),
        (Quarantine, waits | {"key": "row-2", "fields": f'{{"Puh": "{SHARED}", "Nimi": "Aino"}}'}),
        (RunProblem, {"run_id": "run", "source": "salon", "reason": "people: kuutamo-17 came twice"}),
        (RunProblem, {"run_id": "run", "source": "salon", "reason": "people: 3 rows came twice"}),
        (PlatformEvent, event | {"event_id": "e1", "external_id": "kuutamo-koulu", "state": "landed"}),
        (PlatformEvent, event | {"event_id": "e2", "state": "waiting", "fields": f'{{"email": "{EMAIL}"}}'}),
        (PlatformEvent, event | {"event_id": "e3", "external_id": "else", "state": "waiting", "fields": "{}"}),
        (ImportedFile, {"source": "salon", "stream": "people", "sha256": "f", "name": f"{FIRST} {LAST}.csv", "rows": 1,
                        "imported_at": now, "run_id": "run"}),
        (DirectMarketingEntry, {"record_id": record, "relationship_ended_on": date(2026, 1, 1),
                                "reason": f"{FIRST} left", "entered_at": now, "entered_by": "tester"}),
    ]  # fmt: skip


def erase(registry: Registry, record: str, **options: Any) -> Erased:
    """The customer who has this record is erased, and who stays is reconciled."""
    with writing(registry.engine) as connection:
        records = records_of(connection, registry.customer_of(record))
        return erase_and_reconcile(
            connection, records, pseudonyms=DIGESTS, rules=registry.rules, act=registry.act(),
            **{"basis": "request", **options},
        )  # fmt: skip
