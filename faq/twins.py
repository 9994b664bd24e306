"""Phrasings that are nearly the same as one of another entry, so that a member's question could go to either."""

from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

# Of 100. In the shipped store 88 shows half a dozen of 4,800 phrasings; from 85 down most of what it shows is no twin.
NEAR = 88
_ROWS = 512  # compared with all others at one time: 512 × 5,000 comparisons are 2.5 MB


def pairs(texts: Sequence[str], owners: Sequence[str], rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Positions of texts, in plain words, that are nearly the same but belong to different owners.

    The first of a pair is one of `rows`; no pair comes twice. Texts whose numbers differ ("article 15", "article 17")
    are no twins.
    """
    seen: set[frozenset[int]] = set()
    for view in (list(texts), [" ".join(sorted(text.split())) for text in texts]):
        for row, column in _alike(view, rows):
            pair = frozenset((row, column))
            if owners[row] != owners[column] and pair not in seen and _numbers(texts[row]) == _numbers(texts[column]):
                seen.add(pair)
                yield row, column


def _alike(texts: list[str], rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(rows), _ROWS):
        block = rows[start : start + _ROWS]
        chosen = [texts[row] for row in block]
        likeness = process.cdist(chosen, texts, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8)
        for row, column in np.argwhere(likeness):
            yield block[int(row)], int(column)


def _numbers(text: str) -> list[str]:
    return sorted(word for word in text.split() if any(char.isdigit() for char in word))
