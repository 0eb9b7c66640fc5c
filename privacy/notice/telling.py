"""What a draft of the notice is made of, read from a registry."""

from collections.abc import Iterator

from sqlalchemy import Connection

from config.register import ProcessingRegister
from privacy.notice.checking import kept
from privacy.notice.drafting import Other, Told
from privacy.recipients import PARTNER, PROCESSOR
from store import disclosures, retention, segments, upkeep

_BY_LAW = "law:"
"""How the basis of such a rule begins."""


def told(connection: Connection, register: ProcessingRegister) -> Told:
    """Everything that a draft tells. Call inside `store.engine.reading`."""
    rulings = [rule for rule in retention.rulings(connection).values() if rule.period is not None]
    return Told(
        register,
        kept(connection),
        {rule.category: (rule.period or "", rule.trigger) for rule in rulings},
        tuple(_others(connection)),
        tuple(row.name for row in upkeep.measures(connection)),
        bool(segments.segments(connection)),
        any(rule.basis.casefold().startswith(_BY_LAW) for rule in rulings),
    )


def _others(connection: Connection) -> Iterator[Other]:
    for row in upkeep.agreements(connection):
        if row.under is not None:
            yield Other(row.party, row.country, PROCESSOR, row.under)
    for row in disclosures.recipients(connection):
        if row.kind in (PARTNER, PROCESSOR):
            yield Other(row.name, row.country, row.kind, safeguard=row.safeguard)
