"""FAQ entries written in the staff group: asked for field by field, tried out, published by an editor.

Where a draft stands is a row: any process goes on with it. Whoever answers a question late, or twice, changes nothing:
each step is one conditional update. The FAQ files are written by `handlers.editing`; what is published stands there.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import Any

import markup
from db import drafts, questions, tickets
from db.drafts import Phase, Row
from db.session import Session
from db.tickets import STAFF
from faq.entry import Language
from faq.loader import Fill
from faq.writing import Change, MorePhrasings, NewEntry
from services import audit, draft_fields, draft_origins
from services.audit import Tag
from services.desk import Desk
from services.draft_fields import Fields, Ground, Mistake
from services.staff import NotAllowed, Role, StaffTurn

LISTENS_FOR = timedelta(hours=1)  # so long the next message of whoever was asked is the answer
VERSION = 6  # characters of a version's name in the log: more could look like a number of somebody
MARK = 12  # characters


@dataclass(frozen=True, slots=True)
class View:
    """A draft as staff see it. `step` is what is asked for; empty: nothing."""

    id: int
    phase: Phase
    step: str
    adds_to: str | None  # the entry that phrasings are for
    given: Fields
    missing: tuple[str, ...]
    suggestion: str  # for the step, as HTML for answers and as text for all else; empty: none
    anyway: bool  # that it is near another entry was seen
    changed_at: datetime
    wrong: Mistake | None = None

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def mark(self) -> str:
        """Tells what was tried out from what was changed since."""
        said = self.given.filled(draft_fields.IDENTIFIER, "").to_json() | {"to": self.adds_to}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:MARK]


@dataclass(frozen=True, slots=True)
class Listed:
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    view: View


@dataclass(frozen=True, slots=True)
class Discarded:
    number: int


@dataclass(frozen=True, slots=True)
class Stale:
    """There is no such draft, or it is past that, or somebody was faster."""

    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """It stands in the FAQ files, and answers."""

    number: int
    entry: str
    version: str
    adds: bool


Outcome = View | Listed | Saved | Discarded | Stale | Published | NotAllowed


# ---- where it comes from


def alone(turn: StaffTurn, *, question: str = "", answer: str = "") -> View:
    """A draft from nothing, or from what somebody said. Words of a member are not among them."""
    if not question and not answer:
        return _begin(turn)
    return _begin(turn, said={"question": question, "answer": draft_origins.of_nobody(answer), "language": "de"})


def from_message(turn: StaffTurn, message: int) -> View | None:
    """A draft from a message in a ticket's topic: a colleague's is an answer, a member's a question."""
    found = tickets.in_topic(turn.session, turn.group, message)
    return None if found is None else _of_ticket(turn, found.ticket, found.id)


def from_ticket(turn: StaffTurn, ticket: int) -> View | Stale:
    """A draft from the last answer in a ticket, or from the question while there is none."""
    said = [one for one in tickets.messages(turn.session, ticket) if one.words and one.deleted_at is None]
    answers = [one for one in said if one.author == STAFF]
    return (_of_ticket(turn, ticket, (answers or said)[-1].id) if said else None) or Stale()


def _of_ticket(turn: StaffTurn, ticket: int, message: int) -> View | None:
    """Only which message it was is kept: its words come into the draft when somebody takes them over."""
    return _begin(turn, ticket=ticket, message=message) if tickets.find(turn.session, ticket) else None


def from_questions(turn: StaffTurn, ids: Sequence[str]) -> View:
    """A draft from questions that nobody answered."""
    return _begin(turn, questions=list(ids))


def for_entry(turn: StaffTurn, entry: str, ids: Sequence[str], phrasings: Sequence[tuple[Language, str]]) -> View:
    """Phrasings for an entry that exists."""
    asked: dict[str, list[str]] = {"ask_de": [], "ask_en": []}
    for language, text in phrasings:
        asked[f"ask_{language}"].append(text)
    given = Fields(ask_de=tuple(asked["ask_de"]), ask_en=tuple(asked["ask_en"]))
    return _begin(turn, entry=entry, given=given, questions=list(ids))


def _begin(
    turn: StaffTurn, *, entry: str | None = None, given: Fields | None = None, ticket: int | None = None, **origin: Any
) -> View:
    content = {**(given.to_json() if given else {}), **origin}
    row = drafts.add(
        turn.session,
        entry=entry,
        content=content,
        by=turn.colleague.user,
        now=turn.now,
        ticket=ticket,
        thread=turn.thread,
    )
    _record(turn, Tag.DRAFT_BEGUN, row.id)
    asked = _ask(turn, row, next(iter(draft_fields.missing(given or Fields(), adds=entry is not None)), ""))
    assert isinstance(asked, View)  # nobody else knows it yet
    return asked


# ---- answers


