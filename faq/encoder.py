"""From words to the terms of the index: stems, pairs of stems, letter n-grams."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from faq import grams
from faq.frequency import information
from faq.index import Asked, Floats, Ints, Keys, Terms
from faq.question import Question
from faq.spelling import Speller
from faq.vocabulary import Vocabulary

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
        self._parts = {word: speller.split(word) for word in vocabulary.counts}

    def number(self, word: str) -> int | None:
        """The number of the stem of a plain word, None if the store does not have it."""
        stem = self._vocabulary.stem(word)
        return None if stem is None else self._numbers[stem]

    def phrasings(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[Terms]:
        """The terms of all phrasings by channel; each phrasing as its plain words and the synonyms to add."""
        return [self._stems(texts), self._pairs(texts), self._letters(texts)]

    def question(self, question: Question) -> list[Asked]:
        """The terms of a question by channel."""
        return [self._asked_stems(question), self._asked_pairs(question.best), _asked_letters(question)]

    def _stems(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Terms:
        keys: list[int] = []
        frequencies: list[float] = []
        owners: list[int] = []
        for owner, (words, synonyms) in enumerate(texts):
            counts: dict[int, float] = {}
            for word in (*words, *synonyms):
                for stem, weight in ((word, 1.0), *((part, _PART) for part in self._parts.get(word, ()))):
                    if (number := self.number(stem)) is not None:
                        counts[number] = counts.get(number, 0.0) + weight * _telling(stem)
            keys += counts.keys()
            frequencies += counts.values()
            owners += [owner] * len(counts)
        numbers = np.arange(len(self._numbers), dtype=np.uint64)
        return Terms(numbers, np.array(keys, np.int64), np.array(owners, np.int64), np.array(frequencies, np.float32))

    def _pairs(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Terms:
        keys: list[int] = []
        owners: list[int] = []
        for owner, (words, _) in enumerate(texts):
            pairs = self._pair_keys(words)
            keys += pairs
            owners += [owner] * len(pairs)
        distinct, columns = np.unique(np.array(keys, np.uint64), return_inverse=True)
        return Terms(distinct, columns, np.array(owners, np.int64), np.ones(len(keys), np.float32))

    def _pair_keys(self, words: Sequence[str]) -> set[int]:
        numbers = [_START, *(self.number(word) for word in words)]
        return {first << 32 | second for first, second in pairwise(numbers) if first is not None and second is not None}

    def _asked_stems(self, question: Question) -> Asked:
        weights: dict[int, float] = {}
        unknown = len(self._numbers)
        for meaning in question.understood:
            if not meaning.words:
                weights[unknown] = 1.0
                unknown += 1
            for word, weight in meaning.words:
                if (number := self.number(word)) is not None:
                    weights[number] = max(weights.get(number, 0.0), weight * _telling(word))
        for word in question.synonyms:
            if (number := self.number(word)) is not None:
                weights[number] = max(weights.get(number, 0.0), 1.0)
        return Asked(np.array(list(weights), np.uint64), np.array(list(weights.values()), np.float32))

    def _asked_pairs(self, words: Sequence[str]) -> Asked:
        keys = np.array(list(self._pair_keys(words)), np.uint64)
        return Asked(keys, np.ones(len(keys), np.float32))

    def _letters(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Terms:
        """Each distinct word and seam is taken apart once; a product of counts does the rest."""
        word_numbers: dict[str, int] = {}
        seam_numbers: dict[tuple[str, str], int] = {}
        word_at, seam_at = [], []
        for words, synonyms in texts:
            word_at.append([word_numbers.setdefault(word, len(word_numbers)) for word in (*words, *synonyms)])
            seams = pairwise(words)
            seam_at.append([seam_numbers.setdefault(seam, len(seam_numbers)) for seam in seams])
        word_keys, word_owners = grams.of_words(list(word_numbers))
        seam_keys, seam_owners = grams.of_seams(list(seam_numbers))
        keys, columns = np.unique(np.concatenate([word_keys, seam_keys]), return_inverse=True)
        of_words = _counts(word_owners, columns[: len(word_keys)], len(word_numbers), len(keys))
        of_seams = _counts(seam_owners, columns[len(word_keys) :], len(seam_numbers), len(keys))
        within = _occurrences(word_at, len(word_numbers)) @ of_words
        across = _occurrences(seam_at, len(seam_numbers)) @ of_seams
        counts = (within + _SEAM * across).tocoo()
        return Terms(keys, counts.col.astype(np.int64), counts.row.astype(np.int64), _dampen(counts.data))


@lru_cache(maxsize=1 << 14)
def _telling(word: str) -> float:
    """Weight of a stem by how common the word is in the language: a small store cannot know that "gerne" is filler."""
    return 0.5 + 0.5 * information(word)


def _asked_letters(question: Question) -> Asked:
    """The n-grams as typed, and those of the corrected words beside them."""
    typed = tuple(word.plain for word in question.words)
    keys, counts = _letters_of(typed, question.synonyms)
    if typed != question.best:
        more_keys, more_counts = _letters_of(question.best, question.synonyms)
        keys, places = np.unique(np.concatenate([keys, more_keys]), return_inverse=True)
        both = np.zeros(len(keys), np.float32)
        np.maximum.at(both, places, np.concatenate([counts, more_counts]))
        counts = both
    return Asked(keys, _dampen(counts))


def _letters_of(words: Sequence[str], synonyms: Sequence[str]) -> tuple[Keys, Floats]:
    """The distinct n-grams of a text and how often each comes."""
    within, _ = grams.of_words([*words, *synonyms])
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


def _occurrences(numbers: Sequence[Sequence[int]], width: int) -> sp.csr_matrix:
    lengths = [len(line) for line in numbers]
    columns = [number for line in numbers for number in line]
    return _counts(np.repeat(np.arange(len(numbers)), lengths), np.array(columns, np.int64), len(numbers), width)
