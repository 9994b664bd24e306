"""Rows of handled updates: what came, what is owed for it, what became of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import Attempt, HandledUpdate

SentReply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owed:
    """Replies that are still to be sent for one update, in order."""

    update_id: int
    chat: int | None
    message: int | None
    replies: tuple[SentReply, ...]


def find(session: Session, bot: int, update_id: int) -> Owed | None:
    """What is owed for an update that was handled before (perhaps nothing); None for one that is new."""
    row = session.get(HandledUpdate, (bot, update_id))
    return None if row is None else _owed(row)


def record(session: Session, bot: int, owed: Owed, now: datetime) -> None:
    """Notes an update as handled, with what is owed for it. A second one with the same id fails on the key."""
    session.add(
        HandledUpdate(
            bot=bot,
            update_id=owed.update_id,
            handled_at=now,
            chat=owed.chat,
            message=owed.message,
            owed=list(owed.replies) or None,
            closed_at=None if owed.replies else now,
        )
    )
    session.flush()


def close(session: Session, bot: int, update_id: int, *, fate: str, reply: int | None, now: datetime) -> None:
    """Nothing is owed any more: it was sent, and `reply` is our message, or Telegram refuses it for good."""
    session.execute(
        update(HandledUpdate)
        .where(HandledUpdate.bot == bot, HandledUpdate.update_id == update_id)
        .values(owed=None, fate=fate, reply=reply, closed_at=now)
    )


def forget(session: Session, bot: int, update_id: int) -> None:
    """Keeps the bare id only: whose it was is forgotten."""
    session.execute(
        update(HandledUpdate)
        .where(HandledUpdate.bot == bot, HandledUpdate.update_id == update_id)
        .values(chat=None, message=None, reply=None)
    )


def still_owed(session: Session, bot: int) -> list[Owed]:
    """Everything that a process before this one left unsent, oldest first."""
    query = (
        select(HandledUpdate)
        .where(HandledUpdate.bot == bot, HandledUpdate.owed.is_not(None))
        .order_by(HandledUpdate.handled_at, HandledUpdate.update_id)
    )
    return [_owed(row) for row in session.scalars(query)]


def reply_to(session: Session, bot: int, chat: int, message: int) -> int | None:
    """The id of our message that answers this message of the member; None while there is none."""
    query = (
        select(HandledUpdate.reply)
        .where(
            HandledUpdate.bot == bot,
            HandledUpdate.chat == chat,
            HandledUpdate.message == message,
            HandledUpdate.reply.is_not(None),
        )
        .order_by(HandledUpdate.handled_at.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def attempt(session: Session, bot: int, update_id: int) -> int:
    """Notes that an update is begun once more; the number of times so far."""
    row = session.get(Attempt, (bot, update_id))
    if row is None:
        session.add(row := Attempt(bot=bot, update_id=update_id, count=0))
    row.count += 1
    return row.count


def forget_attempts(session: Session, bot: int) -> None:
    session.execute(delete(Attempt).where(Attempt.bot == bot))


def purge(session: Session, bot: int, before: datetime) -> int:
    """Deletes closed updates that were handled before that time; how many."""
    gone = delete(HandledUpdate).where(
        HandledUpdate.bot == bot, HandledUpdate.handled_at < before, HandledUpdate.owed.is_(None)
    )
    return _count(session, gone)


def _count(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _owed(row: HandledUpdate) -> Owed:
    replies: Sequence[SentReply] = row.owed or ()
    return Owed(row.update_id, row.chat, row.message, tuple(replies))
