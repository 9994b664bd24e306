"""`python bot.py notices …`: who must be written to by post because a notice did not reach them."""

from pathlib import Path
from typing import Annotated

import typer

import checks
from commands import imports, made
from commands.imports import By
from commands.office import office
from commands.shared import LANGUAGE, load_settings
from services import notice_post

app = typer.Typer(help="Notices: list the members whom one did not reach.")


@app.callback()
def _only_with_a_name() -> None:
    """One command stands here so far, and it has a name all the same."""


@app.command()
def missed(
    notice: Annotated[int, typer.Argument(metavar="NUMBER", help="of the notice, as the staff group calls it")],
    out: Annotated[Path, typer.Option("--to", metavar="FILE", help="write their member numbers (CSV)")],
    by: By = None,
) -> None:
    """List the linked members whom a notice did not surely reach; audited. Exit status 1 when there is none.

    `letters create --numbers FILE` prints letters for such a list.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    order = imports.wishes(texts, apply=True, yes=True, by=by, confirm_by=None, rejects=None).order
    with office(settings) as (database, desk):
        found = database.work(notice_post.unreached, desk, notice, by=order.by, now=desk.clock())
    if found is None:
        made.fail(texts.say_plain("circular.post.unknown", LANGUAGE, number=notice))
    if not found:
        made.fail(texts.say_plain("circular.post.nobody", LANGUAGE, number=notice))
    header = [texts.say_plain("printed.number", LANGUAGE), texts.say_plain("circular.column.reason", LANGUAGE)]
    rows = ([one.number, texts.label(f"circular.reason.{one.reason}", LANGUAGE)] for one in found)
    made.write(out, header, rows)
    typer.echo(texts.say_plain("circular.post.written", LANGUAGE, count=len(found), path=out))
