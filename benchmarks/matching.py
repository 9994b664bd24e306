"""How good, fast and large the matcher is beside the usual ways: `python -m benchmarks.matching [--sets DIR]`.

Quality is measured on the store's own test questions and on the sets in DIR (SET/nK/kb.jsonl and queries.jsonl, as
`benchmarks.labelled` says; none are shipped), clean and mistyped. Speed and memory are measured with phrasings that are
made of the store's own. Each engine works in a process of its own, with one thread; `--write` puts tables and picture
into docs/benchmarks.md. A full run takes a quarter of an hour, `--quick` about a minute.
"""

import argparse
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import quality, report, speed
from benchmarks.engines import ENGINES, REGRESSION

Result = TypeVar("Result")
PATIENCE = 45.0  # seconds: a measurement that took longer is not repeated


def apart(work: Callable[..., Result], *arguments: Any) -> Result:
    """The result of `work`, done in a fresh process."""
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # read when numpy is loaded there
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def qualities(sets: Path | None, *, quick: bool) -> list[quality.Row]:
    rows: list[quality.Row] = []
    for engine in ENGINES:
        began = time.perf_counter()
        rows += (found := apart(quality.measure, engine, sets, quality.QUICK if quick else quality.FULL))
        figures = f"top-1 {report.mean(found, 'top1'):.3f}  {time.perf_counter() - began:5.0f} s"
        print(f"quality: {engine:28} {figures}", flush=True)
    return rows


def speeds(runs: int, *, quick: bool) -> list[speed.Speed]:
    """All engines in turn, and again: what disturbs the machine for a while disturbs all of them."""
    found: list[speed.Speed] = []
    tired: set[tuple[str, int]] = set()
    regression_most = 1_000 if quick else 10_000  # beyond, it learns for many minutes
    for _ in range(runs):
        for size, engine in itertools.product(speed.SIZES[:3] if quick else speed.SIZES, ENGINES):
            if (engine, size) in tired or (engine == REGRESSION and size > regression_most):
                continue
            began = time.perf_counter()
            found.append(one := apart(speed.once, engine, size, 1.0 if quick else 3.0))
            if (took := time.perf_counter() - began) > PATIENCE:
                tired.add((engine, size))
            figures = f"p50 {one.p50:8.3f} ms  build {one.build:7.2f} s  {took:5.0f} s"
            print(f"speed: {engine:28} {size:7,}  {figures}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, metavar="DIR", help="a folder of public sets")
    parser.add_argument("--quick", action="store_true", help="about a minute: small, and once")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement of speed (with --quick one)")
    parser.add_argument("--write", action="store_true", help="put tables and picture into docs/benchmarks.md")
    asked = parser.parse_args()
    if asked.sets and not any(asked.sets.glob("*/*/kb.jsonl")):
        parser.error(f"there are no sets in {asked.sets}")
    began, load = datetime.now(UTC), os.getloadavg()[0]
    command = "python -m benchmarks.matching" + " --sets DIR" * bool(asked.sets) + " --quick" * asked.quick
    measured = report.Measured(
        command=command + " --write",
        quick=asked.quick,
        began=began,
        quality=qualities(asked.sets, quick=asked.quick),
        speed=speeds(1 if asked.quick else asked.runs, quick=asked.quick),
        load=(load, os.getloadavg()[0]),
    )
    print(report.markdown(measured))
    if asked.write:
        report.write(measured)


if __name__ == "__main__":
    main()
