"""What a ticket makes the outbox bring, to the staff group and to the member, and what becomes of it.

A change of state is told once in each direction: the key names ticket, version and direction. No delivery holds words;
they are read, unsealed, when it is carried.
"""

from datetime import datetime, timedelta

from db import deliveries as rows
from db import tickets
from db.deliveries import Due, State
from db.session import Session
from db.tickets import Message, Ticket
from services import deliveries
from services.deliveries import Kind
from services.desk import Desk
from services.ticket_outcomes import Line
from vault import sealing

FIELD, SUBJECT = "ticket_messages.words", "tickets.subject"
LONGEST_WORDS = 3500  # characters of a member's message that staff see
DELETE_WITHIN = timedelta(hours=48)  # core.telegram.org/bots/api#deletemessage


def seal(desk: Desk, html: str) -> str | None:
    return sealing.seal(desk.keys.ring, html, field=FIELD) if html else None


def words(desk: Desk, message: Message) -> str:
    """The message's HTML. Raises `vault.sealing.Unreadable`."""
    return sealing.unseal(desk.keys.ring, message.words, field=FIELD) if message.words else ""


def seal_subject(desk: Desk, subject: str) -> str | None:
    return sealing.seal(desk.keys.ring, subject, field=SUBJECT) if subject else None


def subject(desk: Desk, ticket: Ticket) -> str:
    """What it is about, as staff see it; empty when nothing is kept. Raises `vault.sealing.Unreadable`."""
    return sealing.unseal(desk.keys.ring, ticket.subject, field=SUBJECT) if ticket.subject else ""


def post(session: Session, desk: Desk, message: Message, now: datetime) -> None:
    """A member's message goes into the topic."""
    _to_group(session, desk, message.ticket, Kind.TICKET_POST, _post_key(message), {"message": message.id}, now)


def may_have_arrived(session: Session, message: Message) -> bool:
    """Whether this answer may stand at the member's, and nobody knows where."""
    unclear = rows.replies_of(session, message.ticket, Kind.TICKET_ANSWER, State.UNKNOWN)
    return message.member_message is None and any(reply["message"] == message.id for reply in unclear)


def is_in_doubt(session: Session, message: Message) -> bool:
    """Whether it may stand in the topic already, and nobody knows."""
    return rows.state_of(session, _post_key(message)) == State.UNKNOWN


def _post_key(message: Message) -> str:
    return f"ticket:{message.ticket}:m{message.id}:group"


def card(session: Session, desk: Desk, ticket: Ticket, now: datetime, line: Line | None = None) -> None:
    """The topic shows the new state; `line` says to staff why, where the member or the program changed it."""
    reply: dict[str, object] = {"version": ticket.version} | ({"line": line.value} if line else {})
    _to_group(session, desk, ticket.id, Kind.TICKET_CARD, f"ticket:{ticket.id}:v{ticket.version}:group", reply, now)


def renamed(session: Session, desk: Desk, ticket: Ticket, message: Message, now: datetime) -> None:
    """The topic's name follows an edited message that it was made of."""
    key = f"ticket:{ticket.id}:m{message.id}:name{now.timestamp():.3f}"
    _to_group(session, desk, ticket.id, Kind.TICKET_CARD, key, {"version": ticket.version}, now)


def parted(session: Session, desk: Desk, chat: int, now: datetime) -> None:
    """The chat's link has ended: no ticket of it says any more that it is verified, and the open one's head follows."""
    changed = tickets.unverify(session, chat)
    ticket = tickets.of_chat(session, chat) if changed else None
    if ticket is not None and ticket.id in changed:
        key = f"ticket:{ticket.id}:parted"  # happens once: no ticket becomes verified later
        _to_group(session, desk, ticket.id, Kind.TICKET_CARD, key, {"version": ticket.version}, now)


def line(session: Session, desk: Desk, number: int, said: Line, key: str, now: datetime, **values: int) -> None:
    """Staff are told something; `key` tells it from everything else that is said about this ticket."""
    reply: dict[str, object] = {"line": said.value, **values}
    _to_group(session, desk, number, Kind.TICKET_LINE, f"ticket:{number}:{key}:group", reply, now)


def state(session: Session, ticket: Ticket, now: datetime) -> None:
    """The member is told the new state."""
    reply = {"version": ticket.version, "state": ticket.state}
    _to_member(session, ticket, Kind.TICKET_STATE, f"ticket:{ticket.id}:v{ticket.version}:member", reply, now)


def answer(session: Session, ticket: Ticket, message: Message, now: datetime, *, took: bool) -> None:
    """Staff's message goes to the member; `took`: it tells of the new state, too."""
    key = f"ticket:{ticket.id}:v{ticket.version}:member" if took else f"ticket:{ticket.id}:m{message.id}:member"
    _to_member(session, ticket, Kind.TICKET_ANSWER, key, {"message": message.id}, now)


