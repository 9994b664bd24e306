"""Rows of the audit log: events that are only ever added, and the head that says which is the newest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.models import AuditEvent, AuditHead, Member

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


class HeadMissing(Exception):  # noqa: N818  says what is wrong
    """The row of the newest event is gone: nothing can be recorded, and so nothing may be done."""


def claim(session: Session) -> tuple[int, str]:
    """The number of the next event, and the hash of the one before it.

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
    return row.seq, row.hash


def append(session: Session, event: Event, digest: str) -> None:
    """Adds the event that was claimed in this transaction."""
    session.execute(
        insert(AuditEvent).values(
            seq=event.seq,
            at=event.at,
            tag=event.tag,
            actor=event.actor,
            subject=event.subject,
            detail=event.detail,
            key=event.key,
            hash=digest,
        )
    )
    moved = update(AuditHead).where(AuditHead.id == HEAD, AuditHead.seq == event.seq).values(hash=digest)
    session.execute(moved, execution_options={"synchronize_session": False})


def subject_key(session: Session, member: int, new: bytes) -> bytes | None:
    """The member's own key; `new` becomes it when there is none yet. None when there is no such member."""
    missing = update(Member).where(Member.id == member, Member.subject_key.is_(None)).values(subject_key=new)
    session.execute(missing, execution_options={"synchronize_session": False})
    return session.execute(select(Member.subject_key).where(Member.id == member)).scalar_one_or_none()
