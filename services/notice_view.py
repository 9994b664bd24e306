"""A notice as staff see it: its texts, whom it reaches now, how far it has come, and what is to be said about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import approvals as approval_rows
from db import audiences, notices
from db.audiences import AFFECTED, LINKED, SAW, SUBSCRIBERS, Audience, Counts
from db.notices import Phase, Row
from db.session import Session
from db.subscriptions import ANSWERS
from services import approvals, audit, notice_checks, subscriptions
from services.audit import Tag
from services.desk import Desk
from services.notice_checks import Finding
from services.staff import Role, StaffTurn

ROLE = Role.EDITOR
DE, EN, ENTRY, AUDIENCE = "de", "en", "entry", "audience"
STEPS = (DE, EN, ENTRY, AUDIENCE)
NOT_SENT = (Phase.PROPOSED, Phase.DRAFT, Phase.WAITING)


@dataclass(frozen=True, slots=True)
class Choice:
    """An audience that can be chosen, with how many it reaches now. `name` of subjects and incidents is their title."""

    audience: Audience
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class View:
    """A notice as staff see it."""

    id: int
    phase: Phase
    step: str  # what is asked for; empty: nothing is missing
    text_de: str
    text_en: str
    entry: str | None
    audience: Audience | None
    audience_name: str
    count: int  # how many it would reach now
    neutral: bool  # it says only that there is something to look up
    corrects: datetime | None  # when the notice was sent that this one corrects
    tested: bool
    findings: tuple[tuple[str, Finding], ...] = ()  # with the language
    choices: tuple[Choice, ...] = ()
    first: Audience | None = None  # of the notice that the corrections correct

    @property
    def minutes(self) -> int:
        """How long sending takes."""
        return max(1, -(-self.count // (audiences.PER_SECOND * 60)))

    @property
    def is_for_nobody(self) -> bool:
        """Whether it could be sent only to nobody, as things are now."""
        return self.phase in NOT_SENT and self.audience is not None and self.count == 0

    @property
    def is_stopped(self) -> bool:
        """Whether something about the texts must be changed before it can go out."""
        return any(finding.stops for _, finding in self.findings)


@dataclass(frozen=True, slots=True)
class Stale:
    """There is no such notice, or it is past that. `phase` is where it stands."""

    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come, and who asked for it and released it. `asks_to_stop`: whether to stop is to be confirmed."""

    view: View
    counts: Counts
    asker: str = ""
    approver: str = ""
    asks_to_stop: bool = False


def view(session: Session, desk: Desk, row: Row, now: datetime) -> View:
    """The notice with whom it reaches now, and what is to be said about its texts."""
    audience = Audience.of(row.audience) if row.audience else None
    first = audiences.root(session, audience) if audience else None
    before = notices.find(session, row.corrects) if row.corrects is not None else None
    is_open = row.phase in NOT_SENT
    texts = ((language, text) for language, text in ((DE, row.text_de), (EN, row.text_en)) if text)
    addresses = desk.rules.addresses
    found = [(language, one) for language, text in texts for one in notice_checks.findings(text, addresses)]
    choices = _choices(session, desk, row, now) if row.phase is Phase.DRAFT and row.step == AUDIENCE else ()
    return View(
        id=row.id,
        phase=row.phase,
        step=row.step if row.phase is Phase.DRAFT else "",
        text_de=row.text_de,
        text_en=row.text_en,
        entry=row.entry or None,
        audience=audience,
        audience_name=_name(desk, audience) if audience else "",
        count=audiences.count(session, audience, now, known_version(desk, audience)) if audience and is_open else 0,
        neutral=first is not None and first.kind == AFFECTED,
        corrects=(before.started_at or before.created_at) if before else None,
        tested=row.tested_at is not None,
        findings=tuple(found),
        choices=choices,
        first=first,
    )


def _choices(session: Session, desk: Desk, row: Row, now: datetime) -> tuple[Choice, ...]:
    subjects = [subject.id for subject in desk.rules.office.subjects if subject.id != ANSWERS]
    offered = [Audience(SUBSCRIBERS, name) for name in subjects]
    offered += [Audience(LINKED), *(Audience(AFFECTED, incident.id) for incident in desk.rules.incidents)]
    if row.entry:
        offered.append(Audience(SAW, row.entry))
    return tuple(
        Choice(one, _name(desk, one), audiences.count(session, one, now, known_version(desk, one))) for one in offered
    )


def may_be_chosen(desk: Desk, text: str) -> bool:
    audience = Audience.of(text)
    match audience.kind:
        case "linked":
            return not audience.name
        case "subscribers":
            return audience.name in {subject.id for subject in desk.rules.office.subjects}
        case "affected":
            return audience.name in {incident.id for incident in desk.rules.incidents}
        case "saw":
            return audience.name in desk.store.entries
    return False


def _name(desk: Desk, audience: Audience) -> str:
    """The title of the subject, incident or entry; the number of the notice."""
    titles = {
        SUBSCRIBERS: {subject.id: subject.de for subject in desk.rules.office.subjects},
        AFFECTED: {incident.id: incident.title.de for incident in desk.rules.incidents},
    }.get(audience.kind, {})
    if audience.kind == SAW and audience.name in desk.store.entries:
        return desk.store.entries[audience.name].de.title
    return titles.get(audience.name, audience.name)


def known_version(desk: Desk, audience: Audience | None) -> str | None:
    """The version of the answer that need not be told of."""
    if audience is None or audience.kind != SAW or audience.name not in desk.store.entries:
        return None
    return subscriptions.version(desk.store.entries[audience.name])


def missing(row: Row) -> str:
    has = {DE: bool(row.text_de), EN: bool(row.text_en), ENTRY: row.entry is not None, AUDIENCE: bool(row.audience)}
    return next((step for step in STEPS if not has[step]), "")


def stale(turn: StaffTurn, notice: int) -> Stale:
    return Stale(notices.phase_of(turn.session, notice))


def progress(session: Session, desk: Desk, notice: int, now: datetime) -> Progress:
    row = notices.find(session, notice)
    assert row is not None
    request = approval_rows.find(session, row.approval) if row.approval is not None else None
    asker = approvals.name_of(session, desk, request.asked_by) if request else ""
    approver = approvals.name_of(session, desk, request.answered_by) if request and request.answered_by else ""
    return Progress(view(session, desk, row, now), audiences.counts(session, notice), asker, approver)


def record(turn: StaffTurn, tag: Tag, notice: int, **detail: Any) -> None:
    audit.record(turn.session, turn.desk, tag, now=turn.now, actor=turn.colleague.actor, notice=notice, **detail)
