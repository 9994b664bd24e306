"""What the commands that import a list have in common: options, counts on the screen, the question, the exit status."""

import getpass
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table as Grid
from rich.text import Text

import tables
from commands.shared import LANGUAGE, refuse, tell
from config.imports import Imports
from services.audit import NUMBER
from services.imports import Order, Plan, Progress, Verdict
from strict_yaml import Problem, Problems
from tables import Column, Table, writing
from tables.delimited import Delimiter, Encoding
from texts import Texts, explain_briefly

LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")  # as the audit log takes it
ENCODINGS: dict[str, Encoding] = {"utf-8": "utf-8", "cp1252": "cp1252"}
FAILED = 1  # exit status when the list cannot be carried out as it is

P = TypeVar("P", bound=Plan)

File = Annotated[Path, typer.Argument(metavar="FILE", help="the list, CSV or XLSX")]
Apply = Annotated[bool, typer.Option("--apply", help="carry it out; without this nothing is changed")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="who imports; your login if left out")]
ConfirmBy = Annotated[str | None, typer.Option("--confirm-by", metavar="NAME", help="the second person who agrees")]
Enc = Annotated[str, typer.Option("--encoding", help="of a CSV file: utf-8 or cp1252")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask before carrying it out")]
RejectsFile = Annotated[Path | None, typer.Option("--rejects", metavar="FILE", help="write every rejected row (CSV)")]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the console wants."""

    apply: bool
    yes: bool
    order: Order
    rejects: Path | None


def wishes(
    texts: Texts, *, apply: bool, yes: bool, by: str | None, confirm_by: str | None, rejects: Path | None
) -> Wishes:
    """Ends the program when a name cannot stand in the audit log."""
    by = by or getpass.getuser()
    for name in (by, confirm_by):
        if name is not None and (not LOGIN.fullmatch(name) or NUMBER.search(name)):
            refuse(texts.say_plain("imported.by", LANGUAGE, name=name))
    return Wishes(apply, yes, Order(by, confirm_by), rejects)


@contextmanager
def opened(path: Path, columns: Sequence[Column], rules: Imports, encoding: str, texts: Texts) -> Iterator[Table]:
    """The list as a table. Ends the program, with every reason, when the file cannot be used."""
    if encoding not in rules.encodings:
        refuse(texts.say_plain("imported.no-encoding", LANGUAGE, encoding=encoding))
    delimiter: Delimiter | None = "\t" if rules.delimiter == "tab" else rules.delimiter or None
    try:
        with tables.read(path, columns, encoding=ENCODINGS[encoding], delimiter=delimiter) as table:
            yield table
    except Problems as problems:
        tell(problems)


def watched(table: Table, texts: Texts, plan: Callable[[Progress], P]) -> P:
    """Makes the plan, with a bar that shows how much of the file is read."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(texts.say_plain("imported.watch", LANGUAGE), total=table.total)
        return plan(lambda rows: bar.update(task, completed=rows))


def finish(
    plan: Plan,
    title: str,
    labels: Mapping[str, str],
    reasons: Mapping[Verdict, str],
    wanted: Wishes,
    texts: Texts,
    carry_out: Callable[[Order], Verdict],
) -> None:
    """Shows a plan; with --apply asks and carries it out. Ends the program with its exit status."""
    show(plan, title, labels, wanted, texts)
    refusal = plan.refusal(wanted.order)
    if refusal is None and wanted.apply:
        if plan.is_unchanged or wanted.yes or _agreed(texts):
            refusal = carry_out(wanted.order)
        else:
            typer.echo(texts.say_plain("imported.declined", LANGUAGE))
            raise typer.Exit(FAILED)
    elif refusal is not None and wanted.apply:
        refusal = carry_out(wanted.order)  # refused there as well, and audited
    if refusal is not None:
        typer.echo(reasons[refusal], err=refusal not in (Verdict.APPLIED, Verdict.UNCHANGED))
    if refusal not in (None, Verdict.APPLIED, Verdict.UNCHANGED):
        raise typer.Exit(FAILED)
    if not wanted.apply:
        typer.echo(texts.say_plain("imported.dry-run", LANGUAGE))


def _agreed(texts: Texts) -> bool:
    answer = typer.prompt(texts.say_plain("imported.ask", LANGUAGE), default="", show_default=False)
    return str(answer).strip().casefold() in {"j", "ja", "y", "yes"}


def show(plan: Plan, title: str, labels: Mapping[str, str], wanted: Wishes, texts: Texts) -> None:
    console = Console(highlight=False, markup=False)
    console.print(Text(title, style="bold"))
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    for name, key in labels.items():
        count = plan.counts[name]
        grid.add_row(Text(texts.say_plain(key, LANGUAGE), style="" if count else "dim"), f"{count:,}".replace(",", "."))
    console.print(grid)
    if plan.warnings:
        console.print(Text(texts.say_plain("imported.warnings", LANGUAGE), style="bold"))
        for problem in plan.warnings:
            console.print(Text(f"  {explain_briefly(problem, LANGUAGE)}"))
    _show_rejects(plan, console, texts)
    if wanted.rejects is not None and plan.rejects.rows:
        count = _write_rejects(plan, wanted.rejects, texts)
        typer.echo(texts.say_plain("imported.rejects-written", LANGUAGE, count=count, path=wanted.rejects))


def _show_rejects(plan: Plan, console: Console, texts: Texts) -> None:
    if not plan.rejects.rows:
        return
    console.print(Text(texts.say_plain("imported.rejects", LANGUAGE), style="bold"))
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for number, problem in plan.rejects.first:
        words = Text(explain_briefly(problem, LANGUAGE))
        if problem.excerpt:
            words.append(f"\n{problem.excerpt}", style="dim")
        grid.add_row(f"{problem.file}, {texts.say_plain('imported.row', LANGUAGE, row=number)}", words)
    console.print(grid)
    shown = len({number for number, _ in plan.rejects.first})
    if plan.rejects.rows > shown:
        typer.echo(texts.say_plain("imported.more-rejects", LANGUAGE, count=plan.rejects.rows - shown))


def _write_rejects(plan: Plan, path: Path, texts: Texts) -> int:
    keys = (
        "imported.rejects-file",
        "imported.rejects-row",
        "imported.rejects-cell",
        "imported.rejects-reason",
        "imported.rejects-excerpt",
    )
    header = [texts.say_plain(key, LANGUAGE) for key in keys]
    try:
        return writing.write(path, header, (_line(number, problem) for number, problem in plan.rejects))
    except OSError as error:
        refuse(f"{path}: {error.strerror}")


def _line(number: int, problem: Problem) -> list[str]:
    reason = explain_briefly(problem, LANGUAGE)
    return [problem.file, str(number), problem.values.get("cell", ""), reason, problem.excerpt]


def reasons(plan: Plan, texts: Texts) -> dict[Verdict, str]:
    """What is said to each verdict that all imports know."""
    rejected = plan.rejects.rows - plan.tolerated
    return {
        Verdict.APPLIED: texts.say_plain("imported.applied", LANGUAGE),
        Verdict.UNCHANGED: texts.say_plain("imported.already", LANGUAGE),
        Verdict.REJECTED: texts.say_plain("imported.refused-rejected", LANGUAGE, count=rejected),
        Verdict.SAME_PERSON: texts.say_plain("imported.refused-same-person", LANGUAGE),
        Verdict.OUTDATED: texts.say_plain("imported.refused-outdated", LANGUAGE),
    }
