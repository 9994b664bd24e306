"""What the commands about letters have in common: counts on the screen, rows that cannot be used, dates, files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Never

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table as Grid
from rich.text import Text

from commands.imports import FAILED
from commands.shared import LANGUAGE, refuse
from services.imports import Progress
from strict_yaml import Problem
from tables import writing
from texts import Texts, explain_briefly

SHOWN = 50


def show_counts(title: str, counts: Mapping[str, int], texts: Texts) -> None:
    """`counts` by the key of the sentence that names them."""
    grid = Grid(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    for key, count in counts.items():
        grid.add_row(Text(texts.say_plain(key, LANGUAGE), style="" if count else "dim"), f"{count:,}".replace(",", "."))
    Console(highlight=False, markup=False).print(grid)


def show_problems(problems: Sequence[tuple[int, Problem]], texts: Texts) -> None:
    """Each with its file and row, and nothing of what stands in it."""
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for row, problem in problems[:SHOWN]:
        place = texts.say_plain("imported.row", LANGUAGE, row=row)
        grid.add_row(f"{problem.file}, {place}", explain_briefly(problem, LANGUAGE))
    console = Console(highlight=False, markup=False)
    console.print(grid)
    if len(problems) > SHOWN:
        console.print(texts.say_plain("printed.more", LANGUAGE, count=len(problems) - SHOWN))


@contextmanager
def bar(title: str, total: int) -> Iterator[Progress]:
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        update: Callable[[int], None] = lambda done: bar.update(task, completed=done)  # noqa: E731
        yield update


def write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    try:
        writing.write(path, header, rows)
    except OSError as error:
        refuse(f"{path}: {error.strerror}")


def date_of(texts: Texts, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(texts.say_plain("imported.date", LANGUAGE, text=text))


def fail(reason: str) -> Never:
    typer.echo(reason, err=True)
    raise typer.Exit(FAILED)
