"""What shows with whose data what was done, by whom and why: the audit chain, disclosures, segments, answered findings.

An `AuditEvent` is a link of a hash chain; what it says of a person stands apart in an `AuditPayload`, which an erasure
deletes while the chain still holds. The database refuses to change or delete a link, and to change a payload.
"""

from datetime import date, datetime

from sqlalchemy import Column, Index, Integer, Text
from sqlmodel import Field, SQLModel


class AuditEvent(SQLModel, table=True):
    """A look at people, an export, a decision, a grant: when, who, what, for which purpose of the register.

    `id`: counted from 1 without a gap. `digest`: SHA-256 of the salted payload; `hash`: SHA-256 over the event, its
    digest and the hash before it (`store.audit`)."""

    __tablename__ = "audit_event"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime
    actor: str
    action: str
    purpose: str
    digest: str
    hash: str


class AuditPayload(SQLModel, table=True):
    """About whom an audit event is, with what detail (JSON, no personal data but ids). Deleted by erasure with its
    salt, so that the digest leads to nobody."""

    __tablename__ = "audit_payload"
    event_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    salt: str
    customer_id: str | None = Field(default=None, index=True)
    detail: str = Field(sa_column=Column(Text, nullable=False))


class Recipient(SQLModel, table=True):
    """A third party whom the owner allows to get data, by name (GDPR Art. 4(9) and 15(1)(c)).

    `kind`: `partner`, `processor`, `authority` or `person` (one to whom the customer wants their data sent).
    `purposes`: JSON list of purposes of the register for which it may get them. `safeguard`: what carries a transfer
    outside the EU/EEA, a term as in the register, `none` inside. `revoked_at` ends it."""

    __tablename__ = "recipient"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    kind: str
    business_id: str = "unknown"
    country: str
    safeguard: str = "none"
    contact: str | None = None
    purposes: str = Field(sa_column=Column(Text, nullable=False))
    approved_at: datetime
    approved_by: str
    reason: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoke_reason: str | None = None


class Disclosure(SQLModel, table=True):
    """A file that left for a third party (R-36; ISO/IEC 27701, 7.5.4). Append-only.

    `recipient`: its name as it was then. `basis`: a legal basis (`eu-gdpr:A6-1-f`). `channel`: of a marketing
    consent, on which it rests. `fields`, `dropped`: JSON; whom the gate dropped, counted by reason. `statute`,
    `document`: of an authority's demand (R-38); `reason`: why somebody's restriction did not stop it. `people`: how
    many customers it concerned. `failed_at`: when it showed that the file could not take its place, so that nothing
    left; no list and no task counts such a one."""

    __tablename__ = "disclosure"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    recipient_id: int = Field(foreign_key="recipient.id", index=True)
    recipient: str
    kind: str
    country: str
    purpose: str
    basis: str
    brand: str | None = None
    channel: str | None = None
    fields: str = Field(sa_column=Column(Text, nullable=False))
    format: str
    file_sha256: str
    people: int
    dropped: str = Field(sa_column=Column(Text, nullable=False))
    statute: str | None = None
    document: str | None = None
    reason: str | None = None
    failed_at: datetime | None = None


class DisclosureRecord(SQLModel, table=True):
    """The customer records whose people a disclosure concerned, so that a merge takes the union and a split gives each
    its own."""

    __tablename__ = "disclosure_record"
    disclosure_id: int = Field(primary_key=True, foreign_key="disclosure.id")
    record_id: int = Field(primary_key=True, foreign_key="source_record.id", index=True)


class Segment(SQLModel, table=True):
    """A rule that a person wrote, by which customers are grouped (R-14). Rules are never changed: a new one of the same
    name follows, and the last counts unless it is retired."""

    __tablename__ = "segment"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    rule: str = Field(sa_column=Column(Text, nullable=False))
    purpose: str
    brand: str | None = None
    channel: str | None = None
    author: str
    created_at: datetime
    retired_at: datetime | None = None
    retired_by: str | None = None


class SegmentRun(SQLModel, table=True):
    """One use of a segment: how many were in it, and how many were left out by reason (`counts`, JSON)."""

    __tablename__ = "segment_run"
    id: int | None = Field(default=None, primary_key=True)
    segment_id: int = Field(foreign_key="segment.id", index=True)
    at: datetime
    actor: str
    listed: int
    counts: str = Field(sa_column=Column(Text, nullable=False))
    file_sha256: str | None = None


class FindingAnswer(SQLModel, table=True):
    """What the owner answered to a finding of the notice check. Append-only; of each finding the last counts.

    `finding`: its code with what it is about; `verdict`: `accepted`, `resolved` or `reopened`."""

    __tablename__ = "finding_answer"
    id: int | None = Field(default=None, primary_key=True)
    finding: str = Field(index=True)
    verdict: str
    reason: str
    answered_at: datetime
    answered_by: str


class IndirectNotice(SQLModel, table=True):
    """That a person was told of data that did not come from them (GDPR Art. 14), or why they need not be (Art. 14(5)).

    It hangs on the record that brought the data. `exemption`: a letter of Art. 14(5), `None` where they were told."""

    __tablename__ = "indirect_notice"
    __table_args__ = (Index("indirect_notice_record", "record_id"),)
    id: int | None = Field(default=None, primary_key=True)
    record_id: int = Field(foreign_key="source_record.id")
    told_on: date
    method: str
    exemption: str | None = None
    recorded_at: datetime
    recorded_by: str
