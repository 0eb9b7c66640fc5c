"""What an event changes about a row that is held. Decides, does nothing."""

from datetime import datetime

from connectors.hooks import Observation
from connectors.records import Payload, SourceRecord
from store.events import Event, HeldRow, Told, believed

RETRIEVED = "event "
"""How `retrieved_from` begins where an event brought the row; its topic follows."""


def is_stale(
    event: Event, said: SourceRecord | None, held: HeldRow | None, taken: Told | None, swept: datetime | None
) -> bool:
    """Whether newer data is held than this event has. `said` is `None` where it could not be mapped.

    `taken`: the newest that was taken about the row. `swept`: when the last complete sweep of its stream began.

    1. Where the source states when the row changed, that decides.
    2. Else, and for a row that is gone, since its last change does not say when it went, the time at which the event
       happened is compared with everything that was read or told of the row since. A row that an event brought as an
       aside says nothing of its own time.

    Two times of the platform's clock are compared as it states them, unless they were still to come when they were
    received, and equal ones by when they were received. Beside times of ours none counts as later than its reception.
    """
    if held and held.source_updated_at and said and said.updated_at:
        changed = Told(believed(said.updated_at, event.received_at), event.received_at)
        older = changed < Told(believed(held.source_updated_at, held.retrieved_at), held.retrieved_at)
        if older or held.vanished_at is None:
            return older
    known = [swept]
    if held:
        known.append(held.vanished_at)
        if not held.retrieved_from.startswith(RETRIEVED):
            known.append(held.retrieved_at)
    happened_at = min(event.created_at, event.received_at)
    return (taken is not None and event.told < taken) or any(time is not None and happened_at < time for time in known)


def is_known_since(held: HeldRow, taken: Told | None, asked_at: datetime) -> bool:
    """Whether the row was read or told of after `asked_at`: then what was answered to that is old."""
    return held.retrieved_at > asked_at or (taken is not None and taken.received_at > asked_at)


def merged(said: Observation, held: HeldRow | None) -> SourceRecord:
    """The record as it is after what was said of it: what was not spoken of stays."""
    record = said.record
    if held is None:
        return record
    kind: type[Payload] = type(record.payload)
    before = kind.model_validate_json(held.payload)
    return record.model_copy(
        update={
            "payload": before.model_copy(update={name: getattr(record.payload, name) for name in said.speaks}),
            "notes": held.notes,
            "owner_id": record.owner_id or held.owner_id,
            "updated_at": record.updated_at or held.source_updated_at,
        }
    )
