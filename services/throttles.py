"""How often one chat may try. Written down in config.yaml and docs/verification.md, counted in the database.

The only lock key is the chat's own id: nobody can lock out anybody else. No limit over all chats ever closes
verification; with 74.7 bits in a code limits are for alarms and cost, not for secrecy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.verification import Verification
from db import throttles
from db.session import Session
from services import audit
from services.audit import Tag
from services.desk import Desk

QUARTER_HOUR, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
KEPT_FOR = timedelta(days=30)  # counters of a chat that was not heard of since
FOR_EVER = timedelta(days=365 * 100)  # until staff unlock


class Attempt(StrEnum):
    WRONG_CODE = "wrong-code"
    TYPING_ERROR = "typing-error"
    LETTER = "letter"
    LOOK_UP = "look-up"


@dataclass(frozen=True, slots=True)
class Rule:
    """At most so many in a window (None: ever), then a pause."""

    name: str
    most: int
    window: timedelta | None
    pause: timedelta


def rules(verification: Verification, attempt: Attempt) -> tuple[Rule, ...]:
    match attempt:
        case Attempt.WRONG_CODE:
            return (
                Rule("wrong-15m", verification.wrong_per_quarter_hour, QUARTER_HOUR, HOUR),
                Rule("wrong-24h", verification.wrong_per_day, DAY, DAY),
                Rule("wrong-ever", verification.wrong_in_all, None, FOR_EVER),
            )
        case Attempt.TYPING_ERROR:
            return (Rule("typing-1h", verification.typing_errors_per_hour, HOUR, HOUR),)
        case Attempt.LETTER:
            return (Rule("letter-24h", 3, DAY, DAY),)
        case Attempt.LOOK_UP:
            return (Rule("look-up-1h", 60, HOUR, HOUR),)


def count(session: Session, verification: Verification, chat: int, attempt: Attempt, now: datetime) -> None:
    """Counts one attempt; the one that reaches a limit begins the pause."""
    for rule in rules(verification, attempt):
        if throttles.count(session, chat, rule.name, rule.window, now) >= rule.most:
            throttles.pause(session, chat, rule.name, now + rule.pause)


def names(verification: Verification, *attempts: Attempt) -> list[str]:
    return [rule.name for attempt in attempts for rule in rules(verification, attempt)]


def forgive(session: Session, verification: Verification, chat: int) -> None:
    """A right code wipes what wrong ones counted; letters and look-ups count on."""
    throttles.forgive(session, chat, names(verification, Attempt.WRONG_CODE, Attempt.TYPING_ERROR))


def forget_over(session: Session, verification: Verification, chat: int, now: datetime) -> None:
    """Forgets counters of the chat that count for nothing any more."""
    for attempt in Attempt:
        for rule in rules(verification, attempt):
            throttles.forget_over(session, chat, rule.name, rule.window, now)


def forget(session: Session, now: datetime) -> int:
    """Forgets counters of chats that were not heard of for long, unless they are paused; how many."""
    return throttles.purge(session, now - KEPT_FOR, now)


def unlock(session: Session, desk: Desk, chat: int, *, by: str, now: datetime) -> bool:
    """Staff lift every pause of a chat and begin its counters anew; False when there was none."""
    was_paused = throttles.paused(session, chat, now) is not None
    if was_paused:
        throttles.forgive(session, chat)
        audit.record(session, desk, Tag.CHAT_UNLOCKED, now=now, actor=f"staff:{by}", chat=chat)
    return was_paused
