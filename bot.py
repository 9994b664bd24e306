"""auskunft: the command line. `python bot.py` runs the bot; `python bot.py --help` lists the rest."""

import gc

gc.disable()  # while libraries are loaded: all of it stays, and looking for garbage in it is a tenth of the start

import lean  # isort: skip
import asyncio
import sys
from typing import Annotated

import typer

import building
import checks
import running
from commands.shared import LANGUAGE, load_settings, refuse, tell
from strict_yaml import Problems

gc.freeze()
gc.enable()

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="auskunft answers members' questions.")


def add_commands() -> None:
    """Everything but the bot itself, which runs for weeks and needs none of what these load."""
    from commands import audit, backup, cards, db, faq, keys, letters, members, notices, register  # noqa: PLC0415

    app.add_typer(faq.app, name="faq")
    app.add_typer(db.app, name="db")
    app.add_typer(keys.app, name="keys")
    app.add_typer(register.app, name="register")
    app.add_typer(cards.app, name="cards")
    app.add_typer(letters.app, name="letters")
    app.add_typer(members.app, name="members")
    app.add_typer(notices.app, name="notices")
    app.add_typer(audit.app, name="audit")
    app.command("backup")(backup.backup)
    app.command("restore")(backup.restore)


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run(
    webhook: Annotated[
        bool, typer.Option("--webhook", help="let Telegram call (serving in config.yaml) instead of asking it")
    ] = False,
) -> None:
    """Run the bot: with TELEGRAM_TOKEN in Telegram, without it in a messenger on this computer."""
    lean.tune_allocator()
    settings = load_settings()
    try:
        asyncio.run(running.run(settings, webhook=webhook))
    except Problems as problems:
        tell(problems)
    except building.CannotStart as reason:
        refuse(reason)


@app.command()
def check() -> None:
    """Check settings, texts, FAQ files, database and token, and report everything that is wrong."""
    settings = load_settings()
    problems = checks.check(settings, language=LANGUAGE)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    for doubt in checks.doubts(settings, language=LANGUAGE):
        typer.echo(doubt)
    texts = checks.texts_of(settings)
    if settings.token is None:
        typer.echo(texts.say_plain("check.token-none", LANGUAGE))
    typer.echo(checks.all_good(checks.open_library(settings, texts).store, texts, LANGUAGE))


if __name__ == "__main__":
    if sys.argv[1:2] not in ([], ["run"]):
        add_commands()
    app()
