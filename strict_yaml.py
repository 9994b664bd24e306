"""YAML as people who are not programmers write it: every value is the text that stands there.

Plain YAML turns `9:30` into 570, `NO` into False and a card number into another number, keeps the last of two equal
keys and lets 400 bytes grow without end (PyYAML issues 235 and 897). Here a scalar stays text until a schema says
otherwise, equal keys, anchors, aliases, merge keys, tags, deep nesting and large files are refused, and each place
keeps its line, so that a mistake can be shown where it was made.

`read` gives a validated pydantic model or raises `Problems` with everything that is wrong, not only the first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from rapidfuzz import process

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 12
EXCERPT_LENGTH = 90

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[int | str, ...]
_NO_KEYS: Mapping[str, int] = {}  # one for all scalars and lists: a store has thirty thousand


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file that people edit; `texts` puts it into words.

    `line` counts from 1 and is 0 where the whole file is meant. `code` names the sentence, `values` fill it.
    """

    file: str
    line: int
    excerpt: str
    code: str
    values: dict[str, str] = field(default_factory=dict)


class Problems(Exception):  # noqa: N818  several problems are what it carries, not an error of ours
    """Files that cannot be used as they are, with every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s), first: {problems[0]}" if problems else "no problems")
        self.problems = tuple(problems)


@dataclass(slots=True)
class Node:
    """A value with the line it begins on: text, a list of nodes, or nodes by key."""

    line: int
    value: "str | list[Node] | dict[str, Node]"
    key_lines: Mapping[str, int] = field(default_factory=lambda: _NO_KEYS)

    def plain(self) -> Any:
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def line_of(self, loc: Loc) -> int:
        """The line of the value at `loc`, or of the nearest thing around it that exists."""
        node, line = self, self.line
        for step in loc:
            if isinstance(node.value, dict) and step in node.value:
                line = node.key_lines[str(step)]
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.line
            else:
                break
        return line


class _Reader:
    """Builds nodes from YAML's events, and remembers what is refused."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.splitlines()
        self.problems: list[Problem] = []
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=_PARSER)

    def problem(self, line: int, code: str, **values: str) -> None:
        self.problems.append(Problem(self.name, line, excerpt(self.lines, line), code, values))

    def document(self) -> Node:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                node = self.node(next(self.events), 0)
                next(self.events)  # the document's end
                following = next(self.events)
                if isinstance(following, yaml.DocumentStartEvent):
                    self.problem(_line(following), "yaml.second-document")
                return node
        self.problem(0, "yaml.empty")
        return Node(1, {})

    def node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        if depth > MAX_DEPTH:
            self.problem(line, "yaml.deep", most=str(MAX_DEPTH))
            raise Problems(self.problems)  # what lies deeper is not worth reading
        if isinstance(event, yaml.AliasEvent):
            self.problem(line, "yaml.alias", name=str(event.anchor))
            return Node(line, "")
        if anchor := getattr(event, "anchor", None):
            self.problem(line, "yaml.anchor", name=str(anchor))
        if tag := getattr(event, "tag", None):
            self.problem(line, "yaml.tag", tag=str(tag))
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(line, depth)
        assert isinstance(event, yaml.ScalarEvent)
        return Node(line, event.value)

    def sequence(self, line: int, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return Node(line, items)

    def mapping(self, line: int, depth: int) -> Node:
        items: dict[str, Node] = {}
        key_lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key_line = _line(event)
            key = self.node(event, depth + 1).value
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, str):
                self.problem(key_line, "yaml.key")
            elif key == "<<":
                self.problem(key_line, "yaml.merge")
            elif key in items:
                self.problem(key_line, "yaml.duplicate-key", key=key, first=str(key_lines[key]))
            else:
                items[key], key_lines[key] = value, key_line
        return Node(line, items, key_lines)


_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def excerpt(lines: Sequence[str], line: int) -> str:
    """The text of one line, shortened; empty where there is no such line."""
    if not 1 <= line <= len(lines):
        return ""
    text = lines[line - 1].strip()
    return text if len(text) <= EXCERPT_LENGTH else text[: EXCERPT_LENGTH - 1] + "…"


def load(path: Path, name: str | None = None) -> tuple[Node, list[str]]:
    """The content of a file as nodes, and its lines.

    Raises `Problems` when the file cannot be read as the YAML that is allowed here.
    """
    name = name or path.name
    return _nodes(_bytes(path, name), name)


