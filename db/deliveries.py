"""Rows of the outbox: queued → sending → delivered, refused, failed or unknown; cancelled before."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.models import Chat, Delivery, Link, Member
from db.session import Database

LONGEST_KEY = 90  # of the column's 96: the rest is for AGAIN
AGAIN = "+1"  # ends the key of what is sent once more because it may not have arrived

_waiting: WeakKeyDictionary[Engine, Callable[[], None]] = WeakKeyDictionary()


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good
    FAILED = "failed"  # given up after many attempts
    UNKNOWN = "unknown"  # may have arrived
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process, and no other, is to send now."""

    id: int
    key: str
    kind: str
    chat: int | None
    member: int | None
    reply: dict[str, Any]
    attempts: int  # this one included


def queue(
    session: Session,
    *,
    key: str,
    chat: int | None,
    member: int | None,
    kind: str,
    reply: dict[str, Any],
    due_at: datetime,
    now: datetime,
) -> bool:
    """Adds a delivery; False when the key is known, and then nothing changes."""
    if len(key) > LONGEST_KEY:
        raise ValueError(f"a key over {LONGEST_KEY} characters")
    added = _add(session, key=key, chat=chat, member=member, kind=str(kind), reply=reply, due_at=due_at)
    if added and due_at <= now:
        _tell_after_commit(session)
    return added


def _add(session: Session, **values: Any) -> bool:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Delivery).values(state=State.QUEUED.value, attempts=0, **values)
    added = statement.on_conflict_do_nothing(index_elements=["key"]).returning(Delivery.id)
    return session.scalar(added) is not None


def cancel(
    session: Session, *, now: datetime, chat: int | None, member: int | None, kinds: Iterable[str] | None
) -> int:
    """Cancels what is queued and fits all that is named; how many."""
    gone = update(Delivery).where(Delivery.state == State.QUEUED.value)
    if chat is not None:
        gone = gone.where(Delivery.chat == chat)
    if member is not None:
        gone = gone.where(Delivery.member == member)
    if kinds is not None:
        gone = gone.where(Delivery.kind.in_([str(kind) for kind in kinds]))
    return _count(session, gone.values(state=State.CANCELLED.value, closed_at=now))


def when_queued(database: Database, tell: Callable[[], None]) -> None:
    """`tell` is called, in the thread that commits, after something was queued by this process."""
    _waiting[database.engine] = tell


def _tell_after_commit(session: Session) -> None:
    if "deliveries" in session.info:
        return
    session.info["deliveries"] = True
    engine = session.get_bind()

    @event.listens_for(session, "after_commit", once=True)
    def _committed(_session: Session) -> None:
        if isinstance(engine, Engine) and (tell := _waiting.get(engine)) is not None:
            tell()


def _count(session: Session, statement: Any) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
