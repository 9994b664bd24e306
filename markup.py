"""The small part of Telegram's HTML that answers may use (core.telegram.org/bots/api#html-style), read strictly.

Telegram refuses a whole message for one unclosed tag; here the mistake is found when the file is loaded.
"""

import re
from html import unescape

TAGS = ("b", "i", "a")
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|<|&(?:[a-z]+|#[0-9]+|#x[0-9a-fA-F]+);|&")
_ENTITIES = ("&amp;", "&lt;", "&gt;", "&quot;")
_LINK = re.compile(r'\s+href="(https?://[^"\s<>]+|tg://[^"\s<>]+|mailto:[^"\s<>]+|tel:[^"\s<>]+)"')


def mistakes(html: str) -> list[tuple[str, str]]:
    """What Telegram would refuse, or what is not meant to be used: pairs of a code and the tag; empty when good."""
    found: list[tuple[str, str]] = []
    open_tags: list[str] = []
    for token in _TOKEN.finditer(html):
        closing, tag, rest = token.group(1), (token.group(2) or "").lower(), token.group(3) or ""
        if not tag:
            if token.group() == "<":
                found.append(("angle", ""))
            elif token.group() not in _ENTITIES and not token.group().startswith("&#"):
                found.append(("entity", token.group()))
        elif tag not in TAGS:
            found.append(("unknown", tag))
        elif closing:
            if not open_tags or open_tags.pop() != tag:
                found.append(("unopened", tag))
        else:
            open_tags.append(tag)
            if (tag == "a" and not _LINK.fullmatch(rest)) or (tag != "a" and rest.strip()):
                found.append(("link" if tag == "a" else "unknown", tag))
    return found + [("unclosed", tag) for tag in open_tags]


def plain(html: str) -> str:
    """The text as a reader sees it: no tags, entities resolved."""
    return unescape(_TOKEN.sub(lambda token: "" if token.group(2) else token.group(), html))
