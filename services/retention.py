"""What is forgotten, and when."""

from datetime import datetime, timedelta

from db import deliveries, drafts, privacy, questions, updates
from db.session import Session
from services import audit, letters, links, segments, subscriptions, throttles, ticket_erasure
from services.audit import Tag
from services.desk import Desk

DELIVERIES = timedelta(days=365)
UNLINKED_CHATS = timedelta(days=30)  # since the last contact
ENDED_LINKS = timedelta(days=90)


def forget(session: Session, desk: Desk, *, bot: int, now: datetime) -> None:
    """Forgets what has been kept long enough; what went is counted in the audit log, when something did."""
    links.keep_time(session, desk, now)
    throttles.forget(session, now)
    questions.forget_words(session, now - timedelta(days=desk.rules.questions_days))
    update_count = updates.purge(session, bot, now - timedelta(days=desk.rules.updates_days))
    delivery_count = deliveries.purge(session, now - DELIVERIES)
    letter_count = letters.expire(session, desk, now=now)
    event_count = segments.close(session, desk, now=now)
    chat_count = privacy.purge_chats(session, now - UNLINKED_CHATS)
    subscriptions.forget(session, now)
    link_count = privacy.purge_links(session, now - ENDED_LINKS)
    drafts.forget(session, now - timedelta(days=desk.rules.office.keep_days))
    ticket_count = ticket_erasure.forget(session, desk, now)
    if chat_count or link_count or update_count or delivery_count or letter_count or event_count or ticket_count:
        audit.record(
            session,
            desk,
            Tag.RETENTION_RUN,
            now=now,
            chats=chat_count,
            links=link_count,
            updates=update_count,
            deliveries=delivery_count,
            letters=letter_count,
            events=event_count,
            tickets=ticket_count,
        )
