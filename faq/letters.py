"""Texts by their letters: the n-grams within words, and those across the seam of two neighbouring words."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from faq import grams
from faq.channel import Asked, Terms
from faq.corpus import Corpus
from faq.grams import Keys
from faq.question import Question
from faq.ragged import Array, Floats, Ints, distinct, owners, rows_of, smallest, spans, starts_of

_SEAM = 0.5  # frequency of an n-gram across two words beside one within a word
_HALF = 2  # phrasings count in halves, so that a count fits into a byte; from 127 n-grams on nothing changes
_MOST = 255
_BLOCK = 512  # phrasings worked on at one time


def _dampen(counts: NDArray[np.floating]) -> Floats:
    """A letter n-gram that comes twice does not tell twice as much."""
    return np.where(counts > 1, 1 + np.log(np.maximum(counts, 1)), counts).astype(np.float32)


_FREQUENCIES = _dampen(np.arange(_MOST + 1) / _HALF)


def asked(question: Question) -> Asked:
    """The n-grams as typed, and those of the corrected words beside them."""
    typed = tuple(word.plain for word in question.words)
    best = question.best
    texts = [_of(typed)] if typed == best else [_of(typed), _of(best)]
    keys, places = np.unique(np.concatenate([keys for keys, _ in texts]), return_inverse=True)
    counts, first = np.zeros(len(keys)), 0
    for of_text, weights in texts:
        of_keys = places[first : (first := first + len(of_text))]
        counts = np.maximum(counts, np.bincount(of_keys, weights, minlength=len(keys)))
    return Asked(keys, _dampen(counts))


def _of(words: Sequence[str]) -> tuple[Keys, Floats]:
    """The n-grams of a text, each as often as it comes, and what each of them weighs."""
    within = [grams.of_word(word) for word in words]
    across = [grams.of_seam(*pair) for pair in pairwise(words)]
    count = sum(map(len, within))
    keys = np.concatenate([*within, *across])
    weights = np.full(len(keys), _SEAM, np.float32)
    weights[:count] = 1
    return keys, weights


def terms(corpus: Corpus, before: Terms | None = None) -> Terms:
    """The n-grams of all phrasings; `before` are those of the corpus before, of which only what changed is redone."""
    kept = len(before.starts) - 1 if before else 0
    pieces = _Pieces(corpus, np.flatnonzero(corpus.sources >= kept))
    keys = distinct(np.concatenate([pieces.words, pieces.seams]))
    if before:
        keys = distinct(np.concatenate([_still_used(before, corpus.sources), keys]))
    columns, counts, starts = pieces.counted(keys)
    if before:
        moved = smallest(np.searchsorted(keys, before.keys), len(keys))
        columns = np.concatenate([np.take(moved, before.columns), columns])
        counts = np.concatenate([before.counts, counts])
        starts = np.concatenate([before.starts, before.starts[-1] + starts[1:]])
    sources = corpus.sources
    return Terms(
        keys,
        starts_of(np.diff(starts)[sources]),
        rows_of(columns, starts, sources),
        rows_of(counts, starts, sources),
        _FREQUENCIES,
    )


def _still_used(before: Terms, sources: Ints) -> Keys:
    """The n-grams of the phrasings that are still there."""
    is_gone = np.ones(len(before.starts) - 1, np.bool_)
    is_gone[sources[sources < len(is_gone)]] = False
    gone, _ = spans(before.starts, np.flatnonzero(is_gone))
    width = len(before.keys)
    uses = np.bincount(before.columns, minlength=width) - np.bincount(before.columns[gone], minlength=width)
    return before.keys[uses > 0]


class _Pieces:
    """The words and seams of some phrasings. Each distinct one is taken apart once."""

    def __init__(self, corpus: Corpus, rows: Ints) -> None:
        numbers, self._starts = corpus.plain(rows)
        distinct, self._word_at = np.unique(numbers, return_inverse=True)
        words = [corpus.words[number] for number in distinct.tolist()]
        owner = owners(self._starts)
        self._left = np.flatnonzero(owner[1:] == owner[:-1])  # places of words that another one follows
        codes = self._word_at[self._left] * len(distinct) + self._word_at[self._left + 1]
        seams, self._seam_at = np.unique(codes, return_inverse=True)
        lefts, rights = (side.tolist() for side in np.divmod(seams, max(1, len(distinct))))
        pairs = [(words[left], words[right]) for left, right in zip(lefts, rights, strict=True)]
        self.words, self._word_starts = _by_piece(*grams.of_words(words), len(words))
        self.seams, self._seam_starts = _by_piece(*grams.of_seams(pairs), len(pairs))

    def counted(self, keys: Keys) -> tuple[Array, Array, Ints]:
        """Columns and counts of all phrasings, and where each phrasing begins in both. `keys` holds all n-grams."""
        words = smallest(np.searchsorted(keys, self.words), len(keys))
        seams = smallest(np.searchsorted(keys, self.seams), len(keys))
        owner = owners(self._starts)
        lengths = np.zeros(len(self._starts) - 1, np.int64)
        parts = []
        for first in range(0, max(1, len(self._starts) - 1), _BLOCK):
            begin, end = self._starts[first], self._starts[min(first + _BLOCK, len(self._starts) - 1)]
            left = slice(*np.searchsorted(self._left, [begin, end]))
            within = _codes(self._word_at[begin:end], owner[begin:end], self._word_starts, words)
            across = _codes(self._seam_at[left], owner[self._left[left]], self._seam_starts, seams)
            rows, columns, counts = _summed(np.concatenate([within + _HALF, across + 1]))
            lengths += np.bincount(rows, minlength=len(lengths))
            parts.append((columns.astype(words.dtype), counts))
        columns, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
        return columns, counts, starts_of(lengths)


def _codes(pieces: Array, owner: Array, starts: Ints, columns: Ints) -> Ints:
    """Phrasing and column of all n-grams of some pieces in one number, with two bits left for a count."""
    places, of_piece = spans(starts, pieces)
    return (np.repeat(owner.astype(np.int64), np.diff(of_piece)) << 32 | columns[places]) << 2


def _summed(codes: Ints) -> tuple[Array, Array, Array]:
    """Phrasing, column and sum of the counts of each phrasing and column."""
    codes.sort()
    terms = codes >> 2
    first = np.flatnonzero(np.diff(terms, prepend=-1))
    counts = np.minimum(np.add.reduceat(codes & 3, first), _MOST).astype(np.uint8)
    return (terms[first] >> 32).astype(np.int32), (terms[first] & 0xFFFFFFFF).astype(np.int32), counts


def _by_piece(keys: Keys, piece: Ints, pieces: int) -> tuple[Keys, Ints]:
    """The n-grams in the order of their pieces, and where those of each piece begin."""
    return keys[np.argsort(piece, kind="stable")], starts_of(np.bincount(piece, minlength=pieces))
