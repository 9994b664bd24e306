"""What becomes of a delivery, and of what it was about: noted in one transaction."""

from datetime import datetime

from db import chats
from db import deliveries as rows
from db.deliveries import Due, State
from db.session import Session
from services import deliveries, ticket_deliveries
from services.desk import Desk


def closed(
    session: Session,
    desk: Desk,
    due: Due,
    state: State,
    now: datetime,
    *,
    message: int | None = None,
    blocked: bool = False,
) -> None:
    """It is delivered, refused or given up. `message`: ours in the chat; `blocked`: the chat does not let us write."""
    if not deliveries.settle(session, due.id, state, now):
        return
    if blocked and due.chat is not None:
        chats.block(session, due.chat, now)
    ticket_deliveries.settled(session, desk, due, state, now, message, blocked=blocked)
    _forget(session, due)


def unsure(session: Session, desk: Desk, due: Due, now: datetime) -> None:
    """Nobody knows whether it arrived."""
    if deliveries.unsure(session, due, now):
        ticket_deliveries.settled(session, desk, due, State.UNKNOWN, now, None, blocked=False)
        _forget(session, due)


def _forget(session: Session, due: Due) -> None:
    """What is brought to an erased chat leaves nothing behind. What is sent once more has its own row."""
    if due.reply.get("forgets"):
        rows.forget(session, due.id)


def rescue(session: Session, desk: Desk, now: datetime, *, carrier: str | None = None) -> int:
    """What processes that are gone were sending is unknown; how many."""
    return deliveries.rescue(
        session, now, carrier=carrier, unsure=lambda session, due, now: unsure(session, desk, due, now)
    )
