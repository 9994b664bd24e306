"""What all replies are made of: the association's texts, keys, and the ways out of every dead end."""

from config.entries import Entries
from faq.entry import Language
from handlers.buttons import Ask, Button, Show, Topics, pack
from handlers.reply import Act, Key, Reply, Rows
from services.intents import Wish
from texts import Texts

PAIR = 18  # labels up to this many characters stand two in a row on a phone


class Wording:
    """Pieces of replies."""

    def __init__(self, texts: Texts, bot_name: str, entries: Entries) -> None:
        self._texts = texts
        self._bot_name = bot_name
        self._entries = entries

    def ways_out(self, language: Language, *, human: bool = True) -> Rows:
        topics = self.key("topics", language, Topics())
        return ((topics, self.key("human", language, Ask(Wish.HUMAN))),) if human else ((topics,),)

    def _private(self, language: Language, start: str = "") -> tuple[Key, ...]:
        address = f"https://t.me/{self._bot_name}" + (f"?start={start}" if start else "")
        return (Key(self._texts.label("buttons.private", language), url=address),)

    def key(self, label: str, language: Language, button: Button) -> Key:
        return Key(self._texts.label(f"buttons.{label}", language), pack(button))

    def erased(self, language: Language) -> Reply:
        """The last word to an erased chat."""
        there = self.key("erase-supplier", language, Show(self._entries.supplier_erasure))
        return Reply(Act.SEND, self._texts.say("erase.done", language), ((there,),), forgets=True)

    @staticmethod
    def message(html: str, rows: Rows) -> Reply:
        return Reply(Act.SEND, str(html), rows)


def pairs(keys: list[Key]) -> list[tuple[Key, ...]]:
    """Rows of one or two keys: two only where both labels are short."""
    rows: list[tuple[Key, ...]] = []
    for key in keys:
        if rows and len(rows[-1]) == 1 and max(len(rows[-1][0].label), len(key.label)) <= PAIR:
            rows[-1] = (rows[-1][0], key)
        else:
            rows.append((key,))
    return rows
