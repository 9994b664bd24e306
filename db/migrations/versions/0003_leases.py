"""Leases of processes, and which process carries what is owed or on its way.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.add_column("updates", sa.Column("carrier", sa.String(length=32), nullable=True))
    op.add_column("deliveries", sa.Column("carrier", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "carrier")
    op.drop_column("updates", "carrier")
    op.drop_table("leases")
