"""The look-up: a member sees the own cards, and nobody else's. Always audited, also when it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from config.incidents import Incident
from db import findings, members, throttles, ticks
from db.findings import CardRow, FindingRow
from services import answers, audit, links
from services.audit import Tag
from services.outcomes import (
    CardShown,
    CardsShown,
    Choice,
    CodePaused,
    Meaning,
    Page,
    PageShown,
    Status,
    StepShown,
    StepsShown,
)
from services.throttles import Attempt, count
from services.turn import Turn


@dataclass(frozen=True, slots=True)
class Verified:
    """The member behind this chat."""

    member: int
    number_end: str


def look_up(turn: Turn, first: int = 1) -> CardsShown | PageShown | CodePaused:
    """The member's own cards with what each incident means for them; the way to verification for everybody else.

    `first` is the number of the card to begin with, where there are more than one message holds.
    """
    session, chat, now = turn.session, turn.chat, turn.now
    if throttles.paused(session, chat, now):
        return CodePaused(turn.language)
    count(session, turn.desk.rules.verification, chat, Attempt.LOOK_UP, now)
    verified = whoever(turn)
    if verified is None:
        audit.record(session, turn.desk, Tag.CARDS_REFUSED, now=now, chat=chat)
        return PageShown(turn.language, Page.CARDS)
    audit.record(session, turn.desk, Tag.CARDS_VIEWED, now=now, member=verified.member, chat=chat)
    return replace(_shown(turn, verified), first=first)


def whoever(turn: Turn) -> Verified | None:
    """Who this chat is verified to be at this moment."""
    tie = links.current(turn.session, turn.desk, turn.chat, turn.now)
    person = members.get(turn.session, tie.member) if tie else None
    return Verified(person.id, person.number_end) if person else None


def _shown(turn: Turn, verified: Verified) -> CardsShown:
    session, incidents = turn.session, turn.desk.rules.incidents
    dates = findings.list_dates(session)
    found = {(row.card, row.incident): row for row in findings.findings_of(session, verified.member)}
    cards = tuple(
        CardShown(
            kind=card.kind,
            number_end=card.number_end,
            meanings=tuple(
                sorted((meaning(turn, incident, card, found, dates) for incident in incidents), key=_urgent_first)
            ),
        )
        for card in findings.cards_of(session, verified.member)
    )
    cards = tuple(sorted(cards, key=lambda card: _urgent_first(card.meanings[0]) if card.meanings else 1))
    affected = [
        incident.id
        for incident in incidents
        if any(row.affected for (_, name), row in found.items() if name == incident.id)
    ]
    return CardsShown(turn.language, verified.number_end, cards, tuple(affected), _guides(turn, list(found.values())))


def _guides(turn: Turn, found: list[FindingRow]) -> tuple[Choice, ...]:
    """What to read about the kinds of data that are affected here, and only about those."""
    hit = {(row.incident, kind) for row in found if row.affected for kind in row.kinds}
    kinds = [(incident.id, kind) for incident in turn.desk.rules.incidents for kind in incident.kinds]
    entries = dict.fromkeys(kind.entry for name, kind in kinds if kind.entry and (name, kind.id) in hit)
    return answers.choices(turn.desk.store, entries, turn.language)


def _urgent_first(meaning: Meaning) -> int:
    return 0 if meaning.status is Status.AFFECTED else 1


def meaning(
    turn: Turn,
    incident: Incident,
    card: CardRow,
    found: dict[tuple[int, str], FindingRow],
    dates: Mapping[str, date],
) -> Meaning:
    """What one incident means for one card. Without a list nothing is known yet; "not on the list" never means safe."""
    row = found.get((card.id, incident.id))
    listed = dates.get(incident.id)
    affected = row if row is not None and row.affected else None
    otherwise = Status.NOT_LISTED if listed else Status.UNKNOWN
    kinds = tuple(kind.in_(turn.language) for kind in incident.kinds if affected and kind.id in affected.kinds)
    return Meaning(
        incident=incident.id,
        title=incident.title.in_(turn.language),
        status=Status.AFFECTED if affected else otherwise,
        kinds=kinds,
        as_of=affected.as_of if affected else listed,
        note=incident.card_note.in_(turn.language),
    )


def steps(turn: Turn, incident_id: str, toggled: str | None = None) -> StepsShown | PageShown:
    """What to do now about one incident, with what is ticked off; `toggled` is ticked on or off first."""
    verified = whoever(turn)
    incident = next((known for known in turn.desk.rules.incidents if known.id == incident_id), None)
    if verified is None:
        audit.record(turn.session, turn.desk, Tag.CARDS_REFUSED, now=turn.now, chat=turn.chat)
        return PageShown(turn.language, Page.CARDS)
    if incident is None:
        return PageShown(turn.language, Page.STALE)
    rows = [row for row in findings.findings_of(turn.session, verified.member) if row.incident == incident.id]
    kinds = {kind for row in rows if row.affected for kind in row.kinds}
    wanted = [step for step in incident.steps if step.kind is None or step.kind in kinds]
    if not any(row.affected for row in rows):
        return PageShown(turn.language, Page.STALE)
    is_tick = toggled in {step.id for step in wanted}
    tag = Tag.STEP_TICKED if is_tick else Tag.CARDS_VIEWED
    audit.record(turn.session, turn.desk, tag, now=turn.now, member=verified.member, chat=turn.chat)
    if is_tick:
        assert toggled is not None
        ticks.toggle(turn.session, verified.member, incident.id, toggled, turn.now)
    done = ticks.of_member(turn.session, verified.member, incident.id)
    shown = tuple(StepShown(step.id, step.in_(turn.language), step.id in done) for step in wanted)
    entries = dict.fromkeys(step.entry for step in wanted if step.entry and step.id not in done)
    guides = answers.choices(turn.desk.store, entries, turn.language)
    return StepsShown(turn.language, incident.id, incident.title.in_(turn.language), shown, guides)
