"""The outbox: whatever must arrive and is not the direct reply to a message.

A delivery is queued in the transaction of what it tells about, so that one that is rolled back tells nothing. When it
is claimed, what its kind demands is looked at once more: what was revoked in between is told nobody. How it travels is
the business of `handlers.outbox`.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from db import deliveries, links, members, tickets
from db.deliveries import AGAIN, Due, State
from db.links import ACTIVE
from db.session import Session
from services import notice_content
from services.ports import Mail, Subject

LONGEST_CALL = timedelta(minutes=10)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # until somebody goes on with the notice
BATCHES = 20  # that one transaction looks at while nothing in them is wanted any more
HERE = ZoneInfo("Europe/Berlin")  # whose dates members read


class Kind(StrEnum):
    """What a delivery is; each has a `Rule`, and `is_wanted` says what it demands."""

    DELETION = "deletion"
    """A message in the chat is deleted: `Reply(Act.DELETE, target=…).to_json()`. Nothing keeps it from being done."""

    NOTICE = "notice"
    """A neutral sentence with a button; the details are shown after the tap. To an active link that is not paused.

    Many at once are spread by their `due_at`, 20 a second, so that what falls due later does not wait behind them."""

    OBJECTION = "objection"
    """The chat that is linked is asked whether a newer one may take its place; `reply` names the link that waits.

    Also when the chat wants no notices, but not when nothing waits any more."""

    MAIL = "mail"
    """An e-mail that does not depend on Telegram. `chat` is None; `reply` has `text` (a `Subject`) and `at` (ISO).

    It is sent although the link has ended meanwhile: just then the member wants to know. Not after erasure."""

    TICKET_CARD = "ticket-card"
    """The head of a topic is brought to its ticket's state; `reply` has the `version`, and may have a `line`."""

    TICKET_POST = "ticket-post"
    """A member's `message` is put into the ticket's topic, with those before it that are not there yet."""

    TICKET_LINE = "ticket-line"
    """What staff must know about a ticket, put into its topic: `line` says what."""

    TICKET_ANSWER = "ticket-answer"
    """A `message` of staff, to the member. When nobody knows whether it arrived, staff decide: it is not repeated."""

    TICKET_STATE = "ticket-state"
    """The member is told that the ticket was taken, closed …, unless its `version` has passed meanwhile."""

    TICKET_EDIT = "ticket-edit"
    """A `message` was edited or withdrawn on one side: the other side follows."""

    NEWS = "news"
    """A notice that two people released, to one of many: queued by `db.audiences`, looked at again when it is sent."""

    TRIAL = "trial"
    """The same, to whoever tries it out; `reply` has the `language`."""

    FAREWELL = "farewell"
    """The last sentence to a chat that staff had erased; `reply` has the `language` and `forgets`, see `aftermath`."""

    DESK = "desk"
    """Something for the staff group that is no ticket's, as it is written: a whole `Reply`."""

    STATISTICS = "statistics"
    """Figures for the staff group, counted and drawn when they are sent; `reply` has their `form` and their days."""


