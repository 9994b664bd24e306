"""Rows of members: found by mark, never by a number in clear."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.models import Base, Member

MEMBERS = Base.metadata.tables["members"]  # without the mapped class, which costs as much again for each row


@dataclass(frozen=True, slots=True)
class Person:
    """A member as verification needs it; what identifies is sealed."""

    id: int
    number_end: str
    digits_sealed: str | None = field(repr=False)
    email_sealed: str | None = field(repr=False)
    language: str
    is_listed: bool  # in the last register that was imported


def get(session: Session, member: int) -> Person | None:
    row = session.get(Member, member)
    return None if row is None else _person(row)


def find(session: Session, marks: Sequence[str]) -> Person | None:
    """The member whose number has one of these marks."""
    row = session.scalars(select(Member).where(Member.number_mark.in_(marks))).first()
    return None if row is None else _person(row)


def _person(row: Member) -> Person:
    listed = row.missing_since is None
    return Person(row.id, row.number_end, row.digits_sealed, row.email_sealed, row.language, listed)


# ---- many at once, for imports. The caller keeps batches to some thousand.


@dataclass(frozen=True, slots=True)
class Known:
    """A member as the register said the last time."""

    id: int
    digits_sealed: str | None = field(repr=False)
    email_sealed: str | None = field(repr=False)
    language: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class NewMember:
    number_mark: str
    number_sealed: str = field(repr=False)
    number_end: str
    digits_sealed: str | None = field(repr=False)
    email_sealed: str | None = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class ChangedMember:
    id: int
    digits_sealed: str | None = field(repr=False)
    email_sealed: str | None = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class Present:
    """A member on the way through all of them, by id."""

    id: int
    is_missing: bool


def known(session: Session, marks: Sequence[str]) -> dict[str, Known]:
    """The members with these marks, by mark."""
    columns = (Member.id, Member.digits_sealed, Member.email_sealed, Member.language, Member.missing_since)
    query = select(Member.number_mark, *columns).where(Member.number_mark.in_(marks))
    return {
        mark: Known(member, digits, email, language, missing is not None)
        for mark, member, digits, email, language, missing in session.execute(query)
    }


def ids(session: Session, marks: Sequence[str]) -> dict[str, int]:
    """The ids of the members with these marks, by mark."""
    rows = session.execute(select(Member.number_mark, Member.id).where(Member.number_mark.in_(marks)))
    return {mark: member for mark, member in rows}  # noqa: C416  a row is no tuple for mypy


def after(session: Session, member: int, most: int) -> list[Present]:
    """The next members by id, for a way through all of them."""
    query = select(Member.id, Member.missing_since).where(Member.id > member).order_by(Member.id).limit(most)
    return [Present(found, missing is not None) for found, missing in session.execute(query)]


def stamp(session: Session) -> tuple[int, int, datetime | None, int]:
    """Changes whenever a register is imported or a member is erased."""
    missing = func.count(Member.missing_since)
    query = select(func.count(), func.coalesce(func.max(Member.id), 0), func.max(Member.imported_at), missing)
    count, last, at, gone = session.execute(query.select_from(Member)).one()
    return count, last, at, gone


def add(session: Session, new: Sequence[NewMember], now: datetime) -> None:
    if new:
        session.execute(insert(MEMBERS), [_values(row, now) for row in new])


def change(session: Session, changed: Sequence[ChangedMember], now: datetime) -> None:
    if changed:
        session.execute(update(Member), [_values(row, now) for row in changed])


def set_missing(session: Session, gone: Sequence[int], since: datetime | None) -> None:
    """Marks members as missing in the register since then, or, with None, as back in it."""
    if gone:
        session.execute(update(Member), [{"id": member, "missing_since": since} for member in gone])


def _values(row: NewMember | ChangedMember, now: datetime) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__slots__} | {"imported_at": now}
