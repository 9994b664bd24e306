"""Answers that have changed since somebody got them who wants to hear of changes."""

from dataclasses import dataclass
from datetime import datetime

from db import audiences, notices
from db.audiences import SAW, Audience
from db.notices import Phase, Row
from db.session import Session
from services import subscriptions
from services.desk import Desk
from services.notice_view import View, known_version, view


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that somebody got, and wants to hear of changes, is another one now."""

    entry: str
    title_de: str
    title_en: str
    count: int


def changed(session: Session, desk: Desk, now: datetime) -> list[Changed]:
    """The answers of which nobody has been told yet, and no notice is open."""
    found = []
    for entry in subscriptions.outdated(session, desk):
        audience = Audience(SAW, entry)
        if notices.is_about(session, str(audience)):
            continue
        wording = desk.store.entries[entry]
        count = audiences.count(session, audience, now, known_version(desk, audience))
        found.append(Changed(entry, wording.de.title, wording.en.title, count))
    return found


def propose(session: Session, desk: Desk, *, entry: str, text_de: str, text_en: str, by: int, now: datetime) -> View:
    """A draft that nobody has wanted yet: a person opens or discards it, and nothing is sent without a second one."""
    row = notices.add(
        session,
        phase=Phase.PROPOSED,
        by=by,
        now=now,
        thread=None,
        text_de=text_de,
        text_en=text_en,
        audience=str(Audience(SAW, entry)),
        entry=entry,
    )
    return view(session, desk, row, now)


def forget_change(session: Session, desk: Desk, row: Row) -> None:
    """Whoever was to be told of a changed answer is not to be told of this change again."""
    audience = Audience.of(row.audience)
    if audience.kind == SAW and (version := known_version(desk, audience)):
        subscriptions.is_known(session, audience.name, version)