def listens(session: Session, *, user: int, thread: int | None, now: datetime) -> int | None:
    """The draft that the next message of this person belongs to, if it was asked for a short while ago."""
    row = drafts.asked_of(session, user, now - LISTENS_FOR)
    return row.id if row is not None and row.thread == thread else None


def write(turn: StaffTurn, draft: int, *, text: str, html: str, fill: Fill) -> Outcome:
    """The answer to what is asked for."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase is not Phase.WRITING or not row.step:
        return _stale(row)
    value = draft_fields.read(row.step, text, html, Ground(turn.desk.store, fill, turn.now.date()))
    if isinstance(value, Mistake):
        asked = _ask(turn, row, row.step)
        return replace(asked, wrong=value) if isinstance(asked, View) else asked
    return _fill(turn, row, row.step, value)


def choose(turn: StaffTurn, draft: int, *, step: str, text: str, fill: Fill) -> Outcome:
    """One of the answers that were offered as buttons."""
    row = drafts.find(turn.session, draft)
    if row is None or row.step != step:
        return _stale(row)
    return write(turn, draft, text=text, html=escape(text, quote=False), fill=fill)


def accept(turn: StaffTurn, draft: int, *, step: str, fill: Fill) -> Outcome:
    """Takes the suggestion."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase is not Phase.WRITING or row.step != step:
        return _stale(row)
    suggestion = draft_origins.suggestion(turn.session, turn.desk, row, step)
    is_html = step.startswith("answer")
    html = suggestion if is_html else escape(suggestion, quote=False)
    return write(turn, draft, text=markup.plain(suggestion) if is_html else suggestion, html=html, fill=fill)


def go(turn: StaffTurn, draft: int, *, step: str, back: bool = False) -> Outcome:
    """To the next question that has no answer, or back to the one before; what was given stays."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase is not Phase.WRITING or row.step != step:
        return _stale(row)
    adds = row.entry is not None
    if back:
        return _ask(turn, row, draft_fields.before(step, adds=adds))
    return _ask(turn, row, draft_fields.following(step, Fields.from_json(row.content), adds=adds))


def change(turn: StaffTurn, draft: int, step: str) -> Outcome:
    """Asks for one field again."""
    row = drafts.find(turn.session, draft)
    known = (*draft_fields.STEPS, draft_fields.IDENTIFIER)
    if row is None or row.phase not in drafts.OPEN or step not in known:
        return _stale(row)
    return _ask(turn, row, step)


def resume(turn: StaffTurn, draft: int) -> Outcome:
    """Goes on with a draft, here and with this person."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase not in drafts.OPEN:
        return _stale(row)
    given = Fields.from_json(row.content)
    missing = draft_fields.missing(given, adds=row.entry is not None)
    begun = any(given.has(step) for step in draft_fields.STEPS)
    return _ask(turn, row, row.step or ("" if begun else next(iter(missing), "")))


def _fill(turn: StaffTurn, row: Row, step: str, value: Any) -> Outcome:
    given = Fields.from_json(row.content).filled(step, value)
    following = draft_fields.following(step, given, adds=row.entry is not None)
    content = _content(row, given) | {"anyway": row.content.get("anyway", False) and not step.startswith("ask")}
    return _ask(turn, row, following, content=content)


def _content(row: Row, given: Fields) -> dict[str, Any]:
    origin: dict[str, Any] = {key: row.content[key] for key in ("said", "message", "questions") if key in row.content}
    return {**origin, **given.to_json()}


def _ask(turn: StaffTurn, row: Row, step: str, **values: Any) -> View | Stale:
    asked = {"step": step, "asked": turn.colleague.user, "asked_at": turn.now, "thread": turn.thread}
    changed = drafts.change(turn.session, row, turn.now, state=Phase.WRITING.value, **asked, **values)
    return view(turn.session, turn.desk, changed) if changed else _stale(drafts.find(turn.session, row.id))


# ---- what becomes of it


def anyway(turn: StaffTurn, draft: int) -> Outcome:
    """That it is near another entry was seen, and it is wanted all the same."""
    return _changed(turn, draft, lambda row: {"content": row.content | {"anyway": True}})


def merge(turn: StaffTurn, draft: int, entry: str) -> Outcome:
    """Its phrasings go to an entry that exists. What else was written stays with the draft."""
    if entry not in turn.desk.store.entries:
        return Stale()
    return _changed(turn, draft, lambda row: {"entry": entry, "content": row.content | {"anyway": True}})


def strike(turn: StaffTurn, draft: int, phrasings: Sequence[str]) -> Outcome:
    """Takes phrasings out."""
    gone = {text.casefold() for text in phrasings}

    def without(row: Row) -> dict[str, Any]:
        given = Fields.from_json(row.content)
        for step in draft_fields.MORE_STEPS:
            left = tuple(text for text in getattr(given, step) if text.casefold() not in gone)
            given = given.filled(step, left)
        return {"content": _content(row, given)}

    return _changed(turn, draft, without)


