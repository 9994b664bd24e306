"""Rows of findings, from the side of the member who looks them up."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Card, Finding, IncidentList


@dataclass(frozen=True, slots=True)
class CardRow:
    id: int
    kind: str
    number_end: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    card: int
    incident: str
    affected: bool
    kinds: tuple[str, ...]
    as_of: date


def cards_of(session: Session, member: int) -> list[CardRow]:
    query = select(Card).where(Card.member == member).order_by(Card.kind, Card.id)
    return [CardRow(row.id, row.kind, row.number_end) for row in session.scalars(query)]


def findings_of(session: Session, member: int) -> list[FindingRow]:
    query = select(Finding).join(Card, Card.id == Finding.card).where(Card.member == member)
    return [
        FindingRow(row.card, row.incident, row.affected, tuple(row.kinds), row.as_of) for row in session.scalars(query)
    ]


def list_dates(session: Session) -> dict[str, date]:
    """The date of the newest list of each incident."""
    return {row.incident: row.as_of for row in session.scalars(select(IncidentList))}
