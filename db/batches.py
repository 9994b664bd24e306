"""Rows of letters, from the side of whoever prints and posts them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.letters import CREATED, DISPATCHED, FROZEN, HELD, OPEN, REDEEMED, WITHDRAWN
from db.links import OPEN as LINKED
from db.models import Letter, LetterRequest, Link, Member

EXPIRED = "expired"
LISTED = "listed"
STATES = (CREATED, DISPATCHED, REDEEMED, EXPIRED, FROZEN, WITHDRAWN)  # in the order of a letter's life
_AT_ONCE = 1000  # values in one statement


@dataclass(frozen=True, slots=True)
class Addressee:
    """A member who is to get a letter."""

    id: int
    number_mark: str = field(repr=False)
    number_sealed: str = field(repr=False)
    number_end: str
    language: str


@dataclass(frozen=True, slots=True)
class NewLetter:
    reference: str
    member: int
    digest: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters that were made together, counted by state."""

    id: str
    created_at: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """A member who asked for a letter."""

    id: int
    number_sealed: str = field(repr=False)
    asked_at: datetime
    is_held: bool


def unreached(session: Session, now: datetime) -> list[Addressee]:
    """Members of the register without a link and without a code that works."""
    linked = exists().where(Link.member == Member.id, Link.state.in_(LINKED))
    served = exists().where(Letter.member == Member.id, Letter.state == DISPATCHED, Letter.valid_until > now)
    return _addressees(session, _members().where(~linked, ~served))


def asking(session: Session) -> list[Addressee]:
    """Members of the register who asked for a letter, and staff need not decide."""
    asked = exists().where(LetterRequest.member == Member.id, LetterRequest.state == OPEN)
    return _addressees(session, _members().where(asked))


def with_marks(session: Session, marks: Sequence[str]) -> list[Addressee]:
    """Members of the register whose number has one of these marks."""
    found = (_addressees(session, _members().where(Member.number_mark.in_(some))) for some in _portions(marks))
    return [addressee for portion in found for addressee in portion]


def waiting(session: Session, members: Sequence[int]) -> set[int]:
    """Those of the members who have a letter that is not dispatched yet."""
    return _among(session, select(Letter.member).where(Letter.state == CREATED), Letter.member, members)


def present(session: Session, members: Sequence[int]) -> set[int]:
    """Those of the members who are still there."""
    return _among(session, select(Member.id), Member.id, members)


def taken(session: Session, references: Sequence[str]) -> set[str]:
    """Those of the references that a letter has already."""
    return _among(session, select(Letter.reference), Letter.reference, references)


def live(session: Session, references: Sequence[str], now: datetime) -> set[str]:
    """Those of the references whose code works, or was redeemed."""
    works = (Letter.state == DISPATCHED) & (Letter.valid_until > now)
    query = select(Letter.reference).where(works | (Letter.state == REDEEMED))
    return _among(session, query, Letter.reference, references)


def batches_of(session: Session, day: str) -> list[str]:
    """The ids of the batches of a day."""
    return list(session.scalars(select(Letter.batch).where(Letter.batch.startswith(f"{day}-")).distinct()))


def add(session: Session, batch: str, letters: Sequence[NewLetter], now: datetime, until: datetime) -> None:
    """New letters. `until` stands on them; before they are dispatched it means nothing."""
    same = {"batch": batch, "state": CREATED, "created_at": now, "valid_until": until}
    rows = [{**same, "reference": one.reference, "member": one.member, "digest": one.digest} for one in letters]
    session.execute(insert(Letter), rows)


def batch(session: Session, name: str) -> Batch | None:
    return next(iter(_batches(session, Letter.batch == name)), None)


def batches(session: Session) -> list[Batch]:
    """All batches of which letters are kept, the oldest first."""
    return _batches(session)


def dispatch(session: Session, batch: str, valid_from: datetime, valid_until: datetime) -> int:
    """The letters of the batch that were created are valid from now on; how many."""
    dispatching = update(Letter).where(Letter.batch == batch, Letter.state == CREATED)
    return affected(
        session.execute(dispatching.values(state=DISPATCHED, valid_from=valid_from, valid_until=valid_until))
    )


