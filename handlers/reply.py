"""What is to be said, as data that can wait in the database until it is sent."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self


class Act(StrEnum):
    SEND = "send"  # a new message
    REPLACE = "replace"  # in place of what we said to the member's message `target`; a new one if there is none
    EDIT = "edit"  # our message `target`
    CORRECT = "correct"  # our message `target`, or its caption where `media` is set; nothing when it is gone
    REACT = "react"  # an emoji at the message `target`; where that is not allowed, as a message if `quotes` is set
    KEYBOARD = "keyboard"  # only the buttons of our message `target`
    DELETE = "delete"  # the message `target`
    FILE = "file"  # a document, `file` with its name, `html` as its caption
    MEDIA = "media"  # a photo or document that Telegram has already, `media`; `html` as its caption
    PICTURE = "picture"  # a PNG, `file` with its name and its bytes in base64; `html` as its caption


@dataclass(frozen=True, slots=True)
class Key:
    """An inline button: with callback data, or with an address."""

    label: str
    data: str | None = None
    url: str | None = None


Rows = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One call of the Bot API for one chat."""

    act: Act
    html: str = ""
    rows: Rows = ()
    target: int | None = None
    quotes: int | None = None  # the member's message that this answers, where that is not plain to see
    file: tuple[str, str] | None = None  # name and text
    media: tuple[str, str] | None = None  # photo or document, and Telegram's file_id
    thread: int | None = None  # the topic of a forum group
    protected: bool = False  # personal: cannot be forwarded or saved, and is deleted after a day
    linked: bool = False  # of a member: not said any more once the chat is not linked
    floor: float = 0.0  # seconds that must have passed since the update came, so that time tells nothing
    forgets: bool = False  # the last word to, or about, an erased chat: nothing of it stays once it is said

    def to_json(self) -> dict[str, Any]:
        rows = [[{"label": key.label, "data": key.data, "url": key.url} for key in row] for row in self.rows]
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"rows": rows}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        values = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        values["act"] = Act(data["act"])
        values["rows"] = tuple(tuple(Key(**key) for key in row) for row in data["rows"])
        for pair in ("file", "media"):
            values[pair] = tuple(data[pair]) if data.get(pair) else None
        return cls(**values)

    def quoting(self, message: int | None) -> "Reply":
        return replace(self, quotes=message) if self.act is Act.SEND else self

    def in_thread(self, thread: int | None) -> "Reply":
        return replace(self, thread=thread)
