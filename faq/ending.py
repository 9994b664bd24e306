"""A file that stops in the middle of what it said before: half saved, by a full disk or a program that ended.

What is left of it may be good YAML all the same: an answer without its last lines, a file without its last entries.
"""

from collections.abc import Iterator
from pathlib import Path

from faq.history import History
from faq.loader import digest
from strict_yaml import Problem, Problems, excerpt

TAIL = 200  # bytes at the end of a file that tell where it stops


def must_be_whole(folder: Path, history: History) -> None:
    """Raises `Problems` for files that stop where the newest version goes on; the way back to an old one may do so."""
    versions = history.versions()
    if versions and history.find(digest(folder)) is None and (problems := cut_off(folder, versions[-1].folder)):
        raise Problems(problems)


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
