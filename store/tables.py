"""The tables, in the order in which a row meets them.

Processing metadata stands in `Origin`: one immutable row a (register version, source, activity, kind), every column
not null; each source record points to the one that was in force when its payload was retrieved. Copying some twenty
columns into every row was the alternative; it says nothing more and makes landing twice as slow.

Times are aware UTC. Ids of customers are UUIDv7 text; ids of records are counted by `Counter`, so that the order of
records never depends on a clock.
"""

from datetime import datetime

from sqlalchemy import Column, Index, Table, Text, text
from sqlmodel import Field, SQLModel


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements over many rows."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


# -- where records come from ---------------------------------------------------------------------------------------


class RegisterVersion(SQLModel, table=True):
    """The processing register as it was read at some time. Known by its content."""

    __tablename__ = "register_version"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    notice_version: str
    document: str = Field(sa_column=Column(Text, nullable=False))
    valid_from: datetime


class Origin(SQLModel, table=True):
    """Who processed a record, in which roles, on what basis, and where from (GDPR Art. 30; invariant 4).

    Lists are JSON text. What is not known is `unknown`, what does not exist `none`; no column is ever null.
    """

    __tablename__ = "origin"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    register_version_id: int = Field(foreign_key="register_version.id")
    source: str
    activity: str
    kind: str
    brand: str
    controller: str
    controller_id: str
    processor: str
    processor_id: str
    role_stated: str
    role_assessed: str
    legal_basis: str
    purpose: str
    data_categories: str
    collected_from: str
    origin_country: str
    storage_country: str
    direction: str
    exporter: str
    importer: str
    mechanism_stated: str
    mechanism_assessed: str
    instrument: str
    notice_version: str


# -- what landed ---------------------------------------------------------------------------------------------------


class Counter(SQLModel, table=True):
    """Named counters and stamps of the registry: the next record id, the rules under which it was published."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: str


class SourceRecord(SQLModel, table=True):
    """A landed row. `payload` is the minimised, masked JSON that `payload_sha256` was taken of (with the notes).

    `birth_id`: the id that a customer bears whose earliest record this is; customers only. `owner_id`: external id of
    the customer record that an activity belongs to, as the row names it; `owner_record_id`: that record, once found.
    `state`: a booking's, to count by. `retrieved_at` and `run_id` name the retrieval that brought this payload.
    """

    __tablename__ = "source_record"
    __table_args__ = (
        Index("source_record_key", "source", "stream", "external_id", unique=True),
        Index("source_record_owner", "owner_record_id", "kind", sqlite_where=text("owner_record_id IS NOT NULL")),
        Index(
            "source_record_ownerless",
            "owner_id",
            sqlite_where=text("owner_record_id IS NULL AND kind IN ('booking', 'enrollment', 'order')"),
            postgresql_where=text("owner_record_id IS NULL AND kind IN ('booking', 'enrollment', 'order')"),
        ),
        Index("source_record_birth", "birth_id", unique=True, sqlite_where=text("birth_id IS NOT NULL")),
    )
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    birth_id: str | None = None
    source: str
    stream: str
    kind: str
    external_id: str
    payload: str = Field(sa_column=Column(Text, nullable=False))
    notes: str | None = Field(default=None, sa_column=Column(Text))
    payload_sha256: str
    state: str | None = None
    owner_id: str | None = None
    owner_record_id: int | None = Field(default=None, foreign_key="source_record.id")
    origin_id: int = Field(foreign_key="origin.id")
    retrieved_from: str
    retrieved_at: datetime
    run_id: str = Field(foreign_key="run.id")
    first_seen_at: datetime
    source_updated_at: datetime | None = None
    vanished_at: datetime | None = None


class MatchKey(SQLModel, table=True):
    """A contact of a customer record, folded for comparison. Former ones stay, to find their own source's bookings."""

    __tablename__ = "match_key"
    __table_args__ = (Index("match_key_record", "record_id"), {"sqlite_with_rowid": False})
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    record_id: int = Field(primary_key=True, foreign_key="source_record.id")
    current: bool


class MatchFeature(SQLModel, table=True):
    """What a live customer record is compared by, folded, so that the payload need not be read to compare it."""

    __tablename__ = "match_feature"
    record_id: int = Field(primary_key=True, foreign_key="source_record.id", sa_column_kwargs={"autoincrement": False})
    source: str
    name: str
    address: str | None = None
    email: str | None = None
    phone: str | None = None


class FlagObservation(SQLModel, table=True):
    """A platform's marketing flag as it was seen, each time it changed. Append-only."""

    __tablename__ = "flag_observation"
    id: int | None = Field(default=None, primary_key=True)
    record_id: int = Field(foreign_key="source_record.id", index=True)
    channel: str
    value: bool | None
    observed_at: datetime
    run_id: str


