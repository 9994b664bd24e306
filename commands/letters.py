"""`python bot.py letters …`: letters with activation codes, from the print file to the post."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Never

import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table as Grid

import checks
from commands import imports, made
from commands.imports import FAILED, By, ConfirmBy, Enc, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings, refuse, tell
from db import batches
from db.batches import CREATED, EXPIRED
from db.letters import DISPATCHED, FROZEN, REDEEMED, WITHDRAWN
from db.session import Database
from services import addresses, letters, printrun
from services.addresses import Merged
from services.deliveries import HERE
from services.desk import Desk
from services.imports import Order, Progress
from services.letters import Choice, Chooser
from services.printrun import Press
from settings import Settings
from strict_yaml import Problem, Problems
from tables import writing
from texts import Texts, day

app = typer.Typer(help="Letters with activation codes: print them, say when they were posted, withdraw them.")

STATES = {
    CREATED: "printed.created",
    DISPATCHED: "printed.dispatched",
    REDEEMED: "printed.redeemed",
    EXPIRED: "printed.expired",
    FROZEN: "printed.frozen",
    WITHDRAWN: "printed.withdrawn",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What the person at the console wants printed."""

    register: Path
    out: Path
    asking: bool
    numbers: Path | None
    encoding: str
    posted_on: date
    limit: int | None
    partial: bool
    missing: Path | None


