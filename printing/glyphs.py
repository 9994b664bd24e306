"""Which characters the letters' fonts can print. A character without a glyph would be an empty box in an address."""

from functools import cache
from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent / "fonts"


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415  a running bot looks at no letter

    known: set[int] = set()
    for path in FONTS.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            known |= font.getBestCmap().keys()
    return frozenset(known)


def is_printable(character: str) -> bool:
    """Whether one of the fonts has a glyph for it."""
    return ord(character) in _known()
