"""Rows of private chats: where a dialogue stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from db.models import Chat, Group

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where the dialogue of a chat stands."""

    chat: int
    chosen_language: str | None
    heard_language: str | None
    last_entry: str | None
    offered: tuple[str, ...]
    offered_question: str | None
    misses: int
    expects: str | None  # what the dialogue waits for, while it does
    letter: int | None
    paused: bool


def enter(session: Session, chat: int, now: datetime) -> Dialogue:
    """The chat's dialogue, begun if it is new. A chat that writes has not blocked us (any more)."""
    row = session.get(Chat, chat)
    if row is None:
        row = Chat(id=chat, first_at=now, last_at=now, offered=[], misses=0, minute_count=0, paused=False)
        session.add(row)
        session.flush()  # the conditional updates that follow need the row
    row.last_at, row.blocked_at = now, None
    still_expects = row.expects if row.expects_until and row.expects_until > now else None
    return Dialogue(
        chat=chat,
        chosen_language=row.chosen_language,
        heard_language=row.heard_language,
        last_entry=row.last_entry,
        offered=tuple(row.offered),
        offered_question=row.offered_question,
        misses=row.misses,
        expects=still_expects,
        letter=row.letter if still_expects else None,
        paused=row.paused,
    )


def is_known(session: Session, chat: int) -> bool:
    """Whether there is a row of this chat: there is none once it was erased."""
    return session.scalar(select(Chat.id).where(Chat.id == chat)) is not None


def expect(session: Session, chat: int, what: str | None, until: datetime | None, *, letter: int | None = None) -> None:
    """The dialogue waits for a code, digits, a confirmation or a number; or for nothing any more."""
    values = update(Chat).where(Chat.id == chat)
    session.execute(values.values(expects=what, expects_until=until, letter=letter))


def pause(session: Session, chat: int, *, paused: bool) -> None:
    session.execute(update(Chat).where(Chat.id == chat).values(paused=paused))


def hear(session: Session, chat: int, language: str) -> None:
    session.execute(update(Chat).where(Chat.id == chat).values(heard_language=language))


def choose_language(session: Session, chat: int, language: str | None) -> None:
    session.execute(update(Chat).where(Chat.id == chat).values(chosen_language=language))


def showed(session: Session, chat: int, entry: str) -> None:
    """An answer was given. What was offered before can still be chosen: 'und die zweite?'"""
    session.execute(update(Chat).where(Chat.id == chat).values(last_entry=entry, misses=0))


def offered(session: Session, chat: int, entries: Sequence[str], question: str | None) -> None:
    values = {"offered": list(entries), "offered_question": question, "misses": 0}
    session.execute(update(Chat).where(Chat.id == chat).values(**values))


def missed(session: Session, chat: int) -> None:
    session.execute(
        update(Chat).where(Chat.id == chat).values(misses=Chat.misses + 1, offered=[], offered_question=None)
    )


def reset(session: Session, chat: int) -> None:
    nothing = update(Chat).where(Chat.id == chat)
    session.execute(
        nothing.values(
            offered=[], offered_question=None, misses=0, last_entry=None, expects=None, expects_until=None, letter=None
        )
    )


def block(session: Session, chat: int, now: datetime) -> None:
    session.execute(update(Chat).where(Chat.id == chat).values(blocked_at=now))


def count_message(session: Session, chat: int, now: datetime) -> int:
    """How many messages this chat has sent in the running minute, this one included: counted by one update."""
    fresh = (Chat.minute_at.is_(None)) | (Chat.minute_at <= now - MINUTE)
    counted = (
        update(Chat)
        .where(Chat.id == chat)
        .values(
            minute_at=case((fresh, now), else_=Chat.minute_at),
            minute_count=case((fresh, 1), else_=Chat.minute_count + 1),
        )
        .returning(Chat.minute_count)
    )
    return session.execute(counted).scalar_one()


def point_group(session: Session, group: int, now: datetime, at_most_every: timedelta) -> bool:
    """Whether the group may be pointed to the private chat now; if so, that is noted."""
    row = session.get(Group, group, with_for_update=True)
    if row is None:
        session.add(Group(id=group, pointed_at=now))
        return True
    if row.pointed_at > now - at_most_every:
        return False
    row.pointed_at = now
    return True
