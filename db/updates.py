"""Rows of handled updates: what came, what is owed for it, what became of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, or_, select, text, update
from sqlalchemy.orm import Session

from db import leases
from db.models import Attempt, HandledUpdate

SentReply = dict[str, Any]
_TICK = timedelta(microseconds=1)
_ORDER = HandledUpdate.handled_at, HandledUpdate.update_id
# For each update; on columns instead of classes, because that takes half of the time.
_TABLE = cast(Table, HandledUpdate.__table__)
_bot = _TABLE.c.bot + 0  # as it is, SQLite goes through all updates of the bot to find those that are owed
_COLUMNS = (_TABLE.c[name] for name in ("update_id", "handled_at", "chat", "message", "owed", "carrier"))
_SEEN = select(*_COLUMNS).where(
    or_(
        and_(_TABLE.c.bot == bindparam("bot"), _TABLE.c.update_id == bindparam("update")),
        and_(_bot == bindparam("bot"), _TABLE.c.chat == bindparam("chat"), _TABLE.c.owed.is_not(None)),
    )
)
_RECORD = insert(_TABLE)
_CLOSE = (
    update(_TABLE)
    .where(_TABLE.c.bot == bindparam("of_bot"), _TABLE.c.update_id == bindparam("of_update"))
    .values(owed=None, fate=bindparam("fate"), reply=bindparam("reply"), closed_at=bindparam("closed_at"))
)
_LOCK = text("SELECT pg_advisory_xact_lock(1, CAST(:key AS integer))")  # 1: of chats


@dataclass(frozen=True, slots=True)
class Owed:
    """Replies that are still to be sent for one update, in order."""

    update_id: int
    chat: int | None
    message: int | None
    replies: tuple[SentReply, ...]
    at: datetime | None = None  # when it was handled: the order in the chat
    behind: bool = False  # another process may still owe something to this chat that comes first


@dataclass(frozen=True, slots=True)
class Place:
    """The place in its chat's order of an update that is handled now."""

    at: datetime
    behind: bool


def begin(session: Session, bot: int, update_id: int, chat: int, process: str, now: datetime) -> Owed | Place:
    """Begins to settle an update: a place when it is new, otherwise what this process is to bring for it.

    Nothing is to be brought where another process carries the reply, or did until it was gone (`take_over`). The place
    is the time, but after everything that the chat is still owed, whatever the clocks of other processes say.
    """
    _wait_for_turn(session, chat)
    values = {"bot": bot, "update": update_id, "chat": chat}
    rows = session.connection().execute(_SEEN, values).all()
    for row in rows:
        if row.update_id == update_id:
            replies = tuple(row.owed or ()) if row.carrier == process else ()
            return Owed(row.update_id, row.chat, row.message, replies, row.handled_at)
    last = max((row.handled_at + _TICK for row in rows), default=now)
    return Place(max(now, last), any(row.carrier != process for row in rows))


def _wait_for_turn(session: Session, chat: int) -> None:
    """Waits until no other transaction settles an update of this chat; none does until this one ends.

    On SQLite there is only one transaction at a time. Chats that have the same key wait for each other needlessly,
    which is all.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = (chat ^ chat >> 32) & 0xFFFFFFFF
        session.connection().execute(_LOCK, {"key": key - (key >> 31 << 32)})


def record(session: Session, bot: int, owed: Owed, process: str, now: datetime) -> None:
    """Notes an update as handled, with what the process owes for it. A second one with the same id fails on the key."""
    session.flush()  # the effects, so that what is wrong with them shows before
    values = {
        "bot": bot,
        "update_id": owed.update_id,
        "handled_at": owed.at or now,
        "carrier": process if owed.replies else None,
        "chat": owed.chat,
        "message": owed.message,
        "owed": list(owed.replies) or None,
        "closed_at": None if owed.replies else now,
    }
    session.connection().execute(_RECORD, values)


def close(session: Session, bot: int, update_id: int, *, fate: str, reply: int | None, now: datetime) -> None:
    """Nothing is owed any more: it was sent, and `reply` is our message, or Telegram refuses it for good."""
    values = {"of_bot": bot, "of_update": update_id, "fate": fate, "reply": reply, "closed_at": now}
    session.connection().execute(_CLOSE, values)


def forget(session: Session, bot: int, update_id: int) -> None:
    """Keeps the bare id only: whose it was is forgotten."""
    session.execute(
        update(HandledUpdate)
        .where(HandledUpdate.bot == bot, HandledUpdate.update_id == update_id)
        .values(chat=None, message=None, reply=None)
    )


def take_over(session: Session, bot: int, process: str) -> list[Owed]:
    """Everything that this process is to bring, oldest first: its own, and what processes have left that are gone."""
    owing = (_bot == bot, HandledUpdate.owed.is_not(None))
    _take_over(session, owing, process)
    mine = select(HandledUpdate).where(*owing, HandledUpdate.carrier == process)
    return [_owed(row, behind=True) for row in session.scalars(mine.order_by(*_ORDER))]


def ahead(session: Session, bot: int, owed: Owed, process: str) -> tuple[list[Owed], bool]:
    """What comes first in the chat and this process is to bring, and whether a living one still owes what comes first.

    What a process has left that is gone is taken over before.
    """
    owing = (
        _bot == bot,
        HandledUpdate.chat == owed.chat,
        HandledUpdate.owed.is_not(None),
        HandledUpdate.handled_at < owed.at,
    )
    _take_over(session, owing, process)
    rows = session.scalars(select(HandledUpdate).where(*owing).order_by(*_ORDER)).all()
    mine = [_owed(row, behind=True) for row in rows if row.carrier == process]
    return mine, any(row.carrier != process for row in rows)


def still_mine(session: Session, bot: int, update_id: int, process: str) -> bool:
    """Whether the reply is still owed, and by this process."""
    row = session.get(HandledUpdate, (bot, update_id))
    return row is not None and row.owed is not None and row.carrier == process


def _take_over(session: Session, owing: Sequence[ColumnElement[bool]], process: str) -> None:
    """Makes this process the carrier of what others have left; by a conditional update, so one of several gets it."""
    carriers = set(session.scalars(select(HandledUpdate.carrier).where(*owing).distinct()))
    gone = leases.gone(session, {carrier for carrier in carriers if carrier and carrier != process})
    if not gone and None not in carriers:
        return
    left = or_(HandledUpdate.carrier.in_(gone), HandledUpdate.carrier.is_(None))
    taking = update(HandledUpdate).where(*owing, left).values(carrier=process)
    session.execute(taking, execution_options={"synchronize_session": False})


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


def forget_attempts(session: Session, bot: int, update_id: int | None = None) -> None:
    """Forgets those of one update, or of all."""
    gone = delete(Attempt).where(Attempt.bot == bot)
    session.execute(gone if update_id is None else gone.where(Attempt.update_id == update_id))


def purge(session: Session, bot: int, before: datetime) -> int:
    """Deletes closed updates that were handled before that time; how many."""
    gone = delete(HandledUpdate).where(
        HandledUpdate.bot == bot, HandledUpdate.handled_at < before, HandledUpdate.owed.is_(None)
    )
    return _count(session, gone)


def _count(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _owed(row: HandledUpdate, *, behind: bool = False) -> Owed:
    replies: Sequence[SentReply] = row.owed or ()
    return Owed(row.update_id, row.chat, row.message, tuple(replies), row.handled_at, behind)