UNBOUND = (Kind.DELETION, Kind.FAREWELL, Kind.DESK, Kind.STATISTICS)  # wanted in any case
OF_NOTICES = (Kind.NEWS, Kind.TRIAL)
OF_TICKETS = frozenset(kind for kind in Kind if kind.startswith("ticket-"))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is tried again."""

    first_wait: timedelta
    longest_wait: timedelta
    most_attempts: int
    repeat_after: timedelta | None  # when nobody knows whether it arrived: once more, after so long; None: never


_MESSAGE = Rule(timedelta(seconds=1), timedelta(minutes=5), 300, timedelta(minutes=10))  # tried for about a day
_MAIL = Rule(timedelta(minutes=1), timedelta(hours=1), 48, timedelta(days=1))  # slowly, for days: RFC 5321, 4.5.4.1
# To the staff group: for about ten days, because nothing of a member may be lost.
_TICKET = Rule(timedelta(seconds=1), timedelta(minutes=5), 3000, timedelta(minutes=1))
RULES = {
    Kind.DELETION: _MESSAGE,
    Kind.NOTICE: _MESSAGE,
    Kind.OBJECTION: _MESSAGE,
    Kind.MAIL: _MAIL,
    Kind.NEWS: _MESSAGE,
    Kind.TRIAL: _MESSAGE,
    Kind.FAREWELL: _MESSAGE,
    Kind.DESK: _MESSAGE,
    Kind.STATISTICS: _MESSAGE,
    Kind.TICKET_CARD: _TICKET,
    Kind.TICKET_POST: _TICKET,
    Kind.TICKET_LINE: _TICKET,
    Kind.TICKET_ANSWER: replace(_MESSAGE, repeat_after=None),
    Kind.TICKET_STATE: _MESSAGE,
    Kind.TICKET_EDIT: replace(_MESSAGE, most_attempts=30),
}


@dataclass(frozen=True, slots=True)
class DueMail:
    """An e-mail that is to be sent now."""

    due: Due
    mail: Mail

    @property
    def id(self) -> int:
        return self.due.id


def queue(
    session: Session,
    *,
    key: str,
    chat: int | None,
    kind: Kind,
    reply: dict[str, Any],
    due_at: datetime,
    now: datetime,
    member: int | None = None,
    ticket: int | None = None,
    notice: int | None = None,
) -> bool:
    """Queues a delivery for the time it is due; False when one with this key was queued before, and nothing changes.

    The key says what it is about, in at most 90 characters and without a number of the member: `deletion:CHAT:MESSAGE`.
    Raises ValueError or KeyError for what could never be sent.
    """
    whose = ticket if kind in OF_TICKETS else notice if kind in OF_NOTICES else member
    if (chat is None) is not (kind == Kind.MAIL) or (kind not in UNBOUND and whose is None):
        raise ValueError(f"a {kind} without the chat or member it needs")
    if kind == Kind.MAIL:
        _about(reply)
    values: dict[str, Any] = {"chat": chat, "member": member, "kind": kind, "reply": reply}
    return deliveries.queue(session, key=key, due_at=due_at, now=now, ticket=ticket, notice=notice, **values)


def cancel(
    session: Session,
    *,
    now: datetime,
    chat: int | None = None,
    member: int | None = None,
    kinds: Iterable[Kind] | None = None,
) -> int:
    """Cancels what is queued for the chat, the member, or both where both are named; how many.

    What is on its way already is not called back. Raises ValueError when neither is named.
    """
    if chat is None and member is None:
        raise ValueError("whose deliveries?")
    return deliveries.cancel(session, now=now, chat=chat, member=member, kinds=kinds)


def claim(
    session: Session, now: datetime, limit: int, *, busy: Collection[int] = (), carrier: str | None = None
) -> list[Due]:
    """What this process is to send now, at most one for each chat and none for those that are busy.

    What is not wanted any more is cancelled. Commit before the first call: then a crash finds it in state `sending`.
    """
    taken: list[Due] = []
    for _ in range(BATCHES):
        occupied = [*busy, *(due.chat for due in taken if due.chat is not None)]
        batch = deliveries.claim(session, now, limit - len(taken), busy=occupied, carrier=carrier)
        for due in batch:
            if notice_content.is_held(session, due):
                deliveries.retry(session, due.id, NEVER, counts=False)
            elif is_wanted(session, due, now):
                taken.append(_spoken(session, due))
            else:
                deliveries.settle(session, due.id, State.CANCELLED, now)
        if not batch or len(taken) == limit:
            break
    return taken


def claim_mail(session: Session, now: datetime, *, carrier: str | None = None) -> list[DueMail]:
    """The e-mail that this process is to send now, or none; those that are not wanted any more are cancelled."""
    while (due := deliveries.claim_mail(session, now, carrier)) is not None:
        if (mail := _mail(session, due, now)) is not None:
            return [DueMail(due, mail)]
        deliveries.settle(session, due.id, State.CANCELLED, now)
    return []


def is_wanted(session: Session, due: Due, now: datetime) -> bool:
    """Whether what is due in a chat may still be sent: nobody is told who was revoked, erased or paused meanwhile."""
    if due.kind in UNBOUND:
        return True
    if due.kind in OF_NOTICES:
        return notice_content.is_wanted(session, due, now)
    if due.kind in OF_TICKETS:
        return _is_wanted_of_ticket(session, due)
    tie = None if due.chat is None else links.of_chat(session, due.chat)
    if due.chat is None or tie is None or tie.member != due.member:
        return False
    match due.kind:
        case Kind.NOTICE:
            reach = deliveries.reach(session, due.chat)
            is_active = tie.state == ACTIVE and tie.active_at <= now
            return is_active and not reach.paused and not reach.blocked
        case Kind.OBJECTION:
            waiting = links.waiting_of_member(session, tie.member)
            return waiting is not None and waiting.id == due.reply.get("link", waiting.id)
    return False


def _is_wanted_of_ticket(session: Session, due: Due) -> bool:
    """Not what was withdrawn or forgotten, what is there already, or a state that has passed."""
    ticket = None if due.ticket is None else tickets.find(session, due.ticket)
    is_foreign = ticket is None or (due.chat is not None and due.chat > 0 and due.chat != ticket.chat)
    if ticket is None or is_foreign:
        return False
    if due.kind in (Kind.TICKET_CARD, Kind.TICKET_STATE):
        return due.reply["version"] == ticket.version or "line" in due.reply
    if "message" not in due.reply:
        return True
    message = tickets.message(session, due.reply["message"])
    if message is None or (message.deleted_at is not None and due.kind != Kind.TICKET_EDIT):
        return False
    if due.kind == Kind.TICKET_POST:
        return message.staff_message is None
    return due.kind != Kind.TICKET_ANSWER or message.member_message is None


def _spoken(session: Session, due: Due) -> Due:
    """In the language of its chat; of a notice with what it says in it."""
    language = due.reply["language"] if due.kind in (Kind.TRIAL, Kind.FAREWELL) else _language(session, due)
    if due.kind not in OF_NOTICES or due.notice is None:
        return replace(due, language=language)
    return replace(due, language=language, reply=notice_content.content(session, due.notice, language))


def _language(session: Session, due: Due) -> str:
    reach = deliveries.Reach() if due.chat is None else deliveries.reach(session, due.chat)
    person = None if due.member is None else members.get(session, due.member)
    return reach.language or (person.language if person else due.language)


def _mail(session: Session, due: Due, now: datetime) -> Mail | None:
    person = None if due.member is None else members.get(session, due.member)
    if due.kind != Kind.MAIL or person is None or person.email_sealed is None:
        return None
    subject, on = _about(due.reply)
    return Mail(due.key.removesuffix(AGAIN), person.email_sealed, subject, person.language, on, now)


def _about(reply: dict[str, Any]) -> tuple[Subject, date]:
    return Subject(reply["text"]), datetime.fromisoformat(reply["at"]).astimezone(HERE).date()


def settle(session: Session, delivery: int, state: State, now: datetime) -> bool:
    """Notes what became of a delivery; False when it was noted before."""
    return deliveries.settle(session, delivery, state, now)


def retry(session: Session, delivery: int, due_at: datetime, *, counts: bool = True) -> bool:
    """Puts back what was surely not sent. `counts`: whether it was an attempt; being told to wait is none."""
    return deliveries.retry(session, delivery, due_at, counts=counts)


def next_try(due: Due, now: datetime) -> datetime | None:
    """When to try again what was surely not sent; None when it was tried often enough."""
    rule = RULES[Kind(due.kind)]
    if due.attempts >= rule.most_attempts:
        return None
    doubled = 1 << min(due.attempts - 1, 20)
    return now + min(rule.first_wait * doubled, rule.longest_wait)


def unsure(session: Session, due: Due, now: datetime) -> bool:
    """Notes that nobody knows whether it arrived; False when it was noted before.

    It is sent once more later, if its kind may be, and never a third time.
    """
    noted = deliveries.settle(session, due.id, State.UNKNOWN, now)
    after = RULES[Kind(due.kind)].repeat_after
    if noted and after is not None:
        deliveries.queue_again(session, due, now + after)
    return noted


def rescue(
    session: Session,
    now: datetime,
    *,
    carrier: str | None = None,
    unsure: Callable[[Session, Due, datetime], object] = unsure,
) -> int:
    """What was claimed and never noted is unknown when the process that sent it is gone; how many.

    Also when it was claimed so long ago that no call takes so long. `carrier` is the process that asks: what it sends
    itself is not touched.
    """
    left = deliveries.left_sending(session, now - LONGEST_CALL, carrier)
    for due in left:
        unsure(session, due, now)
    return len(left)