def _nodes(raw: bytes, name: str) -> tuple[Node, list[str]]:
    reader = _Reader(name, _text(raw, name))
    try:
        node = reader.document()
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        reader.problems.append(_syntax(name, reader.lines, error))
    if reader.problems:
        raise Problems(reader.problems)
    return node, reader.lines


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problems([Problem(name, 0, "", "yaml.unreadable", {"reason": error.strerror or "?"})]) from error


def _text(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        values = {"size": str(len(raw) // 1024), "most": str(MAX_BYTES // 1024)}
        raise Problems([Problem(name, 0, "", "yaml.large", values)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        shown = excerpt(raw.decode("cp1252", "replace").splitlines(), line)
        raise Problems([Problem(name, line, shown, "yaml.encoding")]) from error


def _syntax(name: str, lines: Sequence[str], error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 0
    what = str(getattr(error, "problem", "") or getattr(error, "reason", ""))
    code = next((code for hint, code in _SYNTAX.items() if hint in what), "yaml.syntax")
    if 0 < line <= len(lines) and re.match(r" *\t", lines[line - 1]):
        code = "yaml.tab"
    return Problem(name, line, excerpt(lines, line), code, {"what": what})


# What PyYAML says, and which sentence tells a clerk the same.
_SYNTAX = {
    "mapping values are not allowed": "yaml.colon",
    "cannot start any token": "yaml.character",
    "did not find expected <block end>": "yaml.indentation",
    "did not find expected key": "yaml.indentation",
    "found unexpected end of stream": "yaml.quote",
    "did not find expected '-' indicator": "yaml.indentation",
    "could not find expected ':'": "yaml.missing-colon",
    "special characters are not allowed": "yaml.character",
    "control characters are not allowed": "yaml.character",
}


def read(path: Path, schema: type[Model], name: str | None = None) -> tuple[Model, Node, list[str]]:
    """The file as `schema`, with its nodes and lines for later checks.

    Raises `Problems` with everything that does not fit.
    """
    name = name or path.name
    return parse(_bytes(path, name), schema, name)


def parse(raw: bytes, schema: type[Model], name: str) -> tuple[Model, Node, list[str]]:
    """What `read` gives, from a file's content; `name` is what problems call it."""
    node, lines = _nodes(raw, name)
    try:
        return schema.model_validate(node.plain()), node, lines
    except ValidationError as error:
        problems = [_misfit(name, node, lines, schema, dict(detail)) for detail in error.errors(include_url=False)]
        raise Problems(sorted(problems, key=lambda problem: problem.line)) from None


def _misfit(name: str, node: Node, lines: Sequence[str], schema: type[BaseModel], detail: dict[str, Any]) -> Problem:
    loc: Loc = tuple(detail["loc"])
    kind = str(detail["type"])
    line = node.line_of(loc)
    values = {"where": _path(node, loc), "key": str(loc[-1]) if loc else ""}
    values |= {key: str(value) for key, value in detail.get("ctx", {}).items()}
    if kind == "extra_forbidden":
        values["near"] = nearest(values["key"], _known_keys(schema, loc))
    if kind == "missing":
        line = node.line_of(loc[:-1])
    if detail.get("input") == "":
        kind = "empty"
    code = f"schema.{kind}" if kind in _MISFITS else "schema.other"
    return Problem(name, line, excerpt(lines, line), code, values | {"what": str(detail["msg"])})


_MISFITS = {
    "extra_forbidden", "missing", "empty", "string_too_long", "string_too_short", "string_type", "value_error", "enum",
    "date_from_datetime_parsing", "date_parsing", "float_parsing", "int_parsing", "bool_parsing", "model_type",
    "tuple_type", "too_short", "literal_error", "greater_than", "greater_than_equal", "less_than", "less_than_equal",
    "dict_type",
}  # fmt: skip


def _path(node: Node, loc: Loc) -> str:
    """Where in the file, in words that an editor knows: the id of an entry instead of its position."""
    steps: list[str] = []
    for step in loc:
        if isinstance(node.value, dict):
            node = node.value.get(str(step), Node(node.line, ""))
            steps.append(str(step))
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            known = node.value.get("id") if isinstance(node.value, dict) else None
            steps.append(str(known.value) if known else str(step + 1))
        else:
            break
    return " › ".join(steps)


def _known_keys(schema: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that are allowed beside the unknown one at `loc`."""
    for step in loc[:-1]:
        if isinstance(step, str) and step in schema.model_fields:
            inner = _inner_model(schema.model_fields[step].annotation)
            if inner is not None:
                schema = inner
    return list(schema.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner_model(inner) for inner in getattr(annotation, "__args__", ()))
    return next((inner for inner in found if inner is not None), None)


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or an empty string."""
    found = process.extractOne(word, known, score_cutoff=60)
    return found[0] if found else ""
