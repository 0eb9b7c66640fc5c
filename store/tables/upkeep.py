"""What the controller keeps beside the data: contracts, cases, contacts, breaches and measures of protection."""

from datetime import date, datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel


class Agreement(SQLModel, table=True):
    """The contract behind a party (R-07; GDPR Art. 26, 28(3) and 28(4)).

    `party`: its key in the processing register, or the name of a sub-processor. `under`: for whom the sub-processor
    works, a key of the register. `type`: a term of DPV (`dpv:ControllerProcessorAgreement`). `review_on`: when somebody
    has to look at it again. `ended_on` ends it."""

    __tablename__ = "agreement"
    id: int | None = Field(default=None, primary_key=True)
    party: str = Field(index=True)
    under: str | None = None
    type: str
    country: str = "unknown"
    signed_on: date | None = None
    review_on: date | None = None
    url: str | None = None
    sha256: str | None = None
    note: str | None = None
    recorded_at: datetime
    recorded_by: str
    ended_on: date | None = None
    ended_by: str | None = None
    end_reason: str | None = None


class CaseFile(SQLModel, table=True):
    """Feedback or a claim (R-16, R-17). `type`: `feedback` or `claim`; `hold`: it holds back an erasure while it is
    open (GDPR Art. 17(3)(e)). It hangs on a customer record and names the customer of that time (`store.hanging`);
    both are `None` where it is nobody's or the person is erased. `state`: `open`, `answered` or `closed`. Of several
    answers, outcomes and reopenings the texts stand one a line."""

    __tablename__ = "case_file"
    __table_args__ = (Index("case_file_record", "record_id"),)
    id: int | None = Field(default=None, primary_key=True)
    type: str
    record_id: int | None = Field(default=None, foreign_key="source_record.id")
    customer_id: str | None = Field(default=None, index=True)
    brand: str | None = None
    channel: str
    received_on: date
    subject: str = Field(sa_column=Column(Text, nullable=False))
    state: str
    hold: bool
    opened_at: datetime
    opened_by: str
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str | None = Field(default=None, sa_column=Column(Text))
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None
    reopened_at: datetime | None = None
    reopened_by: str | None = None
    reopen_reason: str | None = None


class ContactEvent(SQLModel, table=True):
    """A message, call, letter or talk with a customer (R-15, R-51). `direction`: `in` or `out`. It hangs on a customer
    record and names the customer of that time (`store.hanging`)."""

    __tablename__ = "contact_event"
    __table_args__ = (Index("contact_event_record", "record_id"),)
    id: int | None = Field(default=None, primary_key=True)
    record_id: int = Field(foreign_key="source_record.id")
    customer_id: str = Field(index=True)
    channel: str
    direction: str
    at: datetime
    brand: str | None = None
    purpose: str
    summary: str = Field(sa_column=Column(Text, nullable=False))
    case_id: int | None = Field(default=None, foreign_key="case_file.id")
    recorded_at: datetime
    recorded_by: str


class Breach(SQLModel, table=True):
    """A breach of personal data (R-60; GDPR Art. 33(5)). The authority is told within 72 hours of `discovered_at`, or
    later with a `delay_reason`, unless there is no risk and `no_notice_reason` says why. `risk`: `none`, `risk` or
    `high` (then the people are told too, Art. 34). `categories`: of the data, words with commas between them."""

    __tablename__ = "breach"
    id: int | None = Field(default=None, primary_key=True)
    discovered_at: datetime
    occurred_at: datetime | None = None
    nature: str = Field(sa_column=Column(Text, nullable=False))
    categories: str
    people: int | None = None
    risk: str
    consequences: str | None = Field(default=None, sa_column=Column(Text))
    measures: str | None = Field(default=None, sa_column=Column(Text))
    authority_told_at: datetime | None = None
    delay_reason: str | None = None
    people_told_at: datetime | None = None
    no_notice_reason: str | None = None
    recorded_at: datetime
    recorded_by: str
    closed_at: datetime | None = None
    closed_by: str | None = None


class Measure(SQLModel, table=True):
    """A technical or organisational measure of protection (R-49; GDPR Art. 32 and 30(1)(g)). `term`: of DPV.
    `until` ends it."""

    __tablename__ = "measure"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    term: str
    name: str
    since: date
    until: date | None = None
    review_on: date | None = None
    note: str | None = None
    recorded_at: datetime
    recorded_by: str
