"""From evidence to a confidence: how the learnt weights are applied.

Two linear models with weights that can be read: one ranks the candidates, the other says how probable it is that the
best one is right. `benchmarks/learn_weights.py` makes `weights.json`; every signal is a figure between about 0 and 1, so
the size of a weight says how much it matters.
"""

import json
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

SIGNALS = (
    "always",
    *(f"best_{name}" for name in FIGURES),
    "score",  # of the best by the ranking
    "lead",  # over the second
    "probability",  # of the best among the candidates, by the ranking
    "doubt",  # entropy of these probabilities
    "vote_lead",  # of the best over the best other one, in votes
    "familiar",
    "spread",
    "unknown",  # share of the question, by information, in words that the store does not know
    "uncertain",  # the same in words that had to be corrected or split
    "informative",  # information of all words together, 1 = eight telling words
    "common_words",  # share of words that tell nothing
    "longer",  # how much longer the question is than the nearest phrasing
    "shorter",
    "entries",  # size of the store
    "phrasings",  # for each entry
)


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


@dataclass(frozen=True, slots=True)
class StoreSize:
    entries: int
    phrasings: int


def signals(question: Question, evidence: Evidence, scores: Floats, nearest_words: int, size: StoreSize) -> Floats:
    """The values of `SIGNALS`. `scores` are the ranking's, `nearest_words` the length of the best entry's phrasing."""
    order = np.argsort(-scores)
    best = order[0]
    chances = probabilities(scores)
    votes = evidence.figures[:, FIGURES.index("vote")]
    others = np.delete(votes, best)
    tells = np.array([information(word.plain) for word in question.words])
    total = float(tells.sum()) + 1e-6
    missing = np.array([not meaning.words for meaning in question.understood])
    guessed = np.array([bool(meaning.words) and not meaning.is_exact for meaning in question.understood])
    longer = float(np.log((len(question.words) + 1) / (nearest_words + 1)))
    return np.array(
        [
            1.0,
            *evidence.figures[best],
            scores[best] / 10,
            min(float(scores[best] - scores[order[1]]), 6.0) / 6 if len(order) > 1 else 1.0,
            chances[best],
            float(-(chances * np.log(chances + 1e-9)).sum()) / 3,
            votes[best] - (others.max() if len(others) else 0.0),
            evidence.votes.familiar,
            evidence.votes.spread,
            float(tells @ missing) / total,
            float(tells @ guessed) / total,
            min(total, 8.0) / 8,
            float(np.mean(tells < 0.3)),
            max(longer, 0.0),
            max(-longer, 0.0),
            float(np.log(size.entries)) / 7,
            float(np.log(size.phrasings / size.entries)) / 3,
        ],
        np.float32,
    )


def probabilities(scores: Floats) -> Floats:
    """Chances of the candidates among each other."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)


def logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(value, -30, 30))))
