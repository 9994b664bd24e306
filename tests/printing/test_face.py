"""The face of the code: no two characters that people mix up look alike in it."""

import numpy as np
import pypdfium2 as pdfium
import pytest
import typst

from printing.glyphs import FONTS

CONFUSABLE = "0O 0Q 0D 08 8B 1I 1l Il 5S 2Z 6G UV VY"


@pytest.fixture(scope="module")
def shapes():
    """Each character as black pixels, drawn as the template draws the code."""
    characters = sorted(set(CONFUSABLE) - {" "})
    drawn = "".join(f"#page[{character}]" for character in characters)
    face = '#set text(font: "IBM Plex Mono", weight: "semibold", size: 80pt, features: ("zero",), fallback: false)'
    pdf = typst.Compiler(
        f"#set page(width: 80pt, height: 100pt, margin: 10pt)\n{face}\n{drawn}".encode(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[FONTS]),
        ignore_system_fonts=True,
    ).compile(format="pdf")
    with pdfium.PdfDocument(pdf) as document:
        pages = [page.render(grayscale=True).to_numpy().squeeze() < 128 for page in document]
    return dict(zip(characters, map(np.array, pages), strict=True))


@pytest.mark.parametrize("pair", CONFUSABLE.split())
def test_no_two_look_alike(pair, shapes):
    one, other = (shapes[character] for character in pair)
    assert one.any()
    assert (one ^ other).sum() / (one | other).sum() > 0.15  # the slash of the zero is as much
