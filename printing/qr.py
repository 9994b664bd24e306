"""The link as QR: one SVG path, which Typst takes in without drawing a thousand squares."""

from io import BytesIO
from typing import Final

QUIET_ZONE: Final = 4  # modules around the symbol, ISO/IEC 18004, 9.1
# Trying all eight masks is three quarters of the work, and which of them wins makes no difference to a reader that is
# given a symbol of 30 mm: tests/printing/test_qr.py.
_MASK: Final = 2


def svg(link: str) -> str:
    """The QR of `link` with error correction Q (a quarter of it may be soiled) and its quiet zone."""
    import segno  # noqa: PLC0415  a running bot prints nothing

    out = BytesIO()
    symbol = segno.make_qr(link, error="q", boost_error=False, mask=_MASK)
    symbol.save(out, kind="svg", border=QUIET_ZONE, xmldecl=False, nl=False)
    return out.getvalue().decode()
