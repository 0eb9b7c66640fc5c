"""To whom a booking belongs that names no customer id: a choice among the customer records of its own source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.reconcile.keys import EMAIL, NAME, PHONE, name_key, sorted_name
from sync.reconcile.names import First, compare, joined_name, name_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A customer record that has (`former`: once had) a contact by which the booking looks for its owner."""

    kind: str
    record_id: int
    payload: Mapping[str, Any]
    former: bool


def choose_owner(booking: Mapping[str, Any], claims: Sequence[Claim]) -> int | None:
    """The record that the booking belongs to, or nobody.

    1. By phone, else by e-mail, else by name; present contacts before former ones.
    2. Who shares the contact but has a clearly different first name is not meant: families share phones.
    3. Where several remain, the one with the very same name, if there is just one. Else nobody: a booking shown to the
       wrong person is worse than one without a person.
    """
    for kind in (PHONE, EMAIL, NAME):
        for former in (False, True):
            pool = {claim.record_id: claim for claim in claims if claim.kind == kind and claim.former == former}
            fitting = [claim for claim in pool.values() if _may_be(booking, claim)]
            if fitting:
                return _only(fitting, booking)
    return None


def _may_be(booking: Mapping[str, Any], claim: Claim) -> bool:
    wanted = joined_name(booking.get("client_name"))
    return compare(wanted, name_of(claim.payload))[0] is not First.DIFFERENT


def _only(claims: Iterable[Claim], booking: Mapping[str, Any]) -> int | None:
    ids = [claim.record_id for claim in claims]
    if len(ids) > 1:
        name = sorted_name(booking.get("client_name") or "")
        ids = [claim.record_id for claim in claims if name and name_key(claim.payload) == name]
    return ids[0] if len(ids) == 1 else None
