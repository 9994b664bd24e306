"""Who was erased, and whose rows are to be looked through for them after a restore."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, union
from sqlalchemy.orm import Session

from db import privacy
from db.models import Chat, Delivery, HandledUpdate, Letter, Link, Member, Suppression, Throttle, Ticket

PORTION = 5000


@dataclass(frozen=True, slots=True)
class Numbered:
    """A member by what identifies."""

    id: int
    mark: str
    sealed: str


def marks(session: Session) -> dict[str, datetime]:
    """When each was erased, by mark."""
    return {row.mark: row.at for row in session.scalars(select(Suppression))}


def add(session: Session, found: Mapping[str, datetime]) -> None:
    """Keeps the marks, each with its latest time."""
    known = {row.mark: row for row in session.scalars(select(Suppression))}
    for mark, at in found.items():
        if mark not in known:
            session.add(Suppression(mark=mark, at=at))
        elif known[mark].at < at:
            known[mark].at = at
    session.flush()


def chats(session: Session) -> dict[int, datetime | None]:
    """Every chat that is named anywhere, with the time of its first message if that is kept."""
    first = {row.id: row.first_at for row in session.execute(select(Chat.id, Chat.first_at))}
    columns = (
        Link.chat,
        Delivery.chat,
        HandledUpdate.chat,
        Letter.claimed_by,
        Letter.redeemed_by,
        Throttle.chat,
        Ticket.chat,
    )
    named = session.scalars(union(*(select(column).where(column.is_not(None)) for column in columns)))
    return {chat: first.get(chat) for chat in {*named, *first}}


def members(session: Session) -> Iterator[Numbered]:
    query = select(Member.id, Member.number_mark, Member.number_sealed).order_by(Member.id).limit(PORTION)
    after = 0
    while found := session.execute(query.where(Member.id > after)).all():
        yield from (Numbered(row.id, row.number_mark, row.number_sealed) for row in found)
        after = found[-1].id


def erase_chat(session: Session, chat: int, keep_rules: Collection[str]) -> None:
    """Everything of the chat, as when its member asks for it."""
    privacy.erase(session, chat, privacy.members_of(session, chat), keep_rules)


def erase_members(session: Session, ids: Sequence[int], keep_rules: Collection[str]) -> None:
    """The members with their cards, findings, letters, links and what was to be sent to them."""
    for some in _portions(ids):
        for chat in session.scalars(select(Link.chat).where(Link.member.in_(some)).distinct()).all():
            erase_chat(session, chat, keep_rules)
        session.execute(delete(Delivery).where(Delivery.member.in_(some)))
        session.execute(delete(Member).where(Member.id.in_(some)))


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))
