"""What the people in the registry have said about the use of their data, and what they asked for.

A declaration hangs on source records and on contacts, never on a customer: so that a merge takes the union, a split
gives each part its own back, and a record that comes anew with a known contact finds what was said before.
"""

from datetime import date, datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel


class Declaration(SQLModel, table=True):
    """What a person declared, or a member of staff noted for them. Append-only: what is lifted is named by the `lift`.

    `kind`: `consent` (with `channel` email or sms, `state` granted, refused or withdrawn, `method`, `grantee`);
    `objection` (with `scope`, GDPR Art. 21); `restriction` (Art. 18); `correction` (Art. 16; `field` and `value`, JSON:
    a value that no sync undoes); `lift` (of the declaration `lifts`). `brand`: one brand, `None` for all of the
    controller's. `at`: when the person declared it; `recorded_at`: when it was written down. `anchor_record_id`: the
    record whose birth id the customer bore then; what loosens (a grant) counts only where that record is.
    """

    __tablename__ = "declaration"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    channel: str | None = None
    state: str | None = None
    scope: str | None = None
    field: str | None = None
    value: str | None = Field(default=None, sa_column=Column(Text))
    brand: str | None = None
    method: str | None = None
    evidence: str | None = None
    reason: str | None = None
    controller: str
    grantee: str
    notice_version: str
    at: datetime
    recorded_at: datetime
    recorded_by: str
    request_id: int | None = Field(default=None, foreign_key="rights_request.id", index=True)
    lifts: int | None = Field(default=None, foreign_key="declaration.id", index=True)
    anchor_record_id: int = Field(foreign_key="source_record.id")


class DeclarationRecord(SQLModel, table=True):
    """The records on which a declaration hangs: all that the customer had when it was recorded."""

    __tablename__ = "declaration_record"
    declaration_id: int = Field(primary_key=True, foreign_key="declaration.id")
    record_id: int = Field(primary_key=True, foreign_key="source_record.id", index=True)


class DeclarationContact(SQLModel, table=True):
    """The contacts on which a declaration hangs, each with the folded first name, for a family may share a contact.

    `kind` and `value` are those of a `MatchKey` (email, phone).
    """

    __tablename__ = "declaration_contact"
    __table_args__ = (Index("declaration_contact_value", "kind", "value"),)
    declaration_id: int = Field(primary_key=True, foreign_key="declaration.id")
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    first_name: str = Field(primary_key=True)


class RightsRequest(SQLModel, table=True):
    """A request of a person (GDPR Art. 12 to 22, `dpv:RightExerciseRecord`). `anchor_record_id`: the record on which it
    was opened, which tells whose it is; `None` once that is erased. `customer_id`: under which id the person was a
    customer then.

    `due_on`: by Regulation 1182/71, moved by an extension. `status`: a term of DPV's request statuses. `outcome`:
    `fulfilled`, `partly_fulfilled`, `refused` or `withdrawn`, once closed. Dates are days in Finland.
    """

    __tablename__ = "rights_request"
    id: int | None = Field(default=None, primary_key=True)
    type: str
    customer_id: str = Field(index=True)
    anchor_record_id: int | None = Field(default=None, foreign_key="source_record.id")
    received_on: date
    channel: str
    opened_at: datetime
    opened_by: str
    due_on: date
    status: str
    identity_method: str | None = None
    identified_at: datetime | None = None
    identified_by: str | None = None
    extended_at: datetime | None = None
    extension_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None
    justification: str | None = None
    package_sha256: str | None = None
    packaged_at: datetime | None = None


class RequestEvent(SQLModel, table=True):
    """One step in the life of a request. Append-only. `what` is a verb of ours, `status` the DPV term it led to."""

    __tablename__ = "request_event"
    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="rights_request.id", index=True)
    at: datetime
    actor: str
    what: str
    status: str
    detail: str = "{}"


class RequestTask(SQLModel, table=True):
    """What a person has to do elsewhere: tell a platform or a recipient (GDPR Art. 19). Done with a proof."""

    __tablename__ = "request_task"
    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="rights_request.id", index=True)
    party: str
    what: str
    created_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    proof: str | None = None


class DirectMarketingEntry(SQLModel, table=True):
    """A person whose relationship has ended and who was moved into the controller's direct-marketing register: an act
    of its own, with its reason. `left_at` ends it. `resumed_on`: since when they are a customer again, noted when or
    after they left; without it a person who left is one whose relationship has ended, and nothing more.
    """

    __tablename__ = "direct_marketing_entry"
    id: int | None = Field(default=None, primary_key=True)
    record_id: int = Field(foreign_key="source_record.id", index=True)
    brand: str | None = None
    relationship_ended_on: date
    reason: str
    entered_at: datetime
    entered_by: str
    left_at: datetime | None = None
    left_by: str | None = None
    left_reason: str | None = None
    resumed_on: date | None = None
