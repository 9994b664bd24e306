"""The phrasings of a store as an inverted TF-IDF index.

Three channels look at a text in different ways: its stems, its pairs of neighbouring stems, its letters. Within a
channel each phrasing is a vector of length 1, so the product of two vectors is a cosine. The channels lie side by side
in one matrix, scaled so that one product gives the weighted mean of the three cosines.

Retrieval reads only the postings of the terms of a message, rarest first and at most `_POSTINGS` of them; the exact
cosines are then worked out for the best phrasings alone.
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
# How much a term that the store has nowhere lengthens the vector of a message (0: not at all, 1: like the rarest term).
_UNKNOWN: Mapping[str, float] = {"stems": 1.0, "pairs": 0.0, "letters": 0.5}

_POSTINGS = 120_000  # some 0.5 ms of reading; never reached below a few thousand phrasings


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one channel with their frequencies, and for each the text it occurs in (for a message: always 0)."""

    keys: Keys
    frequencies: Floats
    owners: Ints


@dataclass(frozen=True, slots=True)
class Found:
    """Phrasings near a message, nearest first."""

    phrasings: Ints
    similarity: Floats  # weighted mean over the channels
    by_channel: Floats  # phrasing × channel, cosines
    vectors: sp.csr_matrix  # phrasing × term


class _Channel:
    """The terms of one channel: where they stand in the common matrix and how much they tell."""

    def __init__(self, name: str, terms: Terms, texts: int, first_column: int) -> None:
        self.unknown = _UNKNOWN[name]
        self.scale = np.float32(np.sqrt(SHARES[name] / sum(SHARES.values())))
        self.first_column = first_column
        self.keys, columns = np.unique(terms.keys, return_inverse=True)
        self.columns: Ints = columns.astype(np.int64)
        occurrences = np.bincount(self.columns, minlength=len(self.keys))
        self.idf: Floats = (np.log((1 + texts) / (1 + occurrences)) + 1).astype(np.float32)
        self.most = float(np.log(1 + texts) + 1)

    def weigh(self, terms: Terms, texts: int) -> Floats:
        """The values of the terms that the channel was made from, scaled to length 1 for each text."""
        values = terms.frequencies * self.idf[self.columns]
        lengths = np.sqrt(np.bincount(terms.owners, values * values, minlength=texts))
        lengths[lengths == 0] = 1
        return (values / lengths[terms.owners] * self.scale).astype(np.float32)

    def find(self, keys: Keys) -> tuple[Ints, NDArray[np.bool_]]:
        """Columns, counted from the first of the channel, of the keys that it has, and for each key whether it has it."""
        if not len(self.keys):
            return np.empty(0, np.int64), np.zeros(len(keys), np.bool_)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        return places[known], known

    def vector(self, terms: Terms) -> tuple[Ints, Floats]:
        """Columns and values of the terms of a message; the unknown ones only lengthen the vector."""
        places, known = self.find(terms.keys)
        values = terms.frequencies[known] * self.idf[places]
        missing = terms.frequencies[~known] * (self.most * self.unknown)
        length = float(np.sqrt(values @ values + missing @ missing)) or 1.0
        return places + self.first_column, (values / length * self.scale).astype(np.float32)


class Index:
    """Finds the phrasings nearest to a message."""

    def __init__(self, channels: Sequence[Terms], texts: int) -> None:
        """`channels` in the order of `CHANNELS`, each with the terms of all texts, no term twice in one text."""
        self._texts = texts
        self._channels: list[_Channel] = []
        rows, columns, values = [], [], []
        width = 0
        for name, terms in zip(CHANNELS, channels, strict=True):
            channel = _Channel(name, terms, texts, width)
            rows.append(terms.owners.astype(np.int32))
            columns.append((channel.columns + width).astype(np.int32))
            values.append(channel.weigh(terms, texts))
            width += len(channel.keys)
            channel.columns = np.empty(0, np.int64)
            self._channels.append(channel)
        coordinates = (np.concatenate(rows), np.concatenate(columns))
        self._vectors = sp.csr_matrix((np.concatenate(values), coordinates), shape=(texts, width))
        self._postings = self._vectors.T.tocsr()
        self._starts = [channel.first_column for channel in self._channels]

    def width(self, channel: str) -> int:
        """Number of distinct terms of a channel."""
        return len(self._channel(channel).keys)

    def all_idf(self, channel: str) -> Floats:
        """How much each term of a channel tells, by its column within the channel."""
        return self._channel(channel).idf

    def columns(self, channel: str, keys: Keys) -> tuple[Ints, NDArray[np.bool_]]:
        """Columns within the channel of the terms that it has, and for each term whether it has it."""
        return self._channel(channel).find(keys)

    def _channel(self, name: str) -> _Channel:
        return self._channels[CHANNELS.index(name)]

    def nearest(self, message: Sequence[Terms], limit: int) -> Found:
        """At most `limit` phrasings that share a term with the message."""
        parts = [channel.vector(terms) for channel, terms in zip(self._channels, message, strict=True)]
        columns = np.concatenate([columns for columns, _ in parts])
        values = np.concatenate([values for _, values in parts])
        rough = self._read_postings(columns, values)
        best = np.argpartition(-rough, limit)[:limit] if limit < self._texts else np.arange(self._texts)
        best = best[rough[best] > 0]
        vectors = self._vectors[best]
        by_channel = self._cosines(vectors, columns, values)
        similarity = by_channel.sum(axis=1)
        order = np.argsort(-similarity, kind="stable")
        scales = np.array([channel.scale**2 for channel in self._channels], np.float32)
        return Found(best[order], similarity[order], by_channel[order] / scales, vectors[order])

    def _read_postings(self, columns: Ints, values: Floats) -> Floats:
        """Similarity of every phrasing, from the rarest terms only where there are too many postings."""
        begin, end = self._postings.indptr[columns], self._postings.indptr[columns + 1]
        order = np.argsort(end - begin, kind="stable")
        order = order[: max(8, int(np.searchsorted(np.cumsum((end - begin)[order]), _POSTINGS)) + 1)]
        if not len(order):
            return np.zeros(self._texts, np.float32)
        spans = [slice(first, last) for first, last in zip(begin[order], end[order], strict=True)]
        texts = np.concatenate([self._postings.indices[span] for span in spans])
        weights = np.concatenate([self._postings.data[span] for span in spans])
        weights = weights * np.repeat(values[order], (end - begin)[order])
        return np.bincount(texts, weights, minlength=self._texts).astype(np.float32)

    def _cosines(self, vectors: sp.csr_matrix, columns: Ints, values: Floats) -> Floats:
        """Exact scaled cosines of each vector with the message, one column for each channel."""
        message = np.zeros((vectors.shape[1], len(CHANNELS)), np.float32)
        message[columns, np.searchsorted(self._starts, columns, side="right") - 1] = values
        return np.asarray(vectors @ message, np.float32)
