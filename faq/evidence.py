"""What speaks for each entry: a few figures between 0 and 1, the same for every store.

Every figure is named in `FIGURES`; `weights.json` says how much each counts. An entry is as good as its best phrasing,
so figures of phrasings become figures of entries by their maximum; the votes look at all near phrasings together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.linalg.lapack import sposv

from faq.encoder import Encoder
from faq.frequency import information
from faq.index import CHANNELS, SHARES, Floats, Found, Index, Ints
from faq.question import Question

OF_PHRASINGS = (
    "similar",  # cosine, mean of the channels
    "stems",  # cosine by stems
    "pairs",  # cosine by pairs of stems
    "letters",  # cosine by letters
    "covered",  # share of the question that the phrasing has
    "covers",  # share of the phrasing that the question has
    "ratio",  # letters in common, in order
    "sorted_ratio",  # the same with the words in alphabetical order
)
OF_ENTRIES = (
    "near_mean",  # mean similarity of the three nearest phrasings
    "vote",  # vote of all near phrasings
    "vote_words",  # the same by stems and pairs only
    "vote_letters",  # the same by letters only
    "share",  # how many of the near phrasings belong to the entry, 1 = ten or more
)
FIGURES = (*OF_PHRASINGS, *OF_ENTRIES)

CANDIDATES = 24  # entries that are looked at closely
_WIDTH = 2.0  # how fast a vote fades with distance
_DOUBT = 0.15  # ridge: how far a phrasing is trusted to speak for its surroundings


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates with their figures, and what is true of the question as a whole."""

    entries: Ints  # numbers of the candidates
    figures: Floats  # candidate × FIGURES
    nearest: Ints  # for each candidate its nearest phrasing
    familiar: float  # 0 … 1: how well the near phrasings together account for the question
    spread: float  # 0 … 1: similarity of the near phrasings to each other


def weigh(question: Question, found: Found, entry_of: Ints, index: Index, encoder: Encoder, texts: Sequence[str]) -> Evidence:
    """The evidence for the entries of the phrasings in `found` (at least one); `texts` are all plain phrasings."""
    owners = entry_of[found.phrasings]
    entries, first, column = np.unique(owners, return_index=True, return_inverse=True)
    kept = np.argsort(first)[:CANDIDATES]
    place = np.full(len(entries), -1)
    place[kept] = np.arange(len(kept))
    column = place[column]
    by_phrasing = np.column_stack(
        [found.similarity, found.by_channel, _coverage(question, found, index, encoder), _ratios(question, found, texts)]
    )
    by_entry = np.zeros((len(kept), len(OF_PHRASINGS)), np.float32)
    inside = column >= 0
    np.maximum.at(by_entry, column[inside], by_phrasing[inside])
    votes, familiar, spread = _votes(found, column, len(kept), index)
    share = np.minimum(np.bincount(column[inside], minlength=len(kept)), 10) / 10
    figures = np.column_stack([by_entry, _near_mean(found.similarity, column, len(kept)), votes, share])
    return Evidence(entries[kept], figures.astype(np.float32), found.phrasings[first[kept]], familiar, spread)


def _near_mean(similarity: Floats, column: Ints, entries: int) -> Floats:
    sums, counts = np.zeros(entries), np.zeros(entries)
    for value, entry in zip(similarity, column, strict=True):
        if entry >= 0 and counts[entry] < 3:
            sums[entry] += value
            counts[entry] += 1
    return sums / np.maximum(counts, 1)


def _coverage(question: Question, found: Found, index: Index, encoder: Encoder) -> Floats:
    """Shares, by information, of the question in each phrasing and of each phrasing in the question."""
    weights: dict[int, float] = {}
    total = 1e-6
    for word, meaning in zip(question.words, question.understood, strict=True):
        tells = information(word.plain)
        total += tells
        for known, weight in meaning.words:
            if number := encoder.number(known):
                weights[number] = max(weights.get(number, 0.0), weight * tells / len(meaning.words))
    stems = found.vectors[:, : index.width("stems")]
    idf = index.all_idf("stems")
    numbers = np.fromiter(weights, np.uint64, len(weights))
    places, known = index.columns("stems", numbers)
    asked = np.zeros(index.width("stems"), np.float32)
    asked[places] = np.fromiter(weights.values(), np.float32, len(weights))[known]
    row = np.repeat(np.arange(stems.shape[0]), np.diff(stems.indptr))
    covered = np.bincount(row, asked[stems.indices], minlength=stems.shape[0]) / total
    hit = np.bincount(row, idf[stems.indices] * (asked[stems.indices] > 0), minlength=stems.shape[0])
    covers = hit / (np.bincount(row, idf[stems.indices], minlength=stems.shape[0]) + 1e-6)
    return np.column_stack([np.minimum(covered, 1), covers]).astype(np.float32)


def _ratios(question: Question, found: Found, texts: Sequence[str]) -> Floats:
    near = [texts[number] for number in found.phrasings]
    asked = " ".join(question.best)
    ratio = process.cdist([asked], near, scorer=fuzz.ratio)[0]
    in_order = process.cdist([asked], near, scorer=fuzz.token_sort_ratio)[0]
    return np.column_stack([ratio, in_order]) / np.float32(100)


def _votes(found: Found, column: Ints, entries: int, index: Index) -> tuple[Floats, float, float]:
    """Kernel ridge regression over the near phrasings, in three views.

    Phrasings that say the same share one vote, so an entry does not win by repeating itself. One solve for each
    question, nothing to train: an edited entry counts at once.
    """
    words = found.vectors[:, : index.width("stems") + index.width("pairs")]
    total = sum(SHARES.values())
    word_share = (SHARES["stems"] + SHARES["pairs"]) / total
    both = (found.vectors @ found.vectors.T).toarray()
    by_words = (words @ words.T).toarray()
    wanted = np.zeros((len(column), entries + 1), np.float32)
    inside = np.flatnonzero(column >= 0)
    wanted[inside, column[inside]] = 1
    shares = np.array([SHARES[name] / total for name in CHANNELS], np.float32)
    asked_words = found.by_channel[:, :2] @ shares[:2]
    views = (
        (both, found.similarity),
        (by_words / word_share, asked_words / word_share),
        ((both - by_words) / (1 - word_share), found.by_channel[:, 2]),
    )
    result = []
    familiar = 0.0
    for kernel, asked in views:
        near = np.exp(_WIDTH * (asked - 1)).astype(np.float32)
        wanted[:, -1] = near
        solved = near @ _solve(kernel, wanted)
        result.append(solved[:-1])
        familiar = familiar or float(solved[-1])
    return np.column_stack(result), familiar, float(both.mean())


def _solve(kernel: NDArray[np.float32], wanted: Floats) -> Floats:
    matrix = np.exp(_WIDTH * (kernel - 1)).astype(np.float32)
    matrix[np.diag_indices_from(matrix)] += _DOUBT
    return np.asarray(sposv(matrix, wanted)[1], np.float32)
