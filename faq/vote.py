"""The vote of the near phrasings: kernel ridge regression, solved anew for each question.

Each phrasing votes for its entry, the louder the nearer it is to the question. Phrasings that say the same thing share
one vote, so an entry does not win by repeating itself, and a phrasing that stands between two entries is heard less.
There is nothing to train, so an edited entry counts at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faq.index import SHARES, WORDS_SHARE, Floats, Found
from faq.ragged import Vectors, owners

_WORDS, _LETTERS = np.float32(WORDS_SHARE), np.float32(SHARES["letters"])
_WIDTH = 2.0  # how fast a vote fades with distance
_DOUBT = 0.15  # how far a phrasing is trusted to speak for its surroundings (0: fully)
_SKETCH = 256  # places; a power of two


@dataclass(frozen=True, slots=True)
class Votes:
    for_entries: Floats  # (all channels, words, letters) × candidate
    familiar: float  # 0 … 1: how well the near phrasings together account for the question


def vote(found: Found) -> Votes:
    """The votes of `found.phrasings` for `found.entries`."""
    words, letters = _alike(found.vectors[:-1]), _alike(found.vectors[-1:])
    by_letters = found.by_channel[-1]
    by_words = (found.similarity - _LETTERS * by_letters) / _WORDS
    alike = np.array([words + letters, words / _WORDS, letters / _LETTERS])
    loud = np.exp(_WIDTH * (np.array([found.similarity, by_words, by_letters]) - 1))
    votes = _solve(alike, loud)
    return Votes(
        for_entries=np.add.reduceat(votes, found.first, axis=1),
        familiar=float(loud[0] @ votes[0]),
    )


def _solve(alike: Floats, loud: Floats) -> Floats:
    """The vote of each phrasing: so much that all votes together, heard from where each stands, are as loud."""
    heard = alike - np.float32(1)
    heard *= np.float32(_WIDTH)
    np.exp(heard, out=heard)
    places = np.arange(heard.shape[-1])
    heard[:, places, places] += np.float32(_DOUBT)
    return np.asarray(np.linalg.solve(heard, loud[:, :, None])[:, :, 0], np.float32)


def _alike(channels: Sequence[Vectors]) -> Floats:
    """Similarities of the phrasings to each other, by some channels together.

    Not worked out in full but from sketches: each column is folded with a sign onto one of 256 places, which keeps the
    products (to about ± 0.06) and takes a tenth of the time of the sparse product. That is near enough: with exact
    similarities the votes are not right more often. Neighbouring columns have nothing to do with each other (they are
    sorted by hashes), so their number serves as the place.
    """
    count = len(channels[0].indptr) - 1
    sketches = np.zeros(count * _SKETCH)
    for vectors in channels:
        place = owners(vectors.indptr) * _SKETCH + (vectors.indices & (_SKETCH - 1))
        signed = np.where(vectors.indices & _SKETCH, -vectors.data, vectors.data)
        sketches += np.bincount(place, signed, minlength=len(sketches))
    folded = sketches.reshape(count, _SKETCH).astype(np.float32)
    return folded @ folded.T
