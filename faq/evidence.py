"""What speaks for each entry: a few figures between 0 and 1, the same for every store.

Every figure is named in `FIGURES`; `weights.json` says how much each counts. An entry is as good as its best phrasing,
so figures of phrasings become figures of entries by their maximum; the votes look at all near phrasings together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from faq.encoder import Encoder
from faq.frequency import information
from faq.index import SHARES, Floats, Found, Index, Ints
from faq.question import Question
from faq.ragged import lengths_of
from faq.vote import Votes, vote

OF_PHRASINGS = (
    "similar",  # cosine, mean of the channels
    "pairs",  # cosine by pairs of stems
    "covers",  # share of the phrasing that the question has
    "ratio",  # letters in common, in order
)
OF_ENTRIES = (
    "near_mean",  # mean similarity of the three nearest phrasings
    "vote",  # vote of all near phrasings
    "vote_words",  # the same by stems and pairs only
    "vote_letters",  # the same by letters only
    "covered",  # share of the question whose words occur in some phrasing of the entry
    "spelled",  # share of its letter n-grams, by how much they tell, that occur in the near phrasings of the entry
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
    first = found.first
    asked = _told(question, len(index.stem_idf), encoder)
    votes = vote(found)
    near = [texts[phrasing] for phrasing in found.phrasings.tolist()]
    of_phrasings = [found.similarity, found.by_channel[1], _covers(asked, found, index), _ratios(question, near)]
    of_entries = [
        _near_mean(found, first),
        *votes.for_entries,
        np.minimum(index.stems_of(found.entries) @ asked, 1),
        _spelled(found, first),
        *found.centroids.T,
    ]
    figures = np.array([*np.maximum.reduceat(np.array(of_phrasings), first, axis=1), *of_entries], np.float32)
    return Evidence(found.entries, figures.T, found.phrasings[first], votes)


def _told(question: Question, stems: int, encoder: Encoder) -> Floats:
    """For each stem of the store the share of the question that it carries, by information.

    A word with synonyms is carried by the first of its group, which every phrasing with a word of the group has.
    """
    told = np.zeros(stems, np.float32)
    total = 1e-6
    for word, meaning in zip(question.words, question.understood, strict=True):
        tells = information(word.plain)
        total += tells
        carriers = [(synonym, 1.0) for synonym in meaning.synonyms] or meaning.words
        share = 1.0 if meaning.is_typo else 1 / max(1, len(carriers))
        for carrier, weight in carriers:
            if (number := encoder.number(carrier)) is not None:
                told[number] = max(told[number], weight * tells * share)
    return told / np.float32(total)


def _covers(told: Floats, found: Found, index: Index) -> Floats:
    """For each near phrasing the share of its stems, by how much they tell, that the question has."""
    stems = found.vectors[0]
    idf = index.stem_idf[stems.indices]
    return stems.sums(idf * (told[stems.indices] > 0)) / stems.sums(idf)


def _spelled(found: Found, first: Ints) -> Floats:
    """For each entry the share of the letters of the question that its near phrasings have."""
    columns, values = found.letters
    near = found.vectors[-1]
    place_of = np.full(near.width, len(columns))
    place_of[columns] = np.arange(len(columns))
    width = len(columns) + 1
    entry = np.repeat(np.arange(len(first)) * width, lengths_of(near.indptr[[*first, -1]]))
    has = np.zeros(len(first) * width, np.float32)
    has[entry + place_of[near.indices]] = 1
    return np.asarray(has.reshape(-1, width)[:, :-1] @ values**2 / SHARES["letters"], np.float32)


def _near_mean(found: Found, first: Ints) -> Floats:
    rank = np.arange(len(found.place)) - first[found.place]
    counted = np.where(rank < _MEAN_OF, found.similarity, 0)
    counts = np.minimum(np.bincount(found.place), _MEAN_OF)
    return np.asarray(np.add.reduceat(counted, first) / counts, np.float32)


def _ratios(question: Question, near: Sequence[str]) -> Floats:
    ratios = process.cdist([" ".join(question.best)], near, scorer=fuzz.ratio)[0]
    return np.asarray(ratios / 100, np.float32)
