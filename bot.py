"""auskunft: the command line. `python bot.py` runs the bot; `python bot.py --help` lists the rest."""

import asyncio
from typing import Annotated, Never

import typer

import checks
import logs
import running
import settings as settings_file
from db import schema
from db.session import Database
from faq import engine
from faq.explain import explain as explain_reading
from faq.loader import SHIPPED, load
from settings import Settings
from strict_yaml import Problems
from texts import explain, sentences

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Auskunft: answers members' questions.")
faq_app = typer.Typer(help="The FAQ files: check them, ask them.")
db_app = typer.Typer(help="The database.")
app.add_typer(faq_app, name="faq")
app.add_typer(db_app, name="db")

USAGE = 2  # exit status for files and settings that cannot be used


def main() -> None:
    app()


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@app.command()
def run() -> None:
    """Run the bot: with TELEGRAM_TOKEN in Telegram, without it in a messenger on this computer."""
    settings = _settings()
    logs.set_up([settings.token.get_secret_value() if settings.token else ""])
    try:
        asyncio.run(running.run(settings))
    except Problems as problems:
        _tell(problems)
    except running.CannotStart as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(USAGE) from None


@app.command()
def check() -> None:
    """Check settings, texts, FAQ files, database and token, and report everything that is wrong."""
    settings = _settings()
    logs.set_up([settings.token.get_secret_value() if settings.token else ""])
    problems = checks.check(settings)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    texts = checks.texts_of(settings)
    if settings.token is None:
        typer.echo(texts.say_plain("check.token-none", "de"))
    typer.echo(_all_good(settings))


@faq_app.command("check")
def faq_check() -> None:
    """Check the FAQ files."""
    settings = _settings()
    try:
        checks.open_library(settings, checks.texts_of(settings))
    except Problems as problems:
        _tell(problems)
    typer.echo(_all_good(settings))


@faq_app.command("ask")
def faq_ask(question: Annotated[str, typer.Argument(help="what a member might write")]) -> None:
    """Show what would be answered to a question, and why."""
    settings = _settings()
    try:
        library = checks.open_library(settings, checks.texts_of(settings))
    except Problems as problems:
        _tell(problems)
    for line in explain_reading(library.read(question)):
        typer.echo(line)


@faq_app.command("engine")
def faq_engine() -> None:
    """Answer JSON lines on standard input, for measurements (docs/matching.md)."""
    engine.main()


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest version."""
    settings = _settings()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url.get_secret_value())
    schema.upgrade(database)
    database.close()


@db_app.command("version")
def db_version() -> None:
    """Say whether the database is at the newest version."""
    database = Database(_settings().database_url.get_secret_value())
    typer.echo(schema.version(database).value)
    database.close()


def _settings() -> Settings:
    try:
        return settings_file.load()
    except Problems as problems:
        _tell(problems)


def _tell(problems: Problems) -> Never:
    said = sentences("de")
    key = "problem.heading-one" if len(problems.problems) == 1 else "problem.heading"
    typer.echo(said[key].format(count=len(problems.problems)), err=True)
    for problem in problems.problems:
        typer.echo("\n" + explain(problem), err=True)
    raise typer.Exit(USAGE) from None


def _all_good(settings: Settings) -> str:
    texts = checks.texts_of(settings)
    store = load(SHIPPED)
    phrasings = sum(len(entry.de.ask) + len(entry.en.ask) for entry in store.entries.values())
    return texts.say_plain("check.good", "de", entries=len(store.entries), phrasings=phrasings)


if __name__ == "__main__":
    main()
