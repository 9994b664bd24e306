"""The phrasings of a store as an inverted TF-IDF index.

Three channels look at a text in different ways: its stems, its pairs of neighbouring stems, its letters. Within a
channel each phrasing is a vector of length 1, so the product of two vectors is a cosine. The channels lie side by side
in one matrix, scaled so that one product gives the weighted mean of the three cosines.

A term tells the more the fewer entries use it. How many phrasings use it does not matter: a word that all phrasings of
one entry share is the best pointer to that entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

CHANNELS = ("stems", "pairs", "letters")
# Share of each channel in the similarity. Letters forgive typos and find compounds, stems keep to meaning.
SHARES: Mapping[str, float] = {"stems": 0.3, "pairs": 0.1, "letters": 0.6}
WORDS_SHARE = SHARES["stems"] + SHARES["pairs"]
# How much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1: like the rarest term).
_UNKNOWN: Mapping[str, float] = {"stems": 1.0, "pairs": 0.0, "letters": 0.5}

CANDIDATES = 16  # entries that are looked at closely
SPOKESMEN = 10  # phrasings of each candidate that are looked at: an entry with many must not crowd out the others
_POSTINGS = 120_000  # read for one message, rarest terms first; never reached below a few thousand phrasings


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of all phrasings in one channel. No term comes twice in one phrasing."""

    keys: Keys  # the distinct terms, sorted
    columns: Ints  # for each occurrence the place of its term in `keys`
    owners: Ints  # for each occurrence the phrasing
    frequencies: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a message in one channel, each once."""

    keys: Keys
    frequencies: Floats


@dataclass(frozen=True, slots=True)
class Found:
    """The entries nearest to a message, each with its nearest phrasings.

    Phrasings stand together by entry, the nearest first within each entry.
    """

    entries: Ints
    centroids: Floats  # for each entry the cosines with the sum of all its phrasings, by words and by letters
    phrasings: Ints
    place: Ints  # for each phrasing the place of its entry in `entries`
    similarity: Floats  # of each phrasing, weighted mean over the channels
    by_channel: Floats  # phrasing × channel, cosines
    vectors: sp.csr_matrix  # phrasing × term


class _Channel:
    """The terms of one channel: where they stand in the common matrix and how much they tell."""

    def __init__(self, name: str, terms: Terms, entry_of: Ints, first_column: int) -> None:
        self.first_column = first_column
        self.scale = np.float32(np.sqrt(SHARES[name]))
        self._unknown = _UNKNOWN[name]
        self.keys = terms.keys
        entries = int(entry_of.max(initial=0)) + 1
        uses = sp.csr_matrix(
            (np.ones(len(terms.columns), np.bool_), (entry_of[terms.owners], terms.columns)),
            shape=(entries, len(self.keys)),
        )
        spread = np.bincount(uses.indices, minlength=len(self.keys))
        self.idf: Floats = (np.log((1 + entries) / (1 + spread)) + 1).astype(np.float32)
        self._most = float(np.log(1 + entries) + 1)
        values = terms.frequencies * self.idf[terms.columns]
        lengths = np.sqrt(np.bincount(terms.owners, values * values, minlength=len(entry_of)))
        lengths[lengths == 0] = 1
        values = (values / lengths[terms.owners] * self.scale).astype(np.float32)
        self.vectors = sp.csr_matrix((values, (terms.owners, terms.columns)), shape=(len(entry_of), len(self.keys)))

    def find(self, keys: Keys) -> tuple[Ints, NDArray[np.bool_]]:
        """Places of the keys that the channel has, and for each key whether it has it."""
        if not len(self.keys):
            return np.empty(0, np.int64), np.zeros(len(keys), np.bool_)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        return places[known], known

    def vector(self, terms: Asked) -> tuple[Ints, Floats]:
        """Columns and values of the terms of a message; the unknown ones only lengthen the vector."""
        places, known = self.find(terms.keys)
        values = terms.frequencies[known] * self.idf[places]
        missing = terms.frequencies[~known] * (self._most * self._unknown)
        length = float(np.sqrt(values @ values + missing @ missing)) or 1.0
        return places + self.first_column, (values / length * self.scale).astype(np.float32)


class Index:
    """Finds the entries and phrasings nearest to a message."""

    def __init__(self, channels: Sequence[Terms], entry_of: Ints) -> None:
        """`channels` in the order of `CHANNELS`; `entry_of` holds the number of the entry of each phrasing."""
        self._channels: list[_Channel] = []
        width = 0
        for name, terms in zip(CHANNELS, channels, strict=True):
            self._channels.append(_Channel(name, terms, entry_of, width))
            width += len(self._channels[-1].keys)
        self._vectors = sp.hstack([channel.vectors for channel in self._channels], format="csr", dtype=np.float32)
        self._postings = self._vectors.T.tocsr()
        for channel in self._channels:
            del channel.vectors
        self._entry_of = entry_of
        self._by_entry = np.argsort(entry_of, kind="stable")
        self._begins = np.flatnonzero(np.diff(entry_of[self._by_entry], prepend=-1))
        self._members = np.split(self._by_entry, self._begins[1:])
        sums = self._sums()
        self._centroid_lengths = self._lengths(sums)
        self._stems = sums[:, : len(self.stem_idf)].sign()

    @property
    def first_letters(self) -> int:
        """The first column of the channel of letters; the words stand before it."""
        return self._channels[-1].first_column

    @property
    def stem_idf(self) -> Floats:
        """How much each stem tells, by column."""
        return self._channels[0].idf

    def stems_of(self, entries: Ints) -> sp.csr_matrix:
        """Entry × stem: 1 where some phrasing of the entry has the stem."""
        return self._stems[entries]

    def nearest(self, message: Sequence[Asked]) -> Found | None:
        """The entries near a message; None if no phrasing shares a term with it."""
        parts = [channel.vector(terms) for channel, terms in zip(self._channels, message, strict=True)]
        columns = np.concatenate([columns for columns, _ in parts])
        values = np.concatenate([values for _, values in parts])
        is_letters = columns >= self.first_letters
        by_words = self._read_postings(columns[~is_letters], values[~is_letters])
        by_letters = self._read_postings(columns[is_letters], values[is_letters])
        rough = by_words + by_letters
        centroids = np.column_stack([self._centroid_cosines(by_words, 0), self._centroid_cosines(by_letters, 1)])
        entries = self._best_entries(rough, centroids)
        if not len(entries):
            return None
        phrasings, place = self._best_phrasings(rough, entries)
        vectors = self._vectors[phrasings]
        scaled = self._cosines(vectors, columns, values)
        shares = np.array([SHARES[name] for name in CHANNELS], np.float32)
        return Found(entries, centroids[entries], phrasings, place, scaled.sum(axis=1), scaled / shares, vectors)

    def _read_postings(self, columns: Ints, values: Floats) -> Floats:
        """Similarity of every phrasing, from the rarest terms only where there are too many postings."""
        begin, end = self._postings.indptr[columns], self._postings.indptr[columns + 1]
        order = np.argsort(end - begin, kind="stable")
        order = order[: max(8, int(np.searchsorted(np.cumsum((end - begin)[order]), _POSTINGS)) + 1)]
        if not len(order):
            return np.zeros(len(self._entry_of), np.float32)
        spans = [slice(first, last) for first, last in zip(begin[order], end[order], strict=True)]
        texts = np.concatenate([self._postings.indices[span] for span in spans])
        weights = np.concatenate([self._postings.data[span] for span in spans])
        weights = weights * np.repeat(values[order], (end - begin)[order])
        return np.bincount(texts, weights, minlength=len(self._entry_of)).astype(np.float32)

    def _centroid_cosines(self, similarity: Floats, view: int) -> Floats:
        """Cosine of a message with the sum of the vectors of each entry, from the products with each vector."""
        sums = np.bincount(self._entry_of, similarity, minlength=len(self._members))
        return (sums / self._centroid_lengths[view]).astype(np.float32)

    def _best_entries(self, similarity: Floats, centroids: Floats) -> Ints:
        best = np.maximum.reduceat(similarity[self._by_entry], self._begins)
        entries = np.argsort(-(best + centroids.mean(axis=1)), kind="stable")[:CANDIDATES]
        return entries[best[entries] > 0]

    def _best_phrasings(self, similarity: Floats, entries: Ints) -> tuple[Ints, Ints]:
        chosen = []
        for entry in entries:
            members = self._members[entry]
            chosen.append(members[np.argsort(-similarity[members], kind="stable")[:SPOKESMEN]])
        return np.concatenate(chosen), np.repeat(np.arange(len(entries)), [len(members) for members in chosen])

    def _cosines(self, vectors: sp.csr_matrix, columns: Ints, values: Floats) -> Floats:
        """Exact products of each vector with the message, one column for each channel."""
        starts = [channel.first_column for channel in self._channels]
        message = np.zeros((vectors.shape[1], len(CHANNELS)), np.float32)
        message[columns, np.searchsorted(starts, columns, side="right") - 1] = values
        return np.asarray(vectors @ message, np.float32)

    def _sums(self) -> sp.csr_matrix:
        """Entry × term: the sum of the vectors of each entry."""
        ones = np.ones(len(self._by_entry), np.float32)
        begins = np.append(self._begins, len(self._by_entry))
        return sp.csr_matrix((ones, self._by_entry, begins), shape=(len(self._members), len(ones))) @ self._vectors

    def _lengths(self, sums: sp.csr_matrix) -> tuple[Floats, Floats]:
        """Length of each sum, by words and by letters, each in the scale of its cosine."""
        row = np.repeat(np.arange(sums.shape[0]), np.diff(sums.indptr))
        is_letters = sums.indices >= self.first_letters
        lengths = []
        for chosen, share in ((~is_letters, WORDS_SHARE), (is_letters, SHARES["letters"])):
            squares = np.bincount(row[chosen], sums.data[chosen] ** 2, minlength=sums.shape[0])
            lengths.append(np.maximum(np.sqrt(squares * share), 1e-6).astype(np.float32))
        return lengths[0], lengths[1]
