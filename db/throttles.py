"""Rows of throttles: how often a chat did something. The key is the chat's own id: nobody can lock out others."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from db.models import Chat, Throttle


def count(session: Session, chat: int, rule: str, window: timedelta | None, now: datetime) -> int:
    """Counts one more within the window (None: for ever), by one update; how many there are now."""
    if session.get(Throttle, (chat, rule)) is None:
        session.add(Throttle(chat=chat, rule=rule, window_at=now, count=0))
        session.flush()
    over = Throttle.window_at <= now - window if window else Throttle.count < 0
    counting = (
        update(Throttle)
        .where(Throttle.chat == chat, Throttle.rule == rule)
        .values(window_at=case((over, now), else_=Throttle.window_at), count=case((over, 1), else_=Throttle.count + 1))
    )
    return session.execute(counting.returning(Throttle.count)).scalar_one()


def pause(session: Session, chat: int, rule: str, until: datetime) -> None:
    pausing = update(Throttle).where(Throttle.chat == chat, Throttle.rule == rule)
    session.execute(pausing.values(paused_until=until))


def paused(session: Session, chat: int, now: datetime) -> datetime | None:
    """Until when this chat is paused, by whichever rule lasts longest."""
    query = select(Throttle.paused_until).where(Throttle.chat == chat, Throttle.paused_until > now)
    return max((until for until in session.scalars(query) if until), default=None)


def forgive(session: Session, chat: int, rules: Collection[str] | None = None) -> int:
    """A success wipes what was counted by these rules; staff may wipe all of it. How many counters that were."""
    gone = delete(Throttle).where(Throttle.chat == chat)
    if rules is not None:
        gone = gone.where(Throttle.rule.in_(rules))
    return len(session.execute(gone.returning(Throttle.rule)).all())


def forget_over(session: Session, chat: int, rule: str, window: timedelta | None, now: datetime) -> None:
    """Deletes a counter that counts for nothing any more: no pause, and its window is over."""
    if window is not None:
        over = delete(Throttle).where(Throttle.chat == chat, Throttle.rule == rule, Throttle.window_at <= now - window)
        session.execute(over.where(_not_paused(now)))


def purge(session: Session, before: datetime, now: datetime) -> int:
    """Deletes counters without a pause that began before, of chats that were not heard of since; how many."""
    heard = exists().where(Chat.id == Throttle.chat, Chat.last_at > before)
    gone = delete(Throttle).where(Throttle.window_at <= before, _not_paused(now), ~heard)
    return len(session.execute(gone.returning(Throttle.rule), execution_options={"synchronize_session": False}).all())


def _not_paused(now: datetime) -> ColumnElement[bool]:
    return or_(Throttle.paused_until.is_(None), Throttle.paused_until <= now)
