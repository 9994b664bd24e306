"""From a folder of FAQ files to a `Store`, or to every reason why not.

All or nothing: a store is complete and consistent, or it is not made.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

import markup
from faq.entry import (
    ANSWER_MAX,
    LANGUAGES,
    MORE_MAX,
    Category,
    CategoryFile,
    Entry,
    Source,
    SourcesFile,
    Store,
    SynonymsFile,
)
from strict_yaml import Loc, Node, Problem, Problems, excerpt, nearest, read

SHIPPED = Path(__file__).parent / "content"
SOURCES = "sources.yaml"
SYNONYMS = "synonyms.yaml"

Model = TypeVar("Model", bound=BaseModel)
# Fills the association's values into an answer. Raises KeyError for a name that it does not know.
Fill = Callable[[str, str], str]


@dataclass(frozen=True)
class File:
    """A file of entries with what is needed to point into it."""

    name: str
    content: CategoryFile
    node: Node
    lines: list[str]

    def problem(self, loc: Loc, code: str, **values: str) -> Problem:
        line = self.node.line_of(loc)
        return Problem(self.name, line, excerpt(self.lines, line), code, values)

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """The entries with their positions; each knows its category."""
        for number, entry in enumerate(self.content.entries):
            yield number, entry.model_copy(update={"category": self.content.category})


def load(folder: Path = SHIPPED, fill: Fill | None = None) -> Store:
    """The store in `folder`.

    `fill` puts the association's values into answers; with it, unknown placeholders and the rendered length are
    checked, too. Raises `Problems` with everything that is wrong, sorted by file and line.
    """
    return load_with_files(folder, fill)[0]


def load_with_files(folder: Path, fill: Fill | None = None) -> tuple[Store, list[File]]:
    """The store in `folder` as `load` gives it, and the files that its entries are in."""
    problems: list[Problem] = []
    files = _files(folder, problems)
    sources = _optional(folder / SOURCES, SourcesFile, problems)
    synonyms = _optional(folder / SYNONYMS, SynonymsFile, problems)
    if not files and not problems:
        problems.append(Problem(folder.name, 0, "", "faq.no-folder"))
    if not problems:  # what follows needs files that can be read
        known = {source.id for source in sources.sources} if sources else set()
        problems += [*_twice(files), *_dead(files, known), *_texts(files, fill), *_synonyms(folder, synonyms)]
    if problems:
        raise Problems(sorted(problems, key=lambda problem: (problem.file, problem.line)))
    store = _store(folder, files, sources.sources if sources else (), synonyms.synonyms if synonyms else ())
    return store, files


def digest(folder: Path) -> str:
    """A short name for the content of all files of a folder: equal content, equal name."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


def read_files(folder: Path) -> list[File]:
    """The files of entries, each by itself and not compared with the others. Raises `Problems`."""
    problems: list[Problem] = []
    files = _files(folder, problems)
    if problems:
        raise Problems(problems)
    return files


def _files(folder: Path, problems: list[Problem]) -> list[File]:
    files = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name in (SOURCES, SYNONYMS):
            continue
        try:
            content, node, lines = read(path, CategoryFile)
        except Problems as found:
            problems += found.problems
        else:
            files.append(File(path.name, content, node, lines))
    return files


def _optional(path: Path, schema: type[Model], problems: list[Problem]) -> Model | None:
    if not path.exists():
        return None
    try:
        return read(path, schema)[0]
    except Problems as found:
        problems += found.problems
        return None


