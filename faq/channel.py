"""One way of looking at texts, as an inverted TF-IDF index: by their stems, by pairs of stems, or by letters.

Each phrasing is a vector of fixed length, so products of vectors are cosines. What is kept of a phrasing is how often
each term comes in it. What a term tells, and how long a vector would be, depends on the whole store: both are worked
out when the store is built, and applied when a message is compared in full. For the first choice the vectors are laid
out term by term.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.inverted import ByTerm
from faq.ragged import Array, Floats, Ints, Vectors, blocks, distinct, lengths_of, owners, smallest, spans, starts_of

Keys = NDArray[np.uint64]


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

    def __init__(self, terms: Terms, idf: Floats, most: float, *, scale: float, unknown: float) -> None:
        """`idf` says how much each term tells, `most` how much one that no entry has.

        `unknown` says how much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1:
        like the rarest term).
        """
        self.terms, self.idf = terms, idf
        self._scale, self._missing = np.float32(scale), most * unknown
        self._weight = self._weights()

    @classmethod
    def inverted(cls, terms: Terms, entries: Ints, *, scale: float, unknown: float) -> tuple["Channel", ByTerm, ByTerm]:
        """The channel; the vectors of its phrasings, term by term; and the sums of the vectors of each entry.

        `entries` holds where the phrasings of each entry begin, and where the last end.
        """
        postings = _Postings(terms, entries)
        idf = np.log(len(entries) / (1 + postings.spread())) + 1
        most = float(np.log(len(entries)) + 1)
        channel = cls(terms, idf.astype(np.float32), most, scale=scale, unknown=unknown)
        by_phrasing = postings.by_phrasing(channel.idf, channel._weight)
        return channel, by_phrasing, postings.by_entry(by_phrasing.values)

    def _weights(self) -> Floats:
        """What makes each phrasing's vector as long as it shall be. No phrasing is without a term."""
        terms, squares = self.terms, []
        for first, last in blocks(terms.starts):
            begin, end = terms.starts[first], terms.starts[last]
            values = terms.frequency(terms.counts[begin:end]) * np.take(self.idf, terms.columns[begin:end])
            squares.append(np.add.reduceat(values * values, terms.starts[first:last] - begin))
        return np.asarray(self._scale / np.sqrt(np.concatenate(squares)), np.float32)

    def vector(self, asked: Asked) -> tuple[Ints, Floats]:
        """Columns and values of the terms of a message; the unknown ones only lengthen the vector."""
        keys = self.terms.keys
        places = np.minimum(np.searchsorted(keys, asked.keys), len(keys) - 1)
        known = keys[places] == asked.keys
        places = places[known]
        values = asked.frequencies[known] * self.idf[places]
        missing = asked.frequencies[~known] * self._missing
        length = float(np.sqrt(values @ values + missing @ missing)) or 1.0
        return places, (values / length * self._scale).astype(np.float32)

    def vectors(self, phrasings: Ints) -> Vectors:
        """The vectors of some phrasings."""
        places, starts = spans(self.terms.starts, phrasings)
        columns = self.terms.columns[places].astype(np.intp)  # looked up several times
        values = self.terms.frequency(self.terms.counts[places]) * self.idf[columns]
        return Vectors(starts, columns, values * np.repeat(self._weight[phrasings], lengths_of(starts)), len(self.idf))

    def of_entries(self, entries: Ints) -> Vectors:
        """Entry × term: 1 where some phrasing of the entry has the term."""
        entry = owners(entries)[owners(self.terms.starts)].astype(np.int64)
        codes = distinct(entry << 32 | self.terms.columns)
        starts = np.searchsorted(codes, np.arange(len(entries)) << 32)
        columns = codes & 0xFFFFFFFF
        return Vectors(starts, columns, np.ones(len(columns), np.float32), len(self.idf))


class _Postings:
    """The phrasings that have a term, term by term."""

    def __init__(self, terms: Terms, entries: Ints) -> None:
        self._terms = terms
        order = _by_column(terms.columns)
        self._starts = starts_of(np.bincount(terms.columns, minlength=len(terms.keys)))
        self._rows = np.take(smallest(owners(terms.starts), len(terms.starts)), order)
        self._counts = np.take(terms.counts, order)
        self._entry = np.take(smallest(owners(entries), len(entries)), self._rows)
        is_first = np.append(True, self._entry[1:] != self._entry[:-1])
        is_first[self._starts[:-1]] = True
        self._firsts = np.flatnonzero(is_first)  # of the phrasings of each entry
        self._first_starts = np.searchsorted(self._firsts, self._starts)

    def spread(self) -> Ints:
        """How many entries have each term."""
        return lengths_of(self._first_starts)

    def by_phrasing(self, idf: Floats, weight: Floats) -> ByTerm:
        """The vectors of all phrasings; half a float is enough to choose the near ones."""
        values = np.empty(len(self._rows), np.float16)
        for first, last in blocks(self._starts):
            part = slice(self._starts[first], self._starts[last])
            told = np.repeat(idf[first:last], lengths_of(self._starts[first : last + 1]))
            values[part] = self._terms.frequency(self._counts[part]) * told * np.take(weight, self._rows[part])
        return ByTerm(self._starts, self._rows, values)

    def by_entry(self, values: Array) -> ByTerm:
        """The sum of the vectors of each entry."""
        sums = np.add.reduceat(values, self._firsts, dtype=np.float32)
        return ByTerm(self._first_starts, np.take(self._entry, self._firsts), sums)


def _by_column(columns: Array) -> Ints:
    """The order of columns; equal ones stay as they are. Sorting packed numbers is faster than `argsort`."""
    packed = columns.astype(np.int64)
    packed <<= 32
    packed |= np.arange(len(columns), dtype=np.uint32)
    packed.sort()
    packed &= 0xFFFFFFFF
    return packed
