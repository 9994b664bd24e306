"""How the whole is: what waits, what is in doubt, what broke. For admins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import faults
from db import vitals as rows
from db.faults import Broken
from db.session import Session
from services import audit, deliveries, statistics, vitals
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.staff import Colleague, NotAllowed, Role, StaffTurn
from services.statistics import Open
from services.vitals import Doubts, Waiting

DAY = timedelta(days=1)
SHOWN = 5  # faults


@dataclass(frozen=True, slots=True)
class Status:
    """What the database says of the program. `size` in bytes."""

    size: int
    waiting: Waiting
    doubts: Doubts
    tickets: Open
    faults: int  # of the last day
    newest: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """An admin may do it: it is begun after this is committed."""


def look(turn: StaffTurn, *, bot: int) -> Status | NotAllowed:
    if not turn.colleague.may(Role.ADMIN):
        return NotAllowed(Role.ADMIN)
    session, now = turn.session, turn.now
    count, newest = faults.since(session, now - DAY, SHOWN)
    return Status(
        rows.size(session),
        vitals.waiting(session, bot=bot, now=now),
        vitals.doubts(session, now=now),
        statistics.open_tickets(session, now),
        count,
        tuple(newest),
    )


def allow(turn: StaffTurn) -> Allowed | NotAllowed:
    return Allowed() if turn.colleague.may(Role.ADMIN) else NotAllowed(Role.ADMIN)


def reloaded(session: Session, desk: Desk, colleague: Colleague, *, refused: int, now: datetime) -> None:
    """An admin had the FAQ files read anew. `refused`: how many mistakes kept them from being taken over."""
    if refused:
        audit.record(session, desk, Tag.FAQ_REFUSED, now=now, actor=colleague.actor, problems=refused)
    else:
        version = desk.store.digest
        audit.record(session, desk, Tag.FAQ_RELOADED, now=now, actor=colleague.actor, version=version)


def tell(session: Session, desk: Desk, key: str, reply: dict[str, object], *, now: datetime) -> None:
    """Queues a result for the staff group."""
    group = desk.rules.staff.chat
    deliveries.queue(session, key=key, chat=group, kind=Kind.DESK, reply=reply, due_at=now, now=now)