def answer_again(session: Session, ticket: Ticket, message: Message, failed: int, now: datetime) -> bool:
    """Once more, after the delivery `failed`; False when somebody had that done before."""
    key = f"ticket:{ticket.id}:m{message.id}:after{failed}"
    return _to_member(session, ticket, Kind.TICKET_ANSWER, key, {"message": message.id}, now)


def edit(session: Session, desk: Desk, ticket: Ticket, message: Message, now: datetime) -> None:
    """The copy on the other side follows what was changed or withdrawn."""
    key = f"ticket:{ticket.id}:m{message.id}:edit{now.timestamp():.3f}"
    if message.author == tickets.MEMBER:
        _to_group(session, desk, ticket.id, Kind.TICKET_EDIT, key, {"message": message.id}, now)
    else:
        _to_member(session, ticket, Kind.TICKET_EDIT, key, {"message": message.id}, now)


def erased(session: Session, desk: Desk, number: int, now: datetime) -> None:
    """The member had everything erased: the topic loses its name, and staff learn why, without words."""
    ticket = tickets.find(session, number)
    if ticket is not None and ticket.thread is not None:
        reply: dict[str, object] = {"version": ticket.version, "line": Line.ERASED.value}
        _to_group(session, desk, number, Kind.TICKET_CARD, f"ticket:{number}:erased:group", reply, now)


def forgotten(session: Session, desk: Desk, number: int, now: datetime) -> None:
    """What was said is not kept any longer: the topic loses its name."""
    ticket = tickets.find(session, number)
    if ticket is not None and ticket.thread is not None:
        reply: dict[str, object] = {"version": ticket.version}
        _to_group(session, desk, number, Kind.TICKET_CARD, f"ticket:{number}:forgotten:group", reply, now)


def delete_in_group(session: Session, group: int, message: int, now: datetime) -> None:
    reply = {"act": "delete", "html": "", "rows": [], "target": message}
    key = f"deletion:{group}:{message}"
    deliveries.queue(session, key=key, chat=group, kind=Kind.DELETION, reply=reply, due_at=now, now=now)


def delete_at_member(session: Session, ticket: Ticket, message: int, now: datetime) -> None:
    assert ticket.chat is not None
    reply = {"act": "delete", "html": "", "rows": [], "target": message}
    key = f"deletion:{ticket.chat}:{message}"
    deliveries.queue(session, key=key, chat=ticket.chat, kind=Kind.DELETION, reply=reply, due_at=now, now=now)


def settled(session: Session, desk: Desk, due: Due, state: State, now: datetime, message: int | None, *,
            blocked: bool) -> None:  # fmt: skip
    """What became of an answer: where it stands at the member's, or what staff must know."""
    if due.ticket is None or due.kind not in (Kind.TICKET_ANSWER, Kind.TICKET_EDIT):
        return
    if due.kind == Kind.TICKET_ANSWER and state == State.DELIVERED:
        _arrived(session, due.ticket, due.reply["message"], message, now)
    elif state in (State.REFUSED, State.FAILED, State.UNKNOWN):
        of_staff = due.kind == Kind.TICKET_ANSWER
        said = _trouble(state, blocked=blocked) if of_staff else Line.EDIT_REFUSED
        if of_staff or due.chat != desk.rules.staff.chat:
            values = {"message": due.reply["message"], "delivery": due.id}
            line(session, desk, due.ticket, said, f"d{due.id}", now, **values)


def _arrived(session: Session, ticket: int, number: int, at: int | None, now: datetime) -> None:
    """Notes where it stands; what was taken back while it was on its way is deleted there."""
    tickets.change_message(session, number, member_message=at)
    message, whose = tickets.message(session, number), tickets.find(session, ticket)
    is_taken_back = message is not None and message.deleted_at is not None
    if is_taken_back and at is not None and whose is not None and whose.chat is not None:
        delete_at_member(session, whose, at, now)


def _trouble(state: State, *, blocked: bool) -> Line:
    if state == State.REFUSED:
        return Line.BLOCKED if blocked else Line.REFUSED
    return Line.FAILED if state == State.FAILED else Line.UNKNOWN


def _to_group(
    session: Session, desk: Desk, ticket: int, kind: Kind, key: str, reply: dict[str, object], now: datetime
) -> bool:
    group = desk.rules.staff.chat
    if not group:
        return False
    return deliveries.queue(session, key=key, chat=group, kind=kind, reply=reply, due_at=now, now=now, ticket=ticket)


def _to_member(session: Session, ticket: Ticket, kind: Kind, key: str, reply: dict[str, object], now: datetime) -> bool:
    if ticket.chat is None:
        return False
    return deliveries.queue(
        session, key=key, chat=ticket.chat, kind=kind, reply=reply, due_at=now, now=now, ticket=ticket.id
    )
