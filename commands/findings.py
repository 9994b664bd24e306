"""The problems of FAQ files as people, GitHub and programs read them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.shared import LANGUAGE
from faq.check import is_advice
from strict_yaml import Problem
from texts import explain_briefly, sentences


class Format(StrEnum):
    TEXT = "text"
    GITHUB = "github"
    JSON = "json"


def show(problems: Sequence[Problem], folder: Path, output: Format) -> None:
    """Writes problems to standard output; `folder` is where the files are that they name."""
    match output:
        case Format.TEXT:
            _text(problems, folder)
        case Format.GITHUB:
            for problem in problems:
                typer.echo(_github(problem, folder))
        case Format.JSON:
            typer.echo(json.dumps([_plain(problem, folder) for problem in problems], ensure_ascii=False, indent=2))


def _path(problem: Problem, folder: Path) -> str:
    """The file of a problem, from the working directory where it lies below it. Test questions lie beside `folder`."""
    beside = "/" in problem.file or problem.file == folder.name
    path = (folder.parent if beside else folder) / problem.file
    here = Path.cwd()
    return (path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path).as_posix()


def _text(problems: Sequence[Problem], folder: Path) -> None:
    if not problems:
        return
    said = sentences(LANGUAGE)
    console = Console(highlight=False, soft_wrap=False)
    for file, group in groupby(problems, key=lambda problem: _path(problem, folder)):
        console.print(Text(file, style="bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for problem in group:
            kind = Text(said["checked.advice"]) if is_advice(problem) else Text(said["checked.mistake"], style="red")
            words = Text(explain_briefly(problem, LANGUAGE))
            if problem.excerpt:
                words.append(f"\n{problem.excerpt}", style="dim")
            table.add_row(str(problem.line or ""), kind, words)
        console.print(table)
        console.print()
    advice = sum(map(is_advice, problems))
    console.print(said["checked.summary"].format(mistakes=len(problems) - advice, advice=advice))


def _github(problem: Problem, folder: Path) -> str:
    """A workflow command that marks the line in a pull request (docs.github.com, "Workflow commands")."""
    level = "warning" if is_advice(problem) else "error"
    place = f"file={_property(_path(problem, folder))}" + (f",line={problem.line}" if problem.line else "")
    return f"::{level} {place},title={_property(problem.code)}::{_data(explain_briefly(problem, LANGUAGE))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(problem: Problem, folder: Path) -> dict[str, object]:
    severity = "advice" if is_advice(problem) else "mistake"
    message = explain_briefly(problem, LANGUAGE)
    return {"severity": severity, **asdict(problem), "file": _path(problem, folder), "message": message}
