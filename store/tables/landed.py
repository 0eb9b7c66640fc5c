"""Where records come from, and what landed."""

from datetime import datetime

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel


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
    `row_digest`: of what of the platform's row the payload rests on, so that the same row need not be mapped again;
    without one it is.
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
    row_digest: str | None = None


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

    `key` is the external id, else a digest of the fields. `tombstone_id`: of an erased person whose row this may be; it
    waits for a person's decision, and no mapping brings it in.
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
    tombstone_id: int | None = None


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
