"""`python bot.py db …`"""

from typing import Annotated

import typer

import building
import checks
from commands.shared import LANGUAGE, load_settings, refuse
from db import copies, schema
from db.session import Database
from settings import Settings
from texts import Texts

app = typer.Typer(help="The database: its version, up and down.")


@app.command()
def upgrade() -> None:
    """Bring the database to the newest version."""
    database = _open(load_settings())
    schema.upgrade(database)
    database.close()


@app.command()
def version() -> None:
    """Say whether the database is at the newest version, and which it has."""
    database = _open(load_settings())
    typer.echo(f"{schema.version(database)} {copies.revision_of(database) or ''}".strip())
    database.close()


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="the version to go back to, such as 0002")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Take the database back to the version of an older program. Stop the bot and make a backup first."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    try:
        with building.only_one(settings.home, texts):
            _downgrade(settings, texts, revision, yes)
    except building.CannotStart:
        refuse(texts.say_plain("backup.bot-runs", LANGUAGE))


def _downgrade(settings: Settings, texts: Texts, revision: str, yes: bool) -> None:
    database = _open(settings)
    try:
        steps = schema.steps_above(database, revision)
        if steps is None:
            refuse(texts.say_plain("database.no-such-version", LANGUAGE, version=revision))
        if others := copies.others(database):
            refuse(texts.say_plain("backup.in-use", LANGUAGE, what=others))
        for step, about in steps.items():
            typer.echo(f"{step}  {about}")
        if steps and not yes:
            typer.confirm(texts.say_plain("database.goes", LANGUAGE), abort=True)
        schema.downgrade(database, revision)
        typer.echo(texts.say_plain("database.went", LANGUAGE, version=revision))
    finally:
        database.close()


def _open(settings: Settings) -> Database:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Database(settings.database_url.get_secret_value())
