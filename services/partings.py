"""What two admins do in place of a member: the links of a ticket's chat end, or everything about the chat is erased.

It is asked for in the ticket's topic, and the request holds the ticket's number: whose chat that is stands in the
ticket alone, and is looked up when a second admin allows it.
"""

from dataclasses import dataclass

from db import tickets
from db.approvals import Request
from db.tickets import Ticket
from services import approvals, audit, deliveries, links, privacy
from services import turn as turns
from services.approvals import Asked, Kind, NobodyElse
from services.imports import Order
from services.links import Whose
from services.outcomes import Erased
from services.staff import NotAllowed, Role, StaffTurn
from strict_yaml import Problem


@dataclass(frozen=True, slots=True)
class RevokeAsked:
    """A second admin is asked whether the links of the ticket's chat are to end."""

    number: int
    reason: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class EraseAsked:
    """A second admin is asked whether everything about the ticket's chat is to be erased."""

    number: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It was not said in the topic of a ticket."""


@dataclass(frozen=True, slots=True)
class NoReason:
    """None was given, or one that may not stand in the audit log."""

    given: bool


@dataclass(frozen=True, slots=True)
class NotLinked:
    """The ticket's chat has no link, or none any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The ticket is closed: nothing is done."""

    number: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows any more whose ticket it was: it was erased, or its time is over."""

    number: int


@dataclass(frozen=True, slots=True)
class LinksEnded:
    number: int


@dataclass(frozen=True, slots=True)
class AllErased:
    number: int


# ---- asking


def ask_revoke(
    turn: StaffTurn, reason: str
) -> RevokeAsked | NotAllowed | Elsewhere | Closed | Unknown | NoReason | NotLinked | NobodyElse:
    """Asks for the end of all links of the chat whose ticket has this topic. `reason` names nobody."""
    ticket = _here(turn)
    if not isinstance(ticket, Ticket):
        return ticket
    reason = " ".join(reason.split())
    if not audit.may_say(reason):
        return NoReason(given=bool(reason))
    chat = _chat(ticket)
    if not isinstance(chat, int):
        return chat
    if links.is_free(turn.session, chat):
        return NotLinked(ticket.id)
    asked = approvals.ask(turn, Kind.REVOKE, {"ticket": ticket.id, "reason": reason})
    return RevokeAsked(ticket.id, reason, asked) if isinstance(asked, Asked) else asked


def ask_erase(turn: StaffTurn) -> EraseAsked | NotAllowed | Elsewhere | Closed | Unknown | NobodyElse:
    """Asks for the erasure of all that is stored about the chat whose ticket has this topic."""
    ticket = _here(turn)
    if not isinstance(ticket, Ticket):
        return ticket
    chat = _chat(ticket)
    if not isinstance(chat, int):
        return chat
    asked = approvals.ask(turn, Kind.ERASE, {"ticket": ticket.id})
    return EraseAsked(ticket.id, asked) if isinstance(asked, Asked) else asked


def _here(turn: StaffTurn) -> Ticket | NotAllowed | Elsewhere:
    """The ticket of this topic. Who may not ask learns nothing about it."""
    if not turn.colleague.may(Role.ADMIN):
        return NotAllowed(Role.ADMIN)
    ticket = None if turn.thread is None else tickets.of_thread(turn.session, turn.group, turn.thread)
    return Elsewhere() if ticket is None else ticket


def _chat(ticket: Ticket) -> int | Closed | Unknown:
    if ticket.chat is None:
        return Unknown(ticket.id)
    return ticket.chat if ticket.is_open else Closed(ticket.id)


# ---- when a second admin allowed it


def revoke(turn: StaffTurn, request: Request, _message: int) -> LinksEnded | NotLinked | Closed | Unknown | Problem:
    """Ends the links, as `members revoke` does at the console; the ticket's head changes, the member is not told."""
    number = int(request.subject["ticket"])
    ticket = tickets.hold(turn.session, number)
    if ticket is None:
        return Unknown(number)
    chat = _chat(ticket)
    if not isinstance(chat, int):
        return chat
    reason, order = request.subject["reason"], _order(turn, request)
    ended = links.revoke(turn.session, turn.desk, Whose(chat=chat), reason=reason, order=order, now=turn.now)
    if isinstance(ended, Problem):
        return ended
    if not ended:
        return NotLinked(number)
    return LinksEnded(number)


def erase(turn: StaffTurn, request: Request, _message: int) -> AllErased | Closed | Unknown:
    """Erases what the member's own wish would erase. What it is told then leaves nothing behind either."""
    number = int(request.subject["ticket"])
    ticket = tickets.hold(turn.session, number)
    if ticket is None:
        return Unknown(number)
    chat = _chat(ticket)
    if not isinstance(chat, int):
        return chat
    member = turns.begin(turn.session, turn.desk, chat=chat, client=ticket.language, now=turn.now, messages=0)
    _take_leave(turn, chat, privacy.erase(member, _order(turn, request)))
    return AllErased(number)


def _take_leave(turn: StaffTurn, chat: int, erased: Erased) -> None:
    """One last sentence, and our personal messages go. Queued after the erasure, which takes all that is queued."""
    session, now = turn.session, turn.now
    for message in erased.messages:
        deletion = {"act": "delete", "html": "", "rows": [], "target": message, "forgets": True}
        key = f"deletion:{chat}:{message}"
        deliveries.queue(
            session, key=key, chat=chat, kind=deliveries.Kind.DELETION, reply=deletion, due_at=now, now=now
        )
    words = {"language": erased.language, "forgets": True}
    key, kind = f"farewell:{chat}", deliveries.Kind.FAREWELL
    deliveries.queue(session, key=key, chat=chat, kind=kind, reply=words, due_at=now, now=now)


def _order(turn: StaffTurn, request: Request) -> Order:
    return Order(str(request.asked_by), str(turn.colleague.user))
