"""What stands on a letter, and whether it can be printed."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final, Literal, Self

from printing.glyphs import is_printable

Language = Literal["de", "en"]

# Four groups of Crockford's base32, which has no I, L, O and U.
CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}")
ADDRESS_LINES: Final = 6  # DIN 5008: the zone for name and address in the window
LINE_CHARACTERS: Final = 80  # beyond that the print in the window is too small to be read by a sorting machine
_JOINER = "\u200d"  # holds the parts of an emoji together


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. Only `reference` and `number` may be shown or logged; `repr` leaves the rest out.

    `number` counts the letters of a batch from 1. `address` are the lines below the name. Without a `salutation` the
    letter greets without a name. Raises ValueError when the code is not one or the link carries another code.
    """

    reference: str
    number: int
    code_printed: str = field(repr=False)
    link: str = field(repr=False)
    name: str = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    valid_until: date
    language: Language = "de"
    salutation: str = field(default="", repr=False)
    is_demo: bool = False

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code_printed):
            raise ValueError(f"letter {self.reference}: the code does not have its form")
        if not self.link.endswith(self.code_printed.replace("-", "")):
            raise ValueError(f"letter {self.reference}: the link carries another code")


@dataclass(frozen=True, slots=True)
class Sender:
    """The association as letters name it; the fields are those of `association` in `config.yaml`.

    `second_check`: the bot asks for the last digits of the EFN after the code, and the letter says so.
    `other_channel`: a sentence about the way without Telegram, in addition to the telephone; may be empty.
    """

    name: str
    address: str
    phone: str
    hours: str
    hours_en: str
    email: str
    website: str
    bot_page: str
    bot_name: str
    second_check: bool = True
    other_channel: str = ""
    other_channel_en: str = ""

    @classmethod
    def of(cls, association: Mapping[str, str], **more: str | bool) -> Self:
        """From the settings of the association; what letters do not name is left out."""
        known = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in {**association, **more}.items() if key in known})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a letter cannot be printed: `code` names the sentence in the texts, below `problem`, `values` fill it."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


def clean(text: str) -> str:
    """Text as it is printed: NFC, no control or format characters (they could turn a line round), single spaces."""
    kept = (
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or character == _JOINER or unicodedata.category(character)[0] != "C"
    )
    return " ".join("".join(kept).split())


def window(letter: Letter) -> tuple[str, ...]:
    """The lines in the window: name and address, without empty ones."""
    return tuple(line for line in map(clean, (letter.name, *letter.address)) if line)


def fault(letter: Letter) -> Fault | None:
    """The first reason why this letter cannot be printed as it is; None when it can. Nothing is ever cut off."""
    lines = window(letter)
    if not clean(letter.name) or not any(map(clean, letter.address)):
        return Fault("letters.no-address")
    if len(lines) > ADDRESS_LINES:
        return Fault("letters.too-many-lines", {"lines": str(len(lines)), "most": str(ADDRESS_LINES)})
    if (longest := max(map(len, (*lines, clean(letter.salutation))))) > LINE_CHARACTERS:
        return Fault("letters.long-line", {"characters": str(longest), "most": str(LINE_CHARACTERS)})
    text = "".join((*lines, clean(letter.salutation), letter.reference))
    if unknown := next((character for character in text if not is_printable(character)), None):
        return Fault("letters.character", {"character": f"U+{ord(unknown):04X}"})
    return None
