"""Rows of notices: a draft on its way to many."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import HandledUpdate, Notice


class Phase(StrEnum):
    PROPOSED = "proposed"  # by the program: a person makes it a draft, or not
    DRAFT = "draft"
    WAITING = "waiting"  # for a second person
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    DISCARDED = "discarded"


OPEN = (Phase.PROPOSED, Phase.DRAFT, Phase.WAITING, Phase.SENDING, Phase.PAUSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A notice as services see it."""

    id: int
    phase: Phase
    audience: str
    text_de: str
    text_en: str
    entry: str | None
    step: str
    asked: int | None
    corrects: int | None
    created_by: int
    created_at: datetime
    tested_at: datetime | None
    approval: int | None
    started_at: datetime | None
    finished_at: datetime | None
    thread: int | None
    message: int | None


def add(
    session: Session,
    *,
    phase: Phase,
    by: int,
    now: datetime,
    thread: int | None,
    text_de: str = "",
    text_en: str = "",
    audience: str = "",
    entry: str | None = None,
    corrects: int | None = None,
) -> Row:
    row = Notice(
        state=phase.value,
        audience=audience,
        text_de=text_de,
        text_en=text_en,
        entry=entry,
        step="",
        corrects=corrects,
        created_by=by,
        created_at=now,
        thread=thread,
    )
    session.add(row)
    session.flush()
    return _row(row)


def find(session: Session, notice: int) -> Row | None:
    row = session.get(Notice, notice, populate_existing=True)
    return None if row is None else _row(row)


def hold(session: Session, notice: int) -> Row | None:
    """The same; until the transaction ends nobody else changes it."""
    row = session.get(Notice, notice, populate_existing=True, with_for_update=True)
    return None if row is None else _row(row)


def phase_of(session: Session, notice: int) -> Phase | None:
    found = session.scalar(select(Notice.state).where(Notice.id == notice))
    return Phase(found) if found else None


def change(session: Session, notice: int, *phases: Phase, **values: Any) -> bool:
    """Changes a notice that is in one of these phases; False when it is not (any more)."""
    changing = update(Notice).where(Notice.id == notice, Notice.state.in_([phase.value for phase in phases]))
    return affected(session.execute(changing.values(**values), execution_options={"synchronize_session": False})) == 1


def asked_of(session: Session, user: int, since: datetime) -> Row | None:
    """The draft that this person was asked something about last, and not before `since`."""
    query = select(Notice).where(Notice.asked == user, Notice.asked_at >= since, Notice.state == Phase.DRAFT.value)
    row = session.scalars(query.order_by(Notice.asked_at.desc()).limit(1)).first()
    return None if row is None else _row(row)


def in_phases(session: Session, *phases: Phase) -> list[Row]:
    query = select(Notice).where(Notice.state.in_([phase.value for phase in phases])).order_by(Notice.id)
    return [_row(row) for row in session.scalars(query, execution_options={"populate_existing": True})]


def is_about(session: Session, audience: str) -> bool:
    """Whether a notice to this audience is open already."""
    open_ = [phase.value for phase in OPEN]
    query = select(Notice.id).where(Notice.audience == audience, Notice.state.in_(open_)).limit(1)
    return session.scalar(query) is not None


def is_our_message(session: Session, bot: int, chat: int, message: int) -> bool:
    """Whether the message is one that the bot said in answer to an update there."""
    said = select(HandledUpdate.update_id).where(
        HandledUpdate.bot == bot, HandledUpdate.chat == chat, HandledUpdate.reply == message
    )
    return session.scalar(said.limit(1)) is not None


def _row(row: Notice) -> Row:
    return Row(
        id=row.id,
        phase=Phase(row.state),
        audience=row.audience,
        text_de=row.text_de,
        text_en=row.text_en,
        entry=row.entry,
        step=row.step,
        asked=row.asked,
        corrects=row.corrects,
        created_by=row.created_by,
        created_at=row.created_at,
        tested_at=row.tested_at,
        approval=row.approval,
        started_at=row.started_at,
        finished_at=row.finished_at,
        thread=row.thread,
        message=row.message,
    )
