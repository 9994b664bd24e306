"""Groups: silence unless addressed, published facts only, and no word about anybody."""

from datetime import datetime, timedelta

from db import chats
from db.session import Session
from faq.match import Answer, Reading
from services import answers, languages, verification
from services.desk import Desk
from services.outcomes import PointedToPrivate, Shown, Silent
from vault import recognition
from vault.codes import Typed

POINT_AT_MOST_EVERY = timedelta(hours=1)


def answer(
    session: Session,
    desk: Desk,
    *,
    group: int,
    text: str,
    reading: Reading,
    client: str | None,
    now: datetime,
    addressed: bool = True,
) -> Shown | PointedToPrivate | Silent:
    """The answer when it is sure, else at most once an hour a pointer to the private chat; to others nothing."""
    if isinstance(given := recognition.recognise(text), Typed):
        verification.freeze_shown(session, desk, given.code, now)
    if not addressed:
        return Silent()
    language = languages.outside(reading.language, client, desk.rules.languages)
    sure = (part.decision.match.entry for part in reading.parts if isinstance(part.decision, Answer))
    entry = reading.urgent or next(sure, None)
    if entry is not None:
        return answers.shown(desk.store, entry, language)
    if chats.point_group(session, group, now, POINT_AT_MOST_EVERY):
        return PointedToPrivate(language)
    return Silent()
