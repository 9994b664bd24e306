"""What has a term, and how much of it: the phrasings of a store, or its entries, by the terms of all channels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.ragged import Array, Floats, Ints, lengths_of, spans, totals

_LEAST = 8  # terms that are always looked at

Message = Sequence[tuple[Ints, Floats]]  # for each channel columns and values


@dataclass(frozen=True, slots=True)
class ByTerm:
    """The terms of one channel, one after the other."""

    starts: Ints  # where what has a term begins in the next two, and where the last end
    owners: Array  # numbers of phrasings or entries
    values: Array


class Inverted:
    """Some channels side by side."""

    def __init__(self, channels: Sequence[ByTerm]) -> None:
        before = np.cumsum([0, *(len(channel.values) for channel in channels)])
        ends = [channel.starts[1:] + first for channel, first in zip(channels, before, strict=False)]
        self._columns = np.cumsum([0, *map(len, ends)])  # where the terms of each channel begin
        self._starts = np.concatenate([[0], *ends])
        self._owners = np.concatenate([channel.owners for channel in channels])
        self._values = np.concatenate([channel.values for channel in channels])

    def products(self, message: Message, count: int, most: int | None = None) -> NDArray[np.float64]:
        """The product of a message with each of `count` owners.

        With `most`, only about so many values are looked at, those of the rarest terms first.
        """
        columns = np.concatenate([columns + first for (columns, _), first in zip(message, self._columns, strict=False)])
        told = np.concatenate([values for _, values in message])
        if most is not None:
            lengths = self._starts[columns + 1] - self._starts[columns]
            order = np.argsort(lengths, kind="stable")
            order = order[: max(_LEAST, int(np.searchsorted(np.cumsum(lengths[order]), most)) + 1)]
            columns, told = columns[order], told[order]
        places, starts = spans(self._starts, columns)
        return totals(self._owners[places], self._values[places] * np.repeat(told, lengths_of(starts)), count)

    def squares(self, count: int) -> NDArray[np.float64]:
        """The squared length of the vector of each of `count` owners."""
        return totals(self._owners, self._values.astype(np.float64) ** 2, count)
