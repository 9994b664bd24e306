"""A trial of test questions as tables: figures, confusions, what moved; and the matches of one question."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.shared import LANGUAGE
from faq.entry import Language
from faq.library import Library
from faq.match import Reading
from faq.trial import Confusion, Figures, Move, Trial, Tried
from texts import Texts

_LANGUAGES = {"de": "trial.german", "en": "trial.english"}
_CONFUSED = ("trial.expected", "trial.found", "trial.count", "trial.of-these-sure", "trial.example")
_MOVED = ("trial.question", "trial.before", "trial.after", "trial.expected")
_NEAR = ("explain.column-entry", "explain.column-phrasing", "explain.column-confidence")
_NUMBERS = ("trial.count", "trial.of-these-sure", "explain.column-confidence")
_EXAMPLE = 90  # characters of a question that are shown


def show(trial: Trial, language: Language, texts: Texts, worst: int) -> None:
    """Prints the figures of one language and its worst confusions."""
    console = Console()
    console.print(_figures(trial.figures(), texts.label(_LANGUAGES[language], LANGUAGE), texts))
    if worst and (confusions := trial.confusions()[:worst]):
        console.print(_confusions(confusions, texts))


def _figures(figures: Figures, title: str, texts: Texts) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column()
    table.add_column(texts.label("trial.count", LANGUAGE), justify="right")
    table.add_column(texts.label("trial.share", LANGUAGE), justify="right")
    inside, outside = figures.in_scope, figures.out_of_scope
    rows = (
        ("trial.in-scope", inside, None),
        ("trial.first", figures.top1, inside),
        ("trial.among-three", figures.top3, inside),
        ("trial.right", figures.right, inside),
        ("trial.offered", figures.offered, inside),
        ("trial.missed", figures.missed, inside),
        ("trial.wrong", figures.wrong, inside),
        ("trial.out-of-scope", outside, None),
        ("trial.answered", figures.answered, outside),
    )
    for key, count, whole in rows:
        table.add_row(texts.label(key, LANGUAGE), str(count), _share(count, whole))
    return table


def _share(count: int, whole: int | None) -> str:
    """Blank where the count is the whole, or there is nothing to have a share in."""
    return f"{100 * count / whole:.1f} %" if whole else ""


def _confusions(confusions: Sequence[Confusion], texts: Texts) -> Table:
    table = _table(_CONFUSED, texts, title="trial.confusions")
    nothing = texts.label("trial.nothing", LANGUAGE)
    for one in confusions:
        counts = (str(len(one.tried)), str(one.wrong))
        example = _short(one.tried[0].probe.text)
        table.add_row(_entry(one.expected or nothing), _entry(one.found or nothing), *counts, example)
    return table


def show_moves(moves: Sequence[Move], texts: Texts) -> None:
    """Prints the test questions that now lead elsewhere."""
    console = Console()
    if not moves:
        console.print(texts.label("trial.not-moved", LANGUAGE))
        return
    console.print(texts.label("trial.moved", LANGUAGE, count=len(moves)))
    table = _table(_MOVED, texts)
    nothing = texts.label("trial.nothing", LANGUAGE)
    for move in moves:
        expected = ", ".join(move.after.probe.expected) or nothing
        table.add_row(_short(move.after.probe.text), _way(move.before, nothing), _way(move.after, nothing), expected)
    console.print(table)


def _way(tried: Tried, nothing: str) -> str:
    """Where a question leads: an answer, the first of a choice (with "?"), or nothing."""
    if tried.answered:
        return ", ".join(tried.answered)
    return f"{tried.offered[0]}?" if tried.offered else nothing


def show_matches(reading: Reading, library: Library, texts: Texts) -> None:
    """Prints each entry that came near, with its confidence beside the thresholds that it is measured by."""
    console = Console()
    for part in reading.parts:
        table = _table(_NEAR, texts)
        for match in part.matches:
            table.add_row(_entry(match.entry), match.phrasing, f"{match.confidence:.2f}")
        console.print(table)
    limits = library.matcher.thresholds
    values = {"answer_at": limits.answer_at, "lead": limits.lead, "suggest_at": limits.suggest_at}
    console.print(texts.label("explain.thresholds", LANGUAGE, **values))


def _table(columns: Sequence[str], texts: Texts, *, title: str = "") -> Table:
    table = Table(title=texts.label(title, LANGUAGE) if title else None, title_justify="left", title_style="bold")
    for key in columns:
        table.add_column(texts.label(key, LANGUAGE), justify="right" if key in _NUMBERS else "left")
    return table


def _entry(entry: str) -> Text:
    return Text(entry, style="bold")


def _short(text: str) -> Text:
    return Text(text if len(text) <= _EXAMPLE else text[: _EXAMPLE - 1] + "…")
