"""How often things happened, by day: counted by the database. No row of anybody's leaves it, and no words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Subquery, case, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import AuditEvent, Question, Ticket

ANSWER = "answer"
NOT_KNOWN = ("dont_know", "none_of_these")


@dataclass(frozen=True, slots=True)
class Asked:
    """So many questions of one day, alike in all of this. `gap`: not known, and nobody of the staff settled it yet."""

    day: int
    decision: str
    helpful: bool | None
    gap: bool
    count: int


def questions(session: Session, bounds: Sequence[datetime]) -> list[Asked]:
    """Those between the first and the last of `bounds`; the day is the number of the bound it comes after."""
    open_gap = case((Question.decision.in_(NOT_KNOWN) & Question.settled.is_(None), True), else_=False)
    found = _by_day(Question.asked_at, bounds, Question.decision, Question.helpful, open_gap.label("gap"))
    kinds = found.c.day, found.c.decision, found.c.helpful, found.c.gap
    rows = session.execute(select(*kinds, func.count()).group_by(*kinds))
    return [Asked(day, decision, helpful, bool(gap), count) for day, decision, helpful, gap, count in rows]


def entries(session: Session, since: datetime, until: datetime, most: int) -> list[tuple[str, int]]:
    """What was given as the answer, or chosen from suggestions, the most frequent first."""
    count = func.count().label("count")
    query = (
        select(Question.entry, count)
        .where(Question.asked_at >= since, Question.asked_at < until, Question.entry.is_not(None))
        .where(or_(Question.decision == ANSWER, Question.chosen))
        .group_by(Question.entry)
        .order_by(count.desc(), Question.entry)
    )
    return [(entry, number) for entry, number in session.execute(query.limit(most)) if entry is not None]


def events(session: Session, bounds: Sequence[datetime], tags: Collection[str]) -> dict[tuple[int, str], int]:
    """How many audit events of these kinds there were, by day and kind."""
    found = _by_day(AuditEvent.at, bounds, AuditEvent.tag, only=AuditEvent.tag.in_(tags))
    rows = session.execute(select(found.c.day, found.c.tag, func.count()).group_by(found.c.day, found.c.tag))
    return {(day, tag): count for day, tag, count in rows}


def tickets(
    session: Session, since: datetime, until: datetime
) -> list[tuple[datetime, datetime | None, datetime | None]]:
    """When tickets were opened, taken and first answered: of those that were opened in between."""
    query = select(Ticket.opened_at, Ticket.taken_at, Ticket.answered_at)
    rows = session.execute(query.where(Ticket.opened_at >= since, Ticket.opened_at < until))
    return [(opened, taken, answered) for opened, taken, answered in rows]


def has_begun(session: Session, before: datetime) -> bool:
    """Whether anything was asked before that time."""
    return session.scalar(select(Question.id).where(Question.asked_at < before).limit(1)) is not None


def _by_day(
    at: InstrumentedAttribute[datetime], bounds: Sequence[datetime], *columns: Any, only: Any = True
) -> Subquery:
    # An inner query: PostgreSQL does not see that an expression with values in it is the one it groups by.
    days = [(at < end, literal_column(str(day), Integer)) for day, end in enumerate(bounds[1:])]
    day = case(*days).label("day")
    return select(day, *columns).where(at >= bounds[0], at < bounds[-1], only).subquery()
