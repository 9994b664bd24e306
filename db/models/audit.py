"""Who did what to what, when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class AuditEvent(Base):
    """Who did what to what, when. Never changed: each event holds the hash of the one before."""

    __tablename__ = "audit_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest event, in one row that every writer locks."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class AuditSegment(Base):
    """The last event of a part of the audit log that was kept long enough and deleted: where the chain goes on.

    Signed with the audit key. Triggers let events go up to the newest of these, and no others (migration 0002).
    """

    __tablename__ = "audit_segments"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime]  # the latest time in it
    key: Mapped[str] = mapped_column(String(32))
    signature: Mapped[str] = mapped_column(String(64))
