"""The outbox: whatever must arrive and is not the direct reply to a message.

A delivery is queued in the transaction of what it tells about, so that one that is rolled back tells nothing. When it
is claimed, what its kind demands is looked at once more: what was revoked in between is told nobody. How it travels is
the business of `handlers.outbox`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from db import deliveries, links, members
from db.deliveries import AGAIN, Due, State
from db.links import ACTIVE
from db.session import Session
from services.ports import Mail, Subject

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


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is tried again."""

    first_wait: timedelta
    longest_wait: timedelta
    most_attempts: int
    repeat_after: timedelta  # when nobody knows whether it arrived: once more, after so long


_MESSAGE = Rule(timedelta(seconds=1), timedelta(minutes=5), 300, timedelta(minutes=10))  # tried for about a day
_MAIL = Rule(timedelta(minutes=1), timedelta(hours=1), 48, timedelta(days=1))  # slowly, for days: RFC 5321, 4.5.4.1
RULES = {Kind.DELETION: _MESSAGE, Kind.NOTICE: _MESSAGE, Kind.OBJECTION: _MESSAGE, Kind.MAIL: _MAIL}


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
) -> bool:
    """Queues a delivery for the time it is due; False when one with this key was queued before, and nothing changes.

    The key says what it is about, in at most 90 characters and without a number of the member: `deletion:CHAT:MESSAGE`.
    Raises ValueError or KeyError for what could never be sent.
    """
    if (chat is None) is not (kind == Kind.MAIL) or (kind != Kind.DELETION and member is None):
        raise ValueError(f"a {kind} without the chat or member it needs")
    if kind == Kind.MAIL:
        _about(reply)
    return deliveries.queue(session, key=key, chat=chat, member=member, kind=kind, reply=reply, due_at=due_at, now=now)


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


def claim(session: Session, now: datetime, limit: int, *, busy: Collection[int] = ()) -> list[Due]:
    """What this process is to send now, at most one for each chat and none for those that are busy.

    What is not wanted any more is cancelled. Commit before the first call: then a crash finds it in state `sending`.
    """
    taken: list[Due] = []
    for _ in range(BATCHES):
        occupied = [*busy, *(due.chat for due in taken if due.chat is not None)]
        batch = deliveries.claim(session, now, limit - len(taken), busy=occupied)
        for due in batch:
            if is_wanted(session, due, now):
                taken.append(replace(due, language=_language(session, due)))
            else:
                deliveries.settle(session, due.id, State.CANCELLED, now)
        if not batch or len(taken) == limit:
            break
    return taken


def claim_mail(session: Session, now: datetime) -> list[DueMail]:
    """The e-mail that this process is to send now, or none; those that are not wanted any more are cancelled."""
    while (due := deliveries.claim_mail(session, now)) is not None:
        if (mail := _mail(session, due, now)) is not None:
            return [DueMail(due, mail)]
        deliveries.settle(session, due.id, State.CANCELLED, now)
    return []


def is_wanted(session: Session, due: Due, now: datetime) -> bool:
    """Whether what is due in a chat may still be sent: nobody is told who was revoked, erased or paused meanwhile."""
    if due.kind == Kind.DELETION:
        return True
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


def unsure(session: Session, due: Due, now: datetime) -> None:
    """Notes that nobody knows whether it arrived. It is sent once more later, and never a third time."""
    if deliveries.settle(session, due.id, State.UNKNOWN, now):
        deliveries.queue_again(session, due, now + RULES[Kind(due.kind)].repeat_after)


def rescue(session: Session, now: datetime, *, idle: timedelta = timedelta(0)) -> int:
    """What was claimed so long ago and never noted is unknown: the process that sent it is gone. How many."""
    left = deliveries.left_sending(session, now - idle)
    for due in left:
        unsure(session, due, now)
    return len(left)
