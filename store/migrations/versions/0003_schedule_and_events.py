"""schedules in tables of our own, what platforms send by themselves, why people were merged or split

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.add_column("run", sa.Column("trigger", text(), server_default="command", nullable=False))
    op.add_column("source_state", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("source_state", sa.Column("lost_since", MOMENT, nullable=True))
    op.add_column("source_state", sa.Column("next_run_at", MOMENT, nullable=True))
    op.add_column("stream_state", sa.Column("began_at", MOMENT, nullable=True))
    op.add_column("customer_event", sa.Column("reasons", text(), server_default="[]", nullable=False))
    op.create_table(
        "platform_event",
        sa.Column("source", text(), nullable=False),
        sa.Column("event_id", text(), nullable=False),
        sa.Column("topic", text(), nullable=False),
        sa.Column("stream", text(), nullable=True),
        sa.Column("external_id", text(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("state", text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", MOMENT, nullable=False),
        sa.Column("processed_at", MOMENT, nullable=True),
        sa.Column("run_id", text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "event_id"),
    )
    op.create_index("platform_event_row", "platform_event", ["source", "stream", "external_id"])
    op.create_index("platform_event_waiting", "platform_event", ["state", "try_at"])


def downgrade() -> None:
    op.drop_table("platform_event")
    for table, columns in (
        ("customer_event", ("reasons",)),
        ("stream_state", ("began_at",)),
        ("source_state", ("failures", "lost_since", "next_run_at")),
        ("run", ("trigger",)),
    ):
        with op.batch_alter_table(table) as altered:
            for column in columns:
                altered.drop_column(column)
