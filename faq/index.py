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
from numpy.typing import NDArray

from faq.channel import Asked, Channel, Keys, Terms
from faq.ragged import Floats, Ints, Vectors, beside

__all__ = ["Asked", "Floats", "Found", "Index", "Ints", "Keys", "Terms"]

CHANNELS = ("stems", "pairs", "letters")
# Share of each channel in the similarity. Letters forgive typos and find compounds, stems keep to meaning.
SHARES: Mapping[str, float] = {"stems": 0.3, "pairs": 0.1, "letters": 0.6}
WORDS_SHARE = SHARES["stems"] + SHARES["pairs"]
# How much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1: like the rarest term).
_UNKNOWN: Mapping[str, float] = {"stems": 1.0, "pairs": 0.0, "letters": 0.5}

CANDIDATES = 16  # entries that are looked at closely
SPOKESMEN = 10  # phrasings of each candidate that are looked at: an entry with many must not crowd out the others


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
    vectors: Vectors  # phrasing × term
    letters: tuple[Ints, Floats]  # of the message: the columns of its letter n-grams in `vectors`, and their values


class Index:
    """Finds the entries and phrasings nearest to a message."""

    def __init__(self, terms: Sequence[Terms], entries: Ints) -> None:
        """`terms` in the order of `CHANNELS`.

        The phrasings of an entry stand together; `entries` holds where those of each begin, and where the last end.
        """
        self._channels = [
            Channel(of_channel, entries, scale=SHARES[name] ** 0.5, unknown=_UNKNOWN[name])
            for name, of_channel in zip(CHANNELS, terms, strict=True)
        ]
        self._entries = entries
        stems, pairs, letters = self._channels
        self._stems = stems.of_entries(entries)
        self._sums = (
            _lengths((stems.squares + pairs.squares) * WORDS_SHARE),
            _lengths(letters.squares * SHARES["letters"]),
        )

    @property
    def terms(self) -> list[Terms]:
        """What it was built from."""
        return [channel.terms for channel in self._channels]

    @property
    def first_letters(self) -> int:
        """The first column of the channel of letters; the words stand before it."""
        return sum(len(channel.idf) for channel in self._channels[:-1])

    @property
    def stem_idf(self) -> Floats:
        """How much each stem tells, by column."""
        return self._channels[0].idf

    def stems_of(self, entries: Ints) -> Vectors:
        """Entry × stem: 1 where some phrasing of the entry has the stem."""
        return self._stems.rows(entries)

    def nearest(self, message: Sequence[Asked]) -> Found | None:
        """The entries near a message; None if no phrasing shares a term with it."""
        asked = [channel.vector(terms) for channel, terms in zip(self._channels, message, strict=True)]
        stems, pairs, letters = (
            channel.products(*vector) for channel, vector in zip(self._channels, asked, strict=True)
        )
        by_words = stems + pairs
        rough = by_words + letters
        centroids = np.column_stack([self._centroid_cosines(by_words, 0), self._centroid_cosines(letters, 1)])
        entries = self._best_entries(rough, centroids)
        if not len(entries):
            return None
        phrasings, place = self._best_phrasings(rough, entries)
        vectors = [channel.vectors(phrasings) for channel in self._channels]
        scaled = np.column_stack([_products(*pair) for pair in zip(vectors, asked, strict=True)])
        shares = np.array([SHARES[name] for name in CHANNELS], np.float32)
        similarity = scaled.sum(axis=1)
        spelling = (asked[-1][0] + self.first_letters, asked[-1][1])
        by_channel = scaled / shares
        return Found(entries, centroids[entries], phrasings, place, similarity, by_channel, beside(vectors), spelling)

    def _centroid_cosines(self, similarity: Floats, view: int) -> Floats:
        """Cosine of a message with the sum of the vectors of each entry, from the products with each vector."""
        sums = np.add.reduceat(similarity, self._entries[:-1], dtype=np.float64)
        return (sums / self._sums[view]).astype(np.float32)

    def _best_entries(self, similarity: Floats, centroids: Floats) -> Ints:
        best = np.maximum.reduceat(similarity, self._entries[:-1])
        entries = np.argsort(-(best + centroids.mean(axis=1)), kind="stable")[:CANDIDATES]
        return entries[best[entries] > 0]

    def _best_phrasings(self, similarity: Floats, entries: Ints) -> tuple[Ints, Ints]:
        chosen = []
        for first, end in zip(self._entries[entries], self._entries[entries + 1], strict=True):
            chosen.append(first + np.argsort(-similarity[first:end], kind="stable")[:SPOKESMEN])
        return np.concatenate(chosen), np.repeat(np.arange(len(entries)), [len(members) for members in chosen])


def _products(vectors: Vectors, asked: tuple[Ints, Floats]) -> Floats:
    """The product of each vector with a message."""
    columns, values = asked
    message = np.zeros(vectors.width, np.float32)
    message[columns] = values
    return vectors @ message


def _lengths(squares: NDArray[np.float64]) -> Floats:
    return np.maximum(np.sqrt(squares), 1e-6).astype(np.float32)
