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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        rows = tuple(tuple(Key(**key) for key in row) for row in data["rows"])
        return cls(Act(data["act"]), data["html"], rows, data["target"], data["quotes"])

    def quoting(self, message: int | None) -> "Reply":
        return replace(self, quotes=message) if self.act is Act.SEND else self
