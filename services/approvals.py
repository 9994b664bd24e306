"""What takes two people: one asks, another one with the role that it needs allows it or does not.

Whatever is asked for says so in `subject`, with ids and codes only. The asker can never answer, the first answer counts
and no answer after `office.approval_hours`. What an approval sets off is done in the same transaction, by whoever asked
for it: `handlers.approvals` knows which use case belongs to which kind.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from db import approvals, staff_roles
from db.approvals import Request
from db.session import Session
from services import audit, staff
from services.audit import Tag
from services.desk import Desk
from services.staff import Colleague, NotAllowed, Role, StaffTurn


class Kind(StrEnum):
    NOTICE = "notice"
    ROLE = "role"
    REVOKE = "revoke"
    ERASE = "erase"


NEEDS = {
    Kind.NOTICE: Role.EDITOR,
    Kind.ROLE: Role.ADMIN,
    Kind.REVOKE: Role.ADMIN,
    Kind.ERASE: Role.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """It waits for a second person."""

    request: Request
    asker: str  # as the others know them


@dataclass(frozen=True, slots=True)
class NobodyElse:
    """Only the asker has the role that it needs."""

    role: Role


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that counts."""

    request: Request
    approved: bool
    asker: str
    answerer: str


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """Who asks cannot answer."""

    request: Request


@dataclass(frozen=True, slots=True)
class Over:
    """It was answered or withdrawn before, or it is too late. None: there was never such a request."""

    request: Request | None


def ask(turn: StaffTurn, kind: Kind, subject: dict[str, Any]) -> Asked | NotAllowed | NobodyElse:
    """Asks for a second person. Who asks needs the role as well."""
    session, colleague, now = turn.session, turn.colleague, turn.now
    role = NEEDS[kind]
    if not colleague.may(role):
        return NotAllowed(role)
    if not _others(session, turn.desk, colleague, role):
        return NobodyElse(role)
    expires_at = now + timedelta(hours=turn.desk.rules.office.approval_hours)
    request = approvals.add(session, kind, subject, asked_by=colleague.user, now=now, expires_at=expires_at)
    _record(turn, Tag.APPROVAL_ASKED, request)
    return Asked(request, colleague.name)


def answer(turn: StaffTurn, approval: int, *, approved: bool) -> Answered | NotAllowed | OwnRequest | Over:
    """Allows or refuses what another person asked for: one conditional update, so that of two answers one counts."""
    session, colleague = turn.session, turn.colleague
    request = approvals.find(session, approval)
    if request is None:
        return Over(None)
    role = NEEDS[Kind(request.kind)]
    if not colleague.may(role):
        return NotAllowed(role)
    if request.asked_by == colleague.user:
        return OwnRequest(request)
    state = approvals.APPROVED if approved else approvals.REFUSED
    if not approvals.answer(session, approval, state, by=colleague.user, now=turn.now):
        return Over(approvals.find(session, approval))
    _record(turn, Tag.APPROVAL_GIVEN if approved else Tag.APPROVAL_REFUSED, request)
    return Answered(request, approved, name_of(session, turn.desk, request.asked_by), colleague.name)


def withdraw(turn: StaffTurn, approval: int) -> bool:
    """Whether it still waited; then nobody can allow it any more."""
    request = approvals.find(turn.session, approval)
    if request is None or not approvals.withdraw(turn.session, approval, by=turn.colleague.user, now=turn.now):
        return False
    _record(turn, Tag.APPROVAL_WITHDRAWN, request)
    return True


def expire(session: Session, desk: Desk, now: datetime) -> list[Request]:
    """What nobody answered in time; it is closed by this."""
    late = approvals.expire(session, now)
    for request in late:
        audit.record(session, desk, Tag.APPROVAL_EXPIRED, now=now, kind=request.kind, approval=request.id)
    return late


def name_of(session: Session, desk: Desk, user: int) -> str:
    """As the others know this person; the user id of somebody who has no role or no name."""
    found = staff.find(session, desk, user)
    return found.name if found and found.name else str(user)


def _others(session: Session, desk: Desk, asker: Colleague, role: Role) -> bool:
    """Whether somebody else has the role, or is an admin."""
    known = {user: Role(given) for user, given in staff_roles.every(session).items()}
    known |= {member.id: Role(member.role) for member in desk.rules.staff.members}
    return any(user != asker.user and Colleague(user, "", has).may(role) for user, has in known.items())


def _record(turn: StaffTurn, tag: Tag, request: Request) -> None:
    actor = turn.colleague.actor
    audit.record(turn.session, turn.desk, tag, now=turn.now, actor=actor, kind=request.kind, approval=request.id)
