"""What a draft of the notice is made of, read from a registry."""

from collections.abc import Iterator

from sqlalchemy import Connection

from config.register import ProcessingRegister
from privacy.notice.checking import kept
from privacy.notice.drafting import Other, Told
from privacy.recipients import PARTNER, PROCESSOR
from store import disclosures, retention, segments, upkeep


def told(connection: Connection, register: ProcessingRegister) -> Told:
    """Everything that a draft tells. Call inside `store.engine.reading`."""
    rulings = retention.rulings(connection).values()
    return Told(
        register,
        kept(connection),
        {rule.category: (rule.period, rule.trigger) for rule in rulings if rule.period is not None},
        tuple(_others(connection)),
        tuple(row.name for row in upkeep.measures(connection)),
        bool(segments.segments(connection)),
    )


def _others(connection: Connection) -> Iterator[Other]:
    for row in upkeep.agreements(connection):
        if row.under is not None:
            yield Other(row.party, row.country, PROCESSOR, row.under)
    for row in disclosures.recipients(connection):
        if row.kind in (PARTNER, PROCESSOR):
            yield Other(row.name, row.country, row.kind, safeguard=row.safeguard)
