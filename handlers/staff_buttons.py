"""What a tap in the staff group carries: a noun, a verb, a number and at most one word more. Never trusted.

`2ticket:take:214`: the first character is the format, as in `handlers.buttons`.
"""

import re
from dataclasses import dataclass

from handlers.buttons import LONGEST

FORMAT = "2"
_SHAPE = re.compile(r"2([a-z]{2,12}):([a-z]{2,12}):([0-9]{1,15})(?::([A-Za-z0-9_.-]{1,48}))?")


@dataclass(frozen=True, slots=True)
class StaffButton:
    """`verb` is done to the `noun` with this number; `word` says which, where there are several ways."""

    noun: str
    verb: str
    number: int
    word: str = ""


def pack(button: StaffButton) -> str:
    """The callback data of a button. Raises ValueError when it would not fit or could not be read back."""
    data = f"{FORMAT}{button.noun}:{button.verb}:{button.number}" + (f":{button.word}" if button.word else "")
    if len(data.encode()) > LONGEST or unpack(data) != button:
        raise ValueError(f"no callback data: {data}")
    return data


def unpack(data: str | None) -> StaffButton | None:
    """The button that was tapped; None for one that is forged or not ours."""
    found = _SHAPE.fullmatch(data or "")
    return StaffButton(found[1], found[2], int(found[3]), found[4] or "") if found else None
