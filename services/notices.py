"""Notices: one message to many, written by one person and released by a second one.

draft: its texts, button and audience are asked for one by one → tried out → waiting for a second person
→ sending ⇄ paused → done, or stopped. Whatever is changed takes an approval back. A personal result is never sent:
those an incident concerns get one neutral sentence, and read the rest after a tap, when it is sure who they are.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db import approvals as approval_rows
from db import audiences, chats, notices
from db import deliveries as delivery_rows
from db.audiences import GOT
from db.deliveries import State
from db.notices import Phase, Row
from db.session import Session
from services import approvals, deliveries, notice_checks
from services.approvals import Asked, NobodyElse
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.notice_changes import forget_change
from services.notice_view import (
    AUDIENCE,
    DE,
    EN,
    ENTRY,
    ROLE,
    STEPS,
    Stale,
    View,
    may_be_chosen,
    missing,
    record,
    stale,
    view,
)
from services.staff import NotAllowed, StaffTurn
from services.ticket_desk import is_topic

LISTENS_FOR = timedelta(hours=1)  # so long the next message of whoever was asked is the answer


@dataclass(frozen=True, slots=True)
class InTicket:
    """What is said in a ticket's topic goes to the member: no place for drafts."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The drafts that are open."""

    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """The test is on its way to the person's own chat, or cannot be: the bot was never started there."""

    view: View
    sent: bool


@dataclass(frozen=True, slots=True)
class TestFirst:
    """Nobody has tried it out yet, or the test did not arrive."""

    view: View
    refused: bool


@dataclass(frozen=True, slots=True)
class ForNobody:
    """Nobody would get it: there is nothing to try out or to release."""

    view: View


@dataclass(frozen=True, slots=True)
class Requested:
    """It waits for a second person."""

    view: View
    asked: Asked


@dataclass(frozen=True, slots=True)
class Discarded:
    view: View


# ---- writing


def draft(
    turn: StaffTurn, *, html: str, language: str, corrects: int | None = None
) -> View | NotAllowed | InTicket | Listed:
    """A new draft with its first text; without one, what is open."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    if is_topic(turn.session, turn.desk, turn.thread):
        return InTicket()
    text = notice_checks.cleaned(html)
    if not text and corrects is None:
        rows = notices.in_phases(turn.session, Phase.PROPOSED, Phase.DRAFT, Phase.WAITING, Phase.SENDING, Phase.PAUSED)
        return Listed(tuple(view(turn.session, turn.desk, row, turn.now) for row in rows))
    row = notices.add(
        turn.session,
        phase=Phase.DRAFT,
        by=turn.colleague.user,
        now=turn.now,
        thread=turn.thread,
        text_de="" if language == EN else text,
        text_en=text if language == EN else "",
        corrects=corrects,
        audience=f"{GOT}:{corrects}" if corrects is not None else "",
    )
    record(turn, Tag.NOTICE_DRAFTED, row.id)
    return _ask(turn, row.id)


def correct(turn: StaffTurn, notice: int) -> View | NotAllowed | InTicket | Listed | Stale:
    """A draft to everybody who got the notice."""
    row = notices.find(turn.session, notice)
    if row is None or row.phase not in (Phase.DONE, Phase.STOPPED):
        return Stale(row.phase if row else None)
    return draft(turn, html="", language=DE, corrects=notice)


def listens(session: Session, desk: Desk, *, user: int, thread: int | None, now: datetime) -> int | None:
    """The notice that the next message of this person belongs to, if it was asked for words a short while ago."""
    row = notices.asked_of(session, user, now - LISTENS_FOR)
    fits = row is not None and row.thread == thread and row.step in (DE, EN, ENTRY)
    return row.id if row is not None and fits and not is_topic(session, desk, thread) else None


def write(turn: StaffTurn, notice: int, *, html: str, words: str) -> View | NotAllowed | Stale:
    """What was asked for, in words: a text, or the id of an entry."""
    row = notices.find(turn.session, notice)
    if row is None or row.phase is not Phase.DRAFT or not row.step:
        return Stale(row.phase if row else None)
    if row.step == ENTRY:
        entry = words.strip().casefold()
        return fill(turn, notice, ENTRY, entry) if entry in turn.desk.store.entries else _ask(turn, notice)
    return fill(turn, notice, row.step, notice_checks.cleaned(html))


def fill(turn: StaffTurn, notice: int, step: str, value: str) -> View | NotAllowed | Stale:
    """Sets one part of a draft, and asks for the next one that is missing."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    column = {DE: "text_de", EN: "text_en", ENTRY: "entry", AUDIENCE: "audience"}[step]
    if step == ENTRY and value and value not in turn.desk.store.entries:
        return Stale()
    if step == AUDIENCE and not may_be_chosen(turn.desk, value):
        return Stale()
    if not notices.change(turn.session, notice, Phase.DRAFT, tested_at=None, **{column: value}):
        return stale(turn, notice)
    return _ask(turn, notice)


def change(turn: StaffTurn, notice: int, step: str) -> View | NotAllowed | Stale:
    """Asks for one part again; an approval that was asked for is taken back."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    if step not in STEPS or not _back_to_draft(turn, notice):
        return stale(turn, notice)
    return _ask(turn, notice, step)


def look(turn: StaffTurn, notice: int) -> View | NotAllowed | Stale:
    """The notice as it is, to choose what to change."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    row = notices.find(turn.session, notice)
    if row is None or row.phase not in (Phase.PROPOSED, Phase.DRAFT, Phase.WAITING):
        return Stale(row.phase if row else None)
    return view(turn.session, turn.desk, row, turn.now)