class Quarantine(SQLModel, table=True):
    """A row that could not be mapped, with its allow-listed fields, until mapping or payload changes.

    `key` is the external id, else a digest of the fields.
    """

    __tablename__ = "quarantine"
    __table_args__ = (Index("quarantine_key", "source", "stream", "key", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    stream: str
    key: str
    fields: str = Field(sa_column=Column(Text, nullable=False))
    reason: str
    column: str | None = None
    file: str | None = None
    row: int | None = None
    origin_id: int = Field(foreign_key="origin.id")
    retrieved_from: str
    retrieved_at: datetime
    first_seen_at: datetime
    run_id: str


class ImportedFile(SQLModel, table=True):
    """A file that is wholly in, known by its content."""

    __tablename__ = "imported_file"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    name: str
    rows: int
    imported_at: datetime
    run_id: str


class StreamState(SQLModel, table=True):
    """Where the reads of a stream stand (`connectors.base.Position`)."""

    __tablename__ = "stream_state"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    cursor: str | None = None
    newest: datetime | None = None
    swept_at: datetime | None = None


class SourceState(SQLModel, table=True):
    """Whether a source is held until a person acts, and when it last went well."""

    __tablename__ = "source_state"
    source: str = Field(primary_key=True)
    held_since: datetime | None = None
    held_reason: str | None = None
    last_ok_at: datetime | None = None


# -- runs ----------------------------------------------------------------------------------------------------------


class Run(SQLModel, table=True):
    """One run. `registry_counts` is JSON."""

    __tablename__ = "run"
    id: str = Field(primary_key=True)
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str
    full: bool
    registry_counts: str | None = Field(default=None, sa_column=Column(Text))


class SourceRun(SQLModel, table=True):
    """One source in one run."""

    __tablename__ = "source_run"
    run_id: str = Field(primary_key=True, foreign_key="run.id")
    source: str = Field(primary_key=True)
    outcome: str
    error: str | None = None
    requests: int
    retries: int
    waited_s: float


class StreamRun(SQLModel, table=True):
    """The numbers of one stream in one run: fetched = new + changed + unchanged + quarantined."""

    __tablename__ = "stream_run"
    run_id: str = Field(primary_key=True, foreign_key="run.id")
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    outcome: str
    complete: bool
    fetched: int
    new: int
    changed: int
    unchanged: int
    vanished: int
    held: int
    quarantined: int
    skipped: int
    masked: int


class RunProblem(SQLModel, table=True):
    """What a person should look at after a run. Never quotes a value."""

    __tablename__ = "run_problem"
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.id", index=True)
    source: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    reason: str


# -- the registry --------------------------------------------------------------------------------------------------


class ReconcileQueue(SQLModel, table=True):
    """Customer records that changed since they were last reconciled."""

    __tablename__ = "reconcile_queue"
    record_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class MasterCustomer(SQLModel, table=True):
    """One person. `id` is the birth id of the earliest live record; `content_sha256` tells whether anything changed."""

    __tablename__ = "master_customer"
    id: str = Field(primary_key=True)
    content_sha256: str
    created_at: datetime
    updated_at: datetime


class Link(SQLModel, table=True):
    """The crosswalk: which customer a live source record belongs to, and what says so."""

    __tablename__ = "link"
    record_id: int = Field(primary_key=True, foreign_key="source_record.id", sa_column_kwargs={"autoincrement": False})
    customer_id: str = Field(foreign_key="master_customer.id", index=True)
    method: str
    score: float
    reasons: str
    decided_by: str
    decided_at: datetime


class GoldenValue(SQLModel, table=True):
    """A published value, the record it came from and the rule that chose it (invariant 5). `value` is JSON."""

    __tablename__ = "golden_value"
    __table_args__ = ({"sqlite_with_rowid": False},)
    customer_id: str = Field(primary_key=True, foreign_key="master_customer.id")
    field: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    value: str
    record_id: int = Field(foreign_key="source_record.id")
    rule: str
    observed_at: datetime


class MatchPair(SQLModel, table=True):
    """Two records in different customers that share a contact: `review` waits for a person, `apart` notes a family."""

    __tablename__ = "match_pair"
    __table_args__ = (Index("match_pair_b", "b_record_id"), Index("match_pair_verdict", "verdict"))
    a_record_id: int = Field(primary_key=True, foreign_key="source_record.id")
    b_record_id: int = Field(primary_key=True, foreign_key="source_record.id")
    verdict: str
    score: float
    reasons: str
    found_at: datetime


class Decision(SQLModel, table=True):
    """What a person decided about records. Never deleted: an undone one keeps its date."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    verdict: str
    decided_by: str
    decided_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None


class DecisionPair(SQLModel, table=True):
    """The record pairs that a decision speaks of; a split has one for each record left behind."""

    __tablename__ = "decision_pair"
    __table_args__ = (Index("decision_pair_a", "a_record_id"), Index("decision_pair_b", "b_record_id"))
    decision_id: int = Field(primary_key=True, foreign_key="decision.id")
    a_record_id: int = Field(primary_key=True, foreign_key="source_record.id")
    b_record_id: int = Field(primary_key=True, foreign_key="source_record.id")


class CustomerAlias(SQLModel, table=True):
    """Where a customer id that is no longer borne leads (invariant 3)."""

    __tablename__ = "customer_alias"
    old_id: str = Field(primary_key=True)
    new_id: str


class CustomerEvent(SQLModel, table=True):
    """A merge or a split, and why."""

    __tablename__ = "customer_event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    run_id: str | None = None
    event: str
    customer_id: str = Field(index=True)
    other_id: str = Field(index=True)
    actor: str


class AuditEvent(SQLModel, table=True):
    """A look at people, an export or a decision: who, what for, how many. No personal data beyond a customer id."""

    __tablename__ = "audit_event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    action: str
    purpose: str
    customer_id: str | None = Field(default=None, index=True)
    detail: str
