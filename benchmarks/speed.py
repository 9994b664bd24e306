"""How long an engine takes to build and to answer, and how much memory it wants. Meant for a process of its own."""

import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engines import ENGINES
from benchmarks.noise import noisy
from faq.entry import LANGUAGES
from faq.loader import SHIPPED, load
from faq.matcher import Phrasing, phrasings_in
from faq.probes import read_probes

SIZES = (100, 1_000, 10_000, 100_000)
QUESTIONS = 300
_AT_LEAST = 20
_WARM_UP = 5
_NEW_WORD = 0.1  # share of the phrasings with a word that the store does not have: vocabulary grows with a store


@dataclass(frozen=True)
class Speed:
    engine: str
    size: int
    build: float  # seconds; libraries and word lists are loaded by then
    p50: float  # milliseconds a question, by the clock on the wall
    p99: float
    cpu50: float  # the same in processor time: what the clock would show were the machine idle
    cpu99: float
    asked: int
    before_mb: float  # resident memory with the phrasings only
    after_mb: float  # with the engine, all questions asked
    peak_mb: float


def once(engine: str, size: int, seconds: float) -> Speed:
    """One run: up to `QUESTIONS` questions, one at a time, but no more than fit into `seconds` (and at least 20)."""
    store = load()
    phrasings = recombined(list(phrasings_in(store)), size)
    asked = _questions(list(store.entries))
    before = resident()
    make = ENGINES[engine]
    make(phrasings[:10])  # loads libraries and word lists: an edit later does not load them again
    began = time.perf_counter()
    built = make(phrasings)
    build = time.perf_counter() - began
    for text in asked[:_WARM_UP]:
        built.best(text)
    walls: list[float] = []
    cpus: list[float] = []
    ends = time.perf_counter() + seconds
    for text in asked[_WARM_UP:]:
        wall, cpu = time.perf_counter(), time.process_time()
        built.best(text)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        if len(walls) >= _AT_LEAST and time.perf_counter() > ends:
            break
    wall50, wall99 = np.percentile(walls, (50, 99)) * 1000
    cpu50, cpu99 = np.percentile(cpus, (50, 99)) * 1000
    after = resident()
    return Speed(engine, size, build, wall50, wall99, cpu50, cpu99, len(walls), before, after, peak())


def recombined(known: Sequence[Phrasing], count: int, seed: int = 1) -> list[Phrasing]:
    """`count` different phrasings: the beginning of one and the end of another in the same language, seeded.

    Each belongs to the entry of its beginning. In a part of them one word is a new one, made of two others.
    """
    dice = random.Random(seed)
    spoken = {language: [phrasing for phrasing in known if phrasing.language == language] for language in LANGUAGES}
    words = sorted({word for phrasing in known for word in phrasing.text.split() if len(word) > 5 and word.isalpha()})
    made: dict[str, Phrasing] = {}
    while len(made) < count:
        first = dice.choice(known)
        begin, end = first.text.split(), dice.choice(spoken[first.language]).text.split()
        mixed = begin[: (len(begin) + 1) // 2] + end[len(end) // 2 :]
        if dice.random() < _NEW_WORD:
            head, tail = dice.choice(words), dice.choice(words)
            mixed[dice.randrange(len(mixed))] = head[: len(head) // 2 + 1] + tail[len(tail) // 2 :].lower()
        text = " ".join(mixed)
        made.setdefault(text, Phrasing(first.entry, first.language, text))
    return list(made.values())


def _questions(entries: Sequence[str], seed: int = 2) -> list[str]:
    """The store's own test questions, mistyped."""
    probes = read_probes(SHIPPED, entries)
    chosen = random.Random(seed).sample(probes, min(len(probes), QUESTIONS + _WARM_UP))
    return [noisy(probe.text, 1, probe.language) for probe in chosen]


def resident() -> float:
    """Megabytes of memory that this process holds now; where the system does not tell, the most it ever held."""
    return _status("VmRSS") or _peak()


def peak() -> float:
    # ru_maxrss of a child begins with the memory of its parent on Linux; VmHWM is its own.
    return _status("VmHWM") or _peak()


def _status(key: str) -> float:
    path = Path("/proc/self/status")
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:")), 0.0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
