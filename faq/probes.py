"""Test questions: how members ask, and the entry that must be found. None of them is a phrasing of the store.

A question expects one entry, one of several (`[block-card, phishing-clicked]`), or `none` when it must not be answered.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from faq.entry import LANGUAGES, EntryId, Language, Phrasing
from strict_yaml import Loc, Problem, Problems, excerpt, nearest, read

NONE = "none"
FOLDER = "tests"  # beside the folder of FAQ files


def _expected(value: object) -> object:
    if value == []:
        raise PydanticCustomError("too_short", "no entry expected", {"min_length": 1})
    return () if value == NONE else (value,) if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Question(_Strict):
    ask: Phrasing
    expect: Annotated[tuple[EntryId, ...], BeforeValidator(_expected)]


class _ProbesFile(_Strict):
    questions: Annotated[tuple[_Question, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Probe:
    """A test question: the entries of which any is right, or none when it must not be answered."""

    language: Language
    text: str
    expected: tuple[str, ...]
    file: str = ""
    line: int = 0


def read_probes(folder: Path, entries: Collection[str]) -> list[Probe]:
    """The test questions beside the FAQ files in `folder`; `entries` are the ids that exist. None without a file.

    The name of a file begins with its language: `de.yaml`, `en-late.yaml`. Raises `Problems` with everything wrong.
    """
    probes: list[Probe] = []
    problems: list[Problem] = []
    for path in sorted((folder.parent / FOLDER).glob("*.yaml")):
        try:
            probes += _read(path, entries, problems)
        except Problems as found:
            problems += found.problems
    if problems:
        raise Problems(problems)
    return probes


def _read(path: Path, entries: Collection[str], problems: list[Problem]) -> Iterator[Probe]:
    name = f"{FOLDER}/{path.name}"
    content, node, lines = read(path, _ProbesFile, name)

    def problem(loc: Loc, code: str, **values: str) -> None:
        line = node.line_of(loc) if loc else 0
        problems.append(Problem(name, line, excerpt(lines, line), code, values))

    language = next((known for known in LANGUAGES if path.stem.split("-")[0] == known), None)
    if language is None:
        problem((), "faq.test-language", languages=", ".join(LANGUAGES))
        return
    first: dict[str, int] = {}
    for number, question in enumerate(content.questions):
        loc: Loc = ("questions", number)
        for entry in question.expect:
            if entry not in entries:
                problem((*loc, "expect"), "faq.test-entry", id=entry, near=nearest(entry, sorted(entries)))
        line = node.line_of((*loc, "ask"))
        if (other := first.setdefault(question.ask.casefold(), line)) != line:
            problem((*loc, "ask"), "faq.test-twice", question=question.ask, first=str(other))
        yield Probe(language, question.ask, question.expect, name, line)
