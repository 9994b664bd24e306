"""Rows of the audit log: events that are only ever added, and the head that says which is the newest.

Events are written when the transaction is about to be committed. So the head, which every writer must lock, is locked
last and only for a moment: writers hardly wait for each other and cannot get into a deadlock over it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.models import AuditEvent, AuditHead, AuditSegment, Member

HEAD = 1  # the id of the only row
START = "0" * 64  # what the first event is chained to

Detail = dict[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to what, when."""

    seq: int
    at: datetime
    tag: str
    actor: str
    subject: str | None
    detail: Detail
    key: str  # the id of the audit key that its hash is made with


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it was found. None: what stands in its row is no event."""

    seq: int
    event: Event | None
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Segment:
    """The end of what was deleted after its time."""

    seq: int
    hash: str
    ended_at: datetime  # the latest time in it
    key: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Old:
    """The end of what was kept long enough."""

    seq: int
    hash: str
    at: datetime  # the latest time in it


@dataclass(frozen=True, slots=True)
class Extent:
    """What the head says, and the first and the last event that there is."""

    head: int
    first: int
    last: int


class HeadMissing(Exception):  # noqa: N818  says what is wrong
    """The row of the newest event is gone: nothing can be recorded, and so nothing may be done."""


Digest = Callable[[Event, str], str]  # of an event after the one with that hash
_WAITING = "audit events"


def add(session: Session, draft: Event, digest: Digest) -> None:
    """Adds an event at the end of this transaction; its number is given then."""
    if session.in_nested_transaction():  # it may be undone while the rest is committed
        _append(session, draft, digest)
    else:
        session.info.setdefault(_WAITING, []).append((draft, digest))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    for draft, digest in session.info.pop(_WAITING, ()):
        _append(session, draft, digest)


@event.listens_for(Session, "after_rollback")
def _drop(session: Session) -> None:
    session.info.pop(_WAITING, None)


def _append(session: Session, draft: Event, digest: Digest) -> None:
    before = _claim(session)
    added = replace(draft, seq=before.seq)
    new = digest(added, before.hash)
    session.execute(
        insert(AuditEvent).values(
            seq=added.seq,
            at=added.at,
            tag=added.tag,
            actor=added.actor,
            subject=added.subject,
            detail=added.detail,
            key=added.key,
            hash=new,
        )
    )
    moved = update(AuditHead).where(AuditHead.id == HEAD, AuditHead.seq == added.seq).values(hash=new)
    session.execute(moved, execution_options={"synchronize_session": False})


def _claim(session: Session) -> Head:
    """The number of the next event with the hash of the one before it.

    One update counts on and locks the head until the transaction ends, so two writers never get the same number.
    """
    counted = (
        update(AuditHead)
        .where(AuditHead.id == HEAD)
        .values(seq=AuditHead.seq + 1)
        .returning(AuditHead.seq, AuditHead.hash)
    )
    row = session.execute(counted, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        raise HeadMissing
    return Head(row.seq, row.hash)


def subject_key(session: Session, member: int, new: bytes) -> bytes | None:
    """The member's own key; `new` becomes it when there is none yet. None when there is no such member."""
    missing = update(Member).where(Member.id == member, Member.subject_key.is_(None)).values(subject_key=new)
    session.execute(missing, execution_options={"synchronize_session": False})
    return session.execute(select(Member.subject_key).where(Member.id == member)).scalar_one_or_none()


def bounds(session: Session) -> tuple[Head | None, Segment | None]:
    """The newest event, and the newest that was deleted after its time."""
    head = session.get(AuditHead, HEAD, populate_existing=True)
    segment = session.scalars(select(AuditSegment).order_by(AuditSegment.seq.desc()).limit(1)).first()
    return (
        Head(head.seq, head.hash) if head else None,
        Segment(segment.seq, segment.hash, segment.ended_at, segment.key, segment.signature) if segment else None,
    )


