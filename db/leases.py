"""Rows of leases: which processes live, and which of them leads. Only the database's clock decides about time.

A lease is taken and renewed by one conditional upsert, so of two that try at once one gets it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.models import Lease

LEAD = "lead"
_LIFE = "life:"  # and the process's name
_DEAD_FOR = timedelta(hours=1)  # then a row of a process that is gone is deleted


@dataclass(frozen=True, slots=True)
class Standing:
    """How a process stands among the others."""

    leads: bool
    has_leader: bool  # this one or another
    now: datetime  # by the database's clock


def live(session: Session, process: str, lease: timedelta) -> None:
    """The process lives, for so long at least."""
    _take(session, _LIFE + process, process, lease)


def keep(session: Session, process: str, lease: timedelta) -> Standing:
    """The process lives, and leads if nobody else does, for so long at least."""
    live(session, process, lease)
    leads = _take(session, LEAD, process, lease)
    if leads:
        session.execute(delete(Lease).where(Lease.until_at < _now() - _DEAD_FOR))
    led = select(Lease.name).where(Lease.name == LEAD, Lease.until_at > _now()).exists()
    row = session.execute(select(led, _now())).one()
    return Standing(leads, row[0], row[1])


def leave(session: Session, process: str) -> None:
    """The process goes: what it held is free at once."""
    session.execute(delete(Lease).where(Lease.holder == process))


def living(session: Session) -> set[str]:
    """The processes that live. None on SQLite, where no other can: the file is locked."""
    if session.get_bind().dialect.name == "sqlite":
        return set()
    return set(session.scalars(select(Lease.holder).where(Lease.name.startswith(_LIFE), Lease.until_at > _now())))


def gone(session: Session, processes: Collection[str]) -> set[str]:
    """Those of them that do not live. None comes back before this transaction ends: its lease stays locked."""
    dead = set(processes) - living(session) if processes else set()
    if not dead or session.get_bind().dialect.name == "sqlite":
        return dead
    lock = select(Lease.holder, Lease.until_at > _now()).where(Lease.name.in_({_LIFE + process for process in dead}))
    return dead - {holder for holder, is_back in session.execute(lock.with_for_update(read=True)) if is_back}


def _take(session: Session, name: str, holder: str, lease: timedelta) -> bool:
    until = _now() + literal(lease)
    taking = insert(Lease).values(name=name, holder=holder, until_at=until)
    free = or_(Lease.holder == holder, Lease.until_at <= _now())
    taking = taking.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "until_at": until}, where=free
    )
    return session.execute(taking.returning(Lease.name)).first() is not None


def _now() -> ColumnElement[datetime]:
    """The time of this moment; `now()` would be that of the transaction's beginning."""
    return func.clock_timestamp(type_=DateTime(timezone=True))
