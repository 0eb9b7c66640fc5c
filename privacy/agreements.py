"""Agreements with the parties of the processing register (GDPR Art. 26 and 28).

Call what changes something inside `store.engine.writing`. Raises `NotPossibleError` with the way out, `ConfigError` for
what is not as it must be.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from config.errors import ConfigError
from config.identifiers import COUNTRY_CODES
from config.keys import meant
from config.place import written
from config.register import ProcessingRegister
from privacy.errors import NotPossibleError
from privacy.naming import numbered
from privacy.requests import By
from privacy.terms import AGREEMENTS
from store import upkeep


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """An agreement as it is written down; fields as in `store.tables.Agreement`. `country`: `None` for that which the
    register states of the party."""

    party: str
    type: str
    under: str | None = None
    country: str | None = None
    signed_on: date | None = None
    review_on: date | None = None
    url: str | None = None
    sha256: str | None = None
    note: str | None = None


def add(connection: Connection, contract: Contract, register: ProcessingRegister, by: By) -> int:
    """Write an agreement down; its number."""
    if contract.type not in AGREEMENTS:
        raise ConfigError(f"is no term for this; {meant(contract.type, AGREEMENTS)}", "--type")
    if contract.under is None:
        register.require_party(contract.party, "PARTY")
        if contract.country is not None:
            raise ConfigError("is in the processing register for a party of its own; leave it out", "--country")
        country = register.parties[contract.party].country
    else:
        register.require_party(contract.under, "--under")
        country = _country(contract.country)
    values = asdict(contract) | {"country": country, "recorded_at": by.now, "recorded_by": by.actor}
    return upkeep.add_agreement(connection, values)


def _country(code: str | None) -> str:
    if code is None:
        raise ConfigError("is missing; say in which country the sub-processor is, as FI", "--country")
    if code.upper() not in COUNTRY_CODES:
        raise ConfigError("is no ISO 3166-1 country code; write two letters such as FI", "--country")
    return code.upper()


def end(connection: Connection, number: int, on: date, reason: str, by: By) -> None:
    """Note that an agreement is over."""
    found = _agreement(connection, number)
    if found.signed_on is not None and on < found.signed_on:
        raise ConfigError("is before it was signed", "--on")
    upkeep.end_agreement(connection, number, on, by.actor, reason)


def review(connection: Connection, number: int, again: date) -> None:
    """Note when somebody has to look at an agreement again; the last look is then behind."""
    upkeep.review_agreement(connection, _agreement(connection, number).id, again)


def _agreement(connection: Connection, number: int) -> Row[Any]:
    found = numbered(upkeep.agreements(connection, ended=True), number, "agreement")
    if found.ended_on is not None:
        raise NotPossibleError(f"agreement {number} ended on {written(found.ended_on)}")
    return found


def without(register: ProcessingRegister, agreements: Iterable[Row[Any]]) -> list[str]:
    """Parties of the register, the controller apart, with whom none of these agreements is."""
    covered = {one.party for one in agreements if one.under is None}
    return [party for party in register.parties if party not in covered and party != register.controller]
