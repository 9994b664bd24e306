"""Rows of letters, from the side of whoever redeems the code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import Letter, LetterRequest

CREATED, DISPATCHED, REDEEMED, FROZEN = "created", "dispatched", "redeemed", "frozen"
WITHDRAWN = "withdrawn"
OPEN, HELD = "open", "held"


@dataclass(frozen=True, slots=True)
class Claimable:
    """A letter whose code works now."""

    id: int
    member: int


def find_valid(session: Session, digests: Sequence[str], now: datetime) -> Claimable | None:
    """The letter of a code if it works now: dispatched, not too old, not redeemed, frozen or withdrawn."""
    query = select(Letter.id, Letter.member).where(
        Letter.digest.in_(digests), Letter.state == DISPATCHED, Letter.valid_from <= now, Letter.valid_until > now
    )
    row = session.execute(query).first()
    return None if row is None else Claimable(row.id, row.member)


def redeemed_just_now(
    session: Session, digests: Sequence[str] | None, chat: int, now: datetime, within: timedelta
) -> int | None:
    """The member whose code this chat redeemed a moment ago: it may repeat itself when our answer was lost.

    `digests` of the code; None: whichever code it was.
    """
    query = select(Letter.member).where(
        Letter.state == REDEEMED, Letter.redeemed_by == chat, Letter.closed_at > now - within
    )
    if digests is not None:
        query = query.where(Letter.digest.in_(digests))
    return session.scalars(query.order_by(Letter.closed_at.desc())).first()


def claim(session: Session, letter: int, chat: int) -> None:
    """Remembers who typed the code last; only that chat may confirm."""
    session.execute(update(Letter).where(Letter.id == letter, Letter.state == DISPATCHED).values(claimed_by=chat))


def valid_claim(session: Session, letter: int, chat: int, now: datetime) -> Claimable | None:
    """The letter that this chat typed last. It is locked: chats that try digits at the same moment do so in turn."""
    query = select(Letter.id, Letter.member).where(
        Letter.id == letter, Letter.state == DISPATCHED, Letter.claimed_by == chat, Letter.valid_until > now
    )
    row = session.execute(query.with_for_update()).first()
    return None if row is None else Claimable(row.id, row.member)


def redeem(session: Session, letter: int, chat: int, now: datetime) -> bool:
    """Redeems a code by one conditional update: of many at once exactly one succeeds."""
    redeeming = (
        update(Letter)
        .where(Letter.id == letter, Letter.state == DISPATCHED, Letter.claimed_by == chat, Letter.valid_until > now)
        .values(state=REDEEMED, redeemed_by=chat, closed_at=now)
    )
    return affected(session.execute(redeeming)) == 1


def count_digit_error(session: Session, letter: int) -> int:
    """Counts a wrong second check; how many there are now."""
    counting = update(Letter).where(Letter.id == letter).values(digit_errors=Letter.digit_errors + 1)
    return session.execute(counting.returning(Letter.digit_errors)).scalar_one()


def freeze(session: Session, letter: int, now: datetime) -> None:
    freezing = update(Letter).where(Letter.id == letter, Letter.state == DISPATCHED)
    session.execute(freezing.values(state=FROZEN, closed_at=now))


def freeze_by_digest(session: Session, digests: Sequence[str], now: datetime) -> None:
    """Freezes a code that was shown to others, whoever posted it."""
    freezing = update(Letter).where(Letter.digest.in_(digests), Letter.state.in_((CREATED, DISPATCHED)))
    session.execute(freezing.values(state=FROZEN, closed_at=now))


def request(session: Session, member: int, now: datetime, *, once_in: timedelta, most_a_year: int) -> str | None:
    """Notes that a member wants a letter: 'open', 'held' when staff must decide, None when one was asked for lately."""
    asked = select(func.count()).select_from(LetterRequest).where(LetterRequest.member == member)
    if session.scalar(asked.where(LetterRequest.asked_at > now - once_in)):
        return None
    this_year = session.scalar(asked.where(LetterRequest.asked_at > now - timedelta(days=365))) or 0
    state = OPEN if this_year < most_a_year else HELD
    session.add(LetterRequest(member=member, asked_at=now, state=state))
    return state
