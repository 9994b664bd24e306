"""Letters for tests, and printed pages read back: text, what is drawn where in millimetres, the QR."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pypdfium2 as pdfium
import zxingcpp

from printing import Letter, Sender

DAY = date(2026, 11, 24)
CODE = "K7QM-2F9T-XW3B-8HRN"
LINK = "https://t.me/auskunft_bot?start=K7QM2F9TXW3B8HRN"
SENDER = Sender(
    name="Ärztekammer Musterland",
    address="Musterallee 1, 00000 Musterstadt",
    phone="0000 123456-0",
    hours="Mo–Fr 9–16 Uhr",
    hours_en="Mon–Fri 9 am–4 pm",
    email="ausweis@aerztekammer-musterland.example",
    website="https://www.aerztekammer-musterland.example",
    bot_page="https://www.aerztekammer-musterland.example/bot",
    bot_name="@auskunft_bot",
)
MM = 25.4 / 72
HEIGHT = 297


def letter(number=1, **changed):
    values = {
        "reference": f"B7-{number:05}",
        "number": number,
        "code_printed": CODE,
        "link": LINK,
        "salutation": "Sehr geehrte Frau Dr. Yılmaz",
        "name": "Dr. med. Aylin Yılmaz",
        "address": ("Lindenstraße 12", "12345 Musterdorf"),
        "valid_until": date(2026, 12, 15),
    }
    return Letter(**(values | changed))


@dataclass(frozen=True)
class Drawn:
    """Something on the page; millimetres from its upper left corner."""

    kind: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_text(self):
        return self.kind == pdfium.raw.FPDF_PAGEOBJ_TEXT

    def touches(self, left, top, right, bottom):
        return self.left < right and self.right > left and self.top < bottom and self.bottom > top


@dataclass(frozen=True)
class Page:
    text: str  # with every run of spaces and line ends as one space
    drawn: tuple[Drawn, ...]
    pixels: np.ndarray  # grey, 144 dpi
    places: dict[str, tuple[float, float]]

    def ink(self, place):
        """What is dark inside the bounds of `place`, to a pixel: strokes have wider bounds than ink."""
        scale = self.pixels.shape[0] / HEIGHT
        top, left = int(place.top * scale), int(place.left * scale)
        dark = self.pixels[top : int(place.bottom * scale) + 1, left : int(place.right * scale) + 1] < 128
        rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
        edges = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
        return Drawn(place.kind, *(float(edge / scale) for edge in edges))

    @property
    def qr(self):
        (found,) = zxingcpp.read_barcodes(self.pixels)
        return found

    def place(self, sought):
        """Left, top, right, bottom in millimetres of the one place where `sought` stands."""
        return self.places[sought]


def pages(pdf, *sought):
    """The pages of a PDF (bytes or path); `sought`: texts whose places are wanted."""
    with pdfium.PdfDocument(pdf) as document:
        return [_page(page, sought) for page in document]


def page(pdf, *sought):
    (only,) = pages(pdf, *sought)
    return only


def _page(page, sought):
    assert [round(side * MM, 1) for side in page.get_size()] == [210, HEIGHT]
    drawn = []
    for item in page.get_objects(max_depth=1):
        left, bottom, right, top = (edge * MM for edge in item.get_bounds())
        drawn.append(Drawn(item.type, left, HEIGHT - top, right, HEIGHT - bottom))
    textpage = page.get_textpage()
    text = " ".join(textpage.get_text_range().split())
    pixels = page.render(scale=2, grayscale=True).to_numpy()
    return Page(text, tuple(drawn), pixels.reshape(pixels.shape[:2]).copy(), {s: _place(textpage, s) for s in sought})


def _place(textpage, sought):
    found = textpage.search(sought, match_case=True).get_next()
    assert found, f"not on the page: {sought}"
    first, count = found
    boxes = [textpage.get_charbox(index) for index in range(first, first + count)]
    lefts, bottoms, rights, tops = (np.array(edge) * MM for edge in zip(*boxes, strict=True))
    return lefts.min(), HEIGHT - tops.max(), rights.max(), HEIGHT - bottoms.min()
