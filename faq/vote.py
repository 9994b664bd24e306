"""The vote of the near phrasings: kernel ridge regression, solved anew for each question.

Each phrasing votes for its entry, the louder the nearer it is to the question. Phrasings that say the same thing share
one vote, so an entry does not win by repeating itself, and a phrasing that stands between two entries is heard less.
There is nothing to train, so an edited entry counts at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import sposv

from faq.index import SHARES, WORDS_SHARE, Floats, Found

_WIDTH = 2.0  # how fast a vote fades with distance
_DOUBT = 0.15  # how far a phrasing is trusted to speak for its surroundings (0: fully)
_BITS = 9  # of the length of a sketch
_SKETCH = 1 << _BITS
_KNUTH = np.uint32(2_654_435_761)  # spreads column numbers evenly over 32 bits


@dataclass(frozen=True, slots=True)
class Votes:
    for_entries: Floats  # candidate × (all channels, words, letters)
    familiar: float  # 0 … 1: how well the near phrasings together account for the question
    spread: float  # 0 … 1: similarity of the near phrasings to each other


def vote(found: Found, first_letters: int) -> Votes:
    """The votes of `found.phrasings` for `found.entries`; columns of letters begin at `first_letters`."""
    count = len(found.place)
    wanted = np.zeros((count, len(found.entries) + 1), np.float32)
    wanted[np.arange(count), found.place] = 1
    words, letters = _kernels(found, first_letters)
    by_letters = found.by_channel[:, 2]
    by_words = np.asarray((found.similarity - SHARES["letters"] * by_letters) / WORDS_SHARE, np.float32)
    views = (
        (words + letters, found.similarity),
        (words / WORDS_SHARE, by_words),
        (letters / SHARES["letters"], by_letters),
    )
    results = [_solve(kernel, near, wanted) for kernel, near in views]
    return Votes(
        for_entries=np.column_stack([result[:-1] for result in results]),
        familiar=float(results[0][-1]),
        spread=float(views[0][0].mean()),
    )


def _solve(kernel: Floats, near: Floats, wanted: NDArray[np.float32]) -> Floats:
    """Votes for the entries, and last the part of the question that the phrasings account for."""
    matrix = np.exp(_WIDTH * (kernel - 1)).astype(np.float32)
    matrix[np.diag_indices_from(matrix)] += _DOUBT
    loudness = np.exp(_WIDTH * (near - 1)).astype(np.float32)
    wanted[:, -1] = loudness
    return np.asarray(loudness @ sposv(matrix, wanted)[1], np.float32)


def _kernels(found: Found, first_letters: int) -> tuple[Floats, Floats]:
    """Similarities of the phrasings to each other, the parts of words and of letters.

    Not worked out in full but from sketches: each column is folded with a sign onto one of 512 places, which keeps the
    products (to about ± 0.04) and takes a tenth of the time of the sparse product.
    """
    vectors = found.vectors
    row = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    mixed = vectors.indices.astype(np.uint32) * _KNUTH
    place = (2 * row + (vectors.indices >= first_letters)) * _SKETCH + (mixed >> np.uint32(32 - _BITS))
    signed = np.where(mixed & np.uint32(1 << (31 - _BITS)), -vectors.data, vectors.data)
    sketches = np.bincount(place, signed, minlength=2 * vectors.shape[0] * _SKETCH).astype(np.float32)
    words, letters = sketches.reshape(-1, 2, _SKETCH).swapaxes(0, 1)
    return words @ words.T, letters @ letters.T
