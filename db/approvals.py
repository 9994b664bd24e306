"""Rows of approvals: what one person asked for. Answered once, by a conditional update."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import Approval

WAITING, APPROVED, REFUSED, EXPIRED, WITHDRAWN = "waiting", "approved", "refused", "expired", "withdrawn"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, and what became of it."""

    id: int
    kind: str
    subject: dict[str, Any]
    state: str
    asked_by: int
    expires_at: datetime
    answered_by: int | None = None


def add(
    session: Session, kind: str, subject: dict[str, Any], *, asked_by: int, now: datetime, expires_at: datetime
) -> Request:
    row = Approval(kind=kind, subject=subject, state=WAITING, asked_by=asked_by, asked_at=now, expires_at=expires_at)
    session.add(row)
    session.flush()
    return _request(row)


def find(session: Session, approval: int) -> Request | None:
    row = session.get(Approval, approval)
    return None if row is None else _request(row)


def answer(session: Session, approval: int, state: str, *, by: int, now: datetime) -> bool:
    """Whether this answer is the one that counts: not the asker's, not too late, and no other came first."""
    answering = update(Approval).where(
        Approval.id == approval, Approval.state == WAITING, Approval.asked_by != by, Approval.expires_at > now
    )
    return _close(session, answering, state, by=by, now=now)


def withdraw(session: Session, approval: int, *, by: int, now: datetime) -> bool:
    """Whether it was still waiting."""
    still = update(Approval).where(Approval.id == approval, Approval.state == WAITING)
    return _close(session, still, WITHDRAWN, by=by, now=now)


def expire(session: Session, now: datetime) -> list[Request]:
    """Closes what nobody answered in time; those are given."""
    late = update(Approval).where(Approval.state == WAITING, Approval.expires_at <= now)
    closing = late.values(state=EXPIRED, answered_at=now).returning(Approval)
    return [_request(row) for row in session.scalars(closing)]


def _close(session: Session, which: Any, state: str, *, by: int, now: datetime) -> bool:
    closing = which.values(state=state, answered_by=by, answered_at=now)
    # What was read before would stay in the session as it was.
    return affected(session.execute(closing, execution_options={"synchronize_session": "fetch"})) == 1


def waiting(session: Session, kind: str) -> list[Request]:
    query = select(Approval).where(Approval.kind == kind, Approval.state == WAITING).order_by(Approval.id)
    return [_request(row) for row in session.scalars(query)]


def _request(row: Approval) -> Request:
    return Request(row.id, row.kind, dict(row.subject), row.state, row.asked_by, row.expires_at, row.answered_by)
