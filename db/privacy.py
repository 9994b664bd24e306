"""Everything that is stored about one chat: counted for its member, and erased."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.models import Chat, Delivery, HandledUpdate, Letter, Link, Member, Suppression, Throttle, Tick


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold about a chat."""

    first_at: datetime | None
    last_at: datetime | None
    chosen_language: str | None
    heard_language: str | None
    last_entry: str | None
    handled: int
    waiting: int


def of_chat(session: Session, chat: int) -> Stored:
    row = session.get(Chat, chat)
    handled = session.scalar(select(func.count()).select_from(HandledUpdate).where(HandledUpdate.chat == chat)) or 0
    queued = select(func.count()).select_from(Delivery).where(Delivery.chat == chat, Delivery.state == "queued")
    return Stored(
        first_at=row.first_at if row else None,
        last_at=row.last_at if row else None,
        chosen_language=row.chosen_language if row else None,
        heard_language=row.heard_language if row else None,
        last_entry=row.last_entry if row else None,
        handled=handled,
        waiting=session.scalar(queued) or 0,
    )


def erase(session: Session, chat: int, member: int | None, keep_rules: Collection[str]) -> None:
    """Deletes the chat and its links; handled updates keep their bare id, which makes a repetition harmless."""
    session.execute(delete(Link).where(Link.chat == chat))
    session.execute(update(HandledUpdate).where(HandledUpdate.chat == chat).values(chat=None, message=None, reply=None))
    session.execute(delete(Delivery).where(Delivery.chat == chat))
    session.execute(update(Letter).where(Letter.redeemed_by == chat).values(redeemed_by=None))
    session.execute(update(Letter).where(Letter.claimed_by == chat).values(claimed_by=None))
    session.execute(delete(Throttle).where(Throttle.chat == chat, Throttle.rule.not_in(keep_rules)))
    session.execute(delete(Chat).where(Chat.id == chat))
    if member is not None:
        session.execute(delete(Tick).where(Tick.member == member))
        session.execute(update(Member).where(Member.id == member).values(subject_key=None))
    session.expunge_all()


def suppress(session: Session, mark: str, now: datetime) -> None:
    if session.get(Suppression, mark) is None:
        session.add(Suppression(mark=mark, at=now))
        session.flush()
