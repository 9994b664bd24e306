"""From words to the terms of the index: stems, pairs of stems, letter n-grams."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from faq import letters
from faq.channel import Asked, Terms
from faq.corpus import Corpus, telling
from faq.grams import Keys
from faq.question import Question
from faq.ragged import Floats, Ints, distinct, owners, smallest, spans, starts_of
from faq.spelling import Speller
from faq.vocabulary import Vocabulary

_PART = 0.5  # frequency of a part of a compound beside the compound itself
_START = 1 << 31  # number of the "word" before the first; no store has so many stems


class Encoder:
    """Turns phrasings and questions into terms.

    Stems are numbered from 0 without a gap. Every one of them occurs in a phrasing, so in the index a stem's number is
    its column.
    """

    def __init__(self, vocabulary: Vocabulary, speller: Speller, before: "Encoder | None" = None) -> None:
        """`before` is the encoder of an earlier store."""
        self.vocabulary = vocabulary
        stems = dict.fromkeys(stem for word in vocabulary.counts if (stem := vocabulary.stem(word)))
        self._numbers = {stem: number for number, stem in enumerate(stems)}
        self.parts = self._compounds(speller, before)

    def _compounds(self, speller: Speller, before: "Encoder | None") -> dict[str, tuple[str, ...]]:
        """The parts of the words that are compounds of others.

        Parts are forms of the vocabulary, so a word has the parts that it had unless a form came or went that it holds.
        """
        words = self.vocabulary.counts
        known: dict[str, tuple[str, ...]] = {}
        if before:
            other = tuple(self.vocabulary.forms() ^ before.vocabulary.forms())
            known = {
                word: before.parts.get(word, ())
                for word in words
                if word in before.vocabulary.counts and not any(form in word for form in other)
            }
        parts = ((word, known[word] if word in known else speller.split(word)) for word in words)
        return {word: found for word, found in parts if found}

    def number(self, word: str) -> int | None:
        """The number of the stem of a plain word, None if the store does not have it."""
        stem = self.vocabulary.stem(word)
        return None if stem is None else self._numbers[stem]

    def phrasings(self, corpus: Corpus, before: Terms | None = None) -> list[Terms]:
        """The terms of all phrasings by channel; `before` are the terms by letters of the corpus before.

        Synonyms add a meaning, not letters: they count among the stems only.
        """
        numbers = (self.number(word) for word in corpus.words)
        stems = np.array([-1 if number is None else number for number in numbers], np.int64)  # -1: no longer in use
        return [self._stems(corpus, stems), _pairs(corpus, stems), letters.terms(corpus, before)]

    def question(self, question: Question) -> list[Asked]:
        """The terms of a question by channel."""
        return [self._asked_stems(question), self._asked_pairs(question.best), letters.asked(question)]

    def _stems(self, corpus: Corpus, stems: Ints) -> Terms:
        """The stems of all words, and of the parts of compounds, by how much they tell."""
        tells = dict(zip(corpus.words, corpus.tells.tolist(), strict=True))
        parts = [
            (number, self._numbers[stem], _PART * (tells.get(part) or telling(part)))
            for number, word in enumerate(corpus.words)
            for part in self.parts.get(word, ())
            if (stem := self.vocabulary.stem(part))
        ]
        words = np.array([*range(len(stems)), *(word for word, _, _ in parts)], np.int64)
        forms = np.array([*stems.tolist(), *(stem for _, stem, _ in parts)], np.int64)
        weights = np.array([*corpus.tells.tolist(), *(weight for _, _, weight in parts)])
        by_word = np.argsort(words, kind="stable")
        places, of_words = spans(starts_of(np.bincount(words, minlength=len(stems))), corpus.numbers)
        places = by_word[places]
        codes = np.repeat(owners(corpus.starts).astype(np.int64), np.diff(of_words)) << 32 | forms[places]
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        first = np.flatnonzero(np.diff(codes, prepend=-1))
        frequencies = np.add.reduceat(weights[places][order], first).astype(np.float32)
        return _terms(np.arange(len(self._numbers), dtype=np.uint64), corpus, codes[first], frequencies)

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
                    weights[number] = max(weights.get(number, 0.0), weight * telling(word))
        return Asked(np.array(list(weights), np.uint64), np.array(list(weights.values()), np.float32))

    def _asked_pairs(self, words: Sequence[str]) -> Asked:
        keys = np.array(list(self._pair_keys(words)), np.uint64)
        return Asked(keys, np.ones(len(keys), np.float32))


def _pairs(corpus: Corpus, stems: Ints) -> Terms:
    plain, starts = corpus.plain(np.arange(len(corpus.texts)))
    second = stems.astype(np.uint64)[plain]
    first = np.concatenate([[_START], second[:-1]]).astype(np.uint64)
    first[starts[:-1]] = _START
    keys, columns = np.unique(first << np.uint64(32) | second, return_inverse=True)
    codes = distinct(owners(starts).astype(np.int64) << 32 | columns)
    return _terms(keys, corpus, codes, np.ones(len(codes), np.float32))


def _terms(keys: Keys, corpus: Corpus, codes: Ints, frequencies: Floats) -> Terms:
    """`codes` hold phrasing and column of each term in one number, sorted."""
    starts = starts_of(np.bincount(codes >> 32, minlength=len(corpus.texts)))
    return Terms(keys, starts, smallest(codes & 0xFFFFFFFF, len(keys)), frequencies)
