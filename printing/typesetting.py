"""Letters to pages: data for the template, one run of Typst, and what went wrong in words that carry no data."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from printing import qr
from printing.glyphs import FONTS
from printing.letter import Letter, Sender, clean, window
from strict_yaml import Problem, Problems, excerpt

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = Path(__file__).parent / "letter.typ"
_PLACE = re.compile(r":(\d+):\d+$", re.MULTILINE)
_TELLING = 3  # characters from which a part of a name tells something


class Typesetter:
    """One template with the values that are the same on every letter of a batch.

    A template of the association's own may use what lies beside it: pictures, and fonts in a folder `fonts`.
    """

    def __init__(self, template: Path, sender: Sender, *, batch: str, day: date) -> None:
        """Raises `Problems` when the template cannot be read."""
        try:
            self._source = template.read_bytes()
        except OSError as error:
            raise Problems(
                [Problem(template.name, 0, "", "letters.template-missing", {"reason": error.strerror or ""})]
            ) from None
        import typst  # noqa: PLC0415  a running bot, which looks at addresses only, does not load the compiler

        self._template = template
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS, template.absolute().parent / "fonts"])
        self._common = {"sender": asdict(sender), "batch": batch, "day": day.isoformat()}
        self._at = datetime(day.year, day.month, day.day, tzinfo=UTC)

    @property
    def template_sha256(self) -> str:
        return sha256(self._source).hexdigest()

    def pdf(self, letters: Sequence[Letter], *, accessible: bool = False) -> bytes:
        """The letters' pages. `accessible`: with the tags that a screen reader wants (PDF/UA), for a file to be read.

        Raises `Problems` when the template has a mistake; neither code nor name is in them.
        """
        import typst  # noqa: PLC0415

        data = json.dumps({**self._common, "letters": [_data(letter) for letter in letters]})
        try:
            compiler = typst.Compiler(
                self._source,
                root=self._template.absolute().parent,
                font_paths=self._fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": data},
            )
            pdf = compiler.compile(
                format="pdf",
                timestamp=self._at,
                pdf_tags=accessible,
                pdf_standards=["ua-1"] if accessible else [],
            )
        except typst.TypstError as error:
            raise Problems([self._problem(error, letters)]) from None  # the original may quote a name or a code
        assert isinstance(pdf, bytes)
        return pdf

    def _problem(self, error: "typst.TypstError", letters: Sequence[Letter]) -> Problem:
        lines = self._source.decode(errors="replace").splitlines()
        place = _PLACE.search(error.diagnostic)
        number = int(place[1]) if place else 0
        shown = excerpt(lines, number) if 0 < number <= len(lines) else ""
        told = error.message.splitlines()[0] if error.message else ""
        what = told if _is_harmless(told, letters) else "…"
        return Problem(self._template.name, number, shown, "letters.template", {"what": what})


def _data(letter: Letter) -> dict[str, Any]:
    """What the template gets to know of a letter. It is data there, not markup, whatever it looks like."""
    name, *address = window(letter)
    return {
        "reference": letter.reference,
        "number": letter.number,
        "salutation": clean(letter.salutation),
        "name": name,
        "address": address,
        "code": letter.code_printed,
        "link": letter.link,
        "qr": qr.svg(letter.link),
        "valid_until": letter.valid_until.isoformat(),
        "language": letter.language,
        "demo": letter.is_demo,
    }


def _is_harmless(message: str, letters: Sequence[Letter]) -> bool:
    """Whether nothing of any letter is quoted in `message`."""
    secret = (
        part
        for letter in letters
        for line in (letter.code_printed, letter.link, letter.salutation, *window(letter))
        for part in re.split(r"[\s-]+", line)
    )
    return not any(part in message for part in secret if len(part) >= _TELLING)