def open_again(turn: StaffTurn, notice: int) -> View | NotAllowed | Stale:
    """Goes on with a draft, also one that the program proposed."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    values = {"created_by": turn.colleague.user, "thread": turn.thread}
    if notices.change(turn.session, notice, Phase.PROPOSED, state=Phase.DRAFT.value, **values):
        record(turn, Tag.NOTICE_DRAFTED, notice)
    row = notices.find(turn.session, notice)
    if row is None or row.phase is not Phase.DRAFT:
        return Stale(row.phase if row else None)
    return _ask(turn, notice)


def discard(turn: StaffTurn, notice: int) -> Discarded | NotAllowed | Stale:
    """Throws a draft away. What was proposed because an answer changed is not proposed again for that change."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    row = notices.find(turn.session, notice)
    if row is None or not _back_to_draft(turn, notice, Phase.DISCARDED):
        return stale(turn, notice)
    forget_change(turn.session, turn.desk, row)
    record(turn, Tag.NOTICE_DISCARDED, notice)
    return Discarded(view(turn.session, turn.desk, replace(row, phase=Phase.DISCARDED), turn.now))


def _back_to_draft(turn: StaffTurn, notice: int, phase: Phase = Phase.DRAFT) -> bool:
    row = notices.find(turn.session, notice)
    if row is not None and row.phase is Phase.WAITING and row.approval is not None:
        approvals.withdraw(turn, row.approval)
    before = (Phase.PROPOSED, Phase.DRAFT, Phase.WAITING)
    return notices.change(turn.session, notice, *before, state=phase.value, approval=None, step="", asked=None)


def _ask(turn: StaffTurn, notice: int, step: str | None = None) -> View:
    """Notes what is asked for now, and of whom."""
    row = notices.find(turn.session, notice)
    assert row is not None
    step = step or _wrong(turn.desk, row) or missing(row)
    asked = {"step": step, "asked": turn.colleague.user, "asked_at": turn.now, "thread": turn.thread}
    notices.change(turn.session, notice, Phase.DRAFT, **asked)
    return view(turn.session, turn.desk, replace(row, step=step), turn.now)


# ---- test and approval


def test(turn: StaffTurn, notice: int) -> Tested | ForNobody | View | NotAllowed | Stale:
    """Sends it to the person's own chat with the bot, in both languages. What the texts lack comes first."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    row = notices.find(turn.session, notice)
    if row is None or row.phase not in (Phase.DRAFT, Phase.WAITING):
        return Stale(row.phase if row else None)
    seen = view(turn.session, turn.desk, row, turn.now)
    if missing(row) or seen.is_stopped:
        return _ask(turn, notice)
    if seen.is_for_nobody:
        return ForNobody(seen)
    user = turn.colleague.user
    if not chats.is_known(turn.session, user) or delivery_rows.reach(turn.session, user).blocked:
        return Tested(seen, sent=False)
    for language in (DE, EN):
        deliveries.queue(
            turn.session,
            key=f"trial:{notice}:{user}:{language}:{turn.now:%Y%m%d%H%M%S%f}",
            chat=user,
            member=None,
            kind=Kind.TRIAL,
            reply={"language": language},
            due_at=turn.now,
            now=turn.now,
            notice=notice,
        )
    notices.change(turn.session, notice, Phase.DRAFT, Phase.WAITING, tested_at=turn.now)
    record(turn, Tag.NOTICE_TESTED, notice)
    return Tested(replace(seen, tested=True), sent=True)


def request(turn: StaffTurn, notice: int) -> Requested | TestFirst | ForNobody | View | NotAllowed | NobodyElse | Stale:
    """Asks for a second person, once nothing is missing and somebody has tried it out."""
    if not turn.colleague.may(ROLE):
        return NotAllowed(ROLE)
    row = notices.hold(turn.session, notice)  # what the second person reads is what will be sent
    if row is None or row.phase is not Phase.DRAFT:
        return Stale(row.phase if row else None)
    seen = view(turn.session, turn.desk, row, turn.now)
    if missing(row) or seen.is_stopped:
        return _ask(turn, notice)
    if seen.is_for_nobody:
        return ForNobody(seen)
    if row.tested_at is None or audiences.newest_test(turn.session, notice) == State.REFUSED:
        return TestFirst(seen, refused=row.tested_at is not None)
    asked = approvals.ask(turn, approvals.Kind.NOTICE, {"notice": notice})
    if not isinstance(asked, Asked):
        return asked
    waits = {"state": Phase.WAITING.value, "approval": asked.request.id, "step": "", "asked": None}
    notices.change(turn.session, notice, Phase.DRAFT, **waits)
    return Requested(replace(seen, phase=Phase.WAITING, step=""), asked)


def not_approved(session: Session, desk: Desk, request: approval_rows.Request, now: datetime) -> View | Stale:
    """Refused, or too late: it is a draft again."""
    notice = int(request.subject["notice"])
    row = notices.find(session, notice)
    if row is None or row.approval != request.id:
        return Stale(row.phase if row else None)
    notices.change(session, notice, Phase.WAITING, state=Phase.DRAFT.value, approval=None)
    return view(session, desk, replace(row, phase=Phase.DRAFT, step=""), now)


def _wrong(desk: Desk, row: Row) -> str:
    """The text that cannot go out as it is; empty when both can."""
    for language, text in ((DE, row.text_de), (EN, row.text_en)):
        if text and any(found.stops for found in notice_checks.findings(text, desk.rules.addresses)):
            return language
    return ""
