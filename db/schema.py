"""Which version the database has, and how it gets to the newest."""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.session import Database

MIGRATIONS = Path(__file__).parent / "migrations"


class Version(StrEnum):
    """How the database's schema compares with the program's."""

    CURRENT = "current"
    OLD = "old"
    NEWER = "newer"


def version(database: Database) -> Version:
    """Raises what the driver raises when the database cannot be reached."""
    scripts = ScriptDirectory.from_config(_config())
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == scripts.get_current_head():
        return Version.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Version.OLD if found is None or found in known else Version.NEWER


def upgrade(database: Database, revision: str = "head") -> None:
    with database.engine.connect() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    with database.engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def _config(connection: object = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
