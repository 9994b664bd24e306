"""Old audit events are deleted from the beginning; what stays of them is a signed mark at which the chain goes on."""

from dataclasses import replace
from datetime import datetime, timedelta

from db import audit
from db.audit import Segment
from db.session import Session
from services.audit import Keyed, Tag, iso, record
from vault.key import Key, Purpose

KEPT_FOR = timedelta(days=731)  # 24 months
MOST = 5000  # events in one go, so that nobody waits long for the lock


def close(session: Session, desk: Keyed, *, now: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Deletes events that were kept long enough, `MOST` at a time; how many.

    Only what comes before the first younger event goes, so that no gap arises when a clock was wrong.
    """
    end = audit.old(session, now - kept_for, MOST)
    if end is None:
        return 0
    key = desk.keys.ring.current(Purpose.AUDIT)
    segment = Segment(end.seq, end.hash, end.at, key.id)
    count = audit.close(session, replace(segment, signature=signature_of(segment, key)))
    record(session, desk, Tag.AUDIT_CLOSED, now=now, count=count)
    return count


def signature_of(segment: Segment, key: Key) -> str:
    """What shows that the mark is ours."""
    return key.mac("audit segment", str(segment.seq), segment.hash, iso(segment.ended_at), segment.key).hex()
