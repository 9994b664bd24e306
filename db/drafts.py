"""Rows of drafts: FAQ entries on their way. What is shown to members stands in the FAQ files."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import Draft


class Phase(StrEnum):
    WRITING = "writing"
    READY = "ready"  # put aside for later
    PUBLISHED = "published"
    DISCARDED = "discarded"


OPEN = (Phase.WRITING, Phase.READY)


@dataclass(frozen=True, slots=True)
class Row:
    """A draft as services see it."""

    id: int
    phase: Phase
    entry: str | None
    content: dict[str, Any]
    step: str
    asked: int | None
    created_by: int
    changed_at: datetime
    ticket: int | None
    thread: int | None


def add(
    session: Session,
    *,
    entry: str | None,
    content: dict[str, Any],
    by: int,
    now: datetime,
    ticket: int | None,
    thread: int | None,
) -> Row:
    row = Draft(
        state=Phase.WRITING.value,
        entry=entry,
        content=content,
        step="",
        created_by=by,
        created_at=now,
        changed_at=now,
        ticket=ticket,
        thread=thread,
    )
    session.add(row)
    session.flush()
    return _row(row)


def find(session: Session, draft: int) -> Row | None:
    row = session.get(Draft, draft, populate_existing=True)
    return None if row is None else _row(row)


def change(session: Session, known: Row, now: datetime, **values: Any) -> Row | None:
    """Changes a draft that still is as it was read; None when somebody was faster."""
    changing = update(Draft).where(
        Draft.id == known.id,
        Draft.state == known.phase.value,
        Draft.step == known.step,
        Draft.changed_at == known.changed_at,
    )
    values = {"changed_at": now, **values}
    result = session.execute(changing.values(**values), execution_options={"synchronize_session": False})
    return find(session, known.id) if affected(result) else None


def asked_of(session: Session, user: int, since: datetime) -> Row | None:
    """The draft that this person was asked something about last, and not before `since`."""
    query = select(Draft).where(
        Draft.asked == user, Draft.asked_at >= since, Draft.state == Phase.WRITING.value, Draft.step != ""
    )
    row = session.scalars(query.order_by(Draft.asked_at.desc()).limit(1)).first()
    return None if row is None else _row(row)


def open_ones(session: Session) -> list[Row]:
    query = select(Draft).where(Draft.state.in_([phase.value for phase in OPEN])).order_by(Draft.id)
    return [_row(row) for row in session.scalars(query, execution_options={"populate_existing": True})]


def forget(session: Session, before: datetime) -> int:
    """Deletes drafts that nobody has touched since; what was published stands in the files. Gives their number."""
    return affected(session.execute(delete(Draft).where(Draft.changed_at < before)))


def _row(row: Draft) -> Row:
    return Row(
        id=row.id,
        phase=Phase(row.state),
        entry=row.entry,
        content=dict(row.content),
        step=row.step,
        asked=row.asked,
        created_by=row.created_by,
        changed_at=row.changed_at,
        ticket=row.ticket,
        thread=row.thread,
    )
