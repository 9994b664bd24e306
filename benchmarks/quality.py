"""How often the right entry is found, and how well the score tells when it is not."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import labelled
from benchmarks.engines import ENGINES, OURS, REGRESSION, Auskunft, Engine, Scored
from benchmarks.noise import noisy
from faq.decision import Thresholds
from faq.entry import LANGUAGES, Language
from faq.loader import SHIPPED, load
from faq.matcher import Matcher, Phrasing, phrasings_in
from faq.probes import read_probes

LEVELS = (0, 1, 2)
TRAFFIC = {"in": 0.8, "near": 0.1, "far": 0.1}  # share of each kind of question among all messages
ALLOWED = 0.02  # share of all messages that may get a wrong confident answer
STORE = "own store"


@dataclass(frozen=True)
class Question:
    language: Language
    text: str
    expected: tuple[str, ...]  # any of these is right; none for what must not be answered
    kind: str  # as in `labelled.Query`


@dataclass(frozen=True)
class Task:
    name: str
    phrasings: list[Phrasing]
    questions: list[Question]


@dataclass(frozen=True)
class Figures:
    top1: float
    top3: float
    near: float  # area under the ROC curve: answerable questions against those whose entry is missing
    far: float  # the same against questions of another domain
    best: float  # share answered rightly at the threshold that just allows `ALLOWED`
    right: float  # share answered rightly at the shipped thresholds; not a number for an engine without any
    wrong: float  # share of all messages that get a wrong confident answer there


@dataclass(frozen=True)
class Row:
    engine: str
    task: str
    language: Language
    level: int
    asked: int
    figures: Figures


@dataclass(frozen=True)
class Depth:
    """How much is asked, for each task, language and level of noise: so many questions that have an answer, and half as
    many of each other kind."""

    sets: int
    store: int
    largest: (
        int  # phrasings a set may have; the regression, which learns for long, is spared a larger own store as well
    )


QUICK = Depth(sets=24, store=40, largest=700)
FULL = Depth(sets=100, store=1_000, largest=10_000)


def measure(engine: str, sets: Path | None, depth: Depth) -> list[Row]:
    """The figures of an engine on the own store, and on the sets."""
    rows: list[Row] = []
    for task in tasks(sets):
        if len(task.phrasings) > depth.largest and (task.name != STORE or engine == REGRESSION):
            continue
        most = depth.store if task.name == STORE else depth.sets
        built = _build(engine, task)
        for language in LANGUAGES:
            if asked := _sample([question for question in task.questions if question.language == language], most):
                for level in LEVELS:
                    figures = _figures(built, asked, level)
                    rows.append(Row(engine, task.name, language, level, len(asked), figures))
    return rows


def tasks(sets: Path | None) -> Iterator[Task]:
    yield _of_store()
    for found in labelled.in_folder(sets) if sets else ():
        phrasings = [phrasing for phrasing in found.phrasings if phrasing.text.strip()]
        questions = [
            Question(found.language, query.text, (query.expected,) if query.expected else (), query.kind)
            for query in found.queries
        ]
        yield Task(found.name, phrasings, questions)


def _of_store() -> Task:
    store = load()
    questions = [
        Question(probe.language, probe.text, probe.expected, "in" if probe.expected else "far")
        for probe in read_probes(SHIPPED, store.entries)
    ]
    return Task(STORE, list(phrasings_in(store)), questions)


def _build(engine: str, task: Task) -> Engine:
    built = ENGINES[engine](task.phrasings)
    if engine == OURS and task.name == STORE:  # with the store's synonyms and urgent words, as it is run
        built.matcher = Matcher.of(load(), Thresholds())
    return built


def _sample(questions: Sequence[Question], most: int) -> list[Question]:
    dice = random.Random(1)
    chosen: list[Question] = []
    for kind in TRAFFIC:
        of_kind = [question for question in questions if question.kind == kind]
        chosen += dice.sample(of_kind, min(len(of_kind), most if kind == "in" else most // 2))
    return chosen


def _figures(engine: Engine, questions: Sequence[Question], level: int) -> Figures:
    found: list[Scored] = []
    answered: list[tuple[str, ...] | None] = []
    for question in questions:
        text = noisy(question.text, level, question.language)
        results, told = engine.examine(text) if isinstance(engine, Auskunft) else (engine.top(text), None)
        found.append(results)
        answered.append(told)
    return _summary(questions, found, answered)


def _summary(
    questions: Sequence[Question], found: Sequence[Scored], answered: Sequence[tuple[str, ...] | None]
) -> Figures:
    kinds = np.array([question.kind for question in questions])
    ranks = np.array([_rank(results, question) for question, results in zip(questions, found, strict=True)])
    score = np.array([results[0][1] if results else -1e9 for results in found])
    inside = kinds == "in"
    right, wrong = np.nan, np.nan
    if None not in answered:
        told = [(set(entries or ()), set(q.expected)) for q, entries in zip(questions, answered, strict=True)]
        right = float(np.mean([bool(entries) and entries <= expected for entries, expected in told], where=inside))
        wrong = float(_shares(kinds)[[not entries <= expected for entries, expected in told]].sum())
    return Figures(
        top1=float((ranks[inside] == 0).mean()),
        top3=float((ranks[inside] < 3).mean()),
        near=_area(score[inside], score[kinds == "near"]),
        far=_area(score[inside], score[kinds == "far"]),
        best=_best(score, ranks == 0, kinds),
        right=right,
        wrong=wrong,
    )


def _rank(results: Scored, question: Question) -> int:
    return next((place for place, (entry, _) in enumerate(results) if entry in question.expected), 99)


def _shares(kinds: np.ndarray) -> np.ndarray:
    """The share of each question in the traffic; kinds that are not asked leave theirs to the others."""
    shares = np.array([TRAFFIC[kind] / (kinds == kind).sum() for kind in kinds])
    return shares / shares.sum()


def _best(score: np.ndarray, right: np.ndarray, kinds: np.ndarray) -> float:
    order = np.argsort(-score, kind="stable")
    wrong = np.cumsum(np.where(right, 0, _shares(kinds))[order])
    share = np.cumsum(right[order]) / (kinds == "in").sum()
    between = np.append(np.diff(score[order]) != 0, True)  # a threshold cannot part equal scores
    possible = between & (wrong <= ALLOWED + 1e-12)
    return float(share[possible].max()) if possible.any() else 0.0


def _area(inside: np.ndarray, outside: np.ndarray) -> float:
    """How often a score of `inside` is above one of `outside`, both drawn by chance; not a number without both."""
    from scipy.stats import rankdata  # here, because the processes that measure memory load this module as well

    if not len(inside) or not len(outside):
        return float("nan")
    ranks = rankdata(np.concatenate([inside, outside]))[: len(inside)]
    return float((ranks.sum() - len(inside) * (len(inside) + 1) / 2) / len(inside) / len(outside))
