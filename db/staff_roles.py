"""Rows of roles that were given in the staff group."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import StaffRole


def find(session: Session, user: int) -> str | None:
    return session.scalar(select(StaffRole.role).where(StaffRole.user == user))


def every(session: Session) -> dict[int, str]:
    """Roles by user id."""
    query = select(StaffRole.user, StaffRole.role).order_by(StaffRole.user)
    return {row.user: row.role for row in session.execute(query)}


def give(session: Session, user: int, role: str, *, by: int, now: datetime) -> None:
    session.merge(StaffRole(user=user, role=role, given_by=by, given_at=now))


def take(session: Session, user: int) -> bool:
    """Whether there was one."""
    return affected(session.execute(delete(StaffRole).where(StaffRole.user == user))) == 1
