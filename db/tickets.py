"""Rows of tickets and their messages. Words and subjects are sealed before they come here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from db import models
from db.affected import affected

OPEN, TAKEN, CLOSED = "open", "taken", "closed"
MEMBER, STAFF = "member", "staff"  # authors
THANKS = "thanks"  # a kind of message that waits for no answer


@dataclass(frozen=True, slots=True)
class Ticket:
    """A conversation given to staff."""

    id: int
    chat: int | None
    language: str
    kind: str
    urgent: bool
    verified: bool
    subject: str | None
    entries: tuple[str, ...]
    state: str
    version: int
    opened_at: datetime
    taken_by: int | None
    taken_name: str | None
    answered_at: datetime | None
    closed_at: datetime | None
    member_at: datetime
    staff_at: datetime | None
    alarmed_at: datetime | None
    posted_in: int | None
    thread: int | None
    card: int | None
    aside_until: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state != CLOSED


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a ticket. `words` are sealed."""

    id: int
    ticket: int
    author: str
    by: int | None
    at: datetime
    kind: str
    words: str | None
    file: str | None
    member_message: int | None
    staff_message: int | None
    deleted_at: datetime | None


def begin(
    session: Session,
    *,
    chat: int,
    language: str,
    kind: str,
    urgent: bool,
    verified: bool,
    subject: str | None,
    entries: Collection[str],
    now: datetime,
) -> Ticket | None:
    """A new ticket; None when one of this chat is open already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values: dict[str, Any] = {"chat": chat, "language": language, "kind": kind, "urgent": urgent, "verified": verified}
    values |= {"subject": subject, "entries": list(entries), "state": OPEN, "version": 0}
    values |= {"opened_at": now, "member_at": now}
    adding = insert(models.Ticket).values(**values).on_conflict_do_nothing().returning(models.Ticket.id)
    number = session.execute(adding).scalar_one_or_none()
    return None if number is None else find(session, number)


def find(session: Session, number: int) -> Ticket | None:
    return _one(session, select(models.Ticket).where(models.Ticket.id == number))


def hold(session: Session, number: int) -> Ticket | None:
    """The same; until the transaction ends nobody else closes, erases or answers it."""
    return _one(session, select(models.Ticket).where(models.Ticket.id == number).with_for_update())


def of_chat(session: Session, chat: int) -> Ticket | None:
    """The chat's ticket that is not closed; until the transaction ends nobody else closes it."""
    still_open = select(models.Ticket).where(models.Ticket.chat == chat, models.Ticket.state != CLOSED)
    return _one(session, still_open.with_for_update())


def of_thread(session: Session, group: int, thread: int) -> Ticket | None:
    here = select(models.Ticket).where(models.Ticket.posted_in == group, models.Ticket.thread == thread)
    return _one(session, here.order_by(models.Ticket.id.desc()).limit(1))


def of_card(session: Session, group: int, card: int) -> Ticket | None:
    return _one(session, select(models.Ticket).where(models.Ticket.posted_in == group, models.Ticket.card == card))


def open_ones(session: Session) -> list[Ticket]:
    """Every ticket that is not closed, the oldest first."""
    query = select(models.Ticket).where(models.Ticket.state != CLOSED).order_by(models.Ticket.id)
    return [_ticket(row) for row in session.scalars(query)]


def move(session: Session, number: int, state: str, *, among: Collection[str], **values: Any) -> Ticket | None:
    """Changes the state, by one conditional update; None when the ticket is in none of the states `among`.

    `version` among the values is one that it must still have. It counts up.
    """
    wanted = values.pop("version", None)
    moving = update(models.Ticket).where(models.Ticket.id == number, models.Ticket.state.in_(among))
    if wanted is not None:
        moving = moving.where(models.Ticket.version == wanted)
    moving = moving.values(state=state, version=models.Ticket.version + 1, **values)
    return find(session, number) if affected(session.execute(_fresh(moving))) else None


