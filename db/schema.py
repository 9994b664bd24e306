"""Which version the database has, and how it gets to the newest."""

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.session import Database

if TYPE_CHECKING:  # loaded where it is used: a start with a database that is up to date has no need of ten megabytes
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


class Version(StrEnum):
    """How the database's schema compares with the program's."""

    CURRENT = "current"
    OLD = "old"
    NEWER = "newer"


def version(database: Database) -> Version:
    """Raises what the driver raises when the database cannot be reached."""
    with database.engine.connect() as connection:
        is_there = inspect(connection).has_table("alembic_version")
        found = connection.scalar(text("SELECT version_num FROM alembic_version")) if is_there else None
    if found == newest():
        return Version.CURRENT
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    return Version.OLD if found is None or found in known else Version.NEWER


def steps_above(database: Database, revision: str) -> dict[str, str] | None:
    """The steps that the database has taken after a revision, newest first: what each is about.

    None when it has not come that far, or the program does not know it.
    """
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(_config())
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    taken = list(scripts.iterate_revisions(found, "base")) if found else []
    if revision not in {script.revision for script in taken}:
        return None
    return {script.revision: script.doc for script in taken if script.revision > revision}


def upgrade(database: Database, revision: str = "head") -> None:
    from alembic import command  # noqa: PLC0415

    with _connection(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    from alembic import command  # noqa: PLC0415

    with _connection(database) as connection:
        command.downgrade(_config(connection), revision)


@contextlib.contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    """A connection for steps of the schema.

    SQLite makes a table anew to change it and drops the old one, which deletes every row that points to it as long as
    foreign keys are on (sqlite.org/lang_altertable.html#otheralter). `env.py` looks whether all keys still lead
    somewhere. The switch works outside of transactions only, hence by the driver.
    """
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if not database.is_sqlite or driver is None:
            yield connection
            return
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


def newest() -> str:
    """The newest version that the program knows: the files of the steps begin with their numbers."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _config(connection: object = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
