"""Letter n-grams as numbers, for many words at once.

Two kinds: the n-grams of a word with a space on either side, which forgive typos and find compounds; and the n-grams
across the seam of two neighbouring words, written without the space, which forgive lost and added spaces ("meinekarte",
"kar te").
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Owners = NDArray[np.int64]  # for each key the position of the word (or seam) it comes from

SIZES = (2, 3, 4)
SEAM_SIZES = (3, 4)
_REACH = SEAM_SIZES[-1] - 1  # letters on each side of a seam that its n-grams can hold
_PRIME = np.uint64(1_099_511_628_211)  # of the FNV hash; the products wrap around, as they should
_SPACE = ord(" ")
_KNOWN = 2_000  # words and seams of messages whose n-grams are kept


def of_words(words: Sequence[str]) -> tuple[Keys, Owners]:
    """The n-grams of each word; "karte" has " k", "ka", … "arte ", but none with a space in its middle."""
    if not words:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    codes = _codes(" " + " ".join(words) + " ")
    spaces = np.cumsum(codes == _SPACE)
    keys, owners = [], []
    for size, hashes in _rolling(codes, SIZES):
        # Spaces between the first and the last letter of each window, both excluded.
        inner = spaces[size - 2 : size - 2 + len(hashes)] - spaces[: len(hashes)]
        starts = np.flatnonzero(inner == 0)
        keys.append(hashes[starts])
        owners.append(spaces[starts] - 1)
    return np.concatenate(keys), np.concatenate(owners)


def of_seams(pairs: Sequence[tuple[str, str]]) -> tuple[Keys, Owners]:
    """The n-grams that hold the end of the first and the beginning of the second word of each pair."""
    if not pairs:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    ends = [left[-_REACH:] for left, _ in pairs]
    texts = [end + right[:_REACH] for end, (_, right) in zip(ends, pairs, strict=True)]
    codes = _codes(" ".join(texts))
    starts = np.cumsum([0] + [len(text) + 1 for text in texts[:-1]])
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(codes)]
    seam = starts + [len(end) for end in ends]  # position of the first letter of the second word
    stop = starts + [len(text) for text in texts]
    keys, owners = [], []
    for size, hashes in _rolling(codes, SEAM_SIZES):
        first = np.arange(len(hashes))
        whose = owner[: len(hashes)]
        crosses = (first < seam[whose]) & (first + size > seam[whose]) & (first + size <= stop[whose])
        keys.append(hashes[crosses])
        owners.append(whose[crosses])
    return np.concatenate(keys), np.concatenate(owners)


@lru_cache(_KNOWN)
def of_word(word: str) -> Keys:
    """The n-grams of one word; members say the same words again and again."""
    return of_words([word])[0]


def of_seam(left: str, right: str) -> Keys:
    """The n-grams across the seam of two neighbouring words."""
    return _of_seam(left[-_REACH:], right[:_REACH])


@lru_cache(_KNOWN)
def _of_seam(end: str, beginning: str) -> Keys:
    return of_seams([(end, beginning)])[0]


def _codes(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)


def _rolling(codes: NDArray[np.uint64], sizes: Sequence[int]) -> list[tuple[int, Keys]]:
    """For each size the hashes of all windows of that many letters, by position."""
    result = []
    hashes = codes + np.uint64(1)
    for size in range(2, sizes[-1] + 1):
        count = max(0, len(codes) - size + 1)
        hashes = hashes[:count] * _PRIME + codes[size - 1 : size - 1 + count] + np.uint64(1)
        if size in sizes:
            result.append((size, hashes))
    return result