def reopen(session: Session, number: int, now: datetime) -> Ticket | None:
    """Opens a closed ticket again; None when it is not closed, forgotten, or its chat has another one by now."""
    other = aliased(models.Ticket)
    taken = exists().where(other.chat == models.Ticket.chat, other.state != CLOSED)
    opening = (
        update(models.Ticket)
        .where(models.Ticket.id == number, models.Ticket.state == CLOSED, models.Ticket.chat.is_not(None), ~taken)
        .values(
            state=OPEN,
            version=models.Ticket.version + 1,
            taken_by=None,
            taken_name=None,
            closed_at=None,
            closed_by=None,
            member_at=now,
        )
    )
    return find(session, number) if affected(session.execute(_fresh(opening))) else None


def put(session: Session, number: int, **values: Any) -> None:
    """Notes what is no change of state."""
    session.execute(_fresh(update(models.Ticket).where(models.Ticket.id == number).values(**values)))


def unverify(session: Session, chat: int) -> list[int]:
    """Nobody is verified in this chat any more: the tickets, also closed ones, that said so until now."""
    said = update(models.Ticket).where(models.Ticket.chat == chat, models.Ticket.verified.is_(True))
    return list(session.scalars(_fresh(said.values(verified=False).returning(models.Ticket.id))))


def lose_topic(session: Session, number: int, thread: int) -> bool:
    """The topic is gone; False when that was noted before. What stood in it stands nowhere in the group any more."""
    losing = update(models.Ticket).where(models.Ticket.id == number, models.Ticket.thread == thread)
    if not affected(session.execute(_fresh(losing.values(posted_in=None, thread=None, card=None)))):
        return False
    gone = update(models.TicketMessage).where(models.TicketMessage.ticket == number)
    session.execute(_fresh(gone.values(staff_message=None)))
    return True


def answered_after(session: Session, most: int) -> list[tuple[datetime, datetime]]:
    """When the newest tickets were opened and first answered."""
    query = (
        select(models.Ticket.opened_at, models.Ticket.answered_at)
        .where(models.Ticket.answered_at.is_not(None))
        .order_by(models.Ticket.id.desc())
        .limit(most)
    )
    return [(opened, answered) for opened, answered in session.execute(query) if answered is not None]


def count_since(session: Session, kind: str, since: datetime) -> int:
    counting = select(func.count()).select_from(models.Ticket)
    return session.scalar(counting.where(models.Ticket.kind == kind, models.Ticket.opened_at >= since)) or 0


def numbers(session: Session, chat: int) -> list[int]:
    """Of all tickets of a chat."""
    return list(session.scalars(select(models.Ticket.id).where(models.Ticket.chat == chat).order_by(models.Ticket.id)))


def hold_all(session: Session, chat: int) -> list[int]:
    """The same; until the transaction ends nobody else does anything with them."""
    query = select(models.Ticket.id).where(models.Ticket.chat == chat).order_by(models.Ticket.id)
    return list(session.scalars(query.with_for_update()))


# ---- messages


def add_message(session: Session, ticket: int, *, author: str, at: datetime, kind: str, **values: Any) -> Message:
    """`values`: by, words, file, member_message, staff_message."""
    row = models.TicketMessage(ticket=ticket, author=author, at=at, kind=kind, **values)
    session.add(row)
    session.flush()
    return _message(row)


def message(session: Session, number: int) -> Message | None:
    return _one_message(session, select(models.TicketMessage).where(models.TicketMessage.id == number))


def messages(session: Session, ticket: int) -> list[Message]:
    """All that were not withdrawn, in order."""
    query = (
        select(models.TicketMessage)
        .where(models.TicketMessage.ticket == ticket, models.TicketMessage.deleted_at.is_(None))
        .order_by(models.TicketMessage.id)
    )
    return [_message(row) for row in session.scalars(query.execution_options(populate_existing=True))]


