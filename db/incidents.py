"""Rows of incidents' lists: which one is the newest."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Finding, IncidentList


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest list of an incident; `version` counts its lists and their corrections."""

    as_of: date
    version: int
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    cards: int
    affected: int


def newest(session: Session, incident: str) -> Newest | None:
    row = session.get(IncidentList, incident)
    return None if row is None else Newest(row.as_of, row.version, row.imported_at)


def put(session: Session, incident: str, new: Newest) -> None:
    """`new` is the newest list of the incident from now on."""
    session.merge(IncidentList(incident=incident, as_of=new.as_of, version=new.version, imported_at=new.imported_at))
    session.flush()


def figures(session: Session) -> dict[str, Figures]:
    """How many cards the newest list of each incident names, and how many of them are affected."""
    query = select(Finding.incident, Finding.affected, func.count()).group_by(Finding.incident, Finding.affected)
    counted: dict[str, Figures] = {}
    for incident, affected, count in session.execute(query):
        old = counted.get(incident, Figures(0, 0))
        counted[incident] = Figures(old.cards + count, old.affected + (count if affected else 0))
    return counted
