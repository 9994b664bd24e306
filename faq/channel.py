"""One way of looking at texts, as an inverted TF-IDF index: by their stems, by pairs of stems, or by letters.

Each phrasing is a vector of fixed length, so products of vectors are cosines. What is kept of a phrasing is how often
each term comes in it. What a term tells, and how long a vector would be, depends on the whole store: both are worked
out when the store is built, and applied when a message is compared.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.ragged import Array, Floats, Ints, Vectors, blocks, distinct, owners, smallest, spans, starts_of, totals

Keys = NDArray[np.uint64]

_POSTINGS = 120_000  # read for one message, rarest terms first; never reached below a few thousand phrasings


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of all phrasings in one channel. No term comes twice in one phrasing."""

    keys: Keys  # the distinct terms, sorted; the place of a term is its column
    starts: Ints  # where the terms of each phrasing begin in the next two, and where the last end
    columns: Array
    counts: Array
    frequencies: Floats | None = None  # what each count stands for; None where the counts are frequencies themselves

    def frequency(self, counts: Array) -> Floats:
        return counts if self.frequencies is None else np.take(self.frequencies, counts)


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a message in one channel, each once."""

    keys: Keys
    frequencies: Floats


class Channel:
    """The phrasings as vectors of the length `scale`."""

    def __init__(self, terms: Terms, entries: Ints, *, scale: float, unknown: float) -> None:
        """`entries` holds where the phrasings of each entry begin, and where the last end.

        `unknown` says how much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1:
        like the rarest term).
        """
        self.terms = terms
        self._scale, self._unknown = np.float32(scale), unknown
        order = _by_column(terms.columns)
        self._postings = starts_of(np.bincount(terms.columns, minlength=len(terms.keys)))  # of each column
        self._rows = np.take(smallest(owners(terms.starts), len(terms.starts)), order)
        self._counts = np.take(terms.counts, order)
        entry_of = smallest(owners(entries), len(entries))
        is_first = self._first_of_entries(entry_of)
        self._most = float(np.log(len(entries)) + 1)
        spread = np.add.reduceat(is_first, self._postings[:-1], dtype=np.int64)
        self.idf: Floats = (np.log(len(entries) / (1 + spread)) + 1).astype(np.float32)
        self._weight = self._weights()
        self.squares = self._squares(entry_of, is_first, len(entries) - 1)

    def _first_of_entries(self, entry_of: Array) -> NDArray[np.bool_]:
        """Whether a posting is the first of its column for an entry."""
        is_first = np.ones(len(self._rows), np.bool_)
        for first, last in blocks(self._postings):
            begin, end = self._postings[first], self._postings[last]
            entry = np.take(entry_of, self._rows[begin:end])
            is_first[begin + 1 : end] = entry[1:] != entry[:-1]
        is_first[self._postings[:-1]] = True
        return is_first

    def _weights(self) -> Floats:
        """What makes each phrasing's vector as long as it shall be. No phrasing is without a term."""
        terms, squares = self.terms, []
        for first, last in blocks(terms.starts):
            begin, end = terms.starts[first], terms.starts[last]
            values = terms.frequency(terms.counts[begin:end]) * np.take(self.idf, terms.columns[begin:end])
            squares.append(np.add.reduceat(values * values, terms.starts[first:last] - begin))
        return np.asarray(self._scale / np.sqrt(np.concatenate(squares)), np.float32)

    def _squares(self, entry_of: Array, is_first: NDArray[np.bool_], entries: int) -> NDArray[np.float64]:
        """The squared length of the sum of all vectors of each entry."""
        squares = np.zeros(entries)
        for first, last in blocks(self._postings):
            begin, end = self._postings[first], self._postings[last]
            rows = self._rows[begin:end]
            idf = np.repeat(self.idf[first:last], np.diff(self._postings[first : last + 1]))
            values = self.terms.frequency(self._counts[begin:end]) * idf * np.take(self._weight, rows)
            firsts = np.flatnonzero(is_first[begin:end])
            sums = np.add.reduceat(values, firsts)
            squares += totals(np.take(entry_of, rows[firsts]), sums * sums, entries)
        return squares

    def vector(self, asked: Asked) -> tuple[Ints, Floats]:
        """Columns and values of the terms of a message; the unknown ones only lengthen the vector."""
        keys = self.terms.keys
        places = np.minimum(np.searchsorted(keys, asked.keys), len(keys) - 1)
        known = keys[places] == asked.keys
        places = places[known]
        values = asked.frequencies[known] * self.idf[places]
        missing = asked.frequencies[~known] * (self._most * self._unknown)
        length = float(np.sqrt(values @ values + missing @ missing)) or 1.0
        return places, (values / length * self._scale).astype(np.float32)

    def products(self, columns: Ints, values: Floats) -> Floats:
        """The product of every phrasing with a message, of the rarest terms only where there are too many postings."""
        begin, end = self._postings[columns], self._postings[columns + 1]
        order = np.argsort(end - begin, kind="stable")
        order = order[: max(8, int(np.searchsorted(np.cumsum((end - begin)[order]), _POSTINGS)) + 1)]
        if not len(order):
            return np.zeros(len(self._weight), np.float32)
        places = [slice(first, last) for first, last in zip(begin[order], end[order], strict=True)]
        rows = np.concatenate([self._rows[place] for place in places])
        frequencies = self.terms.frequency(np.concatenate([self._counts[place] for place in places]))
        told = np.repeat((values * self.idf[columns])[order].astype(np.float64), (end - begin)[order])
        return (totals(rows, frequencies * told, len(self._weight)) * self._weight).astype(np.float32)

    def vectors(self, phrasings: Ints) -> Vectors:
        """The vectors of some phrasings."""
        places, starts = spans(self.terms.starts, phrasings)
        columns = self.terms.columns[places]
        values = self.terms.frequency(self.terms.counts[places]) * self.idf[columns]
        return Vectors(starts, columns, values * np.repeat(self._weight[phrasings], np.diff(starts)), len(self.idf))

    def of_entries(self, entries: Ints) -> Vectors:
        """Entry × term: 1 where some phrasing of the entry has the term."""
        entry = owners(entries)[owners(self.terms.starts)].astype(np.int64)
        codes = distinct(entry << 32 | self.terms.columns)
        starts = np.searchsorted(codes, np.arange(len(entries)) << 32)
        columns = codes & 0xFFFFFFFF
        return Vectors(starts, columns, np.ones(len(columns), np.float32), len(self.idf))


def _by_column(columns: Array) -> Ints:
    """The order of columns; equal ones stay as they are. Sorting packed numbers is faster than `argsort`."""
    packed = columns.astype(np.int64)
    packed <<= 32
    packed |= np.arange(len(columns), dtype=np.uint32)
    packed.sort()
    packed &= 0xFFFFFFFF
    return packed
