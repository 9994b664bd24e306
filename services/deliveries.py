"""The outbox: whatever must arrive and is not the direct reply to a message.

A delivery is queued in the transaction of what it tells about, so that one that is rolled back tells nothing. Before it
is sent, the kind's condition is looked at once more: what was revoked in between is told nobody (`is_wanted`). How it
travels is the business of `handlers.outbox`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from db import deliveries
from db.deliveries import Due, State
from db.session import Session

__all__ = ["Due", "Kind", "State", "cancel", "queue"]


class Kind(StrEnum):
    """What a delivery is; each has a `Rule`."""

    DELETION = "deletion"
    """Our message `target` in the chat is deleted: `Reply(Act.DELETE, target=…)`. Nothing keeps it from being done."""

    NOTICE = "notice"
    """A neutral sentence with a button: the details are shown after the tap. Only to an active link that is not paused.

    Many at once are spread by their `due_at`, some 20 a second, so that nothing else waits behind them."""

    OBJECTION = "objection"
    """The chat that is linked is asked whether a newer one may take its place. Also when it wants no notices."""

    MAIL = "mail"
    """An e-mail to the member that does not depend on Telegram; `chat` is None and `reply` what `linked_mail` gives.

    It is sent although the link has ended meanwhile: just then the member wants to know."""


CHAT_KINDS = frozenset(Kind) - {Kind.MAIL}


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is tried again."""

    first_wait: timedelta
    longest_wait: timedelta
    most_attempts: int
    repeat_after: timedelta  # when it is unknown whether it arrived: once more after so long


_MESSAGE = Rule(timedelta(seconds=1), timedelta(minutes=5), 300, timedelta(minutes=10))  # tried for about a day
_MAIL = Rule(timedelta(minutes=1), timedelta(hours=1), 48, timedelta(days=1))  # RFC 5321, 4.5.4.1: slowly, for days
RULES = {kind: _MAIL if kind is Kind.MAIL else _MESSAGE for kind in Kind}


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

    The key says what it is about, at most 90 characters: `deletion:CHAT:MESSAGE`, `notice:INCIDENT:VERSION:MEMBER`.
    """
    kind = Kind(kind)
    if (chat is None) is not (kind is Kind.MAIL) or (kind is not Kind.DELETION and member is None):
        raise ValueError(f"a {kind} without the chat or member it needs")
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
