"""What is decided and published, and who looked at it."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


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
    """A published value, the record it came from and the rule that chose it (invariant 5). `value` is JSON.

    `record_id` is no foreign key: to delete a record would go through every value of everybody, and an index costs each
    publishing more than it is worth.
    """

    __tablename__ = "golden_value"
    __table_args__ = ({"sqlite_with_rowid": False},)
    customer_id: str = Field(primary_key=True, foreign_key="master_customer.id")
    field: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    value: str
    record_id: int
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
    """A merge or a split: who or what did it, and why (`reasons`, a JSON list of sentences)."""

    __tablename__ = "customer_event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    run_id: str | None = None
    event: str
    customer_id: str = Field(index=True)
    other_id: str = Field(index=True)
    actor: str
    reasons: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
