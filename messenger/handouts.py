"""What came to people outside the messenger, such as a letter: they may look at it, and scan the code on it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from messenger.errors import Refused
from messenger.store import Json

_FALLBACK: Final = "en"
_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")  # core.telegram.org/bots/features#deep-linking


@dataclass(frozen=True, slots=True)
class Handout:
    """A PDF that lies on a person's table. `start` is the payload of its QR code, None when it has none.

    Raises ValueError for a payload that Telegram would not take.
    """

    person: int
    title: Mapping[str, str] | str  # by language, or the same for all
    file: Path
    note: str  # may be empty
    start: str | None = None

    def __post_init__(self) -> None:
        if self.start is not None and not _PAYLOAD.fullmatch(self.start):
            raise ValueError("the payload of a start link has up to 64 letters, digits, _ and -")

    def title_in(self, language: str) -> str:
        if isinstance(self.title, str):
            return self.title
        return self.title.get(language) or self.title.get(_FALLBACK) or next(iter(self.title.values()), "")


def shown(handouts: Sequence[Handout], person: Json) -> list[Json]:
    """What the page needs to show a person's handouts; never where their files lie."""
    own = [handout for handout in handouts if handout.person == person["id"]]
    return [
        {
            "address": f"/page/handouts/{person['id']}/{place}",
            "title": handout.title_in(str(person["language_code"])),
            "note": handout.note,
            "start": handout.start,
        }
        for place, handout in enumerate(own)
    ]


def find(handouts: Sequence[Handout], person: str, place: str) -> Path:
    """Returns the file of a person's handout. Raises Refused when there is none.

    Both strings come from an address and are only compared, so that nothing in it can lead to another file.
    """
    own = [handout for handout in handouts if str(handout.person) == person]
    file = {str(number): handout.file for number, handout in enumerate(own)}.get(place)
    if file is None or not file.is_file():
        raise Refused(404, "Not Found")
    return file
