"""Members, cards, findings, letters, links, the outbox and the audit log.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_events")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_segments",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_segments")),
    )
    op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")  # noqa: S608
    _guard_audit()
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=True),
        sa.Column("member", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_chat", ["chat"], unique=False)
        batch_op.create_index(
            "ix_deliveries_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.create_table(
        "incident_lists",
        sa.Column("incident", sa.String(length=48), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_incident_lists")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number_mark", sa.String(length=128), nullable=False),
        sa.Column("number_sealed", sa.Text(), nullable=False),
        sa.Column("number_end", sa.String(length=2), nullable=False),
        sa.Column("digits_sealed", sa.Text(), nullable=True),
        sa.Column("email_sealed", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.Column("subject_key", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("number_mark", name=op.f("uq_members_number_mark")),
    )
    op.create_table(
        "suppressions",
        sa.Column("mark", sa.String(length=128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "throttles",
        sa.Column("chat", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("window_at", MOMENT, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("chat", "rule", name=op.f("pk_throttles")),
    )
    op.create_table(
        "cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number_mark", sa.String(length=128), nullable=False),
        sa.Column("number_sealed", sa.Text(), nullable=False),
        sa.Column("number_end", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_cards_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("number_mark", name=op.f("uq_cards_number_mark")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index("ix_cards_member", ["member"], unique=False)

    op.create_table(
        "letter_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_letter_requests_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_requests")),
    )
    with op.batch_alter_table("letter_requests", schema=None) as batch_op:
        batch_op.create_index("ix_letter_requests_member", ["member"], unique=False)

    op.create_table(
        "letters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("member", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=True),
        sa.Column("valid_until", MOMENT, nullable=True),
        sa.Column("digit_errors", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("redeemed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_letters_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("digest", name=op.f("uq_letters_digest")),
        sa.UniqueConstraint("reference", name=op.f("uq_letters_reference")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("ix_letters_batch", ["batch"], unique=False)
        batch_op.create_index("ix_letters_member", ["member"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("active_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_links_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_chat", ["chat"], unique=False)
        batch_op.create_index("ix_links_member", ["member"], unique=False)
        batch_op.create_index(
            "uq_links_active_chat",
            ["chat"],
            unique=True,
            sqlite_where=sa.text("state IN ('active', 'dormant')"),
            postgresql_where=sa.text("state IN ('active', 'dormant')"),
        )
        batch_op.create_index(
            "uq_links_active_member",
            ["member"],
            unique=True,
            sqlite_where=sa.text("state IN ('active', 'dormant')"),
            postgresql_where=sa.text("state IN ('active', 'dormant')"),
        )

    op.create_table(
        "ticks",
        sa.Column("member", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident", sa.String(length=48), nullable=False),
        sa.Column("step", sa.String(length=48), nullable=False),
        sa.Column("ticked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_ticks_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", "incident", "step", name=op.f("pk_ticks")),
    )
    op.create_table(
        "findings",
        sa.Column("card", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident", sa.String(length=48), nullable=False),
        sa.Column("affected", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["cards.id"], name=op.f("fk_findings_card"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("card", "incident", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expects", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("expects_until", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("letter", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.drop_column("paused")
        batch_op.drop_column("letter")
        batch_op.drop_column("expects_until")
        batch_op.drop_column("expects")

    op.drop_table("findings")
    op.drop_table("ticks")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_links_active_member",
            sqlite_where=sa.text("state IN ('active', 'dormant')"),
            postgresql_where=sa.text("state IN ('active', 'dormant')"),
        )
        batch_op.drop_index(
            "uq_links_active_chat",
            sqlite_where=sa.text("state IN ('active', 'dormant')"),
            postgresql_where=sa.text("state IN ('active', 'dormant')"),
        )
        batch_op.drop_index("ix_links_member")
        batch_op.drop_index("ix_links_chat")

    op.drop_table("links")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index("ix_letters_member")
        batch_op.drop_index("ix_letters_batch")

    op.drop_table("letters")
    with op.batch_alter_table("letter_requests", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_requests_member")

    op.drop_table("letter_requests")
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index("ix_cards_member")

    op.drop_table("cards")
    op.drop_table("throttles")
    op.drop_table("suppressions")
    op.drop_table("members")
    op.drop_table("incident_lists")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_due", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.drop_index("ix_deliveries_chat")

    op.drop_table("deliveries")
    op.drop_table("audit_segments")
    op.drop_table("audit_head")
    op.drop_table("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard()")


# What nobody may do to the audit log, by table and kind of change. `seq` of a new event is the one that the head was
# just counted up to. An insertion is guarded, too: SQLite's INSERT OR REPLACE deletes without firing delete triggers.
FORBIDDEN = {
    ("audit_events", "INSERT"): (
        "new.seq <> (SELECT seq FROM audit_head) OR EXISTS (SELECT 1 FROM audit_events WHERE seq = new.seq)"
    ),
    ("audit_events", "UPDATE"): "true",
    ("audit_events", "DELETE"): "old.seq > (SELECT COALESCE(MAX(seq), 0) FROM audit_segments)",
    ("audit_segments", "INSERT"): "new.seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit_segments)",
    ("audit_segments", "UPDATE"): "true",
    ("audit_segments", "DELETE"): "true",
    ("audit_head", "INSERT"): "true",
    ("audit_head", "UPDATE"): "new.id <> old.id OR new.seq NOT IN (old.seq, old.seq + 1)",
    ("audit_head", "DELETE"): "true",
}
REFUSAL = "the audit log is only ever added to"


def _guard_audit() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_audit_in_postgres()
        return
    for (table, change), forbidden in FORBIDDEN.items():
        op.execute(
            f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} WHEN {forbidden} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _guard_audit_in_postgres() -> None:
    """One function for all: a condition of a trigger cannot ask another table there."""
    cases = "".join(
        f"WHEN '{table} {change}' THEN forbidden := {forbidden}; " for (table, change), forbidden in FORBIDDEN.items()
    )
    op.execute(
        "CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE forbidden boolean := true; "
        "BEGIN "
        f"CASE TG_TABLE_NAME || ' ' || TG_OP {cases} ELSE NULL; END CASE; "
        f"IF forbidden THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN old; END IF; "
        "RETURN new; "
        "END $$"
    )
    for table in dict.fromkeys(table for table, _ in FORBIDDEN):
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_guard()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()"
        )
