"""How common a word is in German and in English, from the frequency lists of the package wordfreq.

A store knows a few hundred words; the language knows the rest. What is common tells little about a question, what is
rare tells much, and a word that is right must not be "corrected" into a word of the store.

The lists are read from the package's files: its own functions load as much again in libraries that are not needed, and
keep every word. Here a list is sorted hashes of words, and takes a tenth of the memory.
"""

import gzip
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import msgpack

from faq.entry import LANGUAGES, Language
from faq.normalise import plain

RARE = 3.0  # Zipf value (log10 of occurrences in a thousand million words) from which the lists know a word
FREQUENT = 6.5  # "nicht", "haben", "what": from here on a word tells nothing


class _Frequencies:
    """The Zipf values of the some thirty thousand plain words of a language above `RARE`.

    That two of these words have the same hash of 64 bits happens in one of thousands of millions of programs.
    """

    def __init__(self, language: Language) -> None:
        values: dict[int, int] = {}
        for place, words in enumerate(_words_by_frequency(language)):
            for word in words:
                values.setdefault(hash(plain.__wrapped__(word)), place)  # the first is the most frequent
        self._hashes = array("q", sorted(values))
        self._places = array("H", map(values.__getitem__, self._hashes))

    def zipf(self, word: str) -> float | None:
        """None for a word that the list does not have."""
        key = hash(word)
        place = bisect_left(self._hashes, key)
        if place == len(self._hashes) or self._hashes[place] != key:
            return None
        return 9 - self._places[place] / 100


def _words_by_frequency(language: Language) -> list[list[str]]:
    """The words at place n come with the frequency 10 ** (-n / 100).

    The format of the file is described at `wordfreq.read_cBpack`. Raises ValueError for another one.
    """
    package = find_spec("wordfreq")
    assert package
    assert package.origin
    with gzip.open(Path(package.origin).parent / "data" / f"small_{language}.msgpack.gz") as file:
        content = msgpack.load(file)
    header: object = content[0]
    words: list[list[str]] = content[1:]
    if header != {"format": "cB", "version": 1}:
        message = f"wordfreq's lists have another format: {header}"
        raise ValueError(message)
    return words


_KNOWN = 2_000  # words whose values are kept


@cache
def _frequencies(language: Language) -> _Frequencies:
    return _Frequencies(language)


@lru_cache(_KNOWN)
def zipf(word: str, language: Language) -> float:
    """Zipf value of a plain word in one language, `RARE` if the list does not have it."""
    found = _frequencies(language).zipf(word)
    return RARE if found is None else found


def is_common(word: str) -> bool:
    """Whether the plain word is a word of German or English that the lists know."""
    return any(_frequencies(language).zipf(word) is not None for language in LANGUAGES)


@lru_cache(_KNOWN)
def information(word: str) -> float:
    """How much a plain word tells about a question, from 0.1 ("die") to 1 (a word that the lists do not know)."""
    most = max(zipf(word, language) for language in LANGUAGES)
    return max(0.1, min(1.0, (FREQUENT - most) / (FREQUENT - RARE)))
