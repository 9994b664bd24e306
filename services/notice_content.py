"""What one chat gets of a notice, put together when it is sent."""

from datetime import datetime
from typing import Any

from db import audiences, notices
from db.audiences import AFFECTED, Audience
from db.deliveries import Due
from db.notices import Phase
from db.session import Session


def is_held(session: Session, due: Due) -> bool:
    """Whether its notice waits until somebody goes on with it."""
    return due.notice is not None and notices.phase_of(session, due.notice) is Phase.PAUSED


def is_wanted(session: Session, due: Due, now: datetime) -> bool:
    """Whether it is still being sent, and to this chat as this member. A test goes to whoever asked for it."""
    if due.notice is None or due.chat is None:
        return False
    if due.kind != audiences.KIND:
        return True
    if notices.phase_of(session, due.notice) is not Phase.SENDING:
        return False
    return audiences.includes(session, due.notice, due.chat, due.member, now)


def content(session: Session, notice: int, language: str) -> dict[str, Any]:
    """The facts of the message in this language; the words around them are the business of `handlers`."""
    row = notices.find(session, notice)
    assert row is not None  # a notice is never deleted
    audience = audiences.root(session, Audience.of(row.audience))
    before = notices.find(session, row.corrects) if row.corrects is not None else None
    corrects = (before.started_at or before.created_at).isoformat() if before else None
    return {
        "notice": notice,
        "language": language,
        "audience": str(audience),
        "html": row.text_en if language == "en" else row.text_de,
        "neutral": audience.kind == AFFECTED,
        "entry": row.entry or None,
        "corrects": corrects,
    }
