"""What Telegram finds in a text by itself: commands, links, mentions, addresses."""

import re
from collections.abc import Iterator
from typing import Final

from messenger.html import utf16
from messenger.store import Json

_PATTERNS: Final = (
    ("url", re.compile(r"(?<![\w@.])(?:https?://[^\s<>\"«»„“]+|(?:www\.)?(?:[a-z0-9-]+\.)+"
                       r"(?:de|com|org|net|eu|info|me|example)\b(?:/[^\s<>\"«»„“]*)?)", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")),
    ("mention", re.compile(r"(?<![\w@/.])@[A-Za-z]\w{3,31}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{3,31})?(?![\w/])", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d])\w{1,256}")),
)  # fmt: skip
_CLOSED_TO_OTHERS: Final = {
    "code",
    "pre",
    "text_link",
    "url",
    "email",
    "mention",
    "bot_command",
    "hashtag",
    "text_mention",
}


def detect(text: str, given: list[Json] | None = None) -> list[Json]:
    """Returns the given entities and those found in the text, ordered as Telegram orders them."""
    entities = list(given or [])
    for kind, pattern in _PATTERNS:
        for begin, found in _found(pattern, text):
            entity = {"type": kind, "offset": utf16(text[:begin]), "length": utf16(found)}
            if not any(_overlap(entity, other) for other in entities if other["type"] in _CLOSED_TO_OTHERS):
                entities.append(entity)
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    for match in pattern.finditer(text):
        yield match.start(), match[0].rstrip(".,:;!?)'")


def _overlap(one: Json, other: Json) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Returns text and entities without white space at both ends, which Telegram cuts off."""
    cut, kept = utf16(text) - utf16(text.lstrip()), []
    text = text.strip()
    end = utf16(text)
    for entity in entities:
        begin = max(0, entity["offset"] - cut)
        stop = min(end, entity["offset"] + entity["length"] - cut)
        if stop > begin:
            kept.append(entity | {"offset": begin, "length": stop - begin})
    return text, kept


def piece(text: str, entity: Json) -> str:
    """The words that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le", "replace")
