"""CSV for staff, which a spreadsheet opens as text: no cell of it is a formula.

OWASP ASVS 5.0, 1.2.10. A first-character test is not enough: spreadsheets strip, and a fullwidth `＝` counts as `=`.
"""

import csv
import io
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

_FORMULA = ("=", "+", "-", "@")
_CONTROL = ("\t", "\r", "\n", "\0")
_IGNORED = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # what may stand before a formula and not be seen


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Writes the rows and returns how many: UTF-8 with its mark and semicolons, as Excel in Germany reads it.

    The file is there as a whole or not at all, and only its owner may read it.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with open(part, "w", encoding="utf-8-sig", newline="", opener=_private) as file:
            count = _write(file, header, rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same as a text, which is to be sent as UTF-8; it begins with the mark."""
    file = io.StringIO()
    _write(file, header, rows)
    return "\ufeff" + file.getvalue()


def _write(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow([escaped(text) for text in header])
    count = 0
    for row in rows:
        writer.writerow([escaped(text) for text in row])
        count += 1
    return count


def escaped(text: str) -> str:
    """The text, with `'` before it when a spreadsheet might take it for a formula."""
    start = 0
    while start < len(text) and unicodedata.category(text[start]) in _IGNORED:
        start += 1
    seen = unicodedata.normalize("NFKC", text[start : start + 1]).lstrip()
    return f"'{text}" if text.startswith(_CONTROL) or seen.startswith(_FORMULA) else text


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