def from_member(session: Session, chat: int, member_message: int) -> Message | None:
    """What a member's message became."""
    query = (
        select(models.TicketMessage)
        .join(models.Ticket, models.Ticket.id == models.TicketMessage.ticket)
        .where(models.Ticket.chat == chat, models.TicketMessage.member_message == member_message)
        .where(models.TicketMessage.author == MEMBER, models.TicketMessage.deleted_at.is_(None))
    )
    return _one_message(session, query)


def in_topic(session: Session, group: int, staff_message: int) -> Message | None:
    """The message that stands, or was written, there in the staff group."""
    query = (
        select(models.TicketMessage)
        .join(models.Ticket, models.Ticket.id == models.TicketMessage.ticket)
        .where(models.Ticket.posted_in == group, models.TicketMessage.staff_message == staff_message)
    )
    return _one_message(session, query.where(models.TicketMessage.deleted_at.is_(None)).limit(1))


def change_message(session: Session, number: int, **values: Any) -> bool:
    """Whether it is still there."""
    changing = update(models.TicketMessage).where(models.TicketMessage.id == number).values(**values)
    return affected(session.execute(_fresh(changing))) == 1


def waiting_since(session: Session, ticket: Ticket) -> datetime | None:
    """Since when the member waits for an answer; None when nothing of the member's is unanswered."""
    own = models.TicketMessage.ticket == ticket.id
    answered = select(func.max(models.TicketMessage.id)).where(own, models.TicketMessage.author == STAFF)
    first = select(func.min(models.TicketMessage.at)).where(
        own,
        models.TicketMessage.author == MEMBER,
        models.TicketMessage.kind != THANKS,
        models.TicketMessage.deleted_at.is_(None),
        models.TicketMessage.id > (session.scalar(answered) or 0),
    )
    return session.scalar(first)


# ---- forgetting


def closed_before(session: Session, before: datetime) -> list[int]:
    """Of what was closed before that time and is not forgotten yet."""
    old = select(models.Ticket.id).where(models.Ticket.closed_at < before, models.Ticket.chat.is_not(None))
    return list(session.scalars(old.order_by(models.Ticket.id).with_for_update()))


def strip(session: Session, numbers: Collection[int]) -> None:
    """Takes the words and the chat out of tickets: only the times stay."""
    session.execute(_fresh(delete(models.TicketMessage).where(models.TicketMessage.ticket.in_(numbers))))
    stripping = update(models.Ticket).where(models.Ticket.id.in_(numbers))
    session.execute(_fresh(stripping.values(chat=None, subject=None, entries=[], aside_until=None)))


def erase(session: Session, chat: int) -> None:
    """Closes what is open of the chat, and takes its words and the chat itself out of every ticket."""
    still_open = update(models.Ticket).where(models.Ticket.chat == chat, models.Ticket.state != CLOSED)
    values = {"state": CLOSED, "version": models.Ticket.version + 1, "closed_by": None}
    session.execute(_fresh(still_open.values(closed_at=models.Ticket.member_at, **values)))
    strip(session, numbers(session, chat))


def posted(session: Session, numbers: Collection[int]) -> list[tuple[int, int]]:
    """Where messages of these tickets stand: staff group and message."""
    query = (
        select(models.Ticket.posted_in, models.TicketMessage.staff_message)
        .join(models.Ticket, models.Ticket.id == models.TicketMessage.ticket)
        .where(models.Ticket.id.in_(numbers))
        .order_by(models.TicketMessage.id)
    )
    found = session.execute(query)
    return [(group, message) for group, message in found if group is not None and message is not None]


# ---- rows to data


def _fresh(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)


def _one(session: Session, query: Select[models.Ticket]) -> Ticket | None:
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    return _ticket(row) if row else None


def _one_message(session: Session, query: Select[models.TicketMessage]) -> Message | None:
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    return _message(row) if row else None


def _ticket(row: models.Ticket) -> Ticket:
    values = {name: getattr(row, name) for name in Ticket.__dataclass_fields__}
    return Ticket(**values | {"entries": tuple(row.entries)})


def _message(row: models.TicketMessage) -> Message:
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
