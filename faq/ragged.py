"""Rows of different lengths, one after the other in one array; `starts` says where each begins and the last ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Array = NDArray[Any]


def starts_of(lengths: Sequence[int] | Array) -> Ints:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def lengths_of(starts: Ints) -> Ints:
    """As `np.diff`, at a fifth of its price for few rows."""
    return starts[1:] - starts[:-1]


def owners(starts: Ints) -> NDArray[np.int32]:
    """For each value the number of its row."""
    return np.repeat(np.arange(len(starts) - 1, dtype=np.int32), lengths_of(starts))


def spans(starts: Ints, rows: Array, lengths: Ints | None = None) -> tuple[Ints, Ints]:
    """The places of the values of some rows, and where each of these rows begins among them.

    With `lengths`, only so many values from the beginning of each row.
    """
    first = starts[rows]
    count = starts[rows + 1] - first if lengths is None else lengths[rows]
    chosen = starts_of(count)
    return np.arange(chosen[-1]) + np.repeat(first - chosen[:-1], count), chosen


def blocks(starts: Ints, most: int = 1 << 17) -> Iterator[tuple[int, int]]:
    """Ranges of rows that hold about `most` values: what is worked out for so few stays in the processor's cache."""
    first = 0
    while first < len(starts) - 1:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + most, "right")) - 1)
        yield first, last
        first = last


def rows_of(values: Array, starts: Ints, rows: Ints) -> Array:
    """The values of some rows; many that follow each other are copied at once."""
    if not len(rows):
        return values[:0]
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    runs = zip(rows[np.append(0, breaks)], rows[np.append(breaks - 1, -1)], strict=True)
    parts = [values[starts[first] : starts[last + 1]] for first, last in runs]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def totals(places: Array, values: Array, count: int) -> NDArray[np.float64]:
    """The sum of the values at each of `count` places. `bincount` is three times as fast when it need not convert."""
    return np.asarray(np.bincount(places, np.asarray(values, np.float64), minlength=count), np.float64)


def distinct(values: Array) -> Array:
    """The different values, sorted; faster than `unique`, which uses a hash table."""
    values = np.sort(values)
    return values[np.concatenate([[True], values[1:] != values[:-1]])] if len(values) else values


def smallest(values: Array, most: int) -> Array:
    """`values` in the smallest type that can hold numbers up to `most`."""
    return values.astype(np.min_scalar_type(most))


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors that are mostly zero: for each row its columns and their values, at least one."""

    indptr: Ints
    indices: Array
    data: Floats
    width: int

    def rows(self, chosen: Ints) -> "Vectors":
        places, starts = spans(self.indptr, chosen)
        return Vectors(starts, self.indices[places], self.data[places], self.width)

    def __matmul__(self, vector: Floats) -> Floats:
        """The product of each row with `vector`."""
        return self.sums(self.data * vector[self.indices])

    def sums(self, values: Floats) -> Floats:
        """The sum of the values of each row, of one value for each of `indices`."""
        return np.add.reduceat(values, self.indptr[:-1])
