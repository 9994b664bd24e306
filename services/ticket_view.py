"""A ticket as it is carried: facts for its head, and messages with their words, unsealed only now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import tickets
from db.session import Session
from db.tickets import Message, Ticket
from services import ticket_deliveries
from services.desk import Desk
from services.ticket_outcomes import Matter

LATELY = timedelta(days=7)  # in which reports of impostors are counted together


@dataclass(frozen=True, slots=True)
class Post:
    """A message with its words as HTML."""

    id: int
    author: str
    name: str | None  # of the colleague
    kind: str
    html: str
    file: str | None
    member_message: int | None
    staff_message: int | None
    withdrawn: bool
    in_doubt: bool  # it may stand in the topic already


@dataclass(frozen=True, slots=True)
class View:
    """All that the topic shows. `titles` are those of what the member was shown before."""

    ticket: Ticket
    subject: str
    matter: Matter
    titles: tuple[str, ...]
    since: datetime | None  # the member waits
    reports: int  # of impostors, lately


def view(session: Session, desk: Desk, number: int, now: datetime) -> View | None:
    ticket = tickets.find(session, number)
    if ticket is None:
        return None
    entries = (desk.store.entries.get(entry) for entry in ticket.entries)
    titles = tuple(entry.de.button for entry in entries if entry is not None)
    matter = Matter(ticket.kind)
    reports = tickets.count_since(session, matter, now - LATELY) if matter is Matter.IMPOSTOR else 0
    since = tickets.waiting_since(session, ticket) if ticket.is_open else None
    return View(ticket, ticket_deliveries.subject(desk, ticket), matter, titles, since, reports)


def post(session: Session, desk: Desk, number: int) -> Post | None:
    """One message, as it is now."""
    message = tickets.message(session, number)
    return None if message is None else _post(session, desk, message)


def missing(session: Session, desk: Desk, ticket: int, last: int | None) -> list[Post]:
    """What does not stand in the topic, in order, up to the message `last`: after a topic was lost, everything."""
    return [
        _post(session, desk, message)
        for message in tickets.messages(session, ticket)
        if message.staff_message is None and (last is None or message.id <= last)
    ]


def made(session: Session, number: int, group: int, thread: int) -> None:
    tickets.put(session, number, posted_in=group, thread=thread, card=None)


def headed(session: Session, number: int, card: int) -> None:
    tickets.put(session, number, card=card)


def posted(session: Session, message: int, group: int, staff_message: int | None, now: datetime) -> None:
    """Notes where a message stands; if its member was erased while it was on its way, it is deleted there."""
    is_there = tickets.change_message(session, message, staff_message=staff_message)
    if not is_there and staff_message is not None:
        ticket_deliveries.delete_in_group(session, group, staff_message, now)


def _post(session: Session, desk: Desk, message: Message) -> Post:
    ticket = tickets.find(session, message.ticket)
    return Post(
        message.id,
        message.author,
        _name(desk, message, ticket),
        message.kind,
        ticket_deliveries.words(desk, message),
        message.file,
        message.member_message,
        message.staff_message,
        message.deleted_at is not None,
        message.staff_message is None and ticket_deliveries.is_in_doubt(session, message),
    )


def _name(desk: Desk, message: Message, ticket: Ticket | None) -> str | None:
    """As config.yaml names the colleague, or as the ticket does."""
    named = next((member.name for member in desk.rules.staff.members if member.id == message.by and member.name), None)
    if named is None and ticket is not None and ticket.taken_by == message.by:
        return ticket.taken_name
    return named
