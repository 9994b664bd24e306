"""`python bot.py db …`"""

import typer

from commands.shared import load_settings
from db import schema
from db.session import Database

app = typer.Typer(help="The database.")


@app.command()
def upgrade() -> None:
    """Bring the database to the newest version."""
    settings = load_settings()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url.get_secret_value())
    schema.upgrade(database)
    database.close()


@app.command()
def version() -> None:
    """Say whether the database is at the newest version."""
    database = Database(load_settings().database_url.get_secret_value())
    typer.echo(schema.version(database).value)
    database.close()
