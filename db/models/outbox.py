"""What must arrive, whatever happens."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Counted


class Delivery(Base):
    """One message to one chat that must arrive and is no direct reply: the outbox."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_due",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_deliveries_chat", "chat"),
        Index("ix_deliveries_notice", "notice", "state"),
        Index("ix_deliveries_ticket", "ticket"),
    )

    id: Mapped[Counted]
    key: Mapped[str] = mapped_column(String(96), unique=True)  # the same thing is never queued twice
    chat: Mapped[int | None]  # None: by e-mail to the member
    member: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(32))
    notice: Mapped[int | None]  # the notice that it belongs to
    ticket: Mapped[int | None]  # the ticket that it belongs to
    reply: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))  # queued, sending, delivered, refused, failed, unknown, cancelled
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    carrier: Mapped[str | None] = mapped_column(String(32))  # the process that claimed it
    closed_at: Mapped[datetime | None]
