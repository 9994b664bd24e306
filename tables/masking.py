"""What may be shown of a list: enough to find the place, never a whole number."""

import re
import unicodedata
from collections.abc import Sequence

LENGTH = 90
_SHOWN = 4
# A run of digits with what groups them; two digits alone are no secret. Unbounded, but without a choice to go back to.
_RUN = re.compile(r"\d(?:[ .\-/\u00a0\u202f]?\d){2,}")
_DIGITS_OF_A_NUMBER = 3


def excerpt(text: str) -> str:
    """A piece of the file in one line: numbers cut to their end, what cannot be seen as a dot, shortened."""
    return _line(_RUN.sub(lambda run: ending(run.group()), text[: 4 * LENGTH]))


def row_excerpt(texts: Sequence[str]) -> str:
    return excerpt(" | ".join(text.strip() for text in texts))


def number_excerpt(text: str) -> str:
    """A cell of a column of numbers: whatever stands between the digits, only the end of them is shown."""
    if sum(character.isdigit() for character in text) < _DIGITS_OF_A_NUMBER:
        return excerpt(text)
    return _line(ending(text))


def ending(text: str) -> str:
    """The last characters, four at most and never more than half."""
    text = text.strip()
    return "…" + text[len(text) - min(_SHOWN, len(text) // 2) :]


def _line(text: str) -> str:
    line = "".join("·" if _is_invisible(character) else character for character in text.strip())
    return line if len(line) <= LENGTH else line[: LENGTH - 1] + "…"


def _is_invisible(character: str) -> bool:
    return not character.isprintable() and unicodedata.category(character) != "Zs"
