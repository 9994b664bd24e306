"""Rows of members: found by mark, never by a number in clear."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Member


@dataclass(frozen=True, slots=True)
class Person:
    """A member as verification needs it; what identifies is sealed."""

    id: int
    number_end: str
    digits_sealed: str | None = field(repr=False)
    email_sealed: str | None = field(repr=False)
    language: str


def get(session: Session, member: int) -> Person | None:
    row = session.get(Member, member)
    return None if row is None else _person(row)


def find(session: Session, marks: Sequence[str]) -> Person | None:
    """The member whose number has one of these marks."""
    row = session.scalars(select(Member).where(Member.number_mark.in_(marks))).first()
    return None if row is None else _person(row)


def _person(row: Member) -> Person:
    return Person(row.id, row.number_end, row.digits_sealed, row.email_sealed, row.language)
