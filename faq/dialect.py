"""Spellings of a word in the written language, for a word that is written as it is spoken.

Only words that nobody knows are looked at, and only spellings that the store knows count, so the rules may be bold:
"zoag" is also tried as "zeig", "suach" as "such", "spui" as "spiel".
"""

import re
from collections.abc import Iterator
from itertools import combinations, islice, pairwise, product

# As spoken → as written. In plain spelling: an umlaut is its bare vowel here.
_SOUNDS = {
    "oa": ("ei", "ein"),  # zoag, hoast; koa
    "ua": ("u",),  # suach
    "ia": ("ie", "u"),  # liad; fia (für)
    "ui": ("iel", "il", "ul"),  # spui, fuim, schuid
    "iu": ("iel", "il"),  # schpiu
    "ii": ("ei",),  # ziit
    "uu": ("au",),  # huus
    "ou": ("au",),  # loufe
    "ei": ("eu", "au"),  # leid (Leute)
    "i": ("u", "e", "ei"),  # iber (über), schicke, min
    "e": ("o", "a"),  # mecht (möchte)
    "o": ("a",),  # hob
    "u": ("o",),  # kumma
    "y": ("ei", "ie"),  # dry
    "sch": ("s",),  # isch, schpiu
    "ch": ("k",),  # chunt
    "k": ("ch",),  # ik
    "b": ("p",),
    "p": ("b", "f", "pf"),
    "d": ("t",),  # disch
    "t": ("s", "z", "d"),  # wat, tid
    "g": ("k", "j"),
    "j": ("g",),  # jemacht
    "w": ("b",),
    "v": ("f",),
    "f": ("pf",),
}
_ENDINGS = {"a": ("er", "en", "e"), "n": ("en",), "e": ("en",), "i": ("e", "ig"), "t": ("et",)}
_CHANGES = 2  # sounds of one word that are changed at most
_LONGEST = 16  # letters: a longer word has enough letters in common with the right one to be read as a typo
_MOST = 250  # spellings of one word; only a word that is none ("uiuiuiui") has more

Change = tuple[int, int, tuple[str, ...]]  # from, to, what may stand there instead


def spellings(word: str) -> Iterator[str]:
    """Written forms that the plain `word` may stand for, those with the fewest changes first."""
    return islice(_spellings(word), _MOST) if len(word) <= _LONGEST else iter(())


def _spellings(word: str) -> Iterator[str]:
    changes = sorted(_changes(word))
    for number in range(1, _CHANGES + 1):
        for chosen in combinations(changes, number):
            if all(left[1] <= right[0] for left, right in pairwise(chosen)):
                for written in product(*(change[2] for change in chosen)):
                    yield _changed(word, chosen, written)


def _changes(word: str) -> Iterator[Change]:
    for sound, written in _SOUNDS.items():
        for found in re.finditer(sound, word):
            yield *found.span(), written
    for ending, written in _ENDINGS.items():
        if word.endswith(ending):
            yield len(word) - len(ending), len(word), written


def _changed(word: str, changes: tuple[Change, ...], written: tuple[str, ...]) -> str:
    for (start, end, _), letters in zip(reversed(changes), reversed(written), strict=True):
        word = word[:start] + letters + word[end:]
    return word
