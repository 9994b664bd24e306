"""One form for text that looks the same: what people type, paste and scan.

Python's `str.isdigit` takes digits of every script and "²"; here they become 0-9, and nothing else does.
"""

import unicodedata

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
    return "".join(_plain(char) for char in text)


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
