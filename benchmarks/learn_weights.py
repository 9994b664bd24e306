"""Learns the weights of the matcher from labelled questions, and says how well they carry over to sets not seen.

    python -m benchmarks.learn_weights FOLDER [--write]

FOLDER holds sets as SET/REGIME/kb.jsonl ({"id", "lang", "questions"}) and SET/REGIME/queries.jsonl ({"q", "expected",
"kind"}). The store of this project is one set more: a part of its own phrasings is taken out and asked. The report
leaves out each family of sets in turn ("de_xsid" and "en_xsid" are one family), learns on the others and measures on
the one left out.
"""

import faq  # noqa: F401 - before numpy, which it tells to use one thread

# isort: split
import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from benchmarks.labelled import LabelledSet, Query, in_folder, of_store
from benchmarks.noise import noisy
from faq.confidence import SHIPPED, SIGNALS, Weights, guarded, logistic
from faq.decision import Thresholds
from faq.evidence import FIGURES, Evidence
from faq.index import CANDIDATES
from faq.loader import load
from faq.matcher import Matcher
from faq.normalise import words
from faq.question import Question

LEVELS = (0, 1, 2)
TRAFFIC = {"in": 0.8, "near": 0.1, "far": 0.1}  # share of each kind of question among all messages
LEARNT_AS = {"in": 0.8, "near": 0.1, "far": 0.2}  # far questions count double: the sets hold few kinds of them
ALLOWED = 0.02  # share of all messages that may get a wrong confident answer


@dataclass(frozen=True)
class Case:
    """A labelled question with what the matcher found for it."""

    group: str  # set, regime and level of noise
    kind: str
    question: Question
    evidence: Evidence | None
    right: int  # place of the right entry among the candidates, -1 if it is not there
    matcher: Matcher

    @property
    def family(self) -> str:
        return self.group.split("/")[0].split("_", 1)[-1]


def collect(sets: Iterable[LabelledSet], most: int, levels: Sequence[int] = LEVELS) -> Iterator[Case]:
    """The cases of all sets: for each level of noise at most `most` questions that have an answer."""
    for labelled in sets:
        matcher = Matcher.of_phrasings(labelled.phrasings, Thresholds())
        for level in levels:
            for query in _sample(labelled.queries, most):
                typed = words(noisy(query.text, level, labelled.language))
                question = matcher.question(typed)
                evidence = matcher.examine(question)
                right = _place(evidence, matcher, query)
                yield Case(f"{labelled.name}/{level}", query.kind, question, evidence, right, matcher)


