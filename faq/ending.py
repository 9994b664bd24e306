"""A file that stops in the middle of what it said before: half saved, by a full disk or a program that ended.

What is left of it may be good YAML all the same: an answer without its last lines, a file without its last entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from faq.history import History
from faq.loader import digest
from strict_yaml import Problem, Problems, excerpt

TAIL = 200  # bytes at the end of a file that tell where it stops


@dataclass(frozen=True, slots=True)
class Stops:
    """Files that stop where the newest version goes on: for certain half saved, or perhaps meant so."""

    half_saved: tuple[Problem, ...] = ()
    doubtful: tuple[Problem, ...] = ()


def stops_at_start(folder: Path, history: History) -> Stops:
    """What a start finds, when an update of the program may have brought the files: only a sure sign counts.

    Somebody saves one file, and what is cut off ends in the middle of a line. An update leaves whole lines.
    """
    versions = history.versions()
    if not versions or history.find(digest(folder)) is not None:
        return Stops()
    accepted = versions[-1].folder
    found = tuple(
        problem
        for problem in cut_off(folder, accepted)
        if not _lacks_comments_only(folder / problem.file, accepted / problem.file)
    )
    if found and _differing(folder, accepted) == {found[0].file} and not _ends_a_line(folder / found[0].file):
        return Stops(half_saved=found)
    return Stops(doubtful=tuple(replace(problem, code="faq.stops-early") for problem in found))


def must_be_whole(folder: Path, history: History) -> None:
    """Raises `Problems` for files that stop where the newest version goes on; the way back to an old one may do so.

    For a file that was saved while the program runs; what a start may refuse is in `stops_at_start`.
    """
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


def _differing(folder: Path, accepted: Path) -> set[str]:
    """The names of files that are not the same in both, or only in one."""
    here, there = ({path.name: path.read_bytes() for path in place.glob("*.yaml")} for place in (folder, accepted))
    return {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}


def _ends_a_line(path: Path) -> bool:
    return path.read_bytes().endswith(b"\n")


def _lacks_comments_only(path: Path, earlier: Path) -> bool:
    """Whether what is cut off holds comments and blank lines only, for example the advised „# Ende“."""
    tail, before = path.read_bytes().rstrip()[-TAIL:], earlier.read_bytes()
    end = before.rfind(tail) + len(tail)
    begun, *lines = before[end:].split(b"\n")
    if begun.strip():  # within a line: what counts is how it begins
        lines.append(before[before.rfind(b"\n", 0, end) + 1 : end] + begun)
    return bool(tail) and all(not line.strip() or line.lstrip().startswith(b"#") for line in lines)
