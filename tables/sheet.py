"""What the cells of a sheet are, by position, from the sheet's own XML (ECMA-376, part 1, 18.3.1).

calamine gives the values but not the whole truth: an error, a formula without a value and text in CDATA are an empty
cell to it, a broken index of a shared text is the first text, of two equal cells the last one counts, and whether a
value comes from a formula it does not tell. So the kinds are read here, and the values must fit them.
"""

import re
from functools import cache
from zipfile import ZipFile

from strict_yaml import Problem, Problems
from tables import package
from tables.column import Limits
from tables.record import FORMULA, Kind, letters

_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")
_KINDS = {
    "n": Kind.NUMBER,
    "s": Kind.TEXT,
    "str": Kind.TEXT,
    "inlineStr": Kind.TEXT,
    "b": Kind.BOOLEAN,
    "d": Kind.DATE,
    "e": Kind.ERROR,
}
_TRUE = ("1", "true")
_SPARE_ROWS = 1_000  # empty ones between the others, and the header


class Damaged(Exception):  # noqa: N818  it says what, not that
    """The part is not what Excel writes."""


class Kinds:
    """The kind of each cell of a sheet; rows and columns count from 0."""

    def __init__(self, limits: Limits, file: str) -> None:
        self.limits, self.file = limits, file
        self.rows = limits.rows + _SPARE_ROWS
        self.columns = limits.columns
        self.width = 0
        self._cells = bytearray()

    def row(self, row: int) -> bytes:
        return bytes(self._cells[row * self.columns : (row + 1) * self.columns])

    def __len__(self) -> int:
        return len(self._cells) // self.columns

    def set(self, row: int, column: int, kind: int) -> None:
        """Raises `Problems` when the cell lies outside of what is allowed."""
        if column >= self.columns:
            self._refuse("tables.columns-beyond", row, column, self.columns)
        if row >= self.rows:
            self._refuse("tables.rows-beyond", row, column, self.limits.rows)
        if row >= len(self):
            self._cells.extend(bytes((row + 1) * self.columns - len(self._cells)))
        self._cells[row * self.columns + column] = kind
        self.width = max(self.width, column + 1)

    def _refuse(self, code: str, row: int, column: int, most: int) -> None:
        values = {"cell": f"{letters(column)}{row + 1}", "most": str(most)}
        raise Problems([Problem(self.file, row + 1, "", code, values)])

    def mark(self, area: str, *, merged: bool) -> None:
        """Marks the cells of an area such as `A1:B7`: those that a merge covers, or those that one formula fills."""
        if not (match := _RANGE.fullmatch(area)):
            raise Damaged
        left, top = _position(match[1]), int(match[2]) - 1
        right, bottom = (_position(match[3]), int(match[4]) - 1) if match[3] else (left, top)
        for row in range(top, min(bottom + 1, len(self))):
            for column in range(left, min(right + 1, self.columns)):
                place = row * self.columns + column
                if not merged:
                    self._cells[place] |= FORMULA
                elif (row, column) != (top, left) and self._cells[place] == Kind.NONE:
                    self._cells[place] = Kind.MERGED
                    self.width = max(self.width, column + 1)


class _Reader:
    """Takes a sheet's elements as they come, in the order that the standard demands."""

    def __init__(self, limits: Limits, file: str) -> None:
        self.kinds = Kinds(limits, file)
        self.hidden: list[int] = []
        self.merges: list[str] = []
        self.formulas: list[str] = []
        self.is_in_data = self.was_in_data = self.is_inline = self.is_text = self.is_hidden = False
        self.row, self.column = -1, -1
        self.type, self.kind, self.formula = "n", Kind.NONE, 0

    def on_start(self, name: str, attributes: dict[str, str]) -> None:
        name = package.local(name)
        if not self.is_in_data:
            self.around_data(name, attributes)
        elif name == "c":
            self.cell(attributes)
        elif name == "v":
            self.is_text = self.type != "inlineStr"  # calamine reads the other neither
        elif name == "t":
            self.is_text = self.is_inline
        elif name == "is":
            self.is_inline = self.type == "inlineStr"
        elif name == "row":
            self.begin_row(attributes)
        elif name == "f":
            self.formula = FORMULA
            self.kinds.set(self.row, self.column, FORMULA)
            if "ref" in attributes and attributes.get("t") != "shared":
                self.formulas.append(attributes["ref"])

    def on_end(self, name: str) -> None:
        self.is_text = False
        name = package.local(name)
        if name == "is":
            self.is_inline = False
        elif name == "sheetData":
            self.is_in_data = False

    def around_data(self, name: str, attributes: dict[str, str]) -> None:
        if name == "mergeCell":
            self.merges.append(attributes.get("ref", ""))
        elif name == "sheetData":
            if self.was_in_data:  # calamine reads the first alone
                raise Damaged
            self.is_in_data = self.was_in_data = True

    def begin_row(self, attributes: dict[str, str]) -> None:
        row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
        if row <= self.row:
            raise Damaged
        self.row, self.column = row, -1
        self.is_hidden = attributes.get("hidden") in _TRUE

    def cell(self, attributes: dict[str, str]) -> None:
        column = self.column + 1
        if reference := attributes.get("r"):
            match = _CELL.fullmatch(reference)
            if not match or int(match[2]) != self.row + 1 or (place := _position(match[1])) < column:
                raise Damaged
            column = place
        self.type = attributes.get("t", "n")
        self.column, self.kind, self.formula = column, _KINDS[self.type], 0

    def on_text(self, text: str) -> None:
        if not self.is_text or not (text := text.strip()):
            return
        if self.type == "s" and not (text.isascii() and text.isdigit()):
            raise Damaged
        self.kinds.set(self.row, self.column, self.kind | self.formula)
        if self.is_hidden and (not self.hidden or self.hidden[-1] != self.row):
            self.hidden.append(self.row)

    def finished(self) -> Kinds:
        for area in self.formulas:
            self.kinds.mark(area, merged=False)
        for area in self.merges:
            self.kinds.mark(area, merged=True)
        return self.kinds


@cache
def _position(name: str) -> int:
    position = 0
    for letter in name:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1


def inspect(archive: ZipFile, part: str, limits: Limits, file: str) -> tuple[Kinds, list[int]]:
    """The kinds of a sheet's cells, and the numbers (from 0) of the hidden rows that hold something.

    Raises `Problems` when a cell lies outside of what is allowed or the part declares a document type; `Damaged` or
    what expat and zipfile raise when the part is broken.
    """
    reader = _Reader(limits, file)
    package.parse(archive, part, file, reader.on_start, reader.on_text, reader.on_end)
    return reader.finished(), reader.hidden


def holds_something(archive: ZipFile, part: str, file: str) -> bool:
    """Whether a sheet has at least one cell with a value."""

    def on_start(name: str, _: dict[str, str]) -> None:
        if package.local(name) in ("v", "is"):
            raise package.Enough

    try:
        package.parse(archive, part, file, on_start)
    except package.Enough:
        return True
    return False
