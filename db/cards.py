"""Rows of cards and of findings, many at once: the side of the imports. The caller keeps batches to some thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.models import Base, Card, Finding

NUMBER = "cards.number"  # the field that a sealed number is bound to
# Without the mapped classes, which cost as much again for each row.
CARDS, FINDINGS = Base.metadata.tables["cards"], Base.metadata.tables["findings"]


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card with its finding for one incident; `affected` is None when there is none."""

    id: int
    member: int
    kind: str
    affected: bool | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewCard:
    member: int
    kind: str
    number_mark: str
    number_sealed: str = field(repr=False)
    number_end: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a list says about a card."""

    card: int
    affected: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A card on the way through all that have a finding for an incident, by id."""

    card: int
    member: int
    affected: bool


def known(session: Session, marks: Sequence[str], incident: str) -> dict[str, KnownCard]:
    """The cards with these marks, by mark."""
    own = and_(Finding.card == Card.id, Finding.incident == incident)
    columns = (Card.number_mark, Card.id, Card.member, Card.kind, Finding.affected, Finding.kinds)
    query = select(*columns).outerjoin(Finding, own).where(Card.number_mark.in_(marks))
    return {
        mark: KnownCard(card, member, kind, affected, tuple(kinds or ()))
        for mark, card, member, kind, affected, kinds in session.execute(query)
    }


def listed_after(session: Session, incident: str, card: int, most: int) -> list[Listed]:
    """The next cards by id that have a finding for the incident."""
    columns = (Finding.card, Card.member, Finding.affected)
    query = select(*columns).join(Card, Card.id == Finding.card).where(Finding.incident == incident)
    rows = session.execute(query.where(Finding.card > card).order_by(Finding.card).limit(most))
    return [Listed(*row) for row in rows]


def stamp(session: Session, incident: str) -> tuple[int, int, int]:
    """Changes whenever cards are imported or erased, or the incident's findings are."""
    cards, last = session.execute(select(func.count(), func.coalesce(func.max(Card.id), 0)).select_from(Card)).one()
    findings = select(func.count()).select_from(Finding).where(Finding.incident == incident)
    return cards, last, session.scalar(findings) or 0


def add(session: Session, new: Sequence[NewCard]) -> dict[str, int]:
    """Adds cards and returns their ids by mark."""
    if not new:
        return {}
    session.execute(insert(CARDS), [{name: getattr(row, name) for name in row.__slots__} for row in new])
    query = select(Card.number_mark, Card.id).where(Card.number_mark.in_([row.number_mark for row in new]))
    return {mark: card for mark, card in session.execute(query)}  # noqa: C416  a row is no tuple for mypy


def change_kinds(session: Session, changed: Sequence[tuple[int, str]]) -> None:
    if changed:
        session.execute(update(Card), [{"id": card, "kind": kind} for card, kind in changed])


def add_findings(session: Session, incident: str, found: Sequence[Found], as_of: date, version: int) -> None:
    if found:
        session.execute(insert(FINDINGS), [_values(row, incident, as_of, version) for row in found])


def change_findings(session: Session, incident: str, found: Sequence[Found], as_of: date, version: int) -> None:
    if found:
        session.execute(update(Finding), [_values(row, incident, as_of, version) for row in found])


def remove_findings(session: Session, incident: str, gone: Sequence[int]) -> None:
    if gone:
        removing = delete(Finding).where(Finding.incident == incident, Finding.card.in_(gone))
        session.execute(removing, execution_options={"synchronize_session": False})


def _values(found: Found, incident: str, as_of: date, version: int) -> dict[str, object]:
    own = {"card": found.card, "incident": incident, "affected": found.affected, "kinds": list(found.kinds)}
    return {**own, "as_of": as_of, "version": version}
