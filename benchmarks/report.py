"""What the measurements of matching look like in docs/benchmarks.md."""

import math
import os
import platform
import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.engines import ENGINES, OURS
from benchmarks.quality import LEVELS, STORE, Row
from benchmarks.speed import Speed
from faq.entry import LANGUAGES

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PICTURE = DOCUMENT.parent / "pictures" / "matching.png"
_LANGUAGES = {"de": "German", "en": "English"}


@dataclass(frozen=True)
class Measured:
    """All of one run. `command` is how to do it again."""

    command: str
    quick: bool
    began: datetime
    load: tuple[float, float]  # processes that wanted the processor, at the beginning and at the end
    quality: list[Row]
    speed: list[Speed]


def markdown(measured: Measured) -> str:
    parts = [_conditions(measured), *_quality(measured.quality), *_speed(measured.speed)]
    if measured.quality and measured.speed:
        parts.append("![Quality against the time of a question](pictures/matching.png)")
    return "\n\n".join(parts)


def write(measured: Measured) -> None:
    """Puts the tables between the markers of the document, and draws the picture."""
    begin, end = "<!-- matching:begin -->", "<!-- matching:end -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    inside = f"{begin}\n{markdown(measured)}\n{end}"
    changed, times = re.subn(f"{begin}.*{end}", lambda _: inside, text, flags=re.DOTALL)
    if times != 1:
        raise SystemExit(f"{DOCUMENT.name} needs {begin} and {end}, once")
    DOCUMENT.write_text(changed, encoding="utf-8")
    if measured.quality and measured.speed:
        from benchmarks.picture import draw

        draw(measured.quality, measured.speed, PICTURE)


def _conditions(measured: Measured) -> str:
    first = (
        "**Quick figures** (few questions, no large sets, one run): they show the order, no more. "
        if measured.quick
        else ""
    )
    return (
        f"{first}Made by `{measured.command}` on {measured.began:%d %B %Y}: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, `OPENBLAS_NUM_THREADS=1` for every engine. "
        f"Load of the machine: {measured.load[0]:.1f} at the beginning, {measured.load[1]:.1f} at the end; one engine "
        "at a time is measured, which makes a load of 1; with more, times by the clock are longer than they need be."
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def _quality(rows: Sequence[Row]) -> Iterable[str]:
    for own, title in ((True, "The store's own test questions"), (False, "Public sets, means")):
        for language in LANGUAGES:
            chosen = [row for row in rows if (row.task == STORE) == own and row.language == language]
            if chosen:
                yield f"#### {title}: {_LANGUAGES[language]}"
                asked = sum(row.asked for row in chosen if row.engine == OURS and row.level == 0)
                tasks = {row.task for row in chosen}
                among = "" if own else f" in {len(tasks)} stores of {len({task.split('/')[0] for task in tasks})} sets"
                yield f"{asked} questions{among}. Each cell: noise 0 / 1 / 2."
                yield _quality_table(chosen)
                yield _shipped(chosen)


def _quality_table(rows: Sequence[Row]) -> str:
    near = not all(math.isnan(row.figures.near) for row in rows)
    columns = {"top1": "top-1", "top3": "top-3", "best": "right at 2 % wrong", "far": "AUROC far"}
    if near:
        columns["near"] = "AUROC near"
    lines = []
    for engine in ENGINES:
        of_engine = [row for row in rows if row.engine == engine]
        if {row.task for row in of_engine} == {row.task for row in rows}:
            means = [[mean(of_engine, column, level) for level in LEVELS] for column in columns]
            lines.append([engine, *(_shares(values) for values in means)])
        else:
            lines.append([f"{engine} (left out: too many phrasings)", *("–" for _ in columns)])
    return _table(["engine", *columns.values()], lines)


def _shipped(rows: Sequence[Row]) -> str:
    ours = [row for row in rows if row.engine == OURS]
    right = _shares([mean(ours, "right", level) for level in LEVELS])
    wrong = " / ".join(f"{mean(ours, 'wrong', level):.1%}".replace("%", " %") for level in LEVELS)
    return (
        f"At the shipped thresholds {OURS} answers {right} of the answerable questions rightly, and {wrong} of all "
        "messages get a wrong answer."
    )


def _shares(values: Iterable[float]) -> str:
    return " / ".join(f"{value:.3f}".removeprefix("0") for value in values)


def mean(rows: Iterable[Row], figure: str, level: int | None = None) -> float:
    """The mean over the tasks, those left out that have no such figure."""
    values = [getattr(row.figures, figure) for row in rows if level is None or row.level == level]
    values = [value for value in values if not math.isnan(value)]
    return statistics.mean(values) if values else math.nan


def _speed(speeds: Sequence[Speed]) -> Iterable[str]:
    if not speeds:
        return
    runs = max(len(runs_of(speeds, speed.engine, speed.size)) for speed in speeds)
    yield "#### Speed and memory"
    times = "One run" if runs == 1 else f"Up to {runs} runs"
    yield f"{times}, each in a process of its own. Each cell: median (from – to). –: not measured."
    yield "Median time of a question, in ms by the clock"
    yield _speed_table(speeds, lambda speed: speed.p50)
    yield "99th percentile, in ms by the clock"
    yield _speed_table(speeds, lambda speed: speed.p99)
    yield "Median and 99th percentile in ms of processor time: what other programs on the machine do not disturb"
    yield _processor_table(speeds)
    yield "Time to build, in s"
    yield _speed_table(speeds, lambda speed: speed.build)
    yield "Resident memory of the process after all questions, in MB"
    yield _speed_table(speeds, lambda speed: speed.after_mb, nothing=lambda speed: speed.before_mb)
    yield "Most memory ever held, in MB"
    yield _speed_table(speeds, lambda speed: speed.peak_mb)


def _speed_table(
    speeds: Sequence[Speed], figure: Callable[[Speed], float], nothing: Callable[[Speed], float] | None = None
) -> str:
    sizes = sorted({speed.size for speed in speeds})
    lines = [[e, *(_spread([figure(speed) for speed in runs_of(speeds, e, size)]) for size in sizes)] for e in ENGINES]
    if nothing:
        held = [[nothing(speed) for speed in speeds if speed.size == size] for size in sizes]
        lines.append(["no engine, only the phrasings", *(_number(statistics.median(values)) for values in held)])
    return _table(["engine", *(f"{size:,} phrasings" for size in sizes)], lines)


def _processor_table(speeds: Sequence[Speed]) -> str:
    def cell(runs: Sequence[Speed]) -> str:
        figures = ([run.cpu50 for run in runs], [run.cpu99 for run in runs])
        return " / ".join(_number(statistics.median(values)) for values in figures) if runs else "–"

    sizes = sorted({speed.size for speed in speeds})
    lines = [[engine, *(cell(runs_of(speeds, engine, size)) for size in sizes)] for engine in ENGINES]
    return _table(["engine", *(f"{size:,} phrasings" for size in sizes)], lines)


def runs_of(speeds: Iterable[Speed], engine: str, size: int) -> list[Speed]:
    return [speed for speed in speeds if speed.engine == engine and speed.size == size]


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "–"
    middle, least, most = (_number(value) for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least} – {most})"


def _number(value: float) -> str:
    """Two figures that count, more for large numbers: 0.017, 1.4, 23, 1,032."""
    places = max(0, 1 - math.floor(math.log10(value)))
    return f"{value:,.{places}f}" if places < 4 else "< 0.001"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    shown = [[f"**{line[0]}**", *line[1:]] if line[0] == OURS else line for line in lines]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *shown))
