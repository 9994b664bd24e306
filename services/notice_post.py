"""Whom a notice did not reach, for a letter instead: member numbers, only for whoever works on the server."""

from dataclasses import dataclass, field
from datetime import datetime

from db import audiences, notices
from db.session import Session
from services import audit
from services.audit import Tag
from services.desk import Desk
from vault import sealing


@dataclass(frozen=True, slots=True)
class Unreached:
    """A member who is to be written to by post; `reason` as in `db.audiences.Missed`."""

    number: str = field(repr=False)
    reason: str


def unreached(session: Session, desk: Desk, notice: int, *, by: str, now: datetime) -> list[Unreached] | None:
    """The linked members that the notice did not surely reach; None when there is no such notice. Audited.

    Who subscribes without being linked is nobody we know and cannot be written to.
    """
    if notices.find(session, notice) is None:
        return None
    ring = desk.keys.ring
    found = [
        Unreached(sealing.unseal(ring, sealed, field="members.number"), reason)
        for sealed, reason in audiences.missed_numbers(session, notice)
    ]
    actor = f"staff:{by}"
    audit.record(session, desk, Tag.NOTICE_MISSED_LISTED, now=now, actor=actor, notice=notice, members=len(found))
    return found
