"""A program's processes as the system accounts for them: itself and all that it has begun. Linux only."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(of: Iterable[int]) -> float:
    """User and system time of these processes and of all below them that are there."""
    return sum(used for process, (_, used) in _all().items() if process in _tree(of))


def memory(of: Iterable[int]) -> dict[str, float]:
    """Megabytes of these processes and of all below them.

    `Pss` is what they take together: a page that several share counts once (with other programs: its part). `Own` is
    the part of it that is no file's.
    """
    sums = {"Pss": 0.0, "Own": 0.0}
    for process in _tree(of):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
            kilobytes = {name: int(value) for name, value in re.findall(r"(\w+): +(\d+) kB", text)}
            for name, key in (("Pss", "Pss"), ("Own", "Pss_Anon")):
                sums[name] += kilobytes[key] / 1024
    return sums


def _tree(of: Iterable[int]) -> set[int]:
    found, parents = set(of), {process: parent for process, (parent, _) in _all().items()}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _all() -> dict[int, tuple[int, float]]:
    """Each process with its parent and its processor time."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            found[int(path.parent.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS
    return found
