"""The vote of the near phrasings: kernel ridge regression, solved anew for each question.

Each phrasing votes for its entry, the louder the nearer it is to the question. Phrasings that say the same thing share
one vote, so an entry does not win by repeating itself, and a phrasing that stands between two entries is heard less.
There is nothing to train, so an edited entry counts at once.
"""

from dataclasses import dataclass

import numpy as np

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
    words, letters = _kernels(found, first_letters)
    by_letters = found.by_channel[:, 2]
    by_words = np.asarray((found.similarity - SHARES["letters"] * by_letters) / WORDS_SHARE, np.float32)
    views = (
        (words + letters, found.similarity),
        (words / WORDS_SHARE, by_words),
        (letters / SHARES["letters"], by_letters),
    )
    loud = [np.exp(_WIDTH * (near - 1)) for _, near in views]
    votes = [_solve(kernel, loudness) for (kernel, _), loudness in zip(views, loud, strict=True)]
    first = np.flatnonzero(np.diff(found.place, prepend=-1))
    return Votes(
        for_entries=np.add.reduceat(np.column_stack(votes), first, axis=0),
        familiar=float(loud[0] @ votes[0]),
        spread=float(views[0][0].mean()),
    )


def _solve(kernel: Floats, loudness: Floats) -> Floats:
    """The vote of each phrasing: so much that all votes together, heard from where each stands, are as loud."""
    matrix = kernel - np.float32(1)
    matrix *= np.float32(_WIDTH)
    np.exp(matrix, out=matrix)
    matrix[np.diag_indices_from(matrix)] += _DOUBT
    return np.asarray(np.linalg.solve(matrix, loudness), np.float32)


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
    sketches = np.zeros(2 * vectors.shape[0] * _SKETCH, np.float32)
    np.add.at(sketches, place, signed)
    words, letters = sketches.reshape(-1, 2, _SKETCH).swapaxes(0, 1)
    return words @ words.T, letters @ letters.T
