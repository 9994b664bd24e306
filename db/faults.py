"""Rows of faults: where our program broke."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Fault


@dataclass(frozen=True, slots=True)
class Broken:
    """One fault: what was raised, and where in our code."""

    reference: str
    at: datetime
    kind: str
    place: str


def record(session: Session, *, reference: str, kind: str, place: str, update_id: int, now: datetime) -> None:
    session.add(Fault(reference=reference, at=now, kind=kind[:255], place=place[:255], update_id=update_id))


def since(session: Session, at: datetime, most: int) -> tuple[int, list[Broken]]:
    """How many there were since then, and the newest of them."""
    count = session.scalar(select(func.count()).select_from(Fault).where(Fault.at >= at)) or 0
    newest = session.scalars(select(Fault).where(Fault.at >= at).order_by(Fault.at.desc()).limit(most))
    return count, [Broken(row.reference, row.at, row.kind, row.place) for row in newest]
