"""Rows of throttles: how often a chat did something. The key is the chat's own id: nobody can lock out others."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from db.models import Throttle


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


def forgive(session: Session, chat: int) -> None:
    """A success wipes what was counted; also staff may."""
    session.execute(delete(Throttle).where(Throttle.chat == chat))
