"""Every sentence the bot says, by key and language, and the values that fill it.

Values are escaped for Telegram's HTML (core.telegram.org/bots/api#html-style) unless they are `Html` already.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from string import Formatter
from typing import Any

from markup import plain
from strict_yaml import Node, Problem, load

FOLDER = Path(__file__).parent
LANGUAGES = ("de", "en")
POLICY = "policy_"


class Html(str):
    """Text that is HTML already and goes into other HTML as it is."""

    __slots__ = ()


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All texts of a language by dotted key, as they stand in `de.yaml` and, for the desk, in `tickets.de.yaml` …"""
    said: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*{language}.yaml")):
        more = dict(_flat(load(path)[0], ""))
        assert not said.keys() & more.keys(), f"{path.name} says something twice"
        said |= more
    return said


def _flat(node: Node, prefix: str) -> Iterable[tuple[str, str]]:
    assert isinstance(node.value, dict)
    for key, inner in node.value.items():
        if isinstance(inner.value, str):
            yield prefix + key, inner.value.strip()
        else:
            yield from _flat(inner, f"{prefix}{key}.")


def placeholders(text: str) -> set[str]:
    """The names in braces in a text. Raises ValueError when a brace is not closed."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


class Texts:
    """The sentences with the association's values in them."""

    def __init__(self, association: Mapping[str, str], policies: Mapping[str, Mapping[str, str]]) -> None:
        self._values = {language: self._in(language, association, policies) for language in LANGUAGES}

    def _in(
        self, language: str, association: Mapping[str, str], policies: Mapping[str, Mapping[str, str]]
    ) -> dict[str, Html]:
        values = {key: Html(escape(value, quote=False)) for key, value in association.items()}
        english = {key.removesuffix("_en"): values.pop(key) for key in list(values) if key.endswith("_en")}
        if language == "en":
            values |= english
        still_open = Html(sentences(language)["answer.policy-open"].format_map(values))
        for name, stated in policies.items():
            statement = stated.get(language, "").strip()
            values[POLICY + name] = Html(escape(statement, quote=False)) if statement else still_open
        return values

    def names(self) -> frozenset[str]:
        """The placeholders that answers may use."""
        return frozenset(self._values["de"])

    def say(self, key: str, language: str, /, **values: Any) -> Html:
        """The sentence `key` in `language`.

        Raises KeyError when there is no such sentence or a value is missing: a house test finds both.
        """
        own = {
            name: value if isinstance(value, Html) else escape(str(value), quote=False)
            for name, value in values.items()
        }
        return Html(sentences(language)[key].format_map({**self._values[language], **own}))

    def label(self, key: str, language: str, /, **values: Any) -> str:
        """A button's label or a toast: plain text, not HTML."""
        return sentences(language)[key].format_map({**self._values[language], **values})

    def say_plain(self, key: str, language: str, /, **values: Any) -> str:
        """The sentence without HTML, for where Telegram shows plain text."""
        return plain(self.say(key, language, **values))

    def fill(self, html: str, language: str) -> Html:
        """An answer of the FAQ with the association's values in it."""
        return Html(html.strip().format_map(self._values[language]))


def day(value: date, language: str) -> str:
    """A date as people write it: 24.11.2026, or 24 November 2026."""
    return f"{value:%d.%m.%Y}" if language == "de" else f"{value.day} {value:%B %Y}"


def explain(problem: Problem, language: str = "de") -> str:
    """A mistake in a file as people read it: where, what stands there, what is wrong, what to do."""
    said = sentences(language)
    place = f"{problem.file}, {said['problem.line']} {problem.line}" if problem.line else problem.file
    lines = [f"{place}: {_wrong(problem, said)}", problem.excerpt, _meant(problem, said)]
    return "\n    ".join(line for line in lines if line)


def explain_briefly(problem: Problem, language: str = "de") -> str:
    """What is wrong and what to do, for where file, line and excerpt are shown beside it."""
    said = sentences(language)
    return f"{_wrong(problem, said)} {_meant(problem, said)}".strip()


def _wrong(problem: Problem, said: Mapping[str, str]) -> str:
    text = said.get(f"problem.{problem.code}") or said["problem.schema.other"]
    values = _Blank(problem.values)
    if mistake := values.get("mistake"):
        values["what"] = said[f"problem.html.{mistake}"].format_map(values)
    return text.format_map(values)


def _meant(problem: Problem, said: Mapping[str, str]) -> str:
    near = problem.values.get("near")
    return said["problem.near"].format(near=near) if near else ""


class _Blank(dict[str, str]):
    """Fills a problem's sentence; a value that is missing must not hide the problem itself."""

    def __missing__(self, key: str) -> str:
        return "…"
