"""What speaks for each entry: a few figures between 0 and 1, the same for every store.

Every figure is named in `FIGURES`; `weights.json` says how much each counts. An entry is as good as its best phrasing,
so figures of phrasings become figures of entries by their maximum; the votes look at all near phrasings together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from faq.encoder import Encoder
from faq.frequency import information
from faq.index import Floats, Found, Index, Ints
from faq.question import Question
from faq.vote import Votes, vote

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
    "centre_words",  # cosine with the sum of all phrasings, by stems and pairs
    "centre_letters",  # the same by letters
)
FIGURES = (*OF_PHRASINGS, *OF_ENTRIES)
_MEAN_OF = 3  # phrasings


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates with their figures, and what is true of the question as a whole."""

    entries: Ints  # numbers of the candidates
    figures: Floats  # candidate × FIGURES
    nearest: Ints  # for each candidate its nearest phrasing
    votes: Votes


def weigh(question: Question, found: Found, index: Index, encoder: Encoder, texts: Sequence[str]) -> Evidence:
    """The evidence for the entries in `found`; `texts` are all plain phrasings of the store."""
    first = np.flatnonzero(np.diff(found.place, prepend=-1))
    near = [texts[phrasing] for phrasing in found.phrasings]
    by_phrasing = np.column_stack(
        [found.similarity, found.by_channel, _coverage(question, found, index, encoder), _ratios(question, near)]
    )
    votes = vote(found, index.first_letters)
    figures = np.column_stack(
        [
            np.maximum.reduceat(by_phrasing, first, axis=0),
            _near_mean(found, first),
            votes.for_entries,
            found.centroids,
        ]
    )
    return Evidence(found.entries, figures.astype(np.float32), found.phrasings[first], votes)


def _near_mean(found: Found, first: Ints) -> Floats:
    rank = np.arange(len(found.place)) - first[found.place]
    counted = np.where(rank < _MEAN_OF, found.similarity, 0)
    counts = np.minimum(np.bincount(found.place), _MEAN_OF)
    return np.asarray(np.add.reduceat(counted, first) / counts, np.float32)


def _coverage(question: Question, found: Found, index: Index, encoder: Encoder) -> Floats:
    """Shares, by information, of the question in each phrasing and of each phrasing in the question."""
    weights: dict[int, float] = {}
    total = 1e-6
    for word, meaning in zip(question.words, question.understood, strict=True):
        tells = information(word.plain)
        total += tells
        for part, weight in meaning.words:
            if number := encoder.number(part):
                weights[number] = max(weights.get(number, 0.0), weight * tells / len(meaning.words))
    columns, known = index.find_stems(np.fromiter(weights, np.uint64, len(weights)))
    asked = np.zeros(len(index.stem_idf), np.float32)
    asked[columns] = np.fromiter(weights.values(), np.float32, len(weights))[known]
    stems = found.vectors[:, : len(index.stem_idf)]
    row = np.repeat(np.arange(stems.shape[0]), np.diff(stems.indptr))
    idf = index.stem_idf[stems.indices]
    in_question = asked[stems.indices]
    covered = np.bincount(row, in_question, minlength=stems.shape[0]) / total
    shared = np.bincount(row, np.where(in_question > 0, idf, 0), minlength=stems.shape[0])
    covers = shared / (np.bincount(row, idf, minlength=stems.shape[0]) + 1e-6)
    return np.column_stack([np.minimum(covered, 1), covers]).astype(np.float32)


def _ratios(question: Question, near: Sequence[str]) -> NDArray[np.float32]:
    asked = " ".join(question.best)
    ratio = process.cdist([asked], near, scorer=fuzz.ratio)[0]
    in_order = process.cdist([asked], near, scorer=fuzz.token_sort_ratio)[0]
    return np.asarray(np.column_stack([ratio, in_order]) / 100, np.float32)
