"""How the association's desk does, as numbers: what waits, what is in doubt, how many codes were wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import vitals
from db.deliveries import State
from db.session import Session
from services.audit import Tag

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be sent; ages in seconds, 0 when nothing waits."""

    due: int
    due_for: float
    owed: int
    owed_for: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """What staff should know of."""

    unknown: int  # deliveries that may have arrived
    wrong_codes: int  # in the last hour
    frozen_codes: int  # in the last hour
    backup_at: datetime | None  # the last one


def waiting(session: Session, *, bot: int, now: datetime) -> Waiting:
    """Cheap: it reads only what waits."""
    due, due_at = vitals.due(session, now)
    owed, handled_at = vitals.owed(session, bot)
    return Waiting(due, _age(due_at, now), owed, _age(handled_at, now))


def doubts(session: Session, *, now: datetime) -> Doubts:
    """Reads much; for once in some minutes."""
    codes = vitals.events(session, (Tag.CODE_FAILED.value, Tag.CODE_FROZEN.value), now - HOUR)
    return Doubts(
        unknown=vitals.in_state(session, State.UNKNOWN),
        wrong_codes=codes[Tag.CODE_FAILED.value],
        frozen_codes=codes[Tag.CODE_FROZEN.value],
        backup_at=vitals.last_event(session, Tag.BACKUP_MADE.value),
    )


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0
