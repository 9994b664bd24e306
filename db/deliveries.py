"""Rows of the outbox: queued → sending → delivered, refused, failed or unknown; cancelled before."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Table, bindparam, delete, event, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db import leases
from db.affected import affected
from db.models import Chat, Delivery
from db.session import Database

LONGEST_KEY = 90  # of the column's 96: the rest is for AGAIN
AGAIN = "+1"  # ends the key of what is sent once more because it may not have arrived
TO_MANY = "news"  # the kind of what a notice brings to many
AHEAD = 4  # so many times what is wanted is looked at, because one chat may have many that are due

_TABLE = cast(Table, Delivery.__table__)  # adding a hundred thousand through the class takes eight times as long
_to_tell: WeakKeyDictionary[Engine, Callable[[], object]] = WeakKeyDictionary()
# Whether anything is due at all: asked all the time, and mostly nothing is.
_DUE = select(_TABLE.c.id).where(_TABLE.c.state == "queued", _TABLE.c.due_at <= bindparam("now")).limit(1)
_IN_CHATS, _BY_MAIL = _DUE.where(_TABLE.c.chat.is_not(None)), _DUE.where(_TABLE.c.chat.is_(None))


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good
    FAILED = "failed"  # given up after many attempts, or a mistake of ours
    UNKNOWN = "unknown"  # may have arrived
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is to be sent now, by whoever claimed it and by nobody else."""

    id: int
    key: str
    kind: str
    chat: int | None
    member: int | None
    reply: dict[str, Any] = field(repr=False)
    attempts: int  # this one included
    language: str = "de"
    ticket: int | None = None
    notice: int | None = None

    @property
    def is_repetition(self) -> bool:
        return self.key.endswith(AGAIN)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a chat can and wants to be written to, and in which language, if one is known."""

    blocked: bool = False
    paused: bool = False
    language: str | None = None


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
    ticket: int | None = None,
    notice: int | None = None,
) -> bool:
    """Adds a delivery; False when the key is known, and then nothing changes."""
    if len(key) > LONGEST_KEY:
        raise ValueError(f"a key over {LONGEST_KEY} characters")
    values = {"chat": chat, "member": member, "kind": str(kind), "reply": reply, "ticket": ticket, "notice": notice}
    added = _add(session, key=key, due_at=due_at, **values)
    if added and due_at <= now:
        _tell_after_commit(session)
    return added


def queue_again(session: Session, due: Due, due_at: datetime) -> bool:
    """Adds a delivery once more, for later; False when that was done before."""
    values = {"chat": due.chat, "member": due.member, "kind": due.kind, "reply": due.reply}
    values |= {"ticket": due.ticket, "notice": due.notice}
    return not due.is_repetition and _add(session, key=due.key + AGAIN, due_at=due_at, **values)


def _add(session: Session, **values: Any) -> bool:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]).returning(_TABLE.c.id)
    return session.execute(adding, {"state": State.QUEUED.value, "attempts": 0, **values}).first() is not None


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
    return affected(session.execute(gone.values(state=State.CANCELLED.value, closed_at=now)))


def claim(
    session: Session, now: datetime, limit: int, *, busy: Collection[int] = (), carrier: str | None = None
) -> list[Due]:
    """Claims what is due in chats, oldest first, at most one for each chat and none for those that are busy.

    What goes to many comes after all that goes to one. `carrier` is the process that claims it.
    """
    if session.connection().execute(_IN_CHATS, {"now": now}).first() is None:
        return []
    ready = select(Delivery.id, Delivery.chat).where(Delivery.chat.is_not(None))
    if busy:
        ready = ready.where(Delivery.chat.not_in(busy))
    first: dict[int | None, int] = {}
    for some in (ready.where(Delivery.kind != TO_MANY), ready.where(Delivery.kind == TO_MANY)):
        if len(first) < limit:
            for row in session.execute(_oldest(some, now, limit * AHEAD)):
                first.setdefault(row.chat, row.id)
    return _claim(session, now, list(first.values())[:limit], carrier)


def claim_mail(session: Session, now: datetime, carrier: str | None = None) -> Due | None:
    """Claims the oldest e-mail that is due."""
    if session.connection().execute(_BY_MAIL, {"now": now}).first() is None:
        return None
    ready = select(Delivery.id).where(Delivery.chat.is_(None))
    found = session.scalars(_oldest(ready, now, 1)).all()
    return next(iter(_claim(session, now, found, carrier)), None)


def _oldest(ready: Any, now: datetime, limit: int) -> Any:
    # Not by id as well: PostgreSQL would sort all that are due at the same moment, each time.
    due = ready.where(Delivery.state == State.QUEUED.value, Delivery.due_at <= now)
    return due.order_by(Delivery.due_at).limit(limit).with_for_update(skip_locked=True)


def _claim(session: Session, now: datetime, ids: Collection[int], carrier: str | None) -> list[Due]:
    if not ids:
        return []
    claiming = (
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == State.QUEUED.value)
        .values(state=State.SENDING.value, claimed_at=now, carrier=carrier, attempts=Delivery.attempts + 1)
        .returning(Delivery)
    )
    return sorted((_due(row) for row in session.scalars(claiming)), key=lambda due: due.id)


def settle(session: Session, delivery: int, state: State, now: datetime) -> bool:
    """Closes what was being sent; False when it was closed before."""
    closing = update(Delivery).where(Delivery.id == delivery, Delivery.state == State.SENDING.value)
    return affected(session.execute(closing.values(state=state.value, closed_at=now))) == 1


def forget(session: Session, delivery: int) -> None:
    session.execute(delete(Delivery).where(Delivery.id == delivery))


def retry(session: Session, delivery: int, due_at: datetime, *, counts: bool = True) -> bool:
    """Puts back what was surely not sent, for later; False when it was closed before."""
    back = update(Delivery).where(Delivery.id == delivery, Delivery.state == State.SENDING.value)
    attempts = Delivery.attempts if counts else Delivery.attempts - 1
    values = {"state": State.QUEUED.value, "due_at": due_at, "claimed_at": None, "attempts": attempts}
    return affected(session.execute(back.values(**values))) == 1


def left_sending(session: Session, before: datetime, carrier: str | None) -> list[Due]:
    """What was claimed and never closed, by a process that is gone, or until then; `carrier` is the one that asks."""
    living = leases.living(session) | ({carrier} if carrier else set())
    left = or_(Delivery.claimed_at <= before, Delivery.carrier.is_(None), Delivery.carrier.not_in(living))
    query = select(Delivery).where(Delivery.state == State.SENDING.value, left)
    return [_due(row) for row in session.scalars(query.order_by(Delivery.id).with_for_update(skip_locked=True))]


def reach(session: Session, chat: int) -> Reach:
    row = session.execute(
        select(Chat.blocked_at, Chat.paused, Chat.chosen_language, Chat.heard_language).where(Chat.id == chat)
    ).first()
    if row is None:
        return Reach()
    return Reach(row.blocked_at is not None, row.paused, row.chosen_language or row.heard_language)


def state_of(session: Session, key: str) -> str | None:
    """What became of the delivery with this key; None when there is none."""
    return session.scalar(select(Delivery.state).where(Delivery.key == key))


def replies_of(session: Session, ticket: int, kind: str, state: State) -> list[dict[str, Any]]:
    """What the deliveries of a ticket hold that are of this kind and in this state."""
    query = select(Delivery.reply).where(Delivery.ticket == ticket, Delivery.kind == str(kind))
    return list(session.scalars(query.where(Delivery.state == state.value)))


def purge(session: Session, before: datetime) -> int:
    """Deletes what was closed before that time; how many."""
    return affected(session.execute(delete(Delivery).where(Delivery.closed_at < before)))


def when_queued(database: Database, tell: Callable[[], object] | None) -> None:
    """`tell` is called, in the thread that commits, after this process queued something that is due at once."""
    _to_tell.pop(database.engine, None)
    if tell is not None:
        _to_tell[database.engine] = tell


def _tell_after_commit(session: Session) -> None:
    engine = session.get_bind()
    if "deliveries" in session.info or not isinstance(engine, Engine):
        return
    session.info["deliveries"] = True

    @event.listens_for(session, "after_commit", once=True)
    def _committed(_session: Session) -> None:
        if (tell := _to_tell.get(engine)) is not None:
            tell()


def _due(row: Delivery) -> Due:
    about = (row.ticket, row.notice)
    return Due(row.id, row.key, row.kind, row.chat, row.member, row.reply, row.attempts, "de", *about)
