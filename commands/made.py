"""What a run of letters comes to, on the screen: counts, and rows that cannot be used."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from commands.shared import LANGUAGE
from strict_yaml import Problem
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
