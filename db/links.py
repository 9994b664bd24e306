"""Rows of links: which chat is verified to be which member."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from db.affected import affected
from db.models import Link

WAITING, ACTIVE, DORMANT, ENDED = "waiting", "active", "dormant", "ended"
OPEN = (ACTIVE, DORMANT)


@dataclass(frozen=True, slots=True)
class Tie:
    """A link as services see it."""

    id: int
    chat: int
    member: int
    state: str
    made_at: datetime
    active_at: datetime
    used_at: datetime


def of_chat(session: Session, chat: int) -> Tie | None:
    """The active or dormant link of a chat."""
    return _one(session, Link.chat == chat, Link.state.in_(OPEN))


def of_member(session: Session, member: int) -> Tie | None:
    return _one(session, Link.member == member, Link.state.in_(OPEN))


def waiting_of_chat(session: Session, chat: int) -> Tie | None:
    """A link that an older chat may still object to."""
    return _one(session, Link.chat == chat, Link.state == WAITING)


def waiting_of_member(session: Session, member: int) -> Tie | None:
    return _one(session, Link.member == member, Link.state == WAITING)


def unfinished(session: Session, *, chat: int | None = None, member: int | None = None) -> list[Tie]:
    """Every link of a chat, or of a member, that has not ended: active, dormant, or waiting."""
    whose = Link.chat == chat if member is None else Link.member == member
    query = select(Link).where(whose, Link.state != ENDED).order_by(Link.id)
    return [_tie(row) for row in session.scalars(query)]


def due(session: Session, now: datetime, unused_since: datetime, made_before: datetime, most: int) -> list[Tie]:
    """Links that should have begun or fallen asleep by now: waiting ones whose time has come, old or unused ones."""
    begins = and_(Link.state == WAITING, Link.active_at <= now)
    sleeps = and_(Link.state == ACTIVE, or_(Link.used_at <= unused_since, Link.made_at <= made_before))
    query = select(Link).where(or_(begins, sleeps)).order_by(Link.id).limit(most)
    return [_tie(row) for row in session.scalars(query)]


def make(session: Session, chat: int, member: int, now: datetime, active_at: datetime) -> int:
    """A new link: active now, or waiting until `active_at`. A second active one fails on its unique index."""
    state = ACTIVE if active_at <= now else WAITING
    row = Link(chat=chat, member=member, state=state, made_at=now, active_at=active_at, used_at=now)
    session.add(row)
    session.flush()
    return row.id


def activate(session: Session, link: int, used_at: datetime) -> bool:
    activating = update(Link).where(Link.id == link, Link.state == WAITING).values(state=ACTIVE, used_at=used_at)
    return affected(session.execute(activating)) == 1


def touch(session: Session, link: int, now: datetime) -> None:
    session.execute(update(Link).where(Link.id == link).values(used_at=now))


def sleep(session: Session, link: int, reason: str) -> None:
    session.execute(update(Link).where(Link.id == link, Link.state == ACTIVE).values(state=DORMANT, reason=reason))


def end(session: Session, link: int, reason: str, now: datetime) -> bool:
    ending = update(Link).where(Link.id == link, Link.state != ENDED)
    return affected(session.execute(ending.values(state=ENDED, reason=reason, ended_at=now))) == 1


def _one(session: Session, *conditions: object) -> Tie | None:
    row = session.scalars(select(Link).where(*conditions).order_by(Link.made_at.desc())).first()  # type: ignore[arg-type]
    return None if row is None else _tie(row)


def _tie(row: Link) -> Tie:
    return Tie(row.id, row.chat, row.member, row.state, row.made_at, row.active_at, row.used_at)
