"""The words of a store, and the stem that stands for all forms of a word."""

import os
from threading import Lock

import snowballstemmer

from faq.corpus import Corpus
from faq.entry import LANGUAGES, Language

_STEMMERS = {"de": snowballstemmer.stemmer("german"), "en": snowballstemmer.stemmer("english")}

for _stemmer in _STEMMERS.values():
    _stemmer.maxCacheSize = 0  # a word takes a microsecond; what it keeps of ten thousand takes megabytes
_STEMMING = Lock()  # a stemmer keeps the word that it works on in itself
os.register_at_fork(
    before=_STEMMING.acquire, after_in_parent=_STEMMING.release, after_in_child=_STEMMING.release
)  # a thread that held it is not there in a child, and would never let go of it


def _stems(words: list[str], language: Language) -> list[str]:
    with _STEMMING:
        return list(_STEMMERS[language].stemWords(words))


class Vocabulary:
    """Every plain word of the phrasings with its number of occurrences and its one stem.

    A word that occurs in both languages ("code") is stemmed by the rules of the language that uses it more often, so
    that a word means the same whatever surrounds it: members mix languages within one sentence.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        spoken = {language: corpus.spoken(language) for language in LANGUAGES}
        german, english = spoken["de"], spoken["en"]
        self.counts = {word: german.get(word, 0) + english.get(word, 0) for word in german | english}
        self._stems = dict.fromkeys(self.counts, "")
        for language in LANGUAGES:
            own = [word for word in self.counts if (german.get(word, 0) >= english.get(word, 0)) == (language == "de")]
            self._stems.update(zip(own, _stems(own, language), strict=True))
        self._known = frozenset(self._stems.values())
        self._languages: tuple[Language, ...] = tuple(language for language in LANGUAGES if spoken[language])

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
            (stem,) = _stems([word], language)
            if stem in self._known:
                return stem
        return None

    def typed(self, word: str) -> str:
        """A plain word of the store as its authors write it."""
        return self._corpus.typed(word)
