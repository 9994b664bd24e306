"""The neutral notice: that there is news, never what. The details are shown after the tap, as they are then."""

from handlers.buttons import Ask, pack
from handlers.reply import Act, Key, Reply
from services.intents import Wish
from texts import Texts


def neutral(texts: Texts, language: str) -> Reply:
    """What a delivery of the kind NOTICE says."""
    key = Key(texts.label("buttons.show", language), pack(Ask(Wish.CARDS)))
    return Reply(Act.SEND, str(texts.say("notice.new", language)), ((key,),))