def _changed(turn: StaffTurn, draft: int, values: Callable[[Row], dict[str, Any]]) -> Outcome:
    row = drafts.find(turn.session, draft)
    if row is None or row.phase not in drafts.OPEN:
        return _stale(row)
    return _ask(turn, row, "", **values(row))


def save(turn: StaffTurn, draft: int) -> Outcome:
    """Puts it aside; /entwuerfe lists it."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase not in drafts.OPEN:
        return _stale(row)
    changed = drafts.change(turn.session, row, turn.now, state=Phase.READY.value, asked=None, step="")
    return Saved(view(turn.session, turn.desk, changed)) if changed else Stale(row.phase)


def discard(turn: StaffTurn, draft: int) -> Outcome:
    """Throws it away; the questions that it was to answer are open again."""
    row = drafts.find(turn.session, draft)
    if row is None or row.phase not in drafts.OPEN:
        return _stale(row)
    gone: dict[str, Any] = {"state": Phase.DISCARDED.value, "asked": None, "step": "", "content": {}}
    if drafts.change(turn.session, row, turn.now, **gone) is None:
        return _stale(drafts.find(turn.session, draft))
    questions.settle(turn.session, row.content.get("questions", ()), None)
    _record(turn, Tag.DRAFT_DISCARDED, draft)
    return Discarded(draft)


def name(session: Session, desk: Desk, draft: int, now: datetime) -> View | None:
    """The open draft, with its id settled: what is written before a crash is found again under that name."""
    row = drafts.find(session, draft)
    if row is None or row.phase not in drafts.OPEN:
        return None
    given = Fields.from_json(row.content)
    if row.entry is None and not given.id and not draft_fields.missing(given, adds=False):
        named = given.filled(draft_fields.IDENTIFIER, draft_fields.identifier(given, desk.store))
        row = (
            drafts.change(session, row, now, content=_content(row, named) | {"anyway": bool(row.content.get("anyway"))})
            or row
        )
    return view(session, desk, row)


def published(turn: StaffTurn, draft: int, entry: str, version: str) -> Outcome:
    """The files have it."""
    if not turn.colleague.may(Role.EDITOR):
        return NotAllowed(Role.EDITOR)
    row = drafts.find(turn.session, draft)
    if row is None or row.phase not in (*drafts.OPEN, Phase.PUBLISHED):
        return _stale(row)
    done = Published(draft, entry, version, adds=row.entry is not None)
    if row.phase is Phase.PUBLISHED:
        return done
    values: dict[str, Any] = {"state": Phase.PUBLISHED.value, "asked": None, "step": "", "content": {}, "entry": entry}
    if drafts.change(turn.session, row, turn.now, **values) is None:
        return _stale(drafts.find(turn.session, draft))
    questions.settle(turn.session, row.content.get("questions", ()), "added")
    _record(turn, Tag.DRAFT_PUBLISHED, draft, entry=entry, version=version[:VERSION])
    return done


def undone(turn: StaffTurn, version: str) -> NotAllowed | None:
    """An earlier version of the files is back."""
    if not turn.colleague.may(Role.EDITOR):
        return NotAllowed(Role.EDITOR)
    audit.record(
        turn.session, turn.desk, Tag.FAQ_UNDONE, now=turn.now, actor=turn.colleague.actor, version=version[:VERSION]
    )
    return None


# ---- as it is


def listed(turn: StaffTurn) -> Listed:
    return Listed(tuple(view(turn.session, turn.desk, row) for row in drafts.open_ones(turn.session)))


def find(session: Session, desk: Desk, draft: int) -> View | None:
    """An open draft."""
    row = drafts.find(session, draft)
    return view(session, desk, row) if row is not None and row.phase in drafts.OPEN else None


def view(session: Session, desk: Desk, row: Row) -> View:
    given = Fields.from_json(row.content)
    suggestion = "" if not row.step or given.has(row.step) else draft_origins.suggestion(session, desk, row, row.step)
    return View(
        row.id,
        row.phase,
        row.step,
        row.entry,
        given,
        draft_fields.missing(given, adds=row.entry is not None),
        suggestion,
        bool(row.content.get("anyway")),
        row.changed_at,
    )


def change_of(seen: View, desk: Desk, now: datetime) -> Change:
    """What it brings into the files. Only for a draft that misses nothing."""
    if seen.adds_to is not None:
        return MorePhrasings(seen.adds_to, seen.given.phrasings())
    return NewEntry(draft_fields.entry_of(seen.given, desk.store, now.date()))


def _stale(row: Row | None) -> Stale:
    return Stale(row.phase if row else None)


def _record(turn: StaffTurn, tag: Tag, draft: int, **detail: Any) -> None:
    audit.record(turn.session, turn.desk, tag, now=turn.now, actor=turn.colleague.actor, draft=draft, **detail)
