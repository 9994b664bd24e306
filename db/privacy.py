"""Everything that is stored about one chat: counted for its member, and erased."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db import subscriptions, tickets
from db.affected import affected
from db.links import OPEN
from db.models import (
    Chat,
    Delivery,
    HandledUpdate,
    Letter,
    Link,
    Member,
    Subscription,
    Suppression,
    Throttle,
    Tick,
    Ticket,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold about a chat."""

    first_at: datetime | None
    last_at: datetime | None
    chosen_language: str | None
    heard_language: str | None
    last_entry: str | None
    handled: int
    waiting: int


def of_chat(session: Session, chat: int) -> Stored:
    row = session.get(Chat, chat)
    handled = session.scalar(select(func.count()).select_from(HandledUpdate).where(HandledUpdate.chat == chat)) or 0
    queued = select(func.count()).select_from(Delivery).where(Delivery.chat == chat, Delivery.state == "queued")
    return Stored(
        first_at=row.first_at if row else None,
        last_at=row.last_at if row else None,
        chosen_language=row.chosen_language if row else None,
        heard_language=row.heard_language if row else None,
        last_entry=row.last_entry if row else None,
        handled=handled,
        waiting=session.scalar(queued) or 0,
    )


def members_of(session: Session, chat: int) -> list[int]:
    """The members that this chat was linked with, where no other chat is now: theirs is what is kept for them.

    A link that only waited, until another chat objected, gave nothing and takes nothing.
    """
    other = aliased(Link)
    elsewhere = exists().where(other.member == Link.member, other.chat != chat, other.state.in_(OPEN))
    began = Link.state.in_(OPEN) | (Link.ended_at >= Link.active_at)
    query = select(Link.member).where(Link.chat == chat, began, ~elsewhere).distinct().order_by(Link.member)
    return list(session.scalars(query))


def personal_messages(session: Session, chat: int) -> list[int]:
    """Our messages in the chat that are to be deleted a day after they were said."""
    query = select(Delivery.reply).where(Delivery.chat == chat, Delivery.kind == "deletion", Delivery.state == "queued")
    return sorted(reply["target"] for reply in session.scalars(query))


def erase(session: Session, chat: int, members: Collection[int], keep_rules: Collection[str]) -> None:
    """Deletes the chat and its links; handled updates keep their bare id, which makes a repetition harmless.

    `members`: those of `members_of`, of whom nothing is left but what the register says.
    """
    session.execute(delete(Link).where(Link.chat == chat))
    handled = update(HandledUpdate).where(HandledUpdate.chat == chat)
    done = func.coalesce(HandledUpdate.closed_at, HandledUpdate.handled_at)  # what was still owed is owed no more
    session.execute(handled.values(chat=None, message=None, reply=None, owed=None, closed_at=done))
    session.execute(delete(Delivery).where(Delivery.chat == chat))
    session.execute(update(Letter).where(Letter.redeemed_by == chat).values(redeemed_by=None))
    session.execute(update(Letter).where(Letter.claimed_by == chat).values(claimed_by=None))
    session.execute(delete(Throttle).where(Throttle.chat == chat, Throttle.rule.not_in(keep_rules)))
    subscriptions.erase(session, chat)
    tickets.erase(session, chat)
    session.execute(delete(Chat).where(Chat.id == chat))
    session.execute(delete(Tick).where(Tick.member.in_(members)))
    session.execute(update(Member).where(Member.id.in_(members)).values(subject_key=None))
    session.expunge_all()


def suppress(session: Session, mark: str, now: datetime) -> None:
    """Keeps the mark with its latest time: who came back and went again must be erased from newer backups, too."""
    row = session.get(Suppression, mark)
    if row is None:
        session.add(Suppression(mark=mark, at=now))
    else:
        row.at = now
    session.flush()


def purge_chats(session: Session, before: datetime) -> int:
    """Deletes chats that nobody wrote in since then and that are tied to no member; how many.

    Who subscribes to something is kept, unless the bot was blocked all that time; so is whose ticket is kept.
    """
    tied = select(Link.chat).where(Link.state != "ended")
    wanting = select(Subscription.chat)
    is_wanted = and_(Chat.id.in_(wanting), or_(Chat.blocked_at.is_(None), Chat.blocked_at >= before))
    asking = select(Ticket.chat).where(Ticket.chat.is_not(None))
    gone = delete(Chat).where(Chat.last_at < before, Chat.id.not_in(tied), Chat.id.not_in(asking), ~is_wanted)
    return affected(session.execute(gone))


def purge_links(session: Session, before: datetime) -> int:
    """Deletes links that ended before that time; how many."""
    gone = delete(Link).where(Link.state == "ended", Link.ended_at < before)
    return affected(session.execute(gone))