@app.command()
def create(
    register: Annotated[Path, typer.Option("--register", help="the list with names and addresses, CSV or XLSX")],
    out: Annotated[Path, typer.Option("--out", help="the PDF that is written")],
    asking: Annotated[bool, typer.Option("--requests", help="only for members who asked for a letter")] = False,
    numbers: Annotated[Path | None, typer.Option(help="only for the member numbers on this list")] = None,
    posted_on: Annotated[str | None, typer.Option(metavar="DATE", help="when they will be posted; today")] = None,
    limit: Annotated[int | None, typer.Option(help="at most so many letters", min=1)] = None,
    partial: Annotated[bool, typer.Option("--partial", help="also when some members cannot get one")] = False,
    missing: Annotated[Path | None, typer.Option(metavar="FILE", help="write who cannot get one (CSV)")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="print them; without this nothing is made")] = False,
    by: By = None,
    confirm_by: ConfirmBy = None,
    encoding: Enc = "utf-8",
    yes: Yes = False,
) -> None:
    """Make codes and print letters: for every member who has neither a link nor a code that works, or for some.

    Takes two people. The codes do not work before `letters dispatched`. Exit status 0 when everything is right, 1 when
    the letters cannot be made as it is, 2 when a file cannot be read.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    with office(settings) as (database, desk):
        today = desk.clock().astimezone(HERE).date()
        posted = _date(texts, posted_on) if posted_on else today
        job = Job(register, out, asking, numbers, encoding, posted, limit, partial, missing)
        order = imports.wishes(texts, apply=apply, yes=yes, by=by, confirm_by=confirm_by, rejects=None).order
        _refuse_early(texts, job, order, desk, apply=apply)
        choice, merged, problems = _merged(settings, texts, database, desk, job)
        _show(texts, job, choice, merged, problems, desk)
        if not merged.recipients:
            _fail(texts.say_plain("printed.nobody", LANGUAGE))
        if (merged.absent or problems) and not partial:
            _fail(texts.say_plain("printed.incomplete", LANGUAGE))
        if not apply:
            typer.echo(texts.say_plain("printed.dry-run", LANGUAGE))
            return
        if not yes and not typer.confirm(texts.say_plain("printed.ask", LANGUAGE, count=len(merged.recipients))):
            _fail(texts.say_plain("printed.declined", LANGUAGE))
        _print(settings, texts, database, desk, job, merged, order)


def _refuse_early(texts: Texts, job: Job, order: Order, desk: Desk, *, apply: bool) -> None:
    """What can be said before anything is read."""
    if job.asking and job.numbers:
        refuse(texts.say_plain("printed.one-choice", LANGUAGE))
    if not job.out.absolute().parent.is_dir() or job.out.suffix.casefold() != ".pdf":
        refuse(texts.say_plain("printed.no-place", LANGUAGE, path=job.out))
    taken = (path for path in (job.out, printrun.manifest_of(job.out)) if path.exists())
    found = [Problem(path.name, 0, "", "letters.exists") for path in taken]
    found += [problem for problem in (letters.posting_problem(job.posted_on, desk.clock()),) if problem]
    if apply and (problem := letters.problem_of(order)):
        found.append(problem)
    if found:
        tell(Problems(found))


def _merged(
    settings: Settings, texts: Texts, database: Database, desk: Desk, job: Job
) -> tuple[Choice, Merged, list[tuple[int, Problem]]]:
    """Who is to get a letter, who can, and which rows of the list of numbers nobody can be found for."""
    config = settings.config
    columns = addresses.columns(config.letters.columns)
    chooser: Chooser = letters.asking if job.asking else letters.unreached
    problems: list[tuple[int, Problem]] = []
    if job.numbers:
        only = addresses.number_column(config.letters.columns)
        with imports.opened(job.numbers, only, config.imports, job.encoding, texts) as table:
            numbers = addresses.numbers(table)
        problems += numbers.problems
        chooser = letters.numbered(numbers)
    choice = database.work(chooser, desk, desk.clock())
    problems += choice.problems
    with imports.opened(job.register, columns, config.imports, job.encoding, texts) as table:
        ring = desk.keys.ring
        with _bar(texts.say_plain("printed.reading", LANGUAGE), table.total) as progress:
            merged = addresses.merge(table, ring, choice.addressees, progress=progress, most=job.limit)
    return choice, merged, problems


def _show(
    texts: Texts, job: Job, choice: Choice, merged: Merged, problems: list[tuple[int, Problem]], desk: Desk
) -> None:
    counts = {
        "printed.chosen": len(choice.addressees),
        "printed.waiting": choice.waiting,
        "printed.absent": len(merged.absent),
        "printed.unusable": len({row for row, _ in merged.problems}),
        "printed.unknown": len(problems),
        "printed.to-print": len(merged.recipients),
    }
    made.show_counts(texts.say_plain("printed.title", LANGUAGE, file=job.register.name), counts, texts)
    made.show_problems([*problems, *merged.problems], texts)
    if not merged.absent:
        return
    ends = ", ".join(f"…{one.number_end}" for one in merged.absent[: made.SHOWN])
    typer.echo(texts.say_plain("printed.absent-ends", LANGUAGE, ends=ends))
    if job.missing:
        numbers = ([number] for number in letters.numbers_of(desk, merged.absent))
        _write(job.missing, [texts.say_plain("printed.number", LANGUAGE)], numbers)
        typer.echo(texts.say_plain("printed.written", LANGUAGE, count=len(merged.absent), path=job.missing))


def _print(
    settings: Settings, texts: Texts, database: Database, desk: Desk, job: Job, merged: Merged, order: Order
) -> None:
    now = desk.clock()
    press = Press.of(settings.config, settings.config_path.absolute().parent)
    draft = database.work(letters.draft, desk, merged.recipients, job.posted_on, now)
    try:
        with _bar(texts.say_plain("printed.printing", LANGUAGE), len(draft.slips)) as progress:
            manifest = printrun.run(database, desk, press, draft, job.out.absolute(), order, now=now, progress=progress)
    except Problems as problems:
        tell(problems)
    except OSError as error:
        refuse(f"{job.out}: {error.strerror}")
    values = {"count": manifest.letters, "path": job.out, "batch": manifest.batch, "until": day(draft.until, LANGUAGE)}
    typer.echo(texts.say_plain("printed.done", LANGUAGE, **values))


@app.command()
def dispatched(
    batch: Annotated[str, typer.Argument(help="as `letters create` named it: 2026-11-24-1")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="when the letters were posted, as 2026-11-24")],
    by: By = None,
    confirm_by: ConfirmBy = None,
) -> None:
    """Say that a batch was posted: its codes work from then on, and older ones of these members no longer."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    posted = _date(texts, on)
    order = imports.wishes(texts, apply=True, yes=True, by=by, confirm_by=confirm_by, rejects=None).order
    with office(settings) as (database, desk):
        done = database.work(letters.dispatched, desk, batch, posted, order, desk.clock())
    if isinstance(done, Problem):
        tell(Problems([done]))
    values = {"count": done.count, "withdrawn": done.withdrawn, "until": day(done.until, LANGUAGE)}
    typer.echo(texts.say_plain("printed.valid", LANGUAGE, **values))


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(metavar="BATCH|REFERENCE", help="a batch, or the reference on a letter")],
    by: By = None,
    yes: Yes = False,
) -> None:
    """End the codes of a batch or of one letter, unless they were redeemed."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    order = imports.wishes(texts, apply=True, yes=yes, by=by, confirm_by=None, rejects=None).order
    if not yes and not typer.confirm(texts.say_plain("printed.ask-withdraw", LANGUAGE, name=name)):
        _fail(texts.say_plain("printed.declined", LANGUAGE))
    with office(settings) as (database, desk):
        count = database.work(letters.withdraw, desk, name, by=order.by, now=desk.clock())
    if not count:
        _fail(texts.say_plain("printed.none-withdrawn", LANGUAGE, name=name))
    typer.echo(texts.say_plain("printed.withdrawn-now", LANGUAGE, count=count))


@app.command()
def requests(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="write their member numbers (CSV)")] = None,
    by: By = None,
) -> None:
    """Count members who asked for a letter; with --out list them, and then they are taken to be in your hands.

    `letters create --numbers FILE` prints letters for such a list, also after you have taken lines out of it.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    order = imports.wishes(texts, apply=True, yes=True, by=by, confirm_by=None, rejects=None).order
    with office(settings) as (database, desk):
        found = database.work(letters.requests, desk)
        held = sum(request.is_held for request in found)
        typer.echo(texts.say_plain("printed.requests", LANGUAGE, count=len(found), held=held))
        if out is None or not found:
            return
        words = {True: texts.say_plain("printed.held", LANGUAGE), False: texts.say_plain("printed.open", LANGUAGE)}
        keys = ("printed.number", "printed.asked-on", "printed.state")
        header = [texts.say_plain(key, LANGUAGE) for key in keys]
        rows = ([one.number, one.asked_on.isoformat(), words[one.is_held]] for one in found)
        _write(out, header, rows)
        database.work(letters.mark_listed, desk, found, by=order.by, now=desk.clock())
    typer.echo(texts.say_plain("printed.written", LANGUAGE, count=len(found), path=out))


