"""The process in which a workbook is opened, with little memory, little time and no secrets.

`python -m tables.sandbox FILE LIMITS` prints lines of JSON: first `{"total", "notes"}` or `{"problems"}`, then a list
`[number, texts, kinds]` for each row that is not empty, last `{"end"}`. Whatever a file does to it, the bot goes on.
"""

import json
import os
import resource
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, load_workbook

from strict_yaml import Problem, Problems
from tables import package, sheet
from tables.column import Limits
from tables.masking import excerpt
from tables.record import FORMULA, Kind, letters

OUT_OF_MEMORY = 12  # the exit status that says so
_BROKEN = (
    sheet.Damaged, BadZipFile, zlib.error, ExpatError, CalamineError, EOFError, KeyError, NotImplementedError,
    IndexError, StopIteration, ValueError,
)  # fmt: skip
_LISTED = 5
_WITHOUT_TEXT = (Kind.NONE, Kind.MERGED, Kind.ERROR)
_INTEGERS = 1e15  # below this a float is exact, and Excel shows each digit


def main() -> None:
    path, limits = Path(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    _confine(limits)
    with suppress(BrokenPipeError):
        try:
            for message in messages(path, limits):
                sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
    os._exit(0)


def _confine(limits: Limits) -> None:
    """Takes away what reading a list does not need. A core file would hold members' data."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds)
    if sys.platform != "darwin":  # which knows this limit and does not keep it
        _lower(resource.RLIMIT_AS, limits.memory_bytes)


def _lower(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY:
        hard = most + 1  # at the first the kernel says why, at the second it kills
    resource.setrlimit(which, (min(most, hard), min(most + 1, hard)))


def messages(path: Path, limits: Limits) -> Iterator[Any]:
    """What is printed, see above."""
    try:
        with ZipFile(path) as archive:
            package.check(archive, path.stat().st_size, limits, path.name)
            worksheets = package.sheets(archive, path.name)
            chosen = next((one for one in worksheets if one.is_visible), worksheets[0])
            package.check_parts(archive, path.name, but=chosen.part)
            kinds, hidden = sheet.inspect(archive, chosen.part, limits, path.name)
            others = [
                one for one in worksheets if one != chosen and sheet.holds_something(archive, one.part, path.name)
            ]
        yield {"total": len(kinds), "notes": [asdict(note) for note in _notes(path.name, chosen, others, hidden)]}
        yield from _rows(path, chosen, kinds, limits)
        yield {"end": True}
    except Problems as found:
        yield {"problems": [asdict(problem) for problem in found.problems]}
    except _BROKEN:
        yield {"problems": [asdict(Problem(path.name, 0, "", "tables.damaged"))]}


def _notes(file: str, chosen: package.Sheet, others: list[package.Sheet], hidden: list[int]) -> Iterator[Problem]:
    if others:
        names = ", ".join(excerpt(one.name) for one in others[:_LISTED]) + (", …" if len(others) > _LISTED else "")
        yield Problem(file, 0, "", "tables.other-sheets", {"sheet": excerpt(chosen.name), "others": names})
    if hidden:
        names = ", ".join(str(row + 1) for row in hidden[:_LISTED]) + (", …" if len(hidden) > _LISTED else "")
        yield Problem(file, 0, "", "tables.hidden-rows", {"count": str(len(hidden)), "rows": names})


def _rows(path: Path, chosen: package.Sheet, kinds: sheet.Kinds, limits: Limits) -> Iterator[Any]:
    """The rows that are not empty. Raises `Problems` where calamine's values do not fit the kinds."""
    with load_workbook(path) as workbook:
        values = workbook.get_sheet_by_index(chosen.position)
    start, end = values.start or (0, 0), values.end or (-1, -1)
    width = max(kinds.width, end[1] + 1)
    rows = iter(values.iter_rows() if values.start else ())  # begins with row 1, but with the first column in use
    for row in range(max(len(kinds), end[0] + 1)):
        cells = [""] * start[1] + next(rows, [])
        cells += [""] * (width - len(cells))
        in_row = kinds.row(row).ljust(width, b"\0")
        if not any(in_row) and cells.count("") == width:
            continue
        texts, marks = [], {}
        for column, (kind, value) in enumerate(zip(in_row, cells, strict=False)):
            settled = _settled(kind, value, limits.cell_characters)
            if settled is None:
                place = {"cell": f"{letters(column)}{row + 1}"}
                raise Problems([Problem(path.name, row + 1, "", "tables.disagree", place)])
            texts.append(settled[1])
            if settled[0] > Kind.TEXT:
                marks[column] = settled[0]
        if marks or any(texts):
            yield [row + 1, texts, marks]


def _settled(kind: int, value: object, most: int) -> tuple[int, str] | None:
    """Kind and text of a cell, or nothing when the value cannot be that of the kind."""
    formula, plain = kind & FORMULA, kind & ~FORMULA
    if isinstance(value, str):
        text = value.strip()
        if plain == Kind.TEXT and len(text) > most:
            return Kind.LONG, text[:most]
        return (kind, text) if plain == Kind.TEXT or (not text and plain in _WITHOUT_TEXT) else None
    if isinstance(value, bool):
        return (kind, "") if plain == Kind.BOOLEAN else None
    if isinstance(value, date | time | timedelta):
        return (Kind.DATE | formula, "") if plain in (Kind.NUMBER, Kind.DATE) else None
    assert isinstance(value, int | float)
    return (kind, _number(float(value))) if plain == Kind.NUMBER else None


def _number(value: float) -> str:
    """The number as Excel shows it where it is whole and not rounded, else as Python does."""
    return str(int(value)) if abs(value) < _INTEGERS and value.is_integer() else repr(value)


if __name__ == "__main__":
    main()
