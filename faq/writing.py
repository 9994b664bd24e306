"""A new entry, or more phrasings, put into a FAQ file as text.

The file is not written anew: lines are put in where the strict reader says that something ends, and every other line
stays byte for byte as people left it. What comes out is read back before anybody gets it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.entry import LANGUAGES, CategoryFile, Entry, Language, Wording
from faq.loader import SOURCES, SYNONYMS
from strict_yaml import Node, Problems, parse

_DASH = re.compile(r"( *)- ")


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry for the file of its category."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class MorePhrasings:
    """Phrasings, each with its language, for an entry that exists."""

    entry: str
    phrasings: tuple[tuple[Language, str], ...]


Change = NewEntry | MorePhrasings


@dataclass(frozen=True, slots=True)
class Edit:
    """A file before and after."""

    name: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class NoPlace:
    """The file is written in a way that nothing can be put in without changing other lines; `lines` is what to add."""

    name: str
    lines: str


def edited(folder: Path, change: Change) -> Edit | NoPlace:
    """The file that a change is for, with the change.

    Raises `strict_yaml.Problems` when a file cannot be read, KeyError when none has the category or the entry.
    """
    path = _file(folder, change)
    before = path.read_bytes()
    after = before
    for step in _steps(change):
        found = next(_fitting(after, step), None)
        if found is None:
            return NoPlace(path.name, yaml_of(change))
        after = found
    return Edit(path.name, before, after)


def yaml_of(change: Change) -> str:
    """What is put in, to be put in by hand."""
    usual = "  " if isinstance(change, NewEntry) else " " * 8
    return "".join(line + "\n" for step in _steps(change) for line in _lines_of(step, usual))


def _steps(change: Change) -> list[Change]:
    """Phrasings of one language at a time."""
    if isinstance(change, NewEntry):
        return [change]
    by_language: dict[Language, list[tuple[Language, str]]] = {}
    for language, text in change.phrasings:
        by_language.setdefault(language, []).append((language, text))
    return [MorePhrasings(change.entry, tuple(texts)) for texts in by_language.values()]


def _file(folder: Path, change: Change) -> Path:
    for path in sorted(folder.glob("*.yaml")):
        if path.name in (SOURCES, SYNONYMS):
            continue
        content = parse(path.read_bytes(), CategoryFile, path.name)[0]
        if isinstance(change, NewEntry):
            fits = content.category == change.entry.category
        else:
            fits = any(entry.id == change.entry for entry in content.entries)
        if fits:
            return path
    raise KeyError(change.entry.category if isinstance(change, NewEntry) else change.entry)


# ---- where it goes


def _fitting(data: bytes, change: Change) -> Iterator[bytes]:
    """The file with the lines put in, for each place where they say what they should and nothing else changes."""
    content, node, _ = parse(data, CategoryFile, "")
    wanted = _wanted(content, change)
    newline = "\r\n" if b"\r\n" in data else "\n"
    whole = data.decode("utf-8").splitlines(keepends=True)
    if whole[-1].splitlines()[0] == whole[-1]:  # the last line has no end
        whole[-1] += newline
    item, end = _last_item(content, node, len(whole), change)
    indentation = _DASH.match(whole[item - 1])
    if indentation is None:
        return
    lines = "".join(line + newline for line in _lines_of(change, indentation[1]))
    for at in _places([line.strip() for line in whole], item, end):
        text = "".join((*whole[:at], lines, *whole[at:])).encode("utf-8")
        try:
            if parse(text, CategoryFile, "")[0] == wanted:
                yield text
        except Problems:
            continue


def _wanted(content: CategoryFile, change: Change) -> CategoryFile:
    if isinstance(change, NewEntry):
        entries = (*content.entries, change.entry.model_copy(update={"category": ""}))
    else:
        entries = tuple(_with(entry, change) if entry.id == change.entry else entry for entry in content.entries)
    return content.model_copy(update={"entries": entries})


def _with(entry: Entry, change: MorePhrasings) -> Entry:
    language = change.phrasings[0][0]
    wording = entry.wording(language)
    ask = (*wording.ask, *(text for _, text in change.phrasings))
    return entry.model_copy(update={language: wording.model_copy(update={"ask": ask})})


def _last_item(content: CategoryFile, node: Node, lines: int, change: Change) -> tuple[int, int]:
    if isinstance(change, NewEntry):
        return _span(node, ["entries"], lines)
    number = next(place for place, entry in enumerate(content.entries) if entry.id == change.entry)
    return _span(node, ["entries", number, change.phrasings[0][0], "ask"], lines)


def _places(lines: Sequence[str], item: int, end: int) -> Iterator[int]:
    """How many lines stand before each place where it could go: best after the last that is no comment."""
    every = range(end, item - 1, -1)
    best = [line for line in every if lines[line - 1] and not lines[line - 1].startswith("#")][:1]
    yield from best
    yield from (line for line in every if line not in best)


def _span(node: Node, steps: Sequence[str | int], lines: int) -> tuple[int, int]:
    """The line on which the last item of a list begins, and the last line before whatever follows the list."""
    end = lines
    for step in steps:
        assert isinstance(node.value, dict | list)
        if isinstance(node.value, dict):
            key = str(step)
            after = [line for line in node.key_lines.values() if line > node.key_lines[key]]
            node = node.value[key]
        else:
            assert isinstance(step, int)
            after = [item.line for item in node.value[step + 1 : step + 2]]
            node = node.value[step]
        end = min([end, *(line - 1 for line in after)])
    assert isinstance(node.value, list)
    return node.value[-1].line, end


# ---- how it is written


def _lines_of(change: Change, indentation: str) -> Iterator[str]:
    """The lines for a list whose items are indented so."""
    if isinstance(change, MorePhrasings):
        yield from (f"{indentation}- {quoted(text)}" for _, text in change.phrasings)
        return
    for number, line in enumerate(_entry(change.entry)):
        yield f"{indentation}{'  ' if number else '- '}{line}" if line else ""


def _entry(entry: Entry) -> Iterator[str]:
    yield f"id: {entry.id}"
    yield f"owner: {quoted(entry.owner)}"
    yield f"as_of: {entry.as_of.isoformat()}"
    yield f"review_by: {entry.review_by.isoformat()}"
    yield f"sources: [{', '.join(quoted(source) for source in entry.sources)}]"
    if entry.keywords:
        yield f"keywords: [{', '.join(quoted(word) for word in entry.keywords)}]"
    yield f"related: [{', '.join(entry.related)}]"
    if entry.actions:
        yield f"actions: [{', '.join(entry.actions)}]"
    for language in LANGUAGES:
        yield f"{language}:"
        yield from _wording(entry.wording(language))


def _wording(wording: Wording) -> Iterator[str]:
    yield f"  title: {quoted(wording.title)}"
    yield f"  button: {quoted(wording.button)}"
    for key, texts in (("ask", wording.ask), ("urgent", wording.urgent)):
        if texts:
            yield f"  {key}:"
            yield from (f"    - {quoted(text)}" for text in texts)
    for key, text in (("answer", wording.answer), ("more", wording.more)):
        if text is not None:
            yield f"  {key}: |"
            yield from (f"    {line}" if line else "" for line in text.split("\n"))


def quoted(text: str) -> str:
    """A value in double quotes; whatever is no plain character is written as a number."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in written)
