"""what people declared about the use of their data, and what they asked for

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    _requests()
    _declarations()
    op.create_table(
        "direct_marketing_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=False),
        sa.Column("brand", TEXT, nullable=True),
        sa.Column("relationship_ended_on", sa.Date(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", TEXT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("left_by", TEXT, nullable=True),
        sa.Column("left_reason", TEXT, nullable=True),
        sa.Column("resumed_on", sa.Date(), nullable=True),
    )
    op.create_index("ix_direct_marketing_entry_record_id", "direct_marketing_entry", ["record_id"])


def _requests() -> None:
    op.create_table(
        "rights_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("anchor_record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("identity_method", TEXT, nullable=True),
        sa.Column("identified_at", MOMENT, nullable=True),
        sa.Column("identified_by", TEXT, nullable=True),
        sa.Column("extended_at", MOMENT, nullable=True),
        sa.Column("extension_reason", TEXT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("justification", TEXT, nullable=True),
        sa.Column("package_sha256", TEXT, nullable=True),
        sa.Column("packaged_at", MOMENT, nullable=True),
    )
    op.create_index("ix_rights_request_customer_id", "rights_request", ["customer_id"])
    op.create_table(
        "request_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("rights_request.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
    )
    op.create_index("ix_request_event_request_id", "request_event", ["request_id"])
    op.create_table(
        "request_task",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("rights_request.id"), nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", TEXT, nullable=True),
        sa.Column("proof", TEXT, nullable=True),
    )
    op.create_index("ix_request_task_request_id", "request_task", ["request_id"])


def _declarations() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=True) for name in ("channel", "state", "scope", "field")),
        sa.Column("value", sa.Text(), nullable=True),
        *(sa.Column(name, TEXT, nullable=True) for name in ("brand", "method", "evidence", "reason")),
        *(sa.Column(name, TEXT, nullable=False) for name in ("controller", "grantee", "notice_version")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("rights_request.id"), nullable=True),
        sa.Column("lifts", sa.Integer(), sa.ForeignKey("declaration.id"), nullable=True),
        sa.Column("anchor_record_id", sa.Integer(), sa.ForeignKey("source_record.id"), nullable=False),
    )
    op.create_index("ix_declaration_request_id", "declaration", ["request_id"])
    op.create_index("ix_declaration_lifts", "declaration", ["lifts"])
    op.create_table(
        "declaration_record",
        sa.Column("declaration_id", sa.Integer(), sa.ForeignKey("declaration.id"), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("source_record.id"), primary_key=True),
    )
    op.create_index("ix_declaration_record_record_id", "declaration_record", ["record_id"])
    op.create_table(
        "declaration_contact",
        sa.Column("declaration_id", sa.Integer(), sa.ForeignKey("declaration.id"), primary_key=True),
        *(sa.Column(name, TEXT, primary_key=True) for name in ("kind", "value", "first_name")),
    )
    op.create_index("declaration_contact_value", "declaration_contact", ["kind", "value"])


def downgrade() -> None:
    for table in (
        "declaration_contact",
        "declaration_record",
        "declaration",
        "request_task",
        "request_event",
        "rights_request",
        "direct_marketing_entry",
    ):
        op.drop_table(table)
