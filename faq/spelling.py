"""What an unknown word of a message means in the words of the store: a compound, two words glued, a typo or dialect."""

import math
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from faq.dialect import spellings
from faq.frequency import is_common
from faq.vocabulary import Vocabulary

# Letters that German puts between the parts of a compound ("Praxis-ausweis", "Leistung-s-antrag", "Karte-n-leser").
# "er" and "e" are left out: they would make "lief-er-dienst".
_LINKS = ("", "s", "n", "en", "es")
_SHORTEST_PART = 4  # shorter "parts" are found by chance in nearly every word
_SHORTEST_TYPO = 3
_FIRST_LETTER = 0.06  # similarity lost by a wrong first letter: it is rarely the one mistyped
# Similarity from which a known word may be meant, by least length: about one edit in short words, three in long ones.
_LEAST_SIMILARITY = ((7, 0.7), (5, 0.66), (0, 0.6))
_LEAST_TAIL = 0.5  # similarity of what follows the first mistake
_READINGS = 3  # words of the store that one typo may mean
_COMPOUND_WEIGHT = 0.8  # a part says a little less than the word on its own
_SPOKEN_WEIGHT = 0.7  # of a word that was written as it is spoken; a typo that is nearer is the better reading
_CACHED = 4_000


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of the store that a word of a message stands for, each with a weight (0 … 1), strongest first."""

    words: tuple[tuple[str, float], ...] = ()
    is_typo: bool = False  # or dialect: the words are alternatives; else they stand together for the word
    synonyms: tuple[str, ...] = ()  # what the word also counts as

    @property
    def is_unknown(self) -> bool:
        return not (self.words or self.synonyms)


_UNKNOWN = Understood()


class Speller:
    """Reads the words of messages in the vocabulary of a store."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_length: dict[int, list[str]] = {}
        for word in vocabulary.counts:
            self._by_length.setdefault(len(word), []).append(word)
        self._forms = vocabulary.forms()
        self._cache: dict[str, Understood] = {}

    def read(self, word: str) -> Understood:
        """What the plain `word` stands for."""
        if (known := self._cache.get(word)) is None:
            if len(self._cache) > _CACHED:
                self._cache.clear()
            known = self._cache[word] = self._read(word)
        return known

    def _read(self, word: str) -> Understood:
        if self._vocabulary.stem(word) is not None:
            return Understood(((word, 1.0),))
        if parts := self.split(word):
            return Understood(tuple((part, _COMPOUND_WEIGHT) for part in parts))
        if len(word) < _SHORTEST_TYPO or is_common(word) or word.isdigit():
            return _UNKNOWN
        near = self._near(word)
        if (not near or near[0][1] < _SPOKEN_WEIGHT) and (spoken := self._spoken(word)):
            near = ((spoken, _SPOKEN_WEIGHT), *((known, weight) for known, weight in near if known != spoken))
        return Understood(near[:_READINGS], is_typo=True) if near else _UNKNOWN

    def _spoken(self, word: str) -> str | None:
        """The word of the store that `word` is in dialect."""
        return next((written for written in spellings(word) if written in self._forms), None)

    def split(self, word: str) -> tuple[str, ...]:
        """The words of the store that make up `word` without a rest, as few and long as possible; else empty."""
        best: dict[int, tuple[str, ...]] = {0: ()}  # the parts that reach from the beginning to a place in the word
        for start in range(len(word) - _SHORTEST_PART + 1):
            if (so_far := best.get(start)) is None:
                continue
            for end in range(start + _SHORTEST_PART, len(word) + 1):
                part = word[start:end]
                if part not in self._forms or part == word:
                    continue
                for link in _LINKS:
                    after = end + len(link)
                    if word.startswith(link, end) and (after not in best or len(best[after]) >= len(so_far) + 1):
                        best[after] = (*so_far, part)
        return best.get(len(word), ())

    def _near(self, word: str) -> tuple[tuple[str, float], ...]:
        """The words of the store that `word` may be a typo of."""
        cutoff = next(least for length, least in _LEAST_SIMILARITY if len(word) >= length)
        shortest, longest = math.ceil(len(word) * cutoff), int(len(word) / cutoff)
        candidates = [known for length in range(shortest, longest + 1) for known in self._by_length.get(length, ())]
        found = process.extract(word, candidates, scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=8)
        scored: dict[str, tuple[float, str]] = {}
        for known, similarity, _ in found:
            if _is_other_compound(word, known):
                continue
            score = similarity - (_FIRST_LETTER if known[0] != word[0] else 0.0)
            stem = self._vocabulary.stem(known) or known
            scored[stem] = max(scored.get(stem, (0.0, "")), (score, known))
        best = sorted(scored.values(), reverse=True)[:_READINGS]
        return tuple(
            (known, round(_weight(score) * (1.0 if place == 0 else 0.6), 3))
            for place, (score, known) in enumerate(best)
        )


def _is_other_compound(word: str, known: str) -> bool:
    """Whether the words only begin alike: "Apothekenkasse" is no typo of "Apothekenkarten"."""
    alike = Prefix.similarity(word, known)
    rest, known_rest = word[alike:], known[alike:]
    shorter, longer = sorted((len(rest), len(known_rest)))
    is_long = shorter >= _SHORTEST_TYPO or longer >= _SHORTEST_PART
    return alike >= _SHORTEST_PART and is_long and OSA.normalized_similarity(rest, known_rest) < _LEAST_TAIL


def _weight(similarity: float) -> float:
    return max(0.1, (similarity - 0.4) / 0.6)
