"""Telegram's HTML, read as strictly as Telegram reads it (core.telegram.org/bots/api#html-style)."""

import re
from dataclasses import dataclass, field
from typing import Final

from messenger.store import Json

STYLES: Final = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}  # fmt: skip
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER: Final = re.compile(r"&(lt|gt|amp|quot|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8});?")
_NAME: Final = re.compile(r"""[^\s=>/"']*""")
_BARE: Final = re.compile(r"[A-Za-z0-9.\-]*")
_LINK: Final = re.compile(r"(?:(?:https?|tg|ton|tonsite)://|mailto:|tel:)?[^\s]+\Z", re.IGNORECASE)


class MarkupError(ValueError):
    """What Telegram writes behind "can't parse entities: "."""


def utf16(text: str) -> int:
    """The length of a text in UTF-16 code units, in which Telegram counts offsets."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(slots=True)
class _Tag:
    name: str
    begin: int  # in characters of the source
    offset: int  # in UTF-16 code units of the plain text
    attributes: dict[str, str]


@dataclass(slots=True)
class _Reader:
    source: str
    at: int = 0
    plain: list[str] = field(default_factory=list)
    units: int = 0
    open: list[_Tag] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                (self._end_tag if self.source.startswith("</", self.at) else self._start_tag)()
            elif character == "&":
                self._add(self._character())
            else:
                stop = re.compile("[<&]").search(self.source, self.at)
                text = self.source[self.at : stop.start() if stop else None]
                self.at += len(text)
                self._add(text)
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.plain), self.entities

    def _add(self, text: str) -> None:
        self.plain.append(text)
        self.units += utf16(text)

    def _character(self) -> str:
        """One character, which may be written as &lt; or &#8222;; an unknown name is plain text."""
        found = _CHARACTER.match(self.source, self.at)
        character = _decoded(found[1]) if found else ""
        self.at = found.end() if found and character else self.at + 1
        return character or "&"

    def _where(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode('utf-8', 'surrogatepass'))}"

    def _space(self) -> None:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1

    def _token(self) -> str:
        begin = self.at
        while self.at < len(self.source) and not self.source[self.at].isspace() and self.source[self.at] != ">":
            self.at += 1
        return self.source[begin : self.at].lower()

    def _start_tag(self) -> None:
        begin, self.at = self.at, self.at + 1
        name = self._token()
        if self.at >= len(self.source):
            raise MarkupError(f"Unclosed start tag {self._where(begin)}")
        if name not in STYLES:
            raise MarkupError(f'Unsupported start tag "{name}" {self._where(begin)}')
        tag = _Tag(name, begin, self.units, {})
        while self._attribute(tag):
            pass
        self.at += 1
        if name == "span" and tag.attributes.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" {self._where(begin)}')
        self.open.append(tag)

    def _attribute(self, tag: _Tag) -> bool:
        """Reads one attribute into the tag; False at the end of the tag."""
        self._space()
        if self.source.startswith(">", self.at):
            return False
        found = _NAME.match(self.source, self.at)
        name = found[0].lower() if found else ""
        if self.at < len(self.source) and not name:
            raise MarkupError(f'Empty attribute name in the tag "{tag.name}" {self._where(tag.begin)}')
        self.at += len(name)
        self._space()
        value = ""
        if self.source.startswith("=", self.at):
            self.at += 1
            self._space()
            value = self._value()
        if self.at >= len(self.source):
            raise MarkupError(f"Unclosed start tag {self._where(tag.begin)}")
        tag.attributes.setdefault(name, value)
        return True

    def _value(self) -> str:
        quote = self.source[self.at : self.at + 1]
        if quote not in {'"', "'"}:
            begin, found = self.at, _BARE.match(self.source, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.source) and not self.source[self.at].isspace() and self.source[self.at] != ">":
                raise MarkupError(f"Unexpected end of name token {self._where(begin)}")
            return self.source[begin : self.at].lower()
        self.at += 1
        value = []
        while self.at < len(self.source) and self.source[self.at] != quote:
            if self.source[self.at] == "&":
                value.append(self._character())
            else:
                value.append(self.source[self.at])
                self.at += 1
        self.at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin, self.at = self.at, self.at + 2
        if not self.open:
            raise MarkupError(f"Unexpected end tag {self._where(begin)}")
        name = self._token()
        self._space()
        if not self.source.startswith(">", self.at):
            raise MarkupError(f"Unclosed end tag {self._where(begin)}")
        tag = self.open.pop()
        if name and name != tag.name:
            raise MarkupError(f'Unmatched end tag {self._where(begin)}, expected "</{tag.name}>", found "</{name}>"')
        self.at += 1
        if self.units > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        entity: Json = {"type": STYLES[tag.name], "offset": tag.offset, "length": self.units - tag.offset}
        attributes = tag.attributes
        if tag.name == "a":
            entity = self._link(entity, attributes.get("href", ""))
        elif tag.name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = _number(
                attributes.get("emoji-id", ""), "Invalid custom emoji identifier specified"
            )
        elif tag.name == "tg-time":
            entity["unix_time"] = int(_number(attributes.get("unix", ""), "Invalid date specified"))
            entity |= {"date_time_format": attributes["format"]} if attributes.get("format") else {}
        elif tag.name == "code" and attributes.get("class", "").startswith("language-"):
            self._language(entity, attributes["class"].removeprefix("language-"))
            return
        if entity:
            self.entities.append(entity)

    def _link(self, entity: Json, url: str) -> Json:
        url = url or "".join(self.plain).encode("utf-16-le")[entity["offset"] * 2 :].decode("utf-16-le")
        url = url.strip()
        if not _LINK.match(url) or not any(mark in url for mark in ".:"):
            return {}  # Telegram drops a link that leads nowhere, without a word
        if "://" not in url and not url.lower().startswith(("mailto:", "tel:")):
            url = f"http://{url}"
        if url.count("/") == 2:  # noqa: PLR2004 - https://host becomes https://host/
            url += "/" if "?" not in url else ""
        return entity | {"url": url}

    def _language(self, entity: Json, language: str) -> None:
        """<pre><code class="language-x">: the language belongs to the block, when both tags span the same text."""
        block = self.open[-1] if self.open else None
        if block and block.name == "pre" and block.offset == entity["offset"]:
            block.attributes["language"] = language
            entity["type"], entity["language"] = "pre", language
        self.entities.append(entity)


def _number(value: str, reason: str) -> str:
    if not value.isascii() or not value.isdigit() or int(value) >= 1 << 63:
        raise MarkupError(reason)
    return value


def _decoded(name: str) -> str:
    if name in _NAMED:
        return _NAMED[name]
    number = int(f"0{name[1:]}", 0) if name[1] in "xX" else int(name[1:])
    surrogate = range(0xD800, 0xE000)
    return chr(number) if 0 < number < 0x110000 and number not in surrogate else ""  # noqa: PLR2004 - end of Unicode


def parse(source: str) -> tuple[str, list[Json]]:
    """Turns HTML into plain text and MessageEntity objects, whose offsets count UTF-16 code units.

    Returns the text, untrimmed, and the entities in order. Raises MarkupError with Telegram's reason.
    """
    text, entities = _Reader(source).read()
    blocks = {(e["offset"], e["length"]) for e in entities if e["type"] == "pre" and "language" in e}
    kept = [
        e for e in entities if not (e["type"] == "pre" and "language" not in e and (e["offset"], e["length"]) in blocks)
    ]
    return text, [e for n, e in enumerate(kept) if e not in kept[:n]]
