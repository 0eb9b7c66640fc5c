"""Bookings find their customer record, in the transaction in which either of the two lands.

Once found, the tie stays while the record lives, also when its phone changes later; a rebuild does not touch it.
"""

from collections.abc import Iterable

from pydantic_core import from_json
from sqlalchemy import Connection

from store import owners
from store.batch import CUSTOMER, Batch, Landed
from store.landing import enqueue
from sync.reconcile.owners import Claim, choose_owner

BOOKING = "booking"


def attach(connection: Connection, batch: Batch, landed: Landed) -> None:
    """Find owners for the bookings of a batch, or bookings for its customers; queue owners whose bookings changed."""
    touched = landed.new_ids + landed.changed_ids
    if batch.kind == BOOKING:
        find_owners(connection, batch.source, touched)
        enqueue(connection, owners.owners_of(connection, touched))
    elif batch.kind == CUSTOMER:
        waiting = owners.seeking(connection, batch.source, touched)
        find_owners(connection, batch.source, {*waiting, *landed.orphans})


def find_owners(connection: Connection, source: str, booking_ids: Iterable[int]) -> None:
    """Settle those of these bookings that name nobody by id and of which it is clear whose they are."""
    settled = []
    for seeker in owners.seekers(connection, source, booking_ids):
        claims = [
            Claim(candidate.kind, candidate.record_id, from_json(candidate.payload), candidate.former)
            for candidate in seeker.candidates
        ]
        owner = choose_owner(from_json(seeker.payload), claims)
        if owner is not None:
            settled.append((seeker.record_id, owner))
    owners.settle(connection, settled)
    enqueue(connection, {owner for _, owner in settled})
