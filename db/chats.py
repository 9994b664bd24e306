"""Rows of private chats: where a dialogue stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db.models import Chat, Group

MINUTE = timedelta(minutes=1)
_TABLE = cast(Table, Chat.__table__)
# For each message; on columns instead of classes, because that takes a quarter of the time.
_is_it = _TABLE.c.id == bindparam("chat")
_now = bindparam("now", type_=_TABLE.c.minute_at.type)
_is_over = or_(_TABLE.c.minute_at.is_(None), _TABLE.c.minute_at <= bindparam("minute_ago"))
_ENTER = (
    update(_TABLE)
    .where(_is_it)
    .values(
        last_at=_now,
        blocked_at=None,
        heard_language=func.coalesce(bindparam("heard"), _TABLE.c.heard_language),
        minute_at=case((_is_over, _now), else_=_TABLE.c.minute_at),
        minute_count=case((_is_over, 0), else_=_TABLE.c.minute_count) + bindparam("messages"),
    )
    .returning(*(column for column in _TABLE.c if column.name not in ("first_at", "last_at", "blocked_at")))
)
_BEGIN = insert(_TABLE)
_CHANGE = update(_TABLE).where(_is_it)
_MISS = (
    update(_TABLE)
    .where(_is_it)
    .values(
        misses=_TABLE.c.misses + 1,
        offered=bindparam("nothing", type_=_TABLE.c.offered.type),
        offered_question=bindparam("question"),
    )
)


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
    messages: int  # of the running minute
    minute_until: datetime


def enter(session: Session, chat: int, now: datetime, *, heard: str | None = None, messages: int = 1) -> Dialogue:
    """The chat's dialogue, begun if it is new. A chat that writes has not blocked us (any more).

    `heard` is the language of the message if it tells one; `messages` are counted.
    """
    connection = session.connection()
    values = {"chat": chat, "now": now, "minute_ago": now - MINUTE, "heard": heard, "messages": messages}
    row = connection.execute(_ENTER, values).one_or_none()
    if row is None:
        new = {"id": chat, "first_at": now, "last_at": now, "offered": []}
        connection.execute(_BEGIN, new | {"misses": 0, "minute_count": 0, "paused": False})
        row = connection.execute(_ENTER, values).one()
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
        messages=row.minute_count,
        minute_until=row.minute_at + MINUTE,
    )


def is_known(session: Session, chat: int) -> bool:
    """Whether there is a row of this chat: there is none once it was erased."""
    return session.scalar(select(Chat.id).where(Chat.id == chat)) is not None


def expect(session: Session, chat: int, what: str | None, until: datetime | None, *, letter: int | None = None) -> None:
    """The dialogue waits for a code, digits, a confirmation or a number; or for nothing any more."""
    _change(session, chat, expects=what, expects_until=until, letter=letter)


def pause(session: Session, chat: int, *, paused: bool) -> None:
    _change(session, chat, paused=paused)


def hear(session: Session, chat: int, language: str) -> None:
    _change(session, chat, heard_language=language)


def choose_language(session: Session, chat: int, language: str | None) -> None:
    _change(session, chat, chosen_language=language)


def showed(session: Session, chat: int, entry: str) -> None:
    """An answer was given. What was offered before can still be chosen: 'und die zweite?'"""
    _change(session, chat, last_entry=entry, misses=0)


def offered(session: Session, chat: int, entries: Sequence[str], question: str | None) -> None:
    _change(session, chat, offered=list(entries), offered_question=question, misses=0)


def missed(session: Session, chat: int, question: str | None = None) -> None:
    """A message found nothing; as a `question` it can still be passed on."""
    session.connection().execute(_MISS, {"chat": chat, "question": question, "nothing": []})


def reset(session: Session, chat: int) -> None:
    _change(
        session, chat,
        offered=[], offered_question=None, misses=0, last_entry=None, expects=None, expects_until=None, letter=None,
    )  # fmt: skip


def _change(session: Session, chat: int, **values: Any) -> None:
    """Nothing where there is no such chat."""
    session.connection().execute(_CHANGE, {"chat": chat, **values})


def block(session: Session, chat: int, now: datetime) -> None:
    session.execute(update(Chat).where(Chat.id == chat).values(blocked_at=now))


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
