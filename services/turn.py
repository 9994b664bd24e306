"""One turn of a dialogue: who it is with, in which language, and when."""

from dataclasses import dataclass
from datetime import datetime

from db import chats
from db.chats import Dialogue
from db.session import Session
from faq.entry import Language
from services import languages
from services.desk import Desk


@dataclass(frozen=True, slots=True)
class Turn:
    """What every step of one turn of a dialogue needs."""

    session: Session
    desk: Desk
    dialogue: Dialogue
    language: Language
    client: str | None
    now: datetime

    @property
    def chat(self) -> int:
        return self.dialogue.chat


def begin(
    session: Session,
    desk: Desk,
    *,
    chat: int,
    client: str | None,
    now: datetime,
    heard: Language | None = None,
    messages: int = 1,
) -> Turn:
    """Opens a turn of this chat's dialogue. `client` is the language of the member's app, `heard` of the message.

    `messages` are counted, so that a flood is seen.
    """
    dialogue = chats.enter(session, chat, now, heard=heard, messages=messages)
    language = languages.speak(dialogue, heard, client, desk.rules.languages)
    return Turn(session, desk, dialogue, language, client, now)
