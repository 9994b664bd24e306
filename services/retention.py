"""What is forgotten, and when."""

from datetime import datetime, timedelta

from db import questions, updates
from db.session import Session
from services.desk import Desk


def forget(session: Session, desk: Desk, *, bot: int, now: datetime) -> int:
    """Forgets what has been kept long enough; the number of updates that went."""
    questions.forget_words(session, now - timedelta(days=desk.rules.questions_days))
    return updates.purge(session, bot, now - timedelta(days=desk.rules.updates_days))
