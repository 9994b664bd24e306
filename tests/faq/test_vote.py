"""The vote of the near phrasings."""

import numpy as np

from faq.index import Found
from faq.ragged import Vectors
from faq.vote import vote

LETTERS = 4  # columns before this one are words


def found(vectors, place):
    """Phrasings as near to the question as they are to the vector of all ones."""
    dense = np.array(vectors, np.float32) / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = dense.mean(axis=1) * np.float32(np.sqrt(dense.shape[1]))
    entries = np.arange(max(place) + 1)
    zeros = np.zeros((len(entries), 2), np.float32)
    halves = tuple(sparse(half) for half in (dense[:, :LETTERS], dense[:, LETTERS:]))
    no_letters = (np.empty(0, np.int64), np.empty(0, np.float32))
    return Found(entries, zeros, np.arange(len(place)), np.array(place), near, np.array([near] * 3), halves, no_letters)


def sparse(dense):
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(len(dense) + 1))
    return Vectors(starts, columns, dense[rows, columns], dense.shape[1])


def test_the_nearer_phrasing_wins():
    votes = vote(found([[1, 1, 1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 1, 0, 0, 0]], [0, 1]))
    assert (votes.for_entries[:, 0] > votes.for_entries[:, 1]).all()


def test_saying_it_again_adds_little():
    once = vote(found([[1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 0, 0, 1, 1]], [0, 1]))
    thrice = vote(found([[1, 1, 0, 0, 1, 1, 0, 0]] * 3 + [[0, 0, 1, 1, 0, 0, 1, 1]], [0, 0, 0, 1]))
    gain = thrice.for_entries[0, 0] / once.for_entries[0, 0]
    assert 1 < gain < 1.5


def test_figures_stay_in_their_range():
    votes = vote(found(np.random.default_rng(1).random((40, 8)), [number // 4 for number in range(40)]))
    assert 0 <= votes.familiar <= 1.1
    assert np.isfinite(votes.for_entries).all()
