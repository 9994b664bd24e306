"""What a draft comes from: questions that nobody answered, a message of a ticket, or words of staff.

Words of a member are looked up when they are suggested, redacted, and never copied: they come into a draft only when a
person takes them over, and are gone when the member erases them.
"""

from html import escape

import markup
from db import questions, tickets
from db.drafts import Row
from db.session import Session
from db.tickets import MEMBER
from faq.check import same
from faq.entry import TITLE_MAX
from services import draft_fields, redaction, ticket_deliveries
from services.desk import Desk
from services.draft_fields import Fields

LONGEST_REPLY = 3900


def suggestion(session: Session, desk: Desk, row: Row, step: str) -> str:
    """What could be the answer, from where the draft comes from; redacted."""
    kind, _, language = step.partition("_")
    given = Fields.from_json(row.content)
    if kind == "button":
        title = str(getattr(given, f"title_{language}"))
        return title if len(title) <= draft_fields.LONGEST["button"] else ""
    if kind not in ("title", "ask", "answer"):
        return ""
    asked, answered = _origin(session, desk, row, language)
    if kind == "answer":
        return answered
    if kind == "ask":
        return "\n".join(asked)
    return asked[0] if asked and len(asked[0]) <= TITLE_MAX else ""


def _origin(session: Session, desk: Desk, row: Row, language: str) -> tuple[list[str], str]:
    """What was asked in this language, and what was answered."""
    if said := row.content.get("said"):
        fits = said["language"] == language
        return [said["question"]] if fits and said.get("question") else [], said.get("answer", "") if fits else ""
    if ids := row.content.get("questions"):
        asked = questions.words_of(session, ids, language)
        return list({same(text): text for text in reversed(asked)}.values())[::-1], ""
    ticket = tickets.find(session, row.ticket) if row.ticket is not None else None
    if ticket is None or ticket.language != language:
        return [], ""
    return _of_messages(session, desk, ticket.id, int(row.content.get("message", 0)))


def _of_messages(session: Session, desk: Desk, ticket: int, message: int) -> tuple[list[str], str]:
    asked, answered = "", ""
    for one in tickets.messages(session, ticket):
        if one.id > message or one.deleted_at is not None or not one.words:
            continue
        html = ticket_deliveries.words(desk, one)
        if one.author == MEMBER:
            asked = redaction.redact(markup.plain(html))
        elif one.id == message:
            answered = of_nobody(html)
    return [asked] if asked else [], answered


def of_nobody(html: str) -> str:
    """An answer as it is, or without formatting where something of a person had to go."""
    lines = [redaction.redact(line, LONGEST_REPLY) for line in markup.plain(html).splitlines()]
    was = [redaction.clean(line, LONGEST_REPLY).strip() for line in markup.plain(html).splitlines()]
    return draft_fields.clean_answer(html if lines == was else escape("\n".join(lines), quote=False))