def extent(session: Session) -> Extent:
    """Where the events begin and end, in one look."""
    first = select(func.min(AuditEvent.seq)).scalar_subquery()
    last = select(func.max(AuditEvent.seq)).scalar_subquery()
    head = select(AuditHead.seq).where(AuditHead.id == HEAD).scalar_subquery()
    row = session.execute(select(func.coalesce(head, 0), first, last)).one()
    return Extent(row[0], row[1] if row[1] is not None else row[0] + 1, row[2] or 0)


COLUMNS = (
    AuditEvent.seq,
    AuditEvent.at,
    AuditEvent.tag,
    AuditEvent.actor,
    AuditEvent.subject,
    AuditEvent.detail,
    AuditEvent.key,
    AuditEvent.hash,
)


def portion(session: Session, after: int, until: int) -> list[Stored]:
    """The events after one number until another, in order."""
    within = (AuditEvent.seq > after) & (AuditEvent.seq <= until)
    try:
        return [_stored(row) for row in session.execute(select(*COLUMNS).where(within).order_by(AuditEvent.seq))]
    except (ValueError, TypeError, DBAPIError) as error:  # SQLite takes anything for a time or for JSON
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
    seqs = session.scalars(select(AuditEvent.seq).where(within).order_by(AuditEvent.seq)).all()
    return [_one(session, seq) for seq in seqs]


def last(session: Session, count: int) -> list[Stored]:
    """The newest events, oldest first."""
    newest = extent(session).last
    return portion(session, newest - count, newest)


def tags_after(session: Session, seq: int) -> dict[str, int]:
    """What happened after an event, and how often."""
    query = select(AuditEvent.tag, func.count().label("times")).where(AuditEvent.seq > seq).group_by(AuditEvent.tag)
    return {row.tag: row.times for row in session.execute(query.order_by(AuditEvent.tag))}


def hash_at(session: Session, seq: int) -> str | None:
    return session.scalar(select(AuditEvent.hash).where(AuditEvent.seq == seq))


def tagged_after(session: Session, tag: str, seq: int) -> list[Event]:
    """The events of one kind after another."""
    query = select(*COLUMNS).where(AuditEvent.seq > seq, AuditEvent.tag == tag).order_by(AuditEvent.seq)
    return [_event(row) for row in session.execute(query)]


def old(session: Session, before: datetime, most: int) -> Old | None:
    """The last of the events that all come before the first that is younger than `before`; at most so many."""
    young = select(AuditEvent.seq).where(AuditEvent.at >= before).order_by(AuditEvent.seq).limit(1)
    first = session.scalar(select(func.min(AuditEvent.seq)))
    end = session.scalar(young)
    if first is None or first == end:
        return None
    going = AuditEvent.seq < min(end if end is not None else first + most, first + most)
    seq, at = session.execute(select(func.max(AuditEvent.seq), func.max(AuditEvent.at)).where(going)).one()
    digest = session.scalars(select(AuditEvent.hash).where(AuditEvent.seq == seq)).one()
    return Old(seq, digest, at)


def close(session: Session, segment: Segment) -> int:
    """Deletes the events up to the end of the segment, which stays; how many those were."""
    session.execute(
        insert(AuditSegment).values(
            seq=segment.seq,
            hash=segment.hash,
            ended_at=segment.ended_at,
            key=segment.key,
            signature=segment.signature,
        )
    )
    gone = delete(AuditEvent).where(AuditEvent.seq <= segment.seq).returning(AuditEvent.seq)
    return len(session.execute(gone, execution_options={"synchronize_session": False}).all())


def _event(row: Row[Any]) -> Event:
    """Raises TypeError for what is none: SQLite takes anything for anything."""
    texts = (row.tag, row.actor, row.key, row.hash, row.subject or "")
    if not all(isinstance(text, str) for text in texts) or not isinstance(row.detail, dict):
        raise TypeError
    return Event(row.seq, row.at, row.tag, row.actor, row.subject, row.detail, row.key)


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.seq, _event(row), row.hash)


def _one(session: Session, seq: int) -> Stored:
    try:
        return _stored(session.execute(select(*COLUMNS).where(AuditEvent.seq == seq)).one())
    except (ValueError, TypeError, DBAPIError):
        return Stored(seq, None, "")
