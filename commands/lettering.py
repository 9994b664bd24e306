"""`python bot.py letters create`: codes are made and letters printed."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

import checks
from commands import imports, made
from commands.imports import By, ConfirmBy, Enc, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings, refuse, tell
from db.session import Database
from services import addresses, letters, printrun
from services.addresses import Merged
from services.deliveries import HERE
from services.desk import Desk
from services.imports import Order
from services.letters import Choice, Chooser
from services.printrun import Press
from settings import Settings
from strict_yaml import Problem, Problems
from texts import Texts, day


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
        posted = made.date_of(texts, posted_on) if posted_on else today
        job = Job(register, out, asking, numbers, encoding, posted, limit, partial, missing)
        order = imports.wishes(texts, apply=apply, yes=yes, by=by, confirm_by=confirm_by, rejects=None).order
        _refuse_early(texts, job, order, desk, apply=apply)
        choice, merged, problems = _merged(settings, texts, database, desk, job)
        _show(texts, job, choice, merged, problems, desk)
        if not merged.recipients:
            made.fail(texts.say_plain("printed.nobody", LANGUAGE))
        if (merged.absent or problems) and not partial:
            made.fail(texts.say_plain("printed.incomplete", LANGUAGE))
        if not apply:
            typer.echo(texts.say_plain("printed.dry-run", LANGUAGE))
            return
        if not yes and not typer.confirm(texts.say_plain("printed.ask", LANGUAGE, count=len(merged.recipients))):
            made.fail(texts.say_plain("printed.declined", LANGUAGE))
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
        with made.bar(texts.say_plain("printed.reading", LANGUAGE), table.total) as progress:
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
        made.write(job.missing, [texts.say_plain("printed.number", LANGUAGE)], numbers)
        typer.echo(texts.say_plain("printed.written", LANGUAGE, count=len(merged.absent), path=job.missing))


def _print(
    settings: Settings, texts: Texts, database: Database, desk: Desk, job: Job, merged: Merged, order: Order
) -> None:
    now = desk.clock()
    press = Press.of(settings.config, settings.config_path.absolute().parent)
    draft = database.work(letters.draft, desk, merged.recipients, job.posted_on, now)
    try:
        with made.bar(texts.say_plain("printed.printing", LANGUAGE), len(draft.slips)) as progress:
            manifest = printrun.run(database, desk, press, draft, job.out.absolute(), order, now=now, progress=progress)
    except Problems as problems:
        tell(problems)
    except OSError as error:
        refuse(f"{job.out}: {error.strerror}")
    values = {"count": manifest.letters, "path": job.out, "batch": manifest.batch, "until": day(draft.until, LANGUAGE)}
    typer.echo(texts.say_plain("printed.done", LANGUAGE, **values))
