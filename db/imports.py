"""What imports ask and change beside members, cards and findings: links of members who left or came back.

The caller keeps lists of members to some thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.links import ACTIVE, DORMANT, OPEN, WAITING
from db.models import Link

MISSING = "missing"  # the reason of a link that rests because its member is not in the register
_LOCK = 0x61757369  # of imports on PostgreSQL; SQLite has one writer anyway


@dataclass(frozen=True, slots=True)
class MemberLink:
    id: int
    chat: int
    member: int
    state: str
    reason: str | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def alone(session: Session) -> None:
    """Waits until no other import writes; for the rest of the transaction none begins."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def links_of(session: Session, members: Sequence[int]) -> list[MemberLink]:
    """The links of these members that have not ended."""
    columns = (Link.id, Link.chat, Link.member, Link.state, Link.reason)
    query = select(*columns).where(Link.member.in_(members), Link.state.in_((*OPEN, WAITING))).order_by(Link.id)
    return [MemberLink(*row) for row in session.execute(query)]


def open_links(session: Session) -> int:
    """How many links are active or dormant."""
    return session.scalar(select(func.count()).select_from(Link).where(Link.state.in_(OPEN))) or 0


def wake(session: Session, link: int) -> None:
    """A link that rested because its member was missing is active again; how long it was not used still counts."""
    resting = update(Link).where(Link.id == link, Link.state == DORMANT, Link.reason == MISSING)
    session.execute(resting.values(state=ACTIVE, reason=None))


def active_chats(session: Session, members: Sequence[int], now: datetime) -> list[tuple[int, int]]:
    """The chats that are linked to these members now, as (member, chat)."""
    query = select(Link.member, Link.chat).where(Link.member.in_(members), Link.state == ACTIVE, Link.active_at <= now)
    return [(member, chat) for member, chat in session.execute(query.order_by(Link.member))]
