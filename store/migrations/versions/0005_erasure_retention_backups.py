"""tombstones of people who were erased, rules of retention, and backups

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("rights_request.id"), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_hit_at", MOMENT, nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", TEXT, nullable=True),
        sa.Column("release_reason", TEXT, nullable=True),
    )
    _of_tombstones()
    op.create_table(
        "retention_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("period", TEXT, nullable=True),
        sa.Column("trigger", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", TEXT, nullable=False),
    )
    op.create_index("ix_retention_rule_category", "retention_rule", ["category"])
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
    )
    op.create_table(
        "backup_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("file", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("erasures", sa.Integer(), nullable=False),
    )
    with op.batch_alter_table("quarantine") as altered:
        altered.add_column(sa.Column("tombstone_id", sa.Integer(), nullable=True))
    op.add_column("stream_run", sa.Column("erased", sa.Integer(), server_default="0", nullable=False))
    _anchor("INTEGER NOT NULL", "INTEGER", nullable=True)
    _golden_reference(wanted=False)


def _of_tombstones() -> None:
    op.create_table(
        "tombstone_key",
        sa.Column("tombstone_id", sa.Integer(), sa.ForeignKey("tombstone.id"), primary_key=True),
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("digest", TEXT, primary_key=True),
    )
    op.create_index("tombstone_key_digest", "tombstone_key", ["digest"])
    op.create_table(
        "reentry_decision",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tombstone_id", sa.Integer(), sa.ForeignKey("tombstone.id"), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=False),
    )
    op.create_index("ix_reentry_decision_tombstone_id", "reentry_decision", ["tombstone_id"])
    op.create_index("ix_reentry_decision_digest", "reentry_decision", ["digest"])
    op.create_table(
        "held_record",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tombstone_id", sa.Integer(), sa.ForeignKey("tombstone.id"), nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
    )
    op.create_index("ix_held_record_tombstone_id", "held_record", ["tombstone_id"])


def _anchor(before: str, after: str, *, nullable: bool) -> None:
    """A request outlives the record on which it was opened."""
    if op.get_bind().dialect.name == "sqlite":
        _declared_anew("rights_request", f"anchor_record_id {before}", f"anchor_record_id {after}")
    else:
        op.alter_column("rights_request", "anchor_record_id", nullable=nullable)


def _golden_reference(*, wanted: bool) -> None:
    """To delete a record would otherwise go through every published value of everybody."""
    reference = ", \n\tFOREIGN KEY(record_id) REFERENCES source_record (id)"
    if op.get_bind().dialect.name == "sqlite":
        last = ", \n\tFOREIGN KEY(customer_id) REFERENCES master_customer (id)"
        with_it, without = last + reference, last
        _declared_anew("golden_value", *((without, with_it) if wanted else (with_it, without)))
    elif wanted:
        op.create_foreign_key(None, "golden_value", "source_record", ["record_id"], ["id"])
    else:
        op.drop_constraint("golden_value_record_id_fkey", "golden_value", type_="foreignkey")


def _declared_anew(table: str, before: str, after: str) -> None:
    """SQLite would have to copy the table, which foreign keys forbid. That what a declaration demands may be taken back
    in place says sqlite.org/lang_altertable.html, section 7."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?", (before, after, table)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    _golden_reference(wanted=True)
    _anchor("INTEGER", "INTEGER NOT NULL", nullable=False)
    op.drop_column("stream_run", "erased")
    with op.batch_alter_table("quarantine") as altered:
        altered.drop_column("tombstone_id")
    for table in (
        "backup_run",
        "retention_run",
        "retention_rule",
        "held_record",
        "reentry_decision",
        "tombstone_key",
        "tombstone",
    ):
        op.drop_table(table)
