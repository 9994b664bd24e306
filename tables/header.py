"""Which column of the file is which."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from strict_yaml import Problem, Problems, nearest
from tables.column import Column, Limits
from tables.masking import excerpt, row_excerpt
from tables.record import Record, letters

_LISTED = 12


@dataclass(frozen=True, slots=True)
class Header:
    """`places` gives the position of each column that is there; `extra` the positions that nobody asked for."""

    places: dict[str, int]
    titles: tuple[str, ...]
    extra: tuple[int, ...]

    def title(self, position: int) -> str:
        """How a column is called in the file, or its letter."""
        return self.titles[position] or letters(position)


def key(title: str) -> str:
    """A header as it is compared: case, spaces and width do not matter."""
    return "".join(unicodedata.normalize("NFKC", title).casefold().split())


def accepted(columns: Sequence[Column]) -> dict[str, Column]:
    """The columns by each header they may have.

    Raises ValueError when two columns claim the same header.
    """
    known: dict[str, Column] = {}
    for column in columns:
        for title in column.headers:
            if known.setdefault(key(title), column) is not column:
                raise ValueError(f"two columns have the header {title!r}")
    return known


def find(columns: Sequence[Column], record: Record, file: str, limits: Limits) -> Header:
    """The header that stands in `record`.

    Raises `Problems` with every column that is missing or there twice.
    """
    titles = tuple(title.strip() for title in record.texts)
    if len(titles) > limits.columns:
        values = {"count": str(len(titles)), "most": str(limits.columns)}
        raise Problems([Problem(file, record.line, "", "tables.columns", values)])
    known = accepted(columns)
    places: dict[str, int] = {}
    extra: list[int] = []
    problems: list[Problem] = []
    for position, title in enumerate(titles):
        column = known.get(key(title))
        if column is None:
            extra.append(position)
        elif (first := places.setdefault(column.name, position)) != position:
            values = {"column": excerpt(title), "first": letters(first), "second": letters(position)}
            problems.append(Problem(file, record.line, "", "tables.duplicate-header", values))
    problems += _missing(columns, places, [titles[position] for position in extra], record, file)
    if problems:
        raise Problems(problems)
    return Header(places, titles, tuple(extra))


def _missing(
    columns: Sequence[Column], places: dict[str, int], extra: list[str], record: Record, file: str
) -> Iterator[Problem]:
    near = [title for title in extra if not any(character.isdigit() for character in title)]  # no header, but data
    for column in columns:
        if column.required and column.name not in places:
            values = {"column": " / ".join(column.headers)}
            if like := nearest(column.headers[0], near):
                values["near"] = like
            yield Problem(file, record.line, row_excerpt(record.texts), "tables.missing-column", values)


def notes(header: Header, file: str) -> Iterator[Problem]:
    """What is worth saying about a header that fits."""
    if header.extra:
        names = ", ".join(excerpt(header.title(position)) for position in header.extra[:_LISTED])
        names += ", …" if len(header.extra) > _LISTED else ""
        yield Problem(file, 0, "", "tables.extra-columns", {"columns": names})
