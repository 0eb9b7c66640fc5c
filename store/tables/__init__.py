"""The tables, in the order in which a row meets them.

Processing metadata stands in `Origin`: one immutable row a (register version, source, activity, kind), every column
not null; each source record points to the one that was in force when its payload was retrieved. Copying some twenty
columns into every row was the alternative; it says nothing more and makes landing twice as slow.

Times are aware UTC. Ids of customers are UUIDv7 text; ids of records are counted by `Counter`, so that the order of
records never depends on a clock.
"""

from sqlalchemy import Table
from sqlmodel import SQLModel

from store.tables.accountability import (
    AuditEvent,
    AuditPayload,
    Disclosure,
    DisclosureRecord,
    FindingAnswer,
    IndirectNotice,
    Recipient,
    Segment,
    SegmentRun,
)
from store.tables.erasure import (
    BackupRun,
    HeldRecord,
    ReentryDecision,
    RetentionRule,
    RetentionRun,
    Tombstone,
    TombstoneKey,
)
from store.tables.landed import (
    Counter,
    FlagObservation,
    ImportedFile,
    MatchFeature,
    MatchKey,
    Origin,
    Quarantine,
    RegisterVersion,
    SourceRecord,
)
from store.tables.privacy import (
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    DirectMarketingEntry,
    RequestEvent,
    RequestTask,
    RightsRequest,
)
from store.tables.registry import (
    CustomerAlias,
    CustomerEvent,
    Decision,
    DecisionPair,
    GoldenValue,
    Link,
    MasterCustomer,
    MatchPair,
    ReconcileQueue,
)
from store.tables.runs import (
    PlatformEvent,
    Run,
    RunProblem,
    SourceRun,
    SourceState,
    StreamRun,
    StreamState,
)
from store.tables.upkeep import (
    Agreement,
    Breach,
    CaseFile,
    ContactEvent,
    Measure,
)

__all__ = [
    "Agreement",
    "AuditEvent",
    "AuditPayload",
    "BackupRun",
    "Breach",
    "CaseFile",
    "ContactEvent",
    "Counter",
    "CustomerAlias",
    "CustomerEvent",
    "Decision",
    "DecisionPair",
    "Declaration",
    "DeclarationContact",
    "DeclarationRecord",
    "DirectMarketingEntry",
    "Disclosure",
    "DisclosureRecord",
    "FindingAnswer",
    "FlagObservation",
    "GoldenValue",
    "HeldRecord",
    "ImportedFile",
    "IndirectNotice",
    "Link",
    "MasterCustomer",
    "MatchFeature",
    "MatchKey",
    "MatchPair",
    "Measure",
    "Origin",
    "PlatformEvent",
    "Quarantine",
    "Recipient",
    "ReconcileQueue",
    "ReentryDecision",
    "RegisterVersion",
    "RequestEvent",
    "RequestTask",
    "RetentionRule",
    "RetentionRun",
    "RightsRequest",
    "Run",
    "RunProblem",
    "Segment",
    "SegmentRun",
    "SourceRecord",
    "SourceRun",
    "SourceState",
    "StreamRun",
    "StreamState",
    "Tombstone",
    "TombstoneKey",
    "table",
]


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements over many rows."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
