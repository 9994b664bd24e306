"""What is to be said, as data that can wait in the database until it is sent."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self


class Act(StrEnum):
    SEND = "send"  # a new message
    REPLACE = "replace"  # in place of what we said to the member's message `target`; a new one if there is none
    EDIT = "edit"  # our message `target`
    KEYBOARD = "keyboard"  # only the buttons of our message `target`
    DELETE = "delete"  # the message `target`
    FILE = "file"  # a document, `file` with its name, `html` as its caption


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
    protected: bool = False  # personal: cannot be forwarded or saved, and is deleted after a day
    linked: bool = False  # of a member: not said any more once the chat is not linked
    floor: float = 0.0  # seconds that must have passed since the update came, so that time tells nothing
    forgets: bool = False  # the last word to an erased chat: nothing of it stays once it is said

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        rows = tuple(tuple(Key(**key) for key in row) for row in data["rows"])
        file = data.get("file")
        return cls(
            Act(data["act"]),
            data["html"],
            rows,
            data["target"],
            data["quotes"],
            (file[0], file[1]) if file else None,
            data.get("protected", False),
            data.get("linked", False),
            data.get("floor", 0.0),
            data.get("forgets", False),
        )

    def quoting(self, message: int | None) -> "Reply":
        return replace(self, quotes=message) if self.act is Act.SEND else self
