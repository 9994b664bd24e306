"""One call of the Bot API: its parameters, read the way Telegram reads them, and the table of methods."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from messenger.errors import bad
from messenger.store import Json
from messenger.world import World

Upload = tuple[str, bytes]  # file name and content


@dataclass(slots=True)
class Call:
    """Parameters come as text (query, form) or as JSON values; both are understood."""

    world: World
    values: Json
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Returns a text, "" when it is missing."""
        value = self.values.get(name)
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Returns a number; what is no number counts as `default`, as with Telegram."""
        try:
            return int(str(self.values.get(name, default)))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).strip().lower() in {"true", "1", "yes", "t", "y"}

    def parsed(self, name: str, what: str) -> Any:
        """Returns a JSON value, None when it is missing. Raises Refused when it is no JSON."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None


Method = Callable[[Call], Awaitable[Any] | Any]
Entered = TypeVar("Entered", bound=Method)
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Entered], Entered]:
    """Enters a function as a method of the Bot API; Telegram does not mind capitals in names."""

    def enter(function: Entered) -> Entered:
        for name in names:
            METHODS[name.lower()] = function
        return function

    return enter


def chat_number(call: Call, name: str = "chat_id") -> int:
    """Returns the id of the chat that is named. Raises Refused when none is, or one that cannot be."""
    value = call.text(name).strip()
    if not value:
        raise bad(f"{name} is empty")
    try:
        return int(value)
    except ValueError:
        raise bad("chat not found") from None
