"""From a text to its words, and from a word to the one spelling under which it is compared.

Members write "Straße", "Strasse" and "STRASE"; "für", "fuer" and "fur". All of them become the same plain word, in the
store as in a message, so nothing that follows has to know about capitals, umlauts or sharp s.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 500  # characters of one question that are read
LONGEST_WORD = 48  # "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" is cut, a hostile text too

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = ("Cf", "Mn", "Me")  # zero-width and direction marks, and marks that did not join their letter
# "ue" after q belongs to "Quelle". Elsewhere the two spellings of an umlaut meet at the bare vowel.
_SPELLED_OUT = re.compile(r"ae|oe|(?<!q)ue|ss")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed (shown to people) and plain (compared)."""

    typed: str
    plain: str


def words(text: str) -> list[Word]:
    """The words of the first `LONGEST` characters of `text`, in order."""
    return [Word(typed, known) for typed in _WORD.findall(readable(text)) if (known := plain(typed))]


def readable(text: str) -> str:
    """`text` in composed characters without invisible ones, at most `LONGEST` characters.

    The length is cut twice: one character may become eighteen (U+FDFA) by normalisation.
    """
    text = text[:LONGEST]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:LONGEST]
        text = "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE)
    return text


@lru_cache(maxsize=1 << 13)
def plain(word: str) -> str:
    """The spelling under which `word` is compared: small letters, no accents, umlauts as bare vowels, ss as s."""
    word = word[:LONGEST_WORD].casefold()
    if not word.isascii():
        word = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return _SPELLED_OUT.sub(lambda found: found.group()[0], word)
