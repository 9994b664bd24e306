"""The QR, read by another library than the one that made it."""

import numpy as np
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from printing import qr
from tests.support.paper import LINK

CODES = st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16)
BOTS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{3,27}_?bot", fullmatch=True)


def picture(link):
    """The symbol as the printed one, four pixels a module."""
    symbol = segno.make_qr(link, error="q", boost_error=False, mask=qr._MASK)
    modules = np.array([[255 * (1 - bit) for bit in row] for row in symbol.matrix_iter(border=qr.QUIET_ZONE)])
    return np.kron(modules, np.ones((4, 4))).astype(np.uint8)


@settings(max_examples=150, deadline=None)
@given(CODES, BOTS)
def test_every_code_and_bot_is_read(code, bot):
    """With one mask for all: none makes a pattern that hides the finders."""
    link = f"https://t.me/{bot}?start={code}"
    (found,) = zxingcpp.read_barcodes(picture(link))
    assert found.text == link
    assert found.ec_level == "Q"


def test_a_stain_on_the_symbol_does_no_harm():
    pixels = picture(LINK)
    side = pixels.shape[0]
    pixels[side // 2 : side // 2 + 40, side // 2 : side // 2 + 40] = 0  # 10 × 10 modules of 37 × 37
    (found,) = zxingcpp.read_barcodes(pixels)
    assert found.text == LINK


def test_it_is_one_path_with_a_quiet_zone():
    drawn = qr.svg(LINK)
    assert drawn.count("<path") == 1
    assert 'width="45" height="45"' in drawn  # version 5, 37 modules, four on each side
