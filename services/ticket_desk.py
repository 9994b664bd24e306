"""The staff's side of a ticket. Only who has taken it answers: taking is one conditional update.

What goes to the member is a reply to one of the member's messages, or to the head of the topic; every other word in a
topic is a note that stays there. No flag decides it that somebody could forget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from db import tickets
from db.session import Session
from db.tickets import CLOSED, MEMBER, OPEN, STAFF, TAKEN, THANKS, Ticket
from services import audit, ticket_deliveries
from services.audit import Tag
from services.desk import Desk
from services.staff import Colleague, NotAllowed, Role, StaffTurn
from services.ticket_deliveries import DELETE_WITHIN
from services.ticket_outcomes import (
    Colleagues,
    Done,
    FileStays,
    IsClosed,
    Matter,
    Note,
    NoTicket,
    OpenTickets,
    Passed,
    StaffOutcome,
    TakenBack,
    TakenBy,
    Templates,
    TooLong,
    Waiting,
)

SUPERGROUPS = -1_000_000_000_000  # their ids lie below
TEMPLATES = 5  # entries that are offered
LONGEST_TEXT, LONGEST_CAPTION = 3900, 900  # characters of an answer: what stands above it needs the rest


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote in the group: `html` with its formatting, `text` without."""

    message: int
    thread: int | None
    replies_to: int | None
    text: str
    html: str
    kind: str = "text"  # or photo, document
    file: str | None = None


# ---- answers


def write(turn: StaffTurn, written: Written) -> StaffOutcome:
    """What becomes of something written in the group that answers a member."""
    ticket = addressed(turn.session, turn.desk, written)
    return Note() if ticket is None else answer(turn, ticket.id, written)


def is_topic(session: Session, desk: Desk, thread: int | None) -> bool:
    """Whether this topic belongs to a ticket: what is said there may go to the member."""
    return thread is not None and tickets.of_thread(session, desk.rules.staff.chat, thread) is not None


def is_answer(session: Session, desk: Desk, staff_message: int) -> bool:
    """Whether this message of a colleague's went to a member."""
    message = tickets.in_topic(session, desk.rules.staff.chat, staff_message)
    return message is not None and message.author == STAFF


def addressed(session: Session, desk: Desk, written: Written) -> Ticket | None:
    """The ticket whose member is answered: by a reply to a message of the member's, or to the head."""
    group = desk.rules.staff.chat
    if written.replies_to is None:
        return None
    message = tickets.in_topic(session, group, written.replies_to)
    if message is not None:
        return tickets.find(session, message.ticket) if message.author == MEMBER else None
    return tickets.of_card(session, group, written.replies_to)


def answer(turn: StaffTurn, number: int, written: Written) -> StaffOutcome:
    """Passes an answer on; who answers a ticket that nobody has takes it."""
    session, now, colleague = turn.session, turn.now, turn.colleague
    if not colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    ticket = tickets.hold(session, number)
    if ticket is None:
        return NoTicket()
    if not ticket.is_open:
        return IsClosed(number, may_reopen=ticket.chat is not None)
    most = LONGEST_TEXT if written.kind == "text" else LONGEST_CAPTION
    if len(written.text) > most:
        return TooLong(most)
    taken = _take(turn, number) if ticket.state == OPEN else None
    ticket = taken or tickets.find(session, number)
    if ticket is None or ticket.taken_by != colleague.user:
        return _other(ticket, was_answer=True)
    sealed = ticket_deliveries.seal(turn.desk, written.html)
    message = tickets.add_message(
        session, number, author=STAFF, at=now, kind=written.kind, by=colleague.user, words=sealed, file=written.file,
        staff_message=written.message,
    )  # fmt: skip
    tickets.put(session, number, staff_at=now, answered_at=ticket.answered_at or now)
    ticket_deliveries.answer(session, ticket, message, now, took=taken is not None)
    _record(turn, Tag.TICKET_ANSWERED, number)
    return Passed(number, written.message)


def edit(turn: StaffTurn, written: Written) -> StaffOutcome | None:
    """The member's copy of an answer follows; None when it was no answer."""
    message = tickets.in_topic(turn.session, turn.group, written.message)
    ticket = None if message is None else tickets.hold(turn.session, message.ticket)
    if message is None or ticket is None or message.author != STAFF:
        return None
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    if ticket.chat is None:
        return NoTicket()
    if (written.kind, written.file) != (message.kind, message.file):
        return FileStays()
    most = LONGEST_TEXT if message.kind == "text" else LONGEST_CAPTION
    if len(written.text) > most:
        return TooLong(most)
    sealed = ticket_deliveries.seal(turn.desk, written.html)
    tickets.change_message(turn.session, message.id, words=sealed, edited_at=turn.now)
    ticket_deliveries.edit(turn.session, turn.desk, ticket, message, turn.now)
    return Passed(ticket.id, written.message)


