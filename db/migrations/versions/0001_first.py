"""The first schema: chats, groups, updates, questions, faults."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWED = sa.text("owed IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("blocked_at", MOMENT),
        sa.Column("chosen_language", sa.String(2)),
        sa.Column("heard_language", sa.String(2)),
        sa.Column("last_entry", sa.String(48)),
        sa.Column("offered", sa.JSON, nullable=False),
        sa.Column("offered_question", sa.String(24)),
        sa.Column("misses", sa.BigInteger, nullable=False),
        sa.Column("minute_at", MOMENT),
        sa.Column("minute_count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("pointed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "updates",
        sa.Column("bot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("handled_at", MOMENT, nullable=False),
        sa.Column("chat", sa.BigInteger),
        sa.Column("message", sa.BigInteger),
        sa.Column("owed", sa.JSON(none_as_null=True)),
        sa.Column("reply", sa.BigInteger),
        sa.Column("closed_at", MOMENT),
        sa.Column("fate", sa.String(16)),
    )
    op.create_index("ix_updates_chat_message", "updates", ["chat", "message"])
    op.create_index("ix_updates_owed", "updates", ["chat", "update_id"], sqlite_where=OWED, postgresql_where=OWED)
    op.create_table(
        "attempts",
        sa.Column("bot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("entry", sa.String(48)),
        sa.Column("confidence", sa.Double),
        sa.Column("chosen", sa.Boolean, nullable=False),
        sa.Column("helpful", sa.Boolean),
        sa.Column("words", sa.Text),
    )
    op.create_index("ix_questions_asked_at", "questions", ["asked_at"])
    op.create_table(
        "faults",
        sa.Column("reference", sa.String(16), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(255), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("update_id", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("faults", "questions", "attempts", "updates", "groups", "chats"):
        op.drop_table(table)