def _twice(files: list[File]) -> Iterator[Problem]:
    """Ids, categories and phrasings that stand in two places."""
    categories: dict[str, str] = {}
    ids: dict[str, str] = {}
    phrasings: dict[tuple[str, str], tuple[str, str]] = {}
    for file in files:
        if (first := categories.setdefault(file.content.category, file.name)) != file.name:
            yield file.problem(("category",), "faq.duplicate-category", id=file.content.category, first=first)
        for number, entry in file.entries():
            place = f"{file.name}, {file.node.line_of(('entries', number))}"
            if (first := ids.setdefault(entry.id, place)) != place:
                yield file.problem(("entries", number, "id"), "faq.duplicate-id", id=entry.id, first=first)
            for language in LANGUAGES:
                for position, phrasing in enumerate(entry.wording(language).ask):
                    loc: Loc = ("entries", number, language, "ask", position)
                    here = (entry.id, f"{file.name}, {file.node.line_of(loc)}")
                    other = phrasings.setdefault((language, phrasing.casefold()), here)
                    if other != here:
                        values = {"phrasing": phrasing, "other": other[0], "first": other[1]}
                        yield file.problem(loc, "faq.duplicate-phrasing", **values)


def _dead(files: list[File], sources: set[str]) -> Iterator[Problem]:
    """References to entries and sources that do not exist."""
    ids = {entry.id for file in files for entry in file.content.entries}
    for file in files:
        for number, entry in file.entries():
            for position, related in enumerate(entry.related):
                loc: Loc = ("entries", number, "related", position)
                if related == entry.id:
                    yield file.problem(loc, "faq.related-self", id=related)
                elif related not in ids:
                    yield file.problem(loc, "faq.dead-related", id=related, near=nearest(related, sorted(ids)))
            for position, source in enumerate(entry.sources):
                if source not in sources:
                    yield file.problem(("entries", number, "sources", position), "faq.dead-source", id=source)


def _texts(files: list[File], fill: Fill | None) -> Iterator[Problem]:
    """What cannot be sent as it stands: HTML, placeholders, length."""
    for file in files:
        for number, entry in file.entries():
            for language in LANGUAGES:
                wording = entry.wording(language)
                for part, html, most in (("answer", wording.answer, ANSWER_MAX), ("more", wording.more, MORE_MAX)):
                    if html is None:
                        continue
                    loc: Loc = ("entries", number, language, part)
                    where = f"{entry.id} › {language} › {part}"
                    for code, values in _text_mistakes(html, language, most, fill):
                        yield file.problem(loc, code, where=where, **values)


def _text_mistakes(html: str, language: str, most: int, fill: Fill | None) -> Iterator[tuple[str, dict[str, str]]]:
    for what, tag in markup.mistakes(html):
        yield "faq.html", {"mistake": what, "tag": tag}
    try:
        filled = fill(html, language) if fill else html
    except KeyError as unknown:
        yield "faq.placeholder", {"name": str(unknown.args[0])}
    except (ValueError, IndexError, AttributeError):
        yield "faq.brace", {}
    else:
        length = len(markup.plain(filled).strip())
        if length > most:
            yield "faq.answer-long", {"length": str(length), "most": str(most)}


def _synonyms(folder: Path, synonyms: SynonymsFile | None) -> Iterator[Problem]:
    if synonyms is None:
        return
    _, node, lines = read(folder / SYNONYMS, SynonymsFile)
    seen: dict[str, int] = {}
    for group, words in enumerate(synonyms.synonyms):
        for position, word in enumerate(words):
            line = node.line_of(("synonyms", group, position))
            if (first := seen.setdefault(word.casefold(), line)) != line or word.casefold() in words[:position]:
                values = {"word": word, "first": str(first)}
                yield Problem(SYNONYMS, line, excerpt(lines, line), "faq.synonym-twice", values)


def _store(
    folder: Path, files: list[File], sources: tuple[Source, ...], synonyms: tuple[tuple[str, ...], ...]
) -> Store:
    categories: list[Category] = []
    entries: dict[str, Entry] = {}
    for file in sorted(files, key=lambda file: (file.content.order, file.name)):
        content = file.content
        categories.append(
            Category(id=content.category, title=content.title, entries=tuple(entry.id for entry in content.entries))
        )
        entries |= {entry.id: entry for _, entry in file.entries()}
    return Store(
        categories=tuple(categories),
        entries=entries,
        sources={source.id: source for source in sources},
        synonyms=synonyms,
        digest=digest(folder),
    )
