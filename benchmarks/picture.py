"""The picture of matching: quality against time."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

from benchmarks.engines import ENGINES, OURS
from benchmarks.quality import LEVELS, STORE, Row
from benchmarks.report import mean, runs_of
from benchmarks.speed import Speed

mpl.use("Agg")
from matplotlib import pyplot as plt

SIZE = 10_000  # phrasings at which the times are taken, if all engines were measured there
_FIGURES = {"top1": "first entry is right", "best": "answered rightly, 2 % wrong"}


def draw(quality: Sequence[Row], speed: Sequence[Speed], path: Path) -> None:
    """For each engine a line from noise 0 to noise 2, the dot at noise 1; all public sets, or else the own store."""
    public = [row for row in quality if row.task != STORE]
    rows, where = (public, "public sets") if public else (quality, STORE)
    size = _size(speed)
    figure, panels = plt.subplots(1, len(_FIGURES), figsize=(11, 4.6))
    for panel, (key, title) in zip(panels, _FIGURES.items(), strict=True):
        for colour, engine in enumerate(ENGINES):
            timed, measured = runs_of(speed, engine, size), [row for row in rows if row.engine == engine]
            if timed and {row.task for row in measured} == {row.task for row in rows}:
                at = statistics.median(one.p50 for one in timed)
                _line(panel, engine, at, [mean(measured, key, level) for level in LEVELS], f"C{colour}")
        panel.set(xscale="log", ylim=(0, 1), title=f"{title}: {where}")
        panel.set_xlabel(f"median time of a question at {size:,} phrasings, ms")
        panel.margins(x=0.1)
        panel.set_xlim(right=panel.get_xlim()[1] * 12)  # room for the names
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("share of answerable questions")
    figure.text(0.5, 0.01, "line: from clean text (top) to noise 2; dot: noise 1", ha="center", fontsize=8)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)


def _line(panel: Any, engine: str, at: float, values: Sequence[float], colour: str) -> None:
    panel.plot([at] * len(values), values, color=colour, lw=2, marker="_", ms=9)
    panel.plot(at, values[1], "o", color=colour, ms=8)
    weight = "bold" if engine == OURS else "normal"
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
    place = {"xytext": (9, 0), "textcoords": "offset points", "va": "center"}
    panel.annotate(engine, (at, values[1]), fontsize=8, weight=weight, bbox=box, **place)


def _size(speeds: Sequence[Speed]) -> int:
    """The largest size up to `SIZE` at which every engine was measured."""
    engines = {speed.engine for speed in speeds}
    sizes = [size for size in {s.size for s in speeds} if engines == {s.engine for s in speeds if s.size == size}]
    return max((size for size in sizes if size <= SIZE), default=min(speed.size for speed in speeds))
