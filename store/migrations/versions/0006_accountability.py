"""the audit trail as a hash chain, disclosures, segments, and what the controller keeps beside the data

Revision ID: 0006
Revises: 0005
"""

from secrets import token_hex

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from store.chain import ORIGIN, digest_of, hash_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
TEXT = sqlmodel.sql.sqltypes.AutoString()
LONG = sa.Text()

REFUSED = {
    "audit_event": {"UPDATE": "is never changed", "DELETE": "is never deleted", "INSERT": "goes on at its end alone"},
    "audit_payload": {"UPDATE": "is never changed", "INSERT": "is never changed"},
}
WHERE = {
    "audit_event_insert": "NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM audit_event)",
    "audit_payload_insert": "EXISTS (SELECT 1 FROM audit_payload WHERE event_id = NEW.event_id)",
}
"""What may not be written. SQLite's REPLACE deletes a row and asks no trigger, so it must not come that far."""


def upgrade() -> None:
    _audit()
    _disclosures()
    _segments()
    _upkeep()


def _audit() -> None:
    old = sa.table("audit_event", *_columns(("id", "at", "actor", "action", "purpose", "customer_id", "detail")))
    query = sa.select(old).order_by(old.c.id)
    rows = op.get_bind().execute(query).all()
    op.drop_index("ix_audit_event_customer_id", "audit_event")
    op.drop_table("audit_event")
    event = op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
    )
    payload = op.create_table(
        "audit_payload",
        sa.Column("event_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("salt", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("detail", LONG, nullable=False),
    )
    op.create_index("ix_audit_payload_customer_id", "audit_payload", ["customer_id"])
    events, payloads, before = [], [], ORIGIN
    for id_, row in enumerate(rows, 1):
        salt = token_hex(16)
        digest = digest_of(salt, row.customer_id, row.detail)
        before = hash_of(id_, row.at, row.actor, row.action, row.purpose, digest, before)
        values = {"actor": row.actor, "action": row.action, "purpose": row.purpose}
        events.append({"id": id_, "at": row.at, "digest": digest, "hash": before} | values)
        payloads.append({"event_id": id_, "salt": salt, "customer_id": row.customer_id, "detail": row.detail})
    op.bulk_insert(event, events)
    op.bulk_insert(payload, payloads)
    _refuse()


def _columns(names: tuple[str, ...]) -> list["sa.ColumnClause[object]"]:
    return [sa.column(name, MOMENT if name == "at" else TEXT) for name in names]


def _refuse() -> None:
    """The database itself refuses to change or delete links of the chain."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, refused in REFUSED.items():
        for verb, why in refused.items():
            trigger = f"{name}_{verb.lower()}"
            where = WHERE.get(trigger, "TRUE")
            if sqlite:
                op.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {verb} ON {name} WHEN {where} "
                    f"BEGIN SELECT RAISE(ABORT, '{name} {why}'); END"
                )
                continue
            op.execute(
                f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF {where} THEN RAISE EXCEPTION '{name} {why}' "
                "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            )
            op.execute(f"CREATE TRIGGER {trigger} BEFORE {verb} ON {name} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
            if verb == "DELETE":
                op.execute(
                    f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {name} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION {trigger}()"
                )


def _disclosures() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("business_id", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("safeguard", TEXT, nullable=False),
        sa.Column("contact", TEXT, nullable=True),
        sa.Column("purposes", LONG, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("approved_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", TEXT, nullable=True),
        sa.Column("revoke_reason", TEXT, nullable=True),
    )
    op.create_index("ix_recipient_name", "recipient", ["name"])
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("recipient_id", sa.Integer(), sa.ForeignKey("recipient.id"), nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("brand", TEXT, nullable=True),
        sa.Column("channel", TEXT, nullable=True),
        sa.Column("fields", LONG, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("file_sha256", TEXT, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("dropped", LONG, nullable=False),
        sa.Column("statute", TEXT, nullable=True),
        sa.Column("document", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
    )
    op.create_index("ix_disclosure_recipient_id", "disclosure", ["recipient_id"])
    op.create_table(
        "disclosure_record",
        sa.Column("disclosure_id", sa.Integer(), sa.ForeignKey("disclosure.id"), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), primary_key=True),
    )
    op.create_index("ix_disclosure_record_record_id", "disclosure_record", ["record_id"])


def _segments() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("rule", LONG, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("brand", TEXT, nullable=True),
        sa.Column("channel", TEXT, nullable=True),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("retired_by", TEXT, nullable=True),
    )
    op.create_index("ix_segment_name", "segment", ["name"])
    op.create_table(
        "segment_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("segment_id", sa.Integer(), sa.ForeignKey("segment.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("counts", LONG, nullable=False),
        sa.Column("file_sha256", TEXT, nullable=True),
    )
    op.create_index("ix_segment_run_segment_id", "segment_run", ["segment_id"])
    op.create_table(
        "finding_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("finding", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("answered_by", TEXT, nullable=False),
    )
    op.create_index("ix_finding_answer_finding", "finding_answer", ["finding"])
    op.create_table(
        "indirect_notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("exemption", TEXT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
    )
    op.create_index("indirect_notice_record", "indirect_notice", ["record_id"])


def _upkeep() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("under", TEXT, nullable=True),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
    )
    op.create_index("ix_agreement_party", "agreement", ["party"])
    op.create_table(
        "case_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=True),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("brand", TEXT, nullable=True),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("subject", LONG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", TEXT, nullable=True),
        sa.Column("answer", LONG, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("reopened_at", MOMENT, nullable=True),
        sa.Column("reopened_by", TEXT, nullable=True),
        sa.Column("reopen_reason", TEXT, nullable=True),
    )
    op.create_index("case_file_record", "case_file", ["record_id"])
    op.create_index("ix_case_file_customer_id", "case_file", ["customer_id"])
    op.create_table(
        "contact_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("direction", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("brand", TEXT, nullable=True),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("summary", LONG, nullable=False),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case_file.id"), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
    )
    op.create_index("contact_event_record", "contact_event", ["record_id"])
    op.create_index("ix_contact_event_customer_id", "contact_event", ["customer_id"])
    op.create_table(
        "breach",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("discovered_at", MOMENT, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=True),
        sa.Column("nature", LONG, nullable=False),
        sa.Column("categories", TEXT, nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("risk", TEXT, nullable=False),
        sa.Column("consequences", LONG, nullable=True),
        sa.Column("measures", LONG, nullable=True),
        sa.Column("authority_told_at", MOMENT, nullable=True),
        sa.Column("delay_reason", TEXT, nullable=True),
        sa.Column("people_told_at", MOMENT, nullable=True),
        sa.Column("no_notice_reason", TEXT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", TEXT, nullable=True),
    )
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("term", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
    )


def downgrade() -> None:
    for name in (
        "measure", "breach", "contact_event", "case_file", "agreement", "indirect_notice", "finding_answer",
        "segment_run", "segment", "disclosure_record", "disclosure", "recipient",
    ):  # fmt: skip
        op.drop_table(name)
    event = sa.table("audit_event", *_columns(("id", "at", "actor", "action", "purpose")))
    payload = sa.table("audit_payload", *_columns(("event_id", "customer_id", "detail")))
    query = sa.select(event, payload.c.customer_id, sa.func.coalesce(payload.c.detail, "{}").label("detail"))
    query = query.outerjoin_from(event, payload, payload.c.event_id == event.c.id).order_by(event.c.id)
    rows = [dict(row._mapping) for row in op.get_bind().execute(query).all()]
    op.drop_table("audit_payload")
    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        for name, refused in REFUSED.items():
            for verb in refused:
                op.execute(f"DROP FUNCTION {name}_{verb.lower()}()")
    old = op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("detail", TEXT, nullable=False),
    )
    op.create_index("ix_audit_event_customer_id", "audit_event", ["customer_id"])
    op.bulk_insert(old, rows)
