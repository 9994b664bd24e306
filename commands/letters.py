"""`python bot.py letters …`: letters with activation codes, from the print file to the post."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

import checks
from commands import imports, lettering, made
from commands.imports import By, ConfirmBy, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings, tell
from db import batches
from db.batches import EXPIRED
from db.letters import CREATED, DISPATCHED, FROZEN, REDEEMED, WITHDRAWN
from services import letters
from services.deliveries import HERE
from strict_yaml import Problem, Problems
from texts import day

app = typer.Typer(help="Letters with activation codes: print them, say when they were posted, withdraw them.")
app.command()(lettering.create)

STATES = {
    CREATED: "printed.created",
    DISPATCHED: "printed.dispatched",
    REDEEMED: "printed.redeemed",
    EXPIRED: "printed.expired",
    FROZEN: "printed.frozen",
    WITHDRAWN: "printed.withdrawn",
}


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
    posted = made.date_of(texts, on)
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
        made.fail(texts.say_plain("printed.declined", LANGUAGE))
    with office(settings) as (database, desk):
        count = database.work(letters.withdraw, desk, name, by=order.by, now=desk.clock())
    if not count:
        made.fail(texts.say_plain("printed.none-withdrawn", LANGUAGE, name=name))
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
        made.write(out, header, rows)
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
