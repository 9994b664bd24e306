"""What the tables say about how the program does: numbers, and no row of anybody's."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.deliveries import State
from db.models import AuditEvent, Delivery, HandledUpdate

NEWEST = 5000  # audit events that are looked at; there is no index on their time


def due(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many deliveries wait to be sent, and since when the oldest could have been."""
    query = select(func.count(), func.min(Delivery.due_at))
    row = session.execute(query.where(Delivery.state == State.QUEUED.value, Delivery.due_at <= now)).one()
    return row[0], row[1]


def owed(session: Session, bot: int) -> tuple[int, datetime | None]:
    """How many updates wait for their reply to be brought, and when the oldest of them was handled."""
    query = select(func.count(), func.min(HandledUpdate.handled_at))
    row = session.execute(query.where(HandledUpdate.bot == bot, HandledUpdate.owed.is_not(None))).one()
    return row[0], row[1]


def in_state(session: Session, state: State) -> int:
    """How many deliveries are in this state. Reads them all."""
    return session.execute(select(func.count()).where(Delivery.state == state.value)).scalar_one()


def events(session: Session, tags: Collection[str], since: datetime) -> dict[str, int]:
    """How many of the newest audit events are of each of these kinds, since that time."""
    newest = select(AuditEvent.at, AuditEvent.tag).order_by(AuditEvent.seq.desc()).limit(NEWEST).subquery()
    counting = select(newest.c.tag, func.count()).where(newest.c.at >= since, newest.c.tag.in_(tags))
    rows = session.execute(counting.group_by(newest.c.tag))
    found = {row[0]: row[1] for row in rows}
    return {tag: found.get(tag, 0) for tag in tags}


def last_event(session: Session, tag: str) -> datetime | None:
    """When the newest event of this kind was."""
    query = select(AuditEvent.at).where(AuditEvent.tag == tag).order_by(AuditEvent.seq.desc()).limit(1)
    return session.scalar(query)


def size(session: Session) -> int:
    """Bytes that the database takes on its disk."""
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return int(
        session.execute(text(sqlite if is_sqlite else "SELECT pg_database_size(current_database())")).scalar_one()
    )
