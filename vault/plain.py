"""One form for text that looks the same: what people type, paste and scan.

Python's `str.isdigit` takes digits of every script and "²"; here they become 0-9, and nothing else does.
"""

import unicodedata
from collections.abc import Callable

LONGEST = 500  # characters that are read; nothing that we look for is longer
# Dashes that Unicode does not count as such: minus, modifier minus, hyphen bullet, and lines people draw.
_DASHES = frozenset("−˗⁃─━")
_SPACES = ("Zs", "Zl", "Zp")
_INVISIBLE = ("Cf", "Cc", "Co", "Cs", "Mn", "Me")


def plain(text: str) -> str:
    """`text` in NFKC, nothing invisible, digits as 0-9, dashes as '-', white space as ' ', capitals.

    At most `LONGEST` characters. The length is cut twice: one character may become eighteen (U+FDFA).
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    return text.translate(_FORMS)


def _plain(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd" or char in _DASHES:
        return "-"
    if kind in _SPACES or char in "\t\n\v\f\r":
        return " "
    if kind in _INVISIBLE:
        return ""
    upper = char.upper()
    return upper if len(upper) == 1 else char  # "ß" stays one character


class Forms(dict[int, str]):
    """What each character becomes, for `str.translate`; of those that most texts are made of it is kept."""

    def __init__(self, form: Callable[[str], str]) -> None:
        super().__init__({code: form(chr(code)) for code in range(0x250)})
        self._form = form

    def __missing__(self, code: int) -> str:
        return self._form(chr(code))


_FORMS = Forms(_plain)
