"""What is left of people who were erased, and by what rules data leaves: nothing here names anybody.

A tombstone holds keyed digests (HMAC-SHA-256, cut to 128 bits; RFC 2104, section 5) of what the person could come back
by. The key stands outside of the database (`privacy.key_file`), so that the digests say nothing without it.
"""

from datetime import date, datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel


class Tombstone(SQLModel, table=True):
    """A person who was erased. `basis`: `request`, `retention` or `vanished`. `hits`: rows that were dropped since.

    `released_at`: when a person decided that whoever comes back by it may; from then on it stops nobody.
    """

    __tablename__ = "tombstone"
    id: int | None = Field(default=None, primary_key=True)
    basis: str
    effective_at: datetime
    request_id: int | None = Field(default=None, foreign_key="rights_request.id")
    review_on: date | None = None
    hits: int = 0
    last_hit_at: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None


class TombstoneKey(SQLModel, table=True):
    """A digest by which an erased person is known again. `kind`: `email`, `phone`; `email+first`, `phone+first` where a
    living customer has the contact too, so that it counts only together with the first name, and `shared` of the mere
    contact then, which tells that a name must be asked for and stops nobody; `record`, of a source's own id of a
    row."""

    __tablename__ = "tombstone_key"
    __table_args__ = (Index("tombstone_key_digest", "digest"),)
    tombstone_id: int = Field(primary_key=True, foreign_key="tombstone.id")
    kind: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)


class ReentryDecision(SQLModel, table=True):
    """What a person decided about a row that waited because it may be an erased person's: `admit` or `refuse`.

    `digest`: of the source's own id of the row. Kept, so that nobody is asked twice.
    """

    __tablename__ = "reentry_decision"
    id: int | None = Field(default=None, primary_key=True)
    tombstone_id: int = Field(foreign_key="tombstone.id", index=True)
    digest: str = Field(index=True)
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str


class HeldRecord(SQLModel, table=True):
    """A row that the law keeps after an erasure, narrowed to what it asks for, without contacts or a name, outside
    every list and export. `category` and `basis`: of the retention rule; `hold_until`: the last day."""

    __tablename__ = "held_record"
    id: int | None = Field(default=None, primary_key=True)
    tombstone_id: int = Field(foreign_key="tombstone.id", index=True)
    category: str
    basis: str
    hold_until: date | None = None
    kind: str
    source: str
    payload: str = Field(sa_column=Column(Text, nullable=False))
    held_at: datetime


class RetentionRule(SQLModel, table=True):
    """For how long a category of data is kept. Append-only; of each category the last counts. `period`: an ISO 8601
    duration in years, months or days (`P6Y`), `None` for undefined. `trigger`: from when it is counted."""

    __tablename__ = "retention_rule"
    id: int | None = Field(default=None, primary_key=True)
    category: str = Field(index=True)
    period: str | None = None
    trigger: str
    basis: str
    set_at: datetime
    set_by: str


class RetentionRun(SQLModel, table=True):
    """Proof of what went by the rules: counts and ids (JSON), which lead to nobody once it is gone."""

    __tablename__ = "retention_run"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    counts: str = Field(sa_column=Column(Text, nullable=False))
    ids: str = Field(sa_column=Column(Text, nullable=False))


class BackupRun(SQLModel, table=True):
    """A backup that was written and read back. `erasures`: the newest tombstone that it knows."""

    __tablename__ = "backup_run"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    file: str
    sha256: str
    rows: int
    erasures: int
