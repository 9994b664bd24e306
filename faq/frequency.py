"""How common a word is in German and in English, from the frequency lists of the package wordfreq.

A store knows a few hundred words; the language knows the rest. What is common tells little about a question, what is
rare tells much, and a word that is right must not be "corrected" into a word of the store.
"""

from functools import cache

import numpy as np
import wordfreq

from faq.entry import LANGUAGES, Language
from faq.normalise import plain

RARE = 3.0  # Zipf value (log10 of occurrences in a thousand million words) from which the lists know a word
FREQUENT = 6.5  # "nicht", "haben", "what": from here on a word tells nothing


@cache
def _zipf(language: Language) -> dict[str, float]:
    """Plain word → Zipf value, of the some thirty thousand words above `RARE`."""
    table: dict[str, float] = {}
    for word, frequency in wordfreq.get_frequency_dict(language, "small").items():
        key = plain.__wrapped__(word)  # not through the cache, whose place belongs to the words of messages
        table[key] = max(table.get(key, 0.0), float(np.log10(frequency)) + 9)
    return table


def zipf(word: str, language: Language) -> float:
    """Zipf value of a plain word in one language, `RARE` if the list does not have it."""
    return _zipf(language).get(word, RARE)


def is_common(word: str) -> bool:
    """Whether the plain word is a word of German or English that the lists know."""
    return any(word in _zipf(language) for language in LANGUAGES)


def information(word: str) -> float:
    """How much a plain word tells about a question, from 0.1 ("die") to 1 (a word that the lists do not know)."""
    most = max(zipf(word, language) for language in LANGUAGES)
    return max(0.1, min(1.0, (FREQUENT - most) / (FREQUENT - RARE)))
