"""Rows of subscriptions, and of the answers that those who subscribe to changes were shown."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import Chat, ShownAnswer, Subscription

ANSWERS = "answers"  # the subject of those who want to be told when an answer they got has changed
_TABLE = cast(Table, Subscription.__table__)
_HAS = select(_TABLE.c.chat).where(  # for each answer; on columns, because that takes a third of the time
    _TABLE.c.chat == bindparam("chat"), _TABLE.c.subject == bindparam("subject")
)


def of_chat(session: Session, chat: int) -> tuple[str, ...]:
    """The subjects of a chat."""
    query = select(Subscription.subject).where(Subscription.chat == chat).order_by(Subscription.subject)
    return tuple(session.scalars(query))


def has(session: Session, chat: int, subject: str) -> bool:
    return session.connection().execute(_HAS, {"chat": chat, "subject": subject}).first() is not None


def put(session: Session, chat: int, subject: str, now: datetime) -> bool:
    """Whether it is new."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(Subscription).values(chat=chat, subject=subject, since_at=now).on_conflict_do_nothing()
    return session.execute(adding.returning(Subscription.chat)).first() is not None


def remove(session: Session, chat: int, subject: str) -> bool:
    """Whether there was one. With the subject `answers` goes what was kept for it."""
    if subject == ANSWERS:
        session.execute(delete(ShownAnswer).where(ShownAnswer.chat == chat))
    gone = delete(Subscription).where(Subscription.chat == chat, Subscription.subject == subject)
    return affected(session.execute(gone)) == 1


def erase(session: Session, chat: int) -> None:
    """All of a chat's."""
    session.execute(delete(Subscription).where(Subscription.chat == chat))
    session.execute(delete(ShownAnswer).where(ShownAnswer.chat == chat))


# ---- answers that were shown


def remember(session: Session, chat: int, entry: str, version: str, now: datetime) -> None:
    """The chat was shown this version of the answer just now."""
    session.merge(ShownAnswer(chat=chat, entry=entry, version=version, at=now))


def kept(session: Session, chat: int) -> int:
    """How many shown answers are kept for the chat."""
    return session.scalar(select(func.count()).select_from(ShownAnswer).where(ShownAnswer.chat == chat)) or 0


def versions(session: Session) -> list[tuple[str, str]]:
    """Which versions of which entries are kept for somebody who can be reached."""
    query = (
        select(ShownAnswer.entry, ShownAnswer.version)
        .join(Chat, Chat.id == ShownAnswer.chat)
        .join(Subscription, (Subscription.chat == ShownAnswer.chat) & (Subscription.subject == ANSWERS))
        .where(Chat.blocked_at.is_(None), Chat.paused.is_(False))
        .distinct()
        .order_by(ShownAnswer.entry)
    )
    return [(row.entry, row.version) for row in session.execute(query)]


def is_known(session: Session, entry: str, version: str) -> None:
    """Everybody who was shown the entry knows this version of it from now on."""
    session.execute(update(ShownAnswer).where(ShownAnswer.entry == entry).values(version=version))


def purge(session: Session, before: datetime) -> int:
    """Forgets which answers were shown before that time, and all of chats that are forgotten; how many answers."""
    session.execute(delete(Subscription).where(Subscription.chat.not_in(select(Chat.id))))
    wanted = select(Subscription.chat).where(Subscription.subject == ANSWERS)
    gone = delete(ShownAnswer).where(or_(ShownAnswer.at < before, ShownAnswer.chat.not_in(wanted)))
    return affected(session.execute(gone))
