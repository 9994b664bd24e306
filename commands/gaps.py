"""`python bot.py faq gaps`: what members asked without an answer, and a snippet to paste."""

import json
from datetime import timedelta

import typer
from rich.console import Console
from rich.table import Table

import checks
from commands.office import office
from commands.shared import LANGUAGE, load_settings
from services import gaps
from services.clock import system
from services.gaps import Gaps, Group
from texts import Texts

SNIPPETS = 3


def show(weeks: int, most: int) -> None:
    """The gaps of the last weeks as a table, and for the largest ones the lines to paste into an entry."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    library = checks.open_library(settings, texts)
    now = system()
    with office(settings) as (database, _):
        found = database.work(gaps.find, since=now - timedelta(weeks=weeks), now=now, read=library.read)
    if not found.groups and not found.rated:
        typer.echo(texts.say_plain("gaps.none", LANGUAGE, weeks=weeks))
        return
    _tables(found, most, texts)
    for group in found.groups[:SNIPPETS]:
        typer.echo(snippet(group, texts))


def snippet(group: Group, texts: Texts) -> str:
    """Lines to paste below `ask:` of the nearest entry, or of a new one, as YAML."""
    if group.nearest:
        heading = texts.label("gaps.snippet", LANGUAGE, entry=group.nearest[0], language=group.language)
    else:
        heading = texts.label("gaps.snippet-none-near", LANGUAGE, language=group.language)
    lines = [f"        - {json.dumps(question, ensure_ascii=False)}" for question in dict.fromkeys(group.questions)]
    return "\n".join([f"# {heading}", "      ask:", *lines, ""])


def _tables(found: Gaps, most: int, texts: Texts) -> None:
    console = Console()
    table = Table(*(texts.label(f"gaps.{name}", LANGUAGE) for name in ("count", "question", "chosen", "nearest")))
    for group in found.groups[:most]:
        table.add_row(str(group.count), group.questions[0], str(group.chosen or ""), ", ".join(group.nearest))
    console.print(table)
    if found.rated:
        rated = Table(*(texts.label(f"gaps.{name}", LANGUAGE) for name in ("entry", "not-helpful", "rated")))
        for one in found.rated[:most]:
            rated.add_row(one.entry, str(one.not_helpful), str(one.rated))
        console.print(rated)