def withdraw_earlier(session: Session, batch: str, now: datetime) -> int:
    """Older letters to the members of a dispatched batch are withdrawn unless they were redeemed; how many."""
    newer = select(Letter.member).where(Letter.batch == batch, Letter.state == DISPATCHED)
    first = select(func.min(Letter.id)).where(Letter.batch == batch).scalar_subquery()
    return _withdraw(session, now, Letter.member.in_(newer), Letter.batch != batch, Letter.id < first)


def withdraw(session: Session, name: str, now: datetime) -> int:
    """The letters of a batch, or the one with this reference, are withdrawn unless they were redeemed; how many."""
    return _withdraw(session, now, (Letter.batch == name) | (Letter.reference == name))


def expire(session: Session, now: datetime) -> int:
    """Dispatched letters whose time is over; how many."""
    over = update(Letter).where(Letter.state == DISPATCHED, Letter.valid_until <= now)
    return affected(session.execute(over.values(state=EXPIRED, closed_at=now)))


def purge(session: Session, before: datetime) -> int:
    """Deletes letters that were closed before; how many."""
    return affected(session.execute(delete(Letter).where(Letter.closed_at < before)))


def wishes(session: Session) -> list[Wish]:
    """Requests that nobody has handled, the oldest first."""
    columns = (LetterRequest.id, Member.number_sealed, LetterRequest.asked_at, LetterRequest.state)
    query = select(*columns).join(Member, Member.id == LetterRequest.member)
    rows = session.execute(query.where(LetterRequest.state.in_((OPEN, HELD))).order_by(LetterRequest.id))
    return [Wish(number, sealed, asked_at, state == HELD) for number, sealed, asked_at, state in rows]


def list_wishes(session: Session, requests: Sequence[int]) -> None:
    """These requests are in the hands of staff."""
    for some in _portions(requests):
        listing = update(LetterRequest).where(LetterRequest.id.in_(some), LetterRequest.state.in_((OPEN, HELD)))
        session.execute(listing.values(state=LISTED))


def fulfil_wishes(session: Session, batch: str) -> None:
    """Requests of the members of a dispatched batch are done with."""
    served = select(Letter.member).where(Letter.batch == batch, Letter.state == DISPATCHED)
    done = update(LetterRequest).where(LetterRequest.member.in_(served), LetterRequest.state.in_((OPEN, HELD)))
    session.execute(done.values(state=LISTED))


def _members() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Member.id,
        Member.number_mark,
        Member.number_sealed,
        Member.number_end,
        Member.language,
    )
    return select(*columns).where(Member.missing_since.is_(None)).order_by(Member.id)


def _addressees(session: Session, query: Select[Any]) -> list[Addressee]:
    return [Addressee(*row) for row in session.execute(query)]


def _batches(session: Session, *conditions: Any) -> list[Batch]:
    times = (func.min(Letter.created_at), func.max(Letter.valid_from), func.max(Letter.valid_until))
    query = select(Letter.batch, Letter.state, func.count(), *times).where(*conditions)
    found: dict[str, Batch] = {}
    for name, state, count, created_at, valid_from, valid_until in session.execute(
        query.group_by(Letter.batch, Letter.state).order_by(func.min(Letter.id))
    ):
        known = found.setdefault(name, Batch(name, created_at, valid_from, valid_until, {}))
        known.counts[state] = count
        found[name] = Batch(
            name,
            min(known.created_at, created_at),
            _later(known.valid_from, valid_from),
            _later(known.valid_until, valid_until),
            known.counts,
        )
    return list(found.values())


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((time for time in (one, other) if time is not None), default=None)


def _withdraw(session: Session, now: datetime, *conditions: Any) -> int:
    withdrawing = update(Letter).where(*conditions, Letter.state.in_((CREATED, DISPATCHED)))
    return affected(session.execute(withdrawing.values(state=WITHDRAWN, closed_at=now)))


def _among(session: Session, query: Select[Any], column: Any, values: Sequence[Any]) -> set[Any]:
    return {value for some in _portions(values) for value in session.scalars(query.where(column.in_(some)))}


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