def take_back(turn: StaffTurn, staff_message: int | None) -> StaffOutcome:
    """Deletes an answer at the member's. Telegram allows that for 48 hours."""
    message = None if staff_message is None else tickets.in_topic(turn.session, turn.group, staff_message)
    ticket = None if message is None else tickets.hold(turn.session, message.ticket)
    if message is None or ticket is None or message.author != STAFF or ticket.chat is None:
        return TakenBack(done=False)
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    if message.at <= turn.now - DELETE_WITHIN:
        return TakenBack(done=False)
    tickets.change_message(turn.session, message.id, deleted_at=turn.now, words=None, file=None)
    if message.member_message is not None:
        ticket_deliveries.delete_at_member(turn.session, ticket, message.member_message, turn.now)
    _record(turn, Tag.TICKET_TAKEN_BACK, ticket.id)
    return TakenBack(done=True, sure=not ticket_deliveries.may_have_arrived(turn.session, message))


def send_again(turn: StaffTurn, number: int, failed: int) -> StaffOutcome:
    """An answer of which nobody knows whether it arrived, or that did not: once more, whoever taps first."""
    message = tickets.message(turn.session, number)
    ticket = None if message is None else tickets.hold(turn.session, message.ticket)
    if message is None or ticket is None or ticket.chat is None:
        return NoTicket()
    if message.author != STAFF or message.deleted_at is not None:
        return NoTicket()
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    ticket_deliveries.answer_again(turn.session, ticket, message, failed, turn.now)
    return Done(ticket.id)


# ---- entries of the FAQ as answers


def last_words(session: Session, desk: Desk, number: int) -> str:
    """What the member last asked, for finding entries that answer it; nothing is kept of it. Thanks ask nothing."""
    found = (message for message in tickets.messages(session, number) if message.kind != THANKS)
    said = [message for message in found if message.author == MEMBER and message.words]
    return unescape(ticket_deliveries.words(desk, said[-1])) if said else ""


def templates(turn: StaffTurn, number: int, near: Sequence[str]) -> StaffOutcome:
    """The entries nearest to what was asked, and what the member was shown before."""
    ticket = tickets.find(turn.session, number)
    if ticket is None or not ticket.is_open:
        return _refused(turn, number)
    known = (turn.desk.store.entries.get(entry) for entry in dict.fromkeys((*near, *ticket.entries)))
    found = tuple((entry.id, entry.de.button) for entry in known if entry is not None)
    return Templates(number, found[:TEMPLATES])


def send_entry(turn: StaffTurn, number: int, entry: str, words: Mapping[str, str]) -> StaffOutcome:
    """An entry goes to the member as it stands in the FAQ; `words` by language, filled. The topic gets a copy."""
    ticket = tickets.find(turn.session, number)
    if ticket is None or entry not in turn.desk.store.entries:
        return NoTicket()
    html = words[ticket.language]
    outcome = answer(turn, number, Written(0, turn.thread, None, html, html))
    if isinstance(outcome, Passed):
        message = tickets.messages(turn.session, number)[-1]
        tickets.change_message(turn.session, message.id, staff_message=None)
        ticket_deliveries.post(turn.session, turn.desk, message, turn.now)
        return Done(number)
    return outcome


# ---- whose it is


def take(turn: StaffTurn, number: int) -> StaffOutcome:
    """The colleague takes a ticket that nobody has."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    taken = _take(turn, number)
    if taken is None:
        return _refused(turn, number)
    ticket_deliveries.state(turn.session, taken, turn.now)
    return Done(number)


def take_over(turn: StaffTurn, number: int, version: int) -> StaffOutcome:
    """Takes it from somebody else, if it still stands as it stood when that was offered."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    return _give(turn, number, turn.colleague.user, turn.colleague.name, version=version)


def hand(turn: StaffTurn, number: int, to: int) -> StaffOutcome:
    """Hands a ticket to a colleague with a role for it."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    name = next((name for user, name in _agents(turn.desk) if user == to), None)
    if name is None:
        return NoTicket()
    return _give(turn, number, to, name)


def put_back(turn: StaffTurn, number: int) -> StaffOutcome:
    """Nobody has it any more. The member is not told: nothing is lost."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    values = {"taken_by": None, "taken_name": None, "taken_at": None}
    freed = tickets.move(turn.session, number, OPEN, among=(TAKEN,), **values)
    if freed is None:
        return _refused(turn, number)
    ticket_deliveries.card(turn.session, turn.desk, freed, turn.now)
    _record(turn, Tag.TICKET_PUT_BACK, number)
    return Done(number)


def others(turn: StaffTurn, number: int) -> StaffOutcome:
    """To whom it can be handed."""
    ticket = tickets.find(turn.session, number)
    if ticket is None or not ticket.is_open:
        return _refused(turn, number)
    found = tuple((user, name) for user, name in _agents(turn.desk) if user != ticket.taken_by)
    return Colleagues(number, found)