def _sample(queries: list[Query], most: int) -> list[Query]:
    dice = random.Random(1)
    chosen: list[Query] = []
    for kind in TRAFFIC:
        of_kind = [query for query in queries if query.kind == kind]
        chosen += dice.sample(of_kind, min(len(of_kind), most if kind == "in" else most // 2))
    return chosen


def _place(evidence: Evidence | None, matcher: Matcher, query: Query) -> int:
    if evidence is None or query.expected not in matcher.entries:
        return -1
    found = np.flatnonzero(evidence.entries == matcher.entries.index(query.expected))
    return int(found[0]) if len(found) else -1


def learn(cases: Sequence[Case]) -> Weights:
    """Weights for both models; the confidence is learnt on top of the ranking."""
    ranking = _learn_ranking([case for case in cases if case.right >= 0])
    half = Weights(ranking, np.zeros(len(SIGNALS), np.float32))
    return Weights(ranking, _learn_confidence([case for case in cases if case.evidence], half))


def _learn_ranking(cases: Sequence[Case], doubt: float = 2.0) -> np.ndarray:
    """Softmax over the candidates; every group counts the same."""
    figures = np.zeros((len(cases), CANDIDATES, len(FIGURES)))
    absent = np.full((len(cases), CANDIDATES), -1e9)
    for number, case in enumerate(cases):
        assert case.evidence
        figures[number, : len(case.evidence.entries)] = case.evidence.figures
        absent[number, : len(case.evidence.entries)] = 0
    right = np.array([case.right for case in cases])
    weight = _weights_of(cases, by_kind=False)

    def loss(guess: np.ndarray) -> tuple[float, np.ndarray]:
        scores = figures @ guess + absent
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        rows = np.arange(len(cases))
        value = -(weight * np.log(chances[rows, right] + 1e-12)).sum()
        chances[rows, right] -= 1
        slope = np.einsum("n,nc,ncf->f", weight, chances, figures)
        return value + doubt * 1e-4 * guess @ guess, slope + doubt * 2e-4 * guess

    return minimize(loss, np.zeros(len(FIGURES)), jac=True, method="L-BFGS-B").x.astype(np.float32)


def _learn_confidence(cases: Sequence[Case], weights: Weights, doubt: float = 2.0) -> np.ndarray:
    """Logistic regression: is the best candidate the right one?"""
    rows = [_signals(case, weights) for case in cases]
    signals = np.array([row for _, row in rows], np.float64)
    right = np.array([best for best, _ in rows], np.float64)
    weight = _weights_of(cases, by_kind=True)

    def loss(guess: np.ndarray) -> tuple[float, np.ndarray]:
        value = signals @ guess
        chance = 1 / (1 + np.exp(-np.clip(value, -30, 30)))
        cost = -(weight * (right * np.log(chance + 1e-12) + (1 - right) * np.log(1 - chance + 1e-12))).sum()
        return cost + doubt * 1e-4 * guess @ guess, signals.T @ (weight * (chance - right)) + doubt * 2e-4 * guess

    return minimize(loss, np.zeros(len(SIGNALS)), jac=True, method="L-BFGS-B").x.astype(np.float32)


def _signals(case: Case, weights: Weights) -> tuple[bool, np.ndarray]:
    assert case.evidence
    scores, signals = case.matcher.signals(case.question, case.evidence, weights)
    return int(np.argmax(scores)) == case.right, signals


def _weights_of(cases: Sequence[Case], *, by_kind: bool) -> np.ndarray:
    """Every group weighs the same, within it the kinds as in `LEARNT_AS`."""
    keys = [(case.group, case.kind) for case in cases]
    counts = {key: keys.count(key) for key in set(keys)}
    weight = np.array([(LEARNT_AS[kind] if by_kind else 1.0) / counts[group, kind] for group, kind in keys])
    return weight / weight.sum()


@dataclass(frozen=True)
class Figures:
    """What was reached on one group of cases."""

    top1: float
    top3: float
    near: float  # area under the curve of confidence: answerable questions against those whose entry is missing
    far: float
    best: float  # share answered rightly at the threshold that allows just `ALLOWED` wrong confident answers
    right: float  # the same at a given threshold
    wrong: float  # share of all messages that get a wrong confident answer there


def measure(cases: Sequence[Case], weights: Weights, threshold: float) -> Figures:
    kinds = np.array([case.kind for case in cases])
    ranks, sure = np.array([_answer(case, weights) for case in cases]).T
    answerable = kinds == "in"
    first = (ranks == 0) & answerable
    share = np.array([TRAFFIC[kind] / (kinds == kind).sum() for kind in kinds])
    share /= share.sum()
    told = sure >= threshold
    order = np.argsort(-sure, kind="stable")
    allowed = np.cumsum(np.where(first, 0, share)[order]) <= ALLOWED
    return Figures(
        top1=float(first.sum() / answerable.sum()),
        top3=float(((ranks < 3) & (ranks >= 0) & answerable).sum() / answerable.sum()),
        near=_area(sure[answerable], sure[kinds == "near"]),
        far=_area(sure[answerable], sure[kinds == "far"]),
        best=float(first[order][allowed].sum() / answerable.sum()),
        right=float((first & told).sum() / answerable.sum()),
        wrong=float(share[~first & told].sum()),
    )


def _answer(case: Case, weights: Weights) -> tuple[int, float]:
    """Rank of the right entry (-1: not among the candidates) and the confidence in the best."""
    if case.evidence is None:
        return -1, 0.0
    scores, signals = case.matcher.signals(case.question, case.evidence, weights)
    rank = int((scores > scores[case.right]).sum()) if case.right >= 0 else -1
    return rank, guarded(logistic(float(signals @ weights.confidence)), case.question)


def _area(inside: np.ndarray, outside: np.ndarray) -> float:
    if not len(inside) or not len(outside):
        return float("nan")
    above = (inside[:, None] > outside[None, :]).mean()
    return float(above + (inside[:, None] == outside[None, :]).mean() / 2)


def cross_report(cases: Sequence[Case], threshold: float) -> dict[str, Figures]:
    """For each group the figures with weights learnt on the other families."""
    report = {}
    for family in sorted({case.family for case in cases}):
        weights = learn([case for case in cases if case.family != family])
        held = [case for case in cases if case.family == family]
        for group in sorted({case.group for case in held}):
            report[group] = measure([case for case in held if case.group == group], weights, threshold)
    return report


def print_report(report: dict[str, Figures]) -> None:
    names = list(Figures.__dataclass_fields__)
    print(f"{'group':24}" + "".join(f"{name:>7}" for name in names))
    for group, figures in report.items():
        print(f"{group:24}" + "".join(f"{getattr(figures, name):7.3f}" for name in names))
    for language in ("de", "en"):
        for level in LEVELS:
            chosen = [f for group, f in report.items() if group.startswith(language) and group.endswith(f"/{level}")]
            if chosen:
                means = [np.nanmean([getattr(figures, name) for figures in chosen]) for name in names]
                print(f"{'mean ' + language + f' noise {level}':24}" + "".join(f"{mean:7.3f}" for mean in means))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--most", type=int, default=200, help="questions of each set, regime and level")
    arguments.add_argument("--write", action="store_true", help="replace faq/weights.json")
    chosen = arguments.parse_args()
    sets = list(in_folder(chosen.folder))
    sets += of_store(load(), sets)
    cases = list(collect(sets, chosen.most))
    report = cross_report(cases, Thresholds().answer_at)
    print_report(report)
    if chosen.write:
        _write(learn(cases), chosen.most, [labelled.name for labelled in sets], report)


def _write(weights: Weights, most: int, sets: list[str], report: dict[str, Figures]) -> None:
    means = {
        name: round(float(np.nanmean([getattr(figures, name) for figures in report.values()])), 3)
        for name in Figures.__dataclass_fields__
    }
    document = {
        "made_by": f"python -m benchmarks.learn_weights FOLDER --most {most} --write",
        "made_from": sets,
        "on_sets_left_out": means,
        "ranking": {name: round(float(weight), 3) for name, weight in zip(FIGURES, weights.ranking, strict=True)},
        "confidence": {name: round(float(weight), 3) for name, weight in zip(SIGNALS, weights.confidence, strict=True)},
    }
    SHIPPED.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
