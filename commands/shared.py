"""What every command begins with, and how it ends when a file cannot be used."""

from collections.abc import Iterable, Sequence
from typing import Any, Never

import typer

import logs
import settings as settings_file
from faq.trial import Watch
from settings import Settings
from strict_yaml import Problems
from texts import explain, sentences

USAGE = 2  # exit status for files and settings that cannot be used
LANGUAGE = "de"  # of what operators and editors read on the console


def load_settings() -> Settings:
    """The settings of this start, with logging set up so that it cannot leak. Ends the program when they do not fit."""
    try:
        settings = settings_file.load()
    except Problems as problems:
        tell(problems)
    logs.set_up(settings.secrets())
    return settings


def tell(problems: Problems) -> Never:
    """Says everything that is wrong and ends the program."""
    said = sentences(LANGUAGE)
    key = "problem.heading-one" if len(problems.problems) == 1 else "problem.heading"
    typer.echo(said[key].format(count=len(problems.problems)) + "\n", err=True)
    for problem in problems.problems:
        typer.echo(explain(problem, LANGUAGE) + "\n", err=True)
    raise typer.Exit(USAGE) from None


def refuse(reason: object) -> Never:
    typer.echo(str(reason), err=True)
    raise typer.Exit(USAGE) from None


def watch(key: str) -> Watch:
    """Shows on the console how far a long piece of work has come; `key` names the sentence that says which."""
    from rich.console import Console  # noqa: PLC0415  a running bot has no use for it
    from rich.progress import track  # noqa: PLC0415

    def looked_on(work: Sequence[Any]) -> Iterable[Any]:
        console = Console(stderr=True)
        return track(work, sentences(LANGUAGE)[key], console=console, transient=True, disable=not console.is_terminal)

    return looked_on
