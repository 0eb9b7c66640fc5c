"""What becomes of each table and of each column with text when somebody is erased.

A test holds these lists against the tables: whoever adds a column says here what an erasure does to it.
"""

from collections.abc import Mapping

from sqlmodel import SQLModel

from store.tables import (
    Agreement,
    AuditEvent,
    AuditPayload,
    BackupRun,
    Breach,
    CaseFile,
    ContactEvent,
    Counter,
    CustomerAlias,
    CustomerEvent,
    Decision,
    DecisionPair,
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    DirectMarketingEntry,
    Disclosure,
    DisclosureRecord,
    FindingAnswer,
    FlagObservation,
    GoldenValue,
    HeldRecord,
    ImportedFile,
    IndirectNotice,
    Link,
    MasterCustomer,
    MatchFeature,
    MatchKey,
    MatchPair,
    Measure,
    Origin,
    PlatformEvent,
    Quarantine,
    Recipient,
    ReconcileQueue,
    ReentryDecision,
    RegisterVersion,
    RequestEvent,
    RequestTask,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    Run,
    RunProblem,
    Segment,
    SegmentRun,
    SourceRecord,
    SourceRun,
    SourceState,
    StreamRun,
    StreamState,
    Tombstone,
    TombstoneKey,
)

Columns = Mapping[type[SQLModel], tuple[str, ...]]

GONE: tuple[type[SQLModel], ...] = (
    SourceRecord, MatchKey, MatchFeature, FlagObservation, ReconcileQueue, MasterCustomer, Link, GoldenValue, MatchPair,
    Decision, DecisionPair, CustomerAlias, CustomerEvent, Declaration, DeclarationRecord, DeclarationContact,
    DirectMarketingEntry, Quarantine, RunProblem, PlatformEvent, AuditPayload, DisclosureRecord, IndirectNotice,
    ContactEvent,
)  # fmt: skip
"""Tables whose rows go with the person (`store.erasing.going`), or are emptied (`store.erasing.texts`)."""

WRITTEN: Columns = {
    RightsRequest: ("identity_method", "extension_reason", "justification"),
    RequestEvent: ("detail",),
    RequestTask: ("what", "proof"),
    Declaration: ("method", "evidence", "reason", "value"),
    DirectMarketingEntry: ("reason", "left_reason"),
    ImportedFile: ("name",),
    Quarantine: ("file",),
    RunProblem: ("file", "column"),
    SourceRun: ("error",),
    SourceState: ("held_reason",),
    Tombstone: ("release_reason",),
    ReentryDecision: ("reason",),
    Recipient: ("contact", "reason", "revoke_reason"),
    Disclosure: ("statute", "document", "reason"),
    FindingAnswer: ("reason",),
    Agreement: ("url", "note", "end_reason"),
    CaseFile: ("subject", "answer", "outcome", "reopen_reason"),
    ContactEvent: ("summary",),
    IndirectNotice: ("method",),
    Breach: ("nature", "consequences", "measures", "delay_reason", "no_notice_reason"),
    Measure: ("name", "note"),
    HeldRecord: ("basis",),
    RetentionRule: ("basis",),
}
"""Columns with what people wrote, with a name of a file or a message. What speaks of the person is cut out, and the
rest stays, since it may be about somebody else: their claim, say."""

WHOLE: Columns = {Segment: ("rule",)}
"""As `WRITTEN`, but what is left after a cut would say something else, so nothing of such a text stays."""

NAMES: Columns = {
    Recipient: ("name",),
    Disclosure: ("recipient",),
    RequestTask: ("party",),
    Segment: ("name",),
}
"""Names by which people find something (`store.erasing.names`). Of a recipient everybody is told to whom their data
went (GDPR Art. 15(1)(c)), so a firm keeps its name, whoever bears the same."""

JSON = frozenset({"detail", "value"})
"""Of these, columns whose text is JSON, and must stay so."""

REQUESTS = (RightsRequest, RequestEvent, RequestTask)
"""Of these, tables whose rows may be known to be about the person, by their request."""

NOBODY: Columns = {
    RegisterVersion: ("sha256", "notice_version", "document"),
    Origin: (
        "sha256", "source", "activity", "kind", "brand", "controller", "controller_id", "processor", "processor_id",
        "role_stated", "role_assessed", "legal_basis", "purpose", "data_categories", "collected_from", "origin_country",
        "storage_country", "direction", "exporter", "importer", "mechanism_stated", "mechanism_assessed", "instrument",
        "notice_version",
    ),
    Counter: ("name", "value"),
    ImportedFile: ("source", "stream", "sha256", "run_id"),
    Run: ("id", "outcome", "registry_counts", "trigger"),
    SourceRun: ("run_id", "source", "outcome"),
    SourceState: ("source",),
    StreamRun: ("run_id", "source", "stream", "outcome"),
    StreamState: ("source", "stream", "cursor"),
    RightsRequest: (
        "type", "customer_id", "channel", "opened_by", "status", "identified_by", "closed_by", "outcome",
        "package_sha256",
    ),
    RequestEvent: ("actor", "what", "status"),
    RequestTask: ("done_by",),
    AuditEvent: ("actor", "action", "purpose", "digest", "hash"),
    Recipient: ("kind", "business_id", "country", "safeguard", "purposes", "approved_by", "revoked_by"),
    Disclosure: (
        "actor", "kind", "country", "purpose", "basis", "brand", "channel", "fields", "format", "file_sha256",
        "dropped",
    ),
    Segment: ("purpose", "brand", "channel", "author", "retired_by"),
    SegmentRun: ("actor", "counts", "file_sha256"),
    FindingAnswer: ("finding", "verdict", "answered_by"),
    Agreement: ("party", "under", "type", "country", "sha256", "recorded_by", "ended_by"),
    CaseFile: (
        "type", "customer_id", "brand", "channel", "state", "opened_by", "answered_by", "closed_by", "reopened_by",
    ),
    Breach: ("categories", "risk", "recorded_by", "closed_by"),
    Measure: ("kind", "term", "recorded_by"),
    Tombstone: ("basis", "released_by"),
    TombstoneKey: ("kind", "digest"),
    ReentryDecision: ("digest", "verdict", "decided_by"),
    HeldRecord: ("category", "kind", "source", "payload"),
    RetentionRule: ("category", "period", "trigger", "set_by"),
    RetentionRun: ("actor", "counts", "ids"),
    BackupRun: ("actor", "file", "sha256"),
}  # fmt: skip
"""Columns that hold nobody: words of ours, parties, ids that lead to nobody any more, who of the staff did it."""
