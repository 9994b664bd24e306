"""The words of a store, and the stem that stands for all forms of a word."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

import snowballstemmer

from faq.entry import LANGUAGES, Language
from faq.normalise import Word

_STEMMERS = {"de": snowballstemmer.stemmer("german"), "en": snowballstemmer.stemmer("english")}


_STEMMING = Lock()  # a stemmer keeps the word that it works on in itself


@lru_cache(maxsize=1 << 16)
def _stem(word: str, language: Language) -> str:
    with _STEMMING:
        return str(_STEMMERS[language].stemWord(word))


class Vocabulary:
    """Every plain word of the phrasings with its number of occurrences and its one stem.

    A word that occurs in both languages ("code") is stemmed by the rules of the language that uses it more often, so
    that a word means the same whatever surrounds it: members mix languages within one sentence.
    """

    def __init__(self, texts: Iterable[tuple[Language, Iterable[Word]]]) -> None:
        counts: dict[Language, Counter[str]] = {language: Counter() for language in LANGUAGES}
        self._typed: dict[str, str] = {}
        for language, words in texts:
            for word in words:
                counts[language][word.plain] += 1
                self._typed.setdefault(word.plain, word.typed)
        self.counts = counts["de"] + counts["en"]
        self._stems = {
            word: _stem(word, "de" if counts["de"][word] >= counts["en"][word] else "en") for word in self.counts
        }
        self._known = frozenset(self._stems.values())
        self._languages: tuple[Language, ...] = tuple(language for language in LANGUAGES if counts[language])

    def __contains__(self, word: str) -> bool:
        return word in self._stems

    def forms(self) -> frozenset[str]:
        """All plain words and all stems."""
        return self._known.union(self._stems)

    def stem(self, word: str) -> str | None:
        """The stem of a plain word; None if neither the word nor its stem occurs in the store."""
        if (known := self._stems.get(word)) is not None:
            return known
        for language in self._languages:
            if (stem := _stem(word, language)) in self._known:
                return stem
        return None

    def typed(self, word: str) -> str:
        """A plain word of the store as its authors write it."""
        return self._typed[word]
