"""From words to the terms of the index: stems, pairs of stems, letter n-grams."""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
import scipy.sparse as sp

from faq import grams
from faq.frequency import information
from faq.index import Asked, Floats, Ints, Keys, Terms
from faq.question import Question
from faq.spelling import Speller
from faq.vocabulary import Vocabulary

Texts = Sequence[Sequence[str]]  # plain words
Piece = TypeVar("Piece", bound=Hashable)

_SEAM = 0.5  # frequency of an n-gram across two words beside one within a word
_PART = 0.5  # frequency of a part of a compound beside the compound itself
_START = 1 << 31  # number of the "word" before the first; no store has so many stems


class Encoder:
    """Turns phrasings and questions into terms.

    Stems are numbered from 0 without a gap. Every one of them occurs in a phrasing, so in the index a stem's number is
    its column.
    """

    def __init__(self, vocabulary: Vocabulary, speller: Speller) -> None:
        self._vocabulary = vocabulary
        stems = dict.fromkeys(stem for word in vocabulary.counts if (stem := vocabulary.stem(word)))
        self._numbers = {stem: number for number, stem in enumerate(stems)}
        self._weighted = {word: self._with_parts(word, speller) for word in vocabulary.counts}

    def _with_parts(self, word: str, speller: Speller) -> tuple[tuple[int, float], ...]:
        """The number of a word's stem and those of its parts, with their weights."""
        forms = [(word, 1.0), *((part, _PART) for part in speller.split(word))]
        numbers = ((self.number(form), weight * _telling(form)) for form, weight in forms)
        return tuple((number, weight) for number, weight in numbers if number is not None)

    def number(self, word: str) -> int | None:
        """The number of the stem of a plain word, None if the store does not have it."""
        stem = self._vocabulary.stem(word)
        return None if stem is None else self._numbers[stem]

    def phrasings(self, texts: Texts, synonyms: Texts) -> list[Terms]:
        """The terms of all phrasings by channel; for each phrasing its plain words, and the synonyms to add.

        Synonyms add a meaning, not letters: they count among the stems only.
        """
        together = [[*text, *more] for text, more in zip(texts, synonyms, strict=True)]
        return [self._stems(together), self._pairs(texts), _letters(texts)]

    def question(self, question: Question) -> list[Asked]:
        """The terms of a question by channel."""
        return [self._asked_stems(question), self._asked_pairs(question.best), _asked_letters(question)]

    def _stems(self, texts: Texts) -> Terms:
        columns: list[int] = []
        frequencies: list[float] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            counts: dict[int, float] = {}
            for word in text:
                for number, weight in self._weighted[word]:
                    counts[number] = counts.get(number, 0.0) + weight
            columns += counts.keys()
            frequencies += counts.values()
            owners += [owner] * len(counts)
        numbers = np.arange(len(self._numbers), dtype=np.uint64)
        return Terms(numbers, _ints(columns), _ints(owners), np.array(frequencies, np.float32))

    def _pairs(self, texts: Texts) -> Terms:
        keys: list[int] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            pairs = self._pair_keys(text)
            keys += pairs
            owners += [owner] * len(pairs)
        distinct, columns = np.unique(np.array(keys, np.uint64), return_inverse=True)
        return Terms(distinct, columns, _ints(owners), np.ones(len(keys), np.float32))

    def _pair_keys(self, words: Sequence[str]) -> set[int]:
        numbers = [_START, *(self.number(word) for word in words)]
        return {first << 32 | second for first, second in pairwise(numbers) if first is not None and second is not None}

    def _asked_stems(self, question: Question) -> Asked:
        weights: dict[int, float] = {}
        unknown = len(self._numbers)
        for meaning in question.understood:
            stands_for = (*meaning.words, *((word, 1.0) for word in meaning.synonyms))
            if not stands_for:
                weights[unknown] = 1.0
                unknown += 1
            for word, weight in stands_for:
                if (number := self.number(word)) is not None:
                    weights[number] = max(weights.get(number, 0.0), weight * _telling(word))
        return Asked(np.array(list(weights), np.uint64), np.array(list(weights.values()), np.float32))

    def _asked_pairs(self, words: Sequence[str]) -> Asked:
        keys = np.array(list(self._pair_keys(words)), np.uint64)
        return Asked(keys, np.ones(len(keys), np.float32))


def _letters(texts: Texts) -> Terms:
    """The n-grams within words and across seams. Each distinct word and seam is taken apart once."""
    within, word_keys, word_owners = _occurrences(texts, grams.of_words)
    across, seam_keys, seam_owners = _occurrences([list(pairwise(text)) for text in texts], grams.of_seams)
    keys, columns = np.unique(np.concatenate([word_keys, seam_keys]), return_inverse=True)
    of_words = _counts(word_owners, columns[: len(word_keys)], within.shape[1], len(keys))
    of_seams = _counts(seam_owners, columns[len(word_keys) :], across.shape[1], len(keys))
    counts = (within @ of_words + _SEAM * (across @ of_seams)).tocoo()
    return Terms(keys, counts.col.astype(np.int64), counts.row.astype(np.int64), _dampen(counts.data))


def _occurrences(
    texts: Sequence[Sequence[Piece]], take_apart: Callable[[Sequence[Piece]], tuple[Keys, Ints]]
) -> tuple[sp.csr_matrix, Keys, Ints]:
    """How often each distinct piece comes in each text, and the n-grams of the pieces with the pieces' numbers."""
    numbers: dict[Piece, int] = {}
    columns = [numbers.setdefault(piece, len(numbers)) for text in texts for piece in text]
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    return _counts(rows, _ints(columns), len(texts), len(numbers)), *take_apart(list(numbers))


@lru_cache(maxsize=1 << 14)
def _telling(word: str) -> float:
    """Weight of a stem by how common the word is in the language: a small store cannot know that "gerne" is filler."""
    return 0.5 + 0.5 * information(word)


def _asked_letters(question: Question) -> Asked:
    """The n-grams as typed, and those of the corrected words beside them."""
    typed = tuple(word.plain for word in question.words)
    keys, counts = _letters_of(typed)
    if typed != question.best:
        more_keys, more_counts = _letters_of(question.best)
        keys, places = np.unique(np.concatenate([keys, more_keys]), return_inverse=True)
        both = np.zeros(len(keys), np.float32)
        np.maximum.at(both, places, np.concatenate([counts, more_counts]))
        counts = both
    return Asked(keys, _dampen(counts))


def _letters_of(words: Sequence[str]) -> tuple[Keys, Floats]:
    """The distinct n-grams of a text and how often each comes."""
    within, _ = grams.of_words(words)
    across, _ = grams.of_seams(list(pairwise(words)))
    keys, places = np.unique(np.concatenate([within, across]), return_inverse=True)
    weights = np.repeat([1.0, _SEAM], [len(within), len(across)])
    return keys, np.bincount(places, weights, minlength=len(keys)).astype(np.float32)


def _dampen(counts: Floats) -> Floats:
    """A letter n-gram that comes twice does not tell twice as much."""
    return np.where(counts > 1, 1 + np.log(np.maximum(counts, 1)), counts).astype(np.float32)


def _counts(rows: Ints, columns: Ints, height: int, width: int) -> sp.csr_matrix:
    """How often each pair of row and column comes."""
    return sp.coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(height, width)).tocsr()


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)
