"""The phrasings of a store as an inverted TF-IDF index.

Three channels look at a text in different ways: its stems, its pairs of neighbouring stems, its letters. Within a
channel each phrasing is a vector of length 1, so the product of two vectors is a cosine. The channels lie side by side,
scaled so that one product gives the weighted mean of the three cosines.

It is looked up in two steps. The rarest terms of a message and the sums of whole entries choose entries and phrasings;
those few are then compared in full.

A term tells the more the fewer entries use it. How many phrasings use it does not matter: a word that all phrasings of
one entry share is the best pointer to that entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from faq.channel import Asked, Channel, Keys, Terms
from faq.inverted import ByTerm, Inverted, Message
from faq.ragged import Floats, Ints, Vectors, owners, smallest, spans

__all__ = ["Asked", "Floats", "Found", "Index", "Ints", "Keys", "Terms"]

CHANNELS = ("stems", "pairs", "letters")
# Share of each channel in the similarity. Letters forgive typos and find compounds, stems keep to meaning.
SHARES: Mapping[str, float] = {"stems": 0.3, "pairs": 0.1, "letters": 0.6}
_SHARES = np.array([[SHARES[name]] for name in CHANNELS], np.float32)
WORDS_SHARE = SHARES["stems"] + SHARES["pairs"]
# How much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1: like the rarest term).
_UNKNOWN: Mapping[str, float] = {"stems": 1.0, "pairs": 0.0, "letters": 0.5}

_POSTINGS = 12_000  # read for a first choice, of the rarest terms first: what all phrasings have tells them not apart
CANDIDATES = 16  # entries that are looked at closely, with …
_HEARD = 64  # … so many of their phrasings, the nearest, …
_SPOKESMEN = 12  # … at most so many of one entry: one with many must not crowd out the others


@dataclass(frozen=True, slots=True)
class Found:
    """The entries nearest to a message, each with its nearest phrasings.

    Phrasings stand together by entry, the nearest first within each entry.
    """

    entries: Ints
    centroids: Floats  # for each entry the cosines with the sum of all its phrasings, by words and by letters
    phrasings: Ints
    place: Ints  # for each phrasing the place of its entry in `entries`, in which none is left out
    similarity: Floats  # of each phrasing, weighted mean over the channels
    by_channel: Floats  # channel × phrasing, cosines
    vectors: tuple[Vectors, ...]  # channel × phrasing × term
    letters: tuple[Ints, Floats]  # of the message: the columns of its letter n-grams, and their values

    @property
    def first(self) -> Ints:
        """Where the phrasings of each entry begin."""
        return np.searchsorted(self.place, np.arange(len(self.entries)))


class Centres:
    """The sum of the vectors of each entry, by words and by letters.

    What all phrasings of an entry have in common stands out in it; what one of them happens to say fades.
    """

    def __init__(self, channels: Sequence[ByTerm], count: int) -> None:
        """`count` is the number of entries."""
        *words, letters = channels
        again = ByTerm(letters.starts, smallest(letters.owners.astype(np.int64) + count, 2 * count), letters.values)
        self._sums = Inverted([*words, again])
        shares = np.repeat([WORDS_SHARE, SHARES["letters"]], count)
        self._lengths = np.maximum(np.sqrt(self._sums.squares(2 * count) * shares), 1e-6)

    def cosines(self, message: Message) -> Floats:
        """Those of each entry with a message: entry × (words, letters)."""
        products = self._sums.products(message, len(self._lengths))
        return np.asarray((products / self._lengths).reshape(2, -1).T, np.float32)


class Index:
    """Finds the entries and phrasings nearest to a message."""

    def __init__(self, terms: Sequence[Terms], entries: Ints) -> None:
        """`terms` in the order of `CHANNELS`.

        The phrasings of an entry stand together; `entries` holds where those of each begin, and where the last end.
        """
        made = [
            Channel.inverted(of_channel, entries, scale=SHARES[name] ** 0.5, unknown=_UNKNOWN[name])
            for name, of_channel in zip(CHANNELS, terms, strict=True)
        ]
        self._channels = [channel for channel, _, _ in made]
        self._phrasings = Inverted([vectors for _, vectors, _ in made])
        self._centres = Centres([sums for _, _, sums in made], len(entries) - 1)
        self._entries = entries
        self._stems = self._channels[0].of_entries(entries)

    @property
    def terms(self) -> list[Terms]:
        """What it was built from."""
        return [channel.terms for channel in self._channels]

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
        rough = self._phrasings.products(asked, self._entries[-1], _POSTINGS).astype(np.float32)
        centroids = self._centres.cosines(asked)
        entries = self._best_entries(rough, centroids)
        if not len(entries):
            return None
        phrasings, place = self._best_phrasings(rough, entries)
        vectors = tuple(channel.vectors(phrasings) for channel in self._channels)
        scaled = [near @ _dense(vector, near.width) for near, vector in zip(vectors, asked, strict=True)]
        by_channel = np.asarray(scaled / _SHARES, np.float32)
        return Found(
            entries, centroids[entries], phrasings, place, np.sum(scaled, axis=0), by_channel, vectors, asked[-1]
        )

    def _best_entries(self, similarity: Floats, centroids: Floats) -> Ints:
        best = np.maximum.reduceat(similarity, self._entries[:-1])
        entries = np.argsort(-(best + centroids.mean(axis=1)), kind="stable")[:CANDIDATES]
        return entries[best[entries] > 0]

    def _best_phrasings(self, similarity: Floats, entries: Ints) -> tuple[Ints, Ints]:
        """The nearest phrasings of all these entries together, and at least the nearest of each."""
        places, starts = spans(self._entries, entries)
        place = owners(starts).astype(np.int64)
        near = similarity[places]
        order = np.argsort(2 * place - near, kind="stable")  # by entry, the nearest first: similarities are not above 1
        near, rank = near[order], np.arange(len(order)) - starts[place]
        heard = near[rank < _SPOKESMEN]
        least = np.partition(heard, -_HEARD)[-_HEARD] if len(heard) > _HEARD else 0
        kept = np.flatnonzero((rank < _SPOKESMEN) & (near >= least) & (near > 0) | (rank == 0))
        return places[order[kept]], place[kept]


def _dense(asked: tuple[Ints, Floats], width: int) -> Floats:
    """A message with a value for every column."""
    columns, values = asked
    message = np.zeros(width, np.float32)
    message[columns] = values
    return message
