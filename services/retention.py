"""What is forgotten, and when."""

from datetime import datetime, timedelta

from db import deliveries, questions, updates
from db.session import Session
from services import audit, letters, links, segments, throttles
from services.audit import Tag
from services.desk import Desk

DELIVERIES = timedelta(days=365)


def forget(session: Session, desk: Desk, *, bot: int, now: datetime) -> None:
    """Forgets what has been kept long enough; what went is counted in the audit log, when something did."""
    links.keep_time(session, desk, now)
    throttles.forget(session, now)
    questions.forget_words(session, now - timedelta(days=desk.rules.questions_days))
    update_count = updates.purge(session, bot, now - timedelta(days=desk.rules.updates_days))
    delivery_count = deliveries.purge(session, now - DELIVERIES)
    letter_count = letters.expire(session, desk, now=now)
    event_count = segments.close(session, desk, now=now)
    if update_count or delivery_count or letter_count or event_count:
        audit.record(
            session,
            desk,
            Tag.RETENTION_RUN,
            now=now,
            updates=update_count,
            deliveries=delivery_count,
            letters=letter_count,
            events=event_count,
        )
