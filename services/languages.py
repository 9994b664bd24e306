"""In which language a chat is answered."""

from db import chats
from db.chats import Dialogue
from db.session import Session
from faq.entry import LANGUAGES, Language
from services import answers
from services.desk import Desk
from services.outcomes import LanguageChanged


def speak(dialogue: Dialogue, heard: Language | None, client: str | None, allowed: tuple[Language, ...]) -> Language:
    """What the member chose, else what the message is written in, else what was last heard, else the client's."""
    wishes = (dialogue.chosen_language, heard, dialogue.heard_language, (client or "")[:2])
    return next((language for wish in wishes for language in allowed if language == wish), allowed[0])


def outside(heard: Language | None, client: str | None, allowed: tuple[Language, ...]) -> Language:
    """Where there is no dialogue, in groups and inline: of the message, else of the client."""
    return next(
        (language for wish in (heard, (client or "")[:2]) for language in allowed if language == wish), allowed[0]
    )


def choose(
    session: Session, desk: Desk, *, dialogue: Dialogue, wanted: Language | None, client: str | None
) -> LanguageChanged:
    """Changes the language for good; None goes back to that of each message. The last answer comes along."""
    chats.choose_language(session, dialogue.chat, wanted)
    language = wanted or speak(dialogue, None, client, desk.rules.languages)
    last = dialogue.last_entry if wanted and dialogue.last_entry in desk.store.entries else None
    return LanguageChanged(
        language,
        automatic=wanted is None,
        shown=answers.shown(desk.store, last, language) if last else None,
    )


def known(code: str) -> Language | None:
    return next((language for language in LANGUAGES if language == code), None)
