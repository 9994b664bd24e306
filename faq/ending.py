"""A file that stops in the middle of what it said before: half saved, by a full disk or a program that ended.

What is left of it may be good YAML all the same: an answer without its last lines, a file without its last entries.
"""

from collections.abc import Iterator
from pathlib import Path

from strict_yaml import Problem, excerpt

TAIL = 200  # bytes at the end of a file that tell where it stops


def cut_off(folder: Path, accepted: Path) -> list[Problem]:
    """The files in `folder` that stop where those in `accepted`, an earlier version, go on."""
    return [problem for path in sorted(accepted.glob("*.yaml")) for problem in _cut_off(folder / path.name, path)]


def _cut_off(path: Path, earlier: Path) -> Iterator[Problem]:
    """At most one. A file that is not there was taken away: that is another matter."""
    if not path.exists():
        return
    data, before = path.read_bytes().rstrip(), earlier.read_bytes().rstrip()
    tail = data[-TAIL:]
    if not tail or (tail in before and not before.endswith(tail)):
        lines = data.decode("utf-8", "replace").splitlines() or [""]
        yield Problem(path.name, len(lines), excerpt(lines, len(lines)), "faq.cut-off")
