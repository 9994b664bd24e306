"""From evidence to a confidence: how the learnt weights are applied.

Two linear models with weights that can be read: one ranks the candidates, the other says how probable it is that the
best one is right. `benchmarks/learn_weights.py` makes `weights.json`; every signal is a figure between about 0 and 1,
so the size of a weight says how much it matters. A few signals are products of two others, because they mean little
alone: that one entry is far ahead proves much in a long telling question, little in "netflix passwort", and less still
where words are unknown.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from faq.evidence import FIGURES, Evidence
from faq.frequency import information
from faq.index import Floats
from faq.question import Question

SHIPPED = Path(__file__).with_name("weights.json")

_PLAIN = (
    "always",
    # of the best candidate, as in the evidence:
    "covered",
    "spelled",
    "covers",
    "vote",
    "near_mean",
    # of the best against the others:
    "lead",  # of its score over the second's
    "vote_lead",  # of its vote over the highest other vote
    "probability",  # among the candidates, by their scores
    # of the question:
    "familiar",  # how well the near phrasings account for it
    "unknown",  # share, by information, in words that the store does not know
    "informative",  # information of all words together, 1 = eight telling words
    "common_words",  # share of words that tell nothing
    "longer",  # than the nearest phrasing
    "shorter",
    "entries",  # size of the store
)
_PRODUCTS = (("informative", "probability"), ("informative", "lead"), ("unknown", "lead"))
SIGNALS = (*_PLAIN, *(" × ".join(pair) for pair in _PRODUCTS))
_LEFT, _RIGHT = ([_PLAIN.index(name) for name in names] for names in zip(*_PRODUCTS, strict=True))
_OF_BEST = tuple(FIGURES.index(name) for name in _PLAIN[1:6])
_VOTE = FIGURES.index("vote")
_TELLS_NOTHING = 0.3  # information below which a word is filler
_RIDDLE = 0.75  # share of words that nobody knows from which …
_AT_A_GUESS = 0.6  # … only so much of the confidence is left; it costs one in a hundred of the right answers
STATED = 0.95  # at least, for a question that is a phrasing of the best entry word for word: whoever wrote it said so
_LARGEST_LEAD = 6.0  # the ranking's scores are logarithms of chances


@dataclass(frozen=True, slots=True)
class Weights:
    ranking: Floats
    confidence: Floats

    @classmethod
    def of(cls, document: Mapping[str, Mapping[str, float]]) -> "Weights":
        return cls(
            np.array([document["ranking"].get(name, 0.0) for name in FIGURES], np.float32),
            np.array([document["confidence"].get(name, 0.0) for name in SIGNALS], np.float32),
        )


@cache
def shipped() -> Weights:
    return Weights.of(json.loads(SHIPPED.read_text(encoding="utf-8")))


def signals(question: Question, evidence: Evidence, scores: Floats, nearest: str, entries: int) -> Floats:
    """The values of `SIGNALS`.

    `scores` are the ranking's, `nearest` is the plain phrasing of the best entry that came nearest, `entries` the
    number of entries in the store.
    """
    best = int(np.argmax(scores))
    others = np.arange(len(scores)) != best
    first, second = float(scores[best]), float(scores.max(where=others, initial=-np.inf))
    votes = evidence.figures[:, _VOTE]
    tells = [information(word.plain) for word in question.words]
    unknown = [tell for tell, meaning in zip(tells, question.understood, strict=True) if meaning.is_unknown]
    total = sum(tells)
    longer = math.log((len(question.words) + 1) / (nearest.count(" ") + 2))
    plain = np.array(
        [
            1.0,
            *evidence.figures[best, _OF_BEST].tolist(),
            min(first - second, _LARGEST_LEAD) / _LARGEST_LEAD if len(scores) > 1 else 1.0,
            float(votes[best] - votes.max(where=others, initial=0.0)),
            1 / float(np.exp(scores - first).sum()),
            evidence.votes.familiar,
            sum(unknown) / total,
            min(total, 8.0) / 8,
            sum(tell < _TELLS_NOTHING for tell in tells) / len(tells),
            max(longer, 0.0),
            max(-longer, 0.0),
            math.log(entries) / 7,
        ],
        np.float32,
    )
    return np.concatenate([plain, plain[_LEFT] * plain[_RIGHT]])


def guarded(sure: float, question: Question) -> float:
    """The confidence `sure`, held down where the question is made of words that nobody knows.

    "blargh fnord zibble": the one word that happens to be like a word of the store would decide alone.
    """
    return sure * _AT_A_GUESS if question.riddle() >= _RIDDLE else sure


def probabilities(scores: Floats) -> Floats:
    """Chances of the candidates among each other."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-min(max(value, -30.0), 30.0)))
