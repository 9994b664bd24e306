"""Rows of ticks: what a member has done of what to do now."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Tick


def of_member(session: Session, member: int, incident: str) -> frozenset[str]:
    return frozenset(session.scalars(select(Tick.step).where(Tick.member == member, Tick.incident == incident)))


def toggle(session: Session, member: int, incident: str, step: str, now: datetime) -> None:
    row = session.get(Tick, (member, incident, step))
    if row is None:
        session.add(Tick(member=member, incident=incident, step=step, ticked_at=now))
    else:
        session.delete(row)
    session.flush()
