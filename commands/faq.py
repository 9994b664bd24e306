"""`python bot.py faq …`: check the FAQ files, ask them, measure them."""

from typing import Annotated

import typer

import checks
from commands.shared import LANGUAGE, load_settings, tell
from faq import engine
from faq.explain import explain
from faq.library import Library
from settings import Settings
from strict_yaml import Problems

app = typer.Typer(help="The FAQ files: check them, ask them.")


def open_library(settings: Settings) -> Library:
    """The library, or the end of the program with everything that is wrong with its files."""
    try:
        return checks.open_library(settings, checks.texts_of(settings))
    except Problems as problems:
        tell(problems)


@app.command()
def check() -> None:
    """Check the FAQ files."""
    settings = load_settings()
    library = open_library(settings)
    typer.echo(checks.all_good(library.store, checks.texts_of(settings), LANGUAGE))


@app.command()
def ask(question: Annotated[str, typer.Argument(help="what a member might write")]) -> None:
    """Show what would be answered to a question, and why."""
    for line in explain(open_library(load_settings()).read(question)):
        typer.echo(line)


@app.command("engine")
def run_engine() -> None:
    """Answer JSON lines on standard input, for measurements (docs/matching.md)."""
    engine.main()
