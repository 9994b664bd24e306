"""A row as it stands in the file, before anything is judged."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from strict_yaml import Problem


class Kind(IntEnum):
    """What a cell holds. CSV knows only text."""

    NONE = 0
    TEXT = 1
    NUMBER = 2
    BOOLEAN = 3
    DATE = 4
    ERROR = 5
    MERGED = 6  # covered by the cell to the left or above
    LONG = 7  # longer than allowed, and cut
    SWALLOWED = 8  # text that seems to hold further rows


FORMULA = 16  # is added to the kind of what a formula yielded


class Record(NamedTuple):
    """`number` as a spreadsheet counts rows, `line` as an editor counts lines; both from 1.

    `kinds` names, by position, the cells that are neither plain text nor empty.
    """

    number: int
    line: int
    texts: Sequence[str]
    kinds: dict[int, int]

    @property
    def is_empty(self) -> bool:
        return not any(text and not text.isspace() for text in self.texts) and all(
            kind == Kind.MERGED for kind in self.kinds.values()
        )


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file. `problems` make it useless, but its header can still be judged; `total` rows at most."""

    records: Generator[Record, None, None]
    total: int
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def letters(position: int) -> str:
    """The name of a column in a spreadsheet: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
