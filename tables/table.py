"""A list that is being read: its rows, one by one, each clean or rejected with every reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from strict_yaml import Problem, Problems
from tables.cells import Fault, clean
from tables.column import Column, Limits
from tables.header import Header
from tables.masking import excerpt, number_excerpt, row_excerpt
from tables.record import Kind, Record, Source, letters

_PRECISION = 15  # digits that Excel keeps of a number; the rest become zeros
_BY_CHANCE = 3  # numbers that may end in such zeros without being rounded


@dataclass(frozen=True, slots=True)
class Row:
    """The values by column name; a column that the file does not have is empty everywhere.

    `number` as a spreadsheet counts rows, `line` as an editor counts lines; both from 1, the header included.
    """

    number: int
    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used, with what is wrong in it."""

    number: int
    line: int
    problems: tuple[Problem, ...]


class Table:
    """The rows of a file, to be read once. `with` closes the file also when not all of them are wanted.

    `notes` is what the office should know before it goes on: columns and sheets that are not read, hidden rows that
    are. `total` is how many rows there are at most, for a progress bar.

    Reading raises `Problems` where the file itself turns out to be unusable: a quote is not closed, too many rows,
    none at all, numbers that a spreadsheet has rounded. Nothing that came before may be used then.
    """

    def __init__(
        self,
        file: str,
        columns: Sequence[Column],
        header: Header,
        source: Source,
        notes: tuple[Problem, ...],
        limits: Limits,
    ) -> None:
        self.file, self.notes, self.total = file, notes, source.total
        self._columns = {column.name: column for column in columns}
        self._header, self._source, self._limits = header, source, limits
        self._long: Counter[str] = Counter()
        self._rounded: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Row | Rejected]:
        count = 0
        for record in self._source.records:
            if record.is_empty:
                continue
            count += 1
            if count > self._limits.rows:
                values = {"most": str(self._limits.rows)}
                raise Problems([Problem(self.file, record.line, "", "tables.rows", values)])
            yield self._row(record)
        if not count:
            raise Problems([Problem(self.file, 0, "", "tables.no-rows")])
        if problems := list(self._rounding()):
            raise Problems(problems)

    def problem(self, row: Row, column: str, code: str, **values: str) -> Problem:
        """A problem that the caller has with a cell, told like the ones found here.

        Its sentence may also name `{cell}` and `{column}`.
        """
        place = self._header.places.get(column)
        return self._problem(self._columns[column], place, row.number, row.line, row.values[column], code, values)

    def close(self) -> None:
        self._source.records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _row(self, record: Record) -> Row | Rejected:
        problems = tuple(self._misshapen(record))
        if problems:
            return Rejected(record.number, record.line, problems)
        values: dict[str, str] = {}
        found: list[Problem] = []
        for name, column in self._columns.items():
            place = self._header.places.get(name)
            if place is None:
                values[name] = ""
                continue
            text = record.texts[place]
            value = clean(column, text, record.kinds.get(place, Kind.TEXT), self._limits.cell_characters)
            if isinstance(value, Fault):
                found.append(self._problem(column, place, record.number, record.line, text, value.code, value.values))
            else:
                values[name] = value
                self._count(column, value)
        return Rejected(record.number, record.line, tuple(found)) if found else Row(record.number, record.line, values)

    def _misshapen(self, record: Record) -> Iterator[Problem]:
        """What is wrong with a row as a whole."""
        for position, kind in record.kinds.items():
            if kind == Kind.SWALLOWED:
                values = {"cell": f"{letters(position)}{record.number}"}
                yield Problem(self.file, record.line, excerpt(record.texts[position]), "tables.swallowed", values)
        if len(record.texts) != len(self._header.titles):
            values = {"count": str(len(record.texts)), "expected": str(len(self._header.titles))}
            yield Problem(self.file, record.line, row_excerpt(record.texts), "tables.ragged", values)

    def _problem(
        self, column: Column, place: int | None, number: int, line: int, text: str, code: str, values: dict[str, str]
    ) -> Problem:
        shown = number_excerpt(text) if column.numeric_text else excerpt(text)
        where = {"cell": "–", "column": column.headers[0]}
        if place is not None:
            where = {"cell": f"{letters(place)}{number}", "column": excerpt(self._header.title(place))}
        return Problem(self.file, line, shown, code, where | values)

    def _count(self, column: Column, value: str) -> None:
        if column.numeric_text and len(value) > _PRECISION:
            self._long[column.name] += 1
            self._rounded[column.name] += not value[_PRECISION:].strip("0")

    def _rounding(self) -> Iterator[Problem]:
        """Columns of long numbers of which most end in zeros: the spreadsheet has rounded them, the rest is lost."""
        for name, rounded in self._rounded.items():
            if rounded >= _BY_CHANCE and 2 * rounded > self._long[name]:
                title = excerpt(self._header.title(self._header.places[name]))
                values = {"column": title, "count": str(rounded), "all": str(self._long[name])}
                yield Problem(self.file, 0, "", "tables.rounded", values)