@app.command("list")
def list_batches() -> None:
    """Show the batches, with how many of their letters are in which state."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    with office(settings) as (database, _):
        known = database.work(batches.batches)
    grid = Grid(box=None, padding=(0, 2, 0, 0))
    for key in ("printed.batch", "printed.made-on", "printed.posted-on", "printed.until"):
        grid.add_column(texts.say_plain(key, LANGUAGE), no_wrap=True)
    grid.add_column(texts.say_plain("printed.letters", LANGUAGE), overflow="fold")
    for batch in known:
        moments = (batch.created_at, batch.valid_from, batch.valid_until)
        days = (day(at.astimezone(HERE).date(), LANGUAGE) if at else "–" for at in moments)
        counts = (
            f"{batch.counts[state]} {texts.say_plain(key, LANGUAGE)}"
            for state, key in STATES.items()
            if state in batch.counts
        )
        grid.add_row(batch.id, *days, ", ".join(counts))
    Console(highlight=False, markup=False).print(grid)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Progress]:
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        update: Callable[[int], None] = lambda done: bar.update(task, completed=done)  # noqa: E731
        yield update


def _write(path: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    try:
        writing.write(path, header, rows)
    except OSError as error:
        refuse(f"{path}: {error.strerror}")


def _date(texts: Texts, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(texts.say_plain("imported.date", LANGUAGE, text=text))


def _fail(reason: str) -> Never:
    typer.echo(reason, err=True)
    raise typer.Exit(FAILED)
