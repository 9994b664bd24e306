"""A consistent copy of the whole database as files, and such files made a database again.

SQLite is copied as one file, PostgreSQL table by table in one transaction. Both while others go on writing.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, make_url

from db import copy_sqlite, schema
from db.copy_table import VERSION_TABLE, Table, Unusable
from db.session import Database, DatabaseError

__all__ = [
    "Fresh",
    "Table",
    "Unusable",
    "beside",
    "dialect_of",
    "fresh",
    "is_empty",
    "is_known",
    "is_there",
    "others",
    "revision_of",
    "take",
]

# What the migrations themselves put into an empty database.
PUT_BY_MIGRATIONS = {VERSION_TABLE, "audit_head"}


@dataclass(frozen=True)
class Fresh:
    """A database made from a copy, which nobody uses yet."""

    database: Database
    put_in_place: Callable[[], None]  # makes it the real one, as a whole or not at all; `database` is closed then


def dialect_of(url: str) -> str:
    return make_url(url).get_backend_name()


def is_there(url: str) -> bool:
    """Whether there is a database to be looked into; asking SQLite itself would make one."""
    return dialect_of(url) != "sqlite" or copy_sqlite.path_of(url).exists()


def beside(url: str, otherwise: Path) -> Path:
    """The folder in which a copy must lie so that it can be put in place in one step."""
    return copy_sqlite.path_of(url).parent if dialect_of(url) == "sqlite" else otherwise


def take(database: Database, folder: Path) -> dict[str, Table]:
    """Writes the database as it is at one moment to an empty folder. Raises `Unusable` when it is damaged."""
    if database.is_sqlite:
        return copy_sqlite.take(database, folder)
    from db import copy_postgres  # noqa: PLC0415  with its driver, which SQLite has no need of

    return copy_postgres.take(database, folder)


def revision_of(database: Database) -> str | None:
    """The migration that the database is at; None when it is empty."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415  as in `db.schema`

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Whether this program has the migration."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return revision in {script.revision for script in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()}


def others(database: Database) -> int:
    """How many other programs are connected. SQLite cannot tell; there the lock of the home folder says it."""
    if database.is_sqlite:
        return 0
    from db import copy_postgres  # noqa: PLC0415

    return copy_postgres.others(database)


@contextlib.contextmanager
def fresh(url: str, folder: Path, tables: dict[str, Table], revision: str) -> Iterator[Fresh]:
    """A database beside the one at `url`, made from the copy in `folder` and brought to the newest version.

    Raises `Unusable` when it is not what was copied. It is thrown away unless it is put in place.
    """
    if dialect_of(url) == "sqlite":
        make = copy_sqlite.fresh
    else:
        from db import copy_postgres  # noqa: PLC0415

        make = copy_postgres.fresh
    with make(url, folder, tables, revision) as (database, put_in_place):
        schema.upgrade(database)
        yield Fresh(database, put_in_place)


def is_empty(database: Database) -> bool:
    """Whether there is nothing in the database that could be lost. Raises `Unusable` when it cannot be read."""
    try:
        with database.engine.connect() as connection:
            names = set(inspect(connection).get_table_names()) - PUT_BY_MIGRATIONS
            quoted = (connection.dialect.identifier_preparer.quote(name) for name in sorted(names))
            return not any(
                connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first()  # noqa: S608  names of tables
                for name in quoted
            )
    except DatabaseError as error:
        raise Unusable(type(error).__name__) from error