def _agents(desk: Desk) -> list[tuple[int, str]]:
    """Who may answer members and has a name that members may read: both stand in config.yaml."""
    named = (Colleague(member.id, member.name, Role(member.role)) for member in desk.rules.staff.members if member.name)
    return [(colleague.user, colleague.name) for colleague in named if colleague.may(Role.AGENT)]


def _take(turn: StaffTurn, number: int) -> Ticket | None:
    colleague = turn.colleague
    values = {"taken_by": colleague.user, "taken_name": colleague.name, "taken_at": turn.now}
    taken = tickets.move(turn.session, number, TAKEN, among=(OPEN,), **values)
    if taken is not None:
        ticket_deliveries.card(turn.session, turn.desk, taken, turn.now)
        _record(turn, Tag.TICKET_TAKEN, number)
    return taken


def _give(turn: StaffTurn, number: int, user: int, name: str, version: int | None = None) -> StaffOutcome:
    values: dict[str, object] = {"taken_by": user, "taken_name": name, "taken_at": turn.now}
    given = tickets.move(turn.session, number, TAKEN, among=(OPEN, TAKEN), version=version, **values)
    if given is None:
        return _refused(turn, number)
    ticket_deliveries.card(turn.session, turn.desk, given, turn.now)
    ticket_deliveries.state(turn.session, given, turn.now)
    _record(turn, Tag.TICKET_HANDED, number)
    return Done(number)


def _refused(turn: StaffTurn, number: int) -> StaffOutcome:
    ticket = tickets.find(turn.session, number)
    is_own = ticket is not None and ticket.is_open and ticket.taken_by == turn.colleague.user
    return Done(number) if is_own else _other(ticket)


def _other(ticket: Ticket | None, *, was_answer: bool = False) -> StaffOutcome:
    if ticket is None:
        return NoTicket()
    if not ticket.is_open:
        return IsClosed(ticket.id, may_reopen=ticket.chat is not None)
    if ticket.taken_name is None:
        return Done(ticket.id)
    return TakenBy(ticket.id, ticket.taken_name, ticket.version, was_answer)


# ---- its end


def close(turn: StaffTurn, number: int) -> StaffOutcome:
    """Closes it; closing what is closed changes nothing."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    values = {"closed_at": turn.now, "closed_by": turn.colleague.user}
    closed = tickets.move(turn.session, number, CLOSED, among=(OPEN, TAKEN), **values)
    if closed is None:
        return _refused(turn, number)
    ticket_deliveries.card(turn.session, turn.desk, closed, turn.now)
    ticket_deliveries.state(turn.session, closed, turn.now)
    _record(turn, Tag.TICKET_CLOSED, number)
    return Done(number)


def reopen(turn: StaffTurn, number: int) -> StaffOutcome:
    """Opens a closed ticket again, unless it is forgotten or the member has a new one."""
    if not turn.colleague.may(Role.AGENT):
        return NotAllowed(Role.AGENT)
    reopened = tickets.reopen(turn.session, number, turn.now)
    if reopened is None:
        ticket = tickets.find(turn.session, number)
        return Done(number) if ticket is not None and ticket.is_open else IsClosed(number, may_reopen=False)
    ticket_deliveries.card(turn.session, turn.desk, reopened, turn.now)
    ticket_deliveries.state(turn.session, reopened, turn.now)
    _record(turn, Tag.TICKET_REOPENED, number)
    return Done(number)


def topic_changed(turn: StaffTurn, topic: int, *, closed: bool) -> StaffOutcome | None:
    """Somebody closed or reopened the topic by hand; None when it is no ticket's."""
    ticket = tickets.of_thread(turn.session, turn.group, topic)
    if ticket is None:
        return None
    return close(turn, ticket.id) if closed else reopen(turn, ticket.id)


# ---- what there is


def every_open(session: Session, desk: Desk, now: datetime) -> OpenTickets:
    """All open tickets: urgent ones first, then who waits longest."""
    address = str(-desk.rules.staff.chat).removeprefix("100") if desk.rules.staff.chat < SUPERGROUPS else ""
    found = [
        Waiting(
            ticket.id, ticket_deliveries.subject(desk, ticket), Matter(ticket.kind), ticket.urgent, ticket.taken_name,
            ticket.thread, tickets.waiting_since(session, ticket), address,
        )
        for ticket in tickets.open_ones(session)
    ]  # fmt: skip
    return OpenTickets(tuple(sorted(found, key=lambda one: (not one.urgent, one.since or now, one.number))), now)


def list_open(turn: StaffTurn) -> StaffOutcome:
    return every_open(turn.session, turn.desk, turn.now)


def _record(turn: StaffTurn, tag: Tag, number: int) -> None:
    audit.record(turn.session, turn.desk, tag, now=turn.now, actor=turn.colleague.actor, ticket=number)
