"""CSV, strictly: nothing is guessed but the delimiter, and no row goes missing in another one's quotation marks.

Python's own `csv` reads an unclosed quote to the end of the file, and takes NUL, and UTF-8 read as cp1252 looks like
text. So the bytes are looked through once before the first row is read.
"""

import csv
import re
from collections.abc import Generator, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import BinaryIO, Literal

from strict_yaml import Problem, Problems
from tables.column import Column
from tables.header import accepted, key
from tables.masking import excerpt
from tables.record import Kind, Record, Source

Encoding = Literal["utf-8", "cp1252"]
Delimiter = Literal[";", ",", "\t"]
DELIMITERS: tuple[Delimiter, ...] = (";", ",", "\t")
LINE_BYTES = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DECLARED = re.compile(r"sep=([;,\t])\r?\n?")  # a first line that Excel obeys and does not show
_AROUND = 24  # bytes shown on each side of one that cannot be read

# What `csv` says, and which sentence tells a clerk the same.
_ERRORS = {
    "unexpected end of data": "tables.quote",
    "field larger than": "tables.quote",
    "expected after": "tables.after-quote",
    "new-line character": "tables.line-ending",
}


class _Lines:
    """The text of a file, line by line; `recent` are those of the record that is being read."""

    def __init__(self, binary: BinaryIO, encoding: str, errors: str) -> None:
        self.binary, self.encoding, self.errors = binary, encoding, errors
        self.recent: list[str] = []
        if binary.read(len(_BOM)) != _BOM:
            binary.seek(0)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self.binary.readline(LINE_BYTES + 1)
        if not raw:
            raise StopIteration
        self.recent.append(raw.decode(self.encoding, self.errors))
        return self.recent[-1]


def opened(path: Path, columns: Sequence[Column], encoding: Encoding, delimiter: Delimiter | None) -> Source:
    """The records of a CSV file. `columns` tell the delimiter, when the caller and the file do not.

    What is wrong with the bytes stands in `problems`; `records` raise `Problems` where the quoting breaks.
    """
    total, problems = _scan(path, encoding)
    errors = "strict"
    if problems:  # then only the header is read, to judge that as well
        encoding, errors = "cp1252", "replace"
    with path.open("rb") as binary:
        first = next(_Lines(binary, encoding, errors), "")
    declared = _DECLARED.fullmatch(first)
    skipped = 1 if declared else 0
    if delimiter is None:
        delimiter = _found(declared) or _detected(path, columns, encoding, errors)
    records = _records(path, encoding, errors, delimiter, skipped)
    return Source(records, max(0, total - skipped - 1), problems=tuple(problems))


def _scan(path: Path, encoding: Encoding) -> tuple[int, list[Problem]]:
    """How many lines there are, and what is wrong with the bytes."""
    checks = _Checks(path.name, encoding)
    number = 0
    with path.open("rb") as binary:
        start = binary.read(len(_BOM))
        if start[:2] in _UTF_16:
            raise Problems([Problem(path.name, 0, "", "tables.utf-16")])
        if start == _BOM and encoding != "utf-8":
            return 0, [Problem(path.name, 0, "", "tables.is-utf-8")]
        binary.seek(len(_BOM) if start == _BOM else 0)
        while raw := binary.readline(LINE_BYTES + 1):
            number += 1
            if len(raw) > LINE_BYTES:
                values = {"most": str(LINE_BYTES // 1024)}
                return number, [*checks.problems(), Problem(path.name, number, "", "tables.line-long", values)]
            checks.look(number, raw)
    return number, checks.problems()


class _Checks:
    """What the bytes of all lines tell about the encoding."""

    def __init__(self, file: str, encoding: Encoding) -> None:
        self.file, self.encoding = file, encoding
        self.found: dict[str, Problem] = {}
        self.lines: dict[str, int] = {}
        self.beyond_ascii = 0
        self.like_utf8: list[Problem] = []  # the first such line
        self.lines_like_utf8 = 0

    def look(self, number: int, raw: bytes) -> None:
        if b"\0" in raw:
            self._add("tables.nul", number, "")
        if raw.isascii():
            return
        self.beyond_ascii += 1
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            around = raw[max(0, error.start - _AROUND) : error.start + _AROUND]
            code = "tables.encoding" if self.encoding == "utf-8" else "tables.not-cp1252"
            self._add(code, number, excerpt(around.decode("cp1252", "replace")))
            return
        if self.encoding != "utf-8" and _is_utf8(raw):
            self.lines_like_utf8 += 1
            self.like_utf8 = self.like_utf8 or [Problem(self.file, number, excerpt(text), "tables.is-utf-8")]

    def problems(self) -> list[Problem]:
        for code, problem in self.found.items():
            problem.values["lines"] = str(self.lines[code])
        is_utf8 = self.lines_like_utf8 == self.beyond_ascii  # umlauts in cp1252 are next to never valid UTF-8
        return [*self.found.values(), *(self.like_utf8 if is_utf8 else ())]

    def _add(self, code: str, number: int, shown: str) -> None:
        self.lines[code] = self.lines.get(code, 0) + 1
        self.found.setdefault(code, Problem(self.file, number, shown, code))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _found(declared: re.Match[str] | None) -> Delimiter | None:
    return next((one for one in DELIMITERS if declared and declared[1] == one), None)


def _detected(path: Path, columns: Sequence[Column], encoding: str, errors: str) -> Delimiter:
    """The delimiter that makes most headers known, or else the most columns."""
    known = accepted(columns)

    def merit(delimiter: Delimiter) -> tuple[int, int]:
        try:
            record = next((one for one in _records(path, encoding, errors, delimiter, 0) if not one.is_empty), None)
        except Problems as broken:  # a quote that stays open began behind a delimiter
            return (0, LINE_BYTES) if broken.problems[0].code == "tables.quote" else (-1, 0)
        titles = record.texts if record else ()
        return sum(key(title) in known for title in titles), len(titles)

    return max(DELIMITERS, key=merit)  # the first of equals


def _records(
    path: Path, encoding: str, errors: str, delimiter: Delimiter, skipped: int
) -> Generator[Record, None, None]:
    with path.open("rb") as binary:
        lines = _Lines(binary, encoding, errors)
        for _ in range(skipped):
            next(lines)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        width = 0
        for number in count(1):
            line = skipped + reader.line_num + 1
            lines.recent.clear()
            try:
                texts = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Problems([_broken(path.name, line, lines.recent, str(error))]) from error
            width = width or len(texts)
            kinds = _swallowed(texts, delimiter, width) if len(lines.recent) > 1 else {}
            yield Record(number, line, texts, kinds)


def _broken(file: str, line: int, recent: Sequence[str], error: str) -> Problem:
    code = next((code for hint, code in _ERRORS.items() if hint in error), "tables.csv")
    return Problem(file, line, excerpt(recent[0]) if recent else "", code)


def _swallowed(texts: Sequence[str], delimiter: str, width: int) -> dict[int, int]:
    """The cells in which further rows seem to stand: a forgotten quote, closed by the next one by chance.

    The columns then fit all the same. But each row that a cell has taken in brought its delimiters with it.
    """
    least = max(1, width - 1)
    return {
        position: Kind.SWALLOWED
        for position, text in enumerate(texts)
        if "\n" in text
        and (
            text.count(delimiter) >= least * text.count("\n")
            or any(line.count(delimiter) >= least for line in text.split("\n")[1:])
        )
    }
