"""Sending a notice that was approved: one delivery for each chat, paused, gone on with, stopped, and closed."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from db import approvals as approval_rows
from db import audiences, notices
from db.audiences import Audience
from db.notices import Phase
from db.session import Session
from services import audit
from services.audit import Tag
from services.deliveries import NEVER
from services.desk import Desk
from services.notice_changes import forget_change
from services.notice_view import ROLE, Progress, Stale, known_version, progress, record, stale
from services.staff import NotAllowed, StaffTurn


def begin(turn: StaffTurn, request: approval_rows.Request, message: int) -> Progress | Stale:
    """Approved: queues one delivery for everybody whom it reaches now. `message` is where the progress is shown."""
    session, desk, now = turn.session, turn.desk, turn.now
    notice = int(request.subject["notice"])
    row = notices.find(session, notice)
    if row is None or row.approval != request.id:
        return Stale(row.phase if row else None)
    begun = {"state": Phase.SENDING.value, "started_at": now, "message": message, "thread": turn.thread}
    if not notices.change(session, notice, Phase.WAITING, **begun):
        return stale(turn, notice)
    audience = Audience.of(row.audience)
    queued = audiences.queue(session, notice, audience, now, known_version(desk, audience))
    record(turn, Tag.NOTICE_BEGUN, notice, audience=row.audience, recipients=queued)
    return progress(session, desk, notice, now)


def pause(turn: StaffTurn, notice: int, *, asks_to_stop: bool = False) -> Progress | NotAllowed | Stale:
    """Nothing more goes out until somebody goes on or stops. `asks_to_stop`: whether that is what was wanted."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    is_sending = notices.phase_of(turn.session, notice) is Phase.SENDING
    if is_sending and audiences.counts(turn.session, notice).is_over:  # nothing is left to hold back: it ends by itself
        return progress(turn.session, turn.desk, notice, turn.now)
    if notices.change(turn.session, notice, Phase.SENDING, state=Phase.PAUSED.value):
        audiences.hold(turn.session, notice, NEVER)
        record(turn, Tag.NOTICE_PAUSED, notice)
    elif not asks_to_stop or notices.phase_of(turn.session, notice) is not Phase.PAUSED:
        return stale(turn, notice)
    return replace(progress(turn.session, turn.desk, notice, turn.now), asks_to_stop=asks_to_stop)


def go_on(turn: StaffTurn, notice: int) -> Progress | NotAllowed | Stale:
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    if not notices.change(turn.session, notice, Phase.PAUSED, state=Phase.SENDING.value):
        return stale(turn, notice)
    audiences.spread(turn.session, notice, turn.now)
    record(turn, Tag.NOTICE_GOES_ON, notice)
    return progress(turn.session, turn.desk, notice, turn.now)


def stop(turn: StaffTurn, notice: int) -> Progress | NotAllowed | Stale:
    """Whoever has not got it yet does not get it. What is on its way is not called back."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    ended = {"state": Phase.STOPPED.value, "finished_at": turn.now}
    if not notices.change(turn.session, notice, Phase.SENDING, Phase.PAUSED, **ended):
        return stale(turn, notice)
    cancelled = audiences.cancel(turn.session, notice, turn.now)
    row = notices.find(turn.session, notice)
    assert row is not None
    forget_change(turn.session, turn.desk, row)
    record(turn, Tag.NOTICE_STOPPED, notice, cancelled=cancelled)
    return progress(turn.session, turn.desk, notice, turn.now)


def finish(session: Session, desk: Desk, notice: int, now: datetime) -> Progress | None:
    """Closes a notice of which nothing is left to be sent; None when there is, or when it was closed before."""
    counted = audiences.counts(session, notice)
    done = {"state": Phase.DONE.value, "finished_at": now}
    if not counted.is_over or not notices.change(session, notice, Phase.SENDING, **done):
        return None
    if (row := notices.find(session, notice)) is not None:
        forget_change(session, desk, row)
    figures: dict[str, Any] = {
        "sent": counted.sent,
        "blocked": counted.blocked,
        "unclear": counted.unclear,
        "failed": counted.failed,
    }
    audit.record(session, desk, Tag.NOTICE_DONE, now=now, notice=notice, **figures)
    return progress(session, desk, notice, now)
