"""The desk: roles, approvals, tickets, drafts, notices and subscriptions.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=True),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column("text_de", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=True),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("tested_at", MOMENT, nullable=True),
        sa.Column("approval", sa.BigInteger(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_table(
        "shown_answers",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat", "entry", name=op.f("pk_shown_answers")),
    )
    op.create_index("ix_shown_answers_entry", "shown_answers", ["entry"], unique=False)
    op.create_table(
        "staff_roles",
        sa.Column("user", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_staff_roles")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=28), nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat", "subject", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("taken_name", sa.String(length=32), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("member_at", MOMENT, nullable=False),
        sa.Column("staff_at", MOMENT, nullable=True),
        sa.Column("alarmed_at", MOMENT, nullable=True),
        sa.Column("posted_in", sa.BigInteger(), nullable=True),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("card", sa.BigInteger(), nullable=True),
        sa.Column("aside_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index("ix_tickets_state", "tickets", ["state"], unique=False)
    op.create_index("ix_tickets_thread", "tickets", ["thread"], unique=False)
    op.create_index(
        "uq_tickets_chat_open",
        "tickets",
        ["chat"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("file", sa.String(length=255), nullable=True),
        sa.Column("member_message", sa.BigInteger(), nullable=True),
        sa.Column("staff_message", sa.BigInteger(), nullable=True),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    op.create_index("ix_ticket_messages_member_message", "ticket_messages", ["member_message"], unique=False)
    op.create_index("ix_ticket_messages_staff_message", "ticket_messages", ["staff_message"], unique=False)
    op.create_index("ix_ticket_messages_ticket", "ticket_messages", ["ticket"], unique=False)
    op.add_column("deliveries", sa.Column("notice", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("ticket", sa.BigInteger(), nullable=True))
    op.create_index("ix_deliveries_notice", "deliveries", ["notice", "state"], unique=False)
    op.create_index("ix_deliveries_ticket", "deliveries", ["ticket"], unique=False)
    op.add_column("questions", sa.Column("settled", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("questions", "settled")
    op.drop_index("ix_deliveries_ticket", table_name="deliveries")
    op.drop_index("ix_deliveries_notice", table_name="deliveries")
    op.drop_column("deliveries", "ticket")
    op.drop_column("deliveries", "notice")
    op.drop_index("ix_ticket_messages_ticket", table_name="ticket_messages")
    op.drop_index("ix_ticket_messages_staff_message", table_name="ticket_messages")
    op.drop_index("ix_ticket_messages_member_message", table_name="ticket_messages")
    op.drop_table("ticket_messages")
    op.drop_index(
        "uq_tickets_chat_open",
        table_name="tickets",
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.drop_index("ix_tickets_thread", table_name="tickets")
    op.drop_index("ix_tickets_state", table_name="tickets")
    op.drop_table("tickets")
    op.drop_table("subscriptions")
    op.drop_table("staff_roles")
    op.drop_index("ix_shown_answers_entry", table_name="shown_answers")
    op.drop_table("shown_answers")
    op.drop_table("notices")
    op.drop_table("drafts")
    op.drop_table("approvals")
