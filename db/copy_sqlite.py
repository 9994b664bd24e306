"""SQLite as one file. Measured in the tests: the main file alone would lack what is still in the write-ahead log."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import make_url

from db.copy_table import Table, Unusable
from db.session import Database

FILE = "database.sqlite"
BUSY_SECONDS = 30.0
UNREADABLE = ".unreadable"
BESIDE = ("-wal", "-shm", "-journal")


def take(database: Database, folder: Path) -> dict[str, Table]:
    """VACUUM INTO reads in one transaction, blocks no writer, and leaves out what was deleted.

    docs: sqlite.org/lang_vacuum.html
    """
    try:
        with _open(_path(database.engine.url.database)) as source:
            source.execute("VACUUM INTO ?", (str(folder / FILE),))
    except sqlite3.Error as error:
        raise Unusable(type(error).__name__) from error
    return _tables(folder / FILE)


@contextlib.contextmanager
def fresh(
    url: str, folder: Path, tables: dict[str, Table], revision: str
) -> Iterator[tuple[Database, Callable[[], None]]]:
    """The copied file itself, in `folder`, which must lie on the disk of the database."""
    del revision
    path = folder / FILE
    if _tables(path) != tables:
        raise Unusable("rows")
    database = Database(f"sqlite:///{path}")

    def put_in_place() -> None:
        database.close()
        _replace(path, path_of(url))

    try:
        yield database, put_in_place
    finally:
        database.close()


def _replace(new: Path, target: Path) -> None:
    """Gives the new file the name of the old one, in one step; what belongs to the old file goes first."""
    with _open(new) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # so that nothing of it is in a second file
    new.chmod(0o600)
    _sync(new)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _settled(target):
        _keep_aside(target)
    for ending in BESIDE:  # else SQLite would play the old one's log into the new one
        _named(target, ending).unlink(missing_ok=True)
    new.replace(target)
    _sync(target.parent)


def _settled(path: Path) -> bool:
    """Whether everything of a database is now in its one file; not when the file is damaged."""
    if not path.exists():
        return True
    try:
        with _open(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        return False
    return True


def _keep_aside(path: Path) -> None:
    """A second name for each file of a database that nobody can read, for whoever may still save something."""
    for ending in ("", *BESIDE):
        aside = _named(path, ending + UNREADABLE)
        aside.unlink(missing_ok=True)
        if _named(path, ending).exists():
            aside.hardlink_to(_named(path, ending))


def _named(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _tables(path: Path) -> dict[str, Table]:
    """The tables of a file that is whole in itself. Raises `Unusable`."""
    try:
        with _open(path) as connection:
            for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                if connection.execute(f"PRAGMA {check}").fetchall() != good:
                    raise Unusable(check)
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            return {name: _table(connection, name) for (name,) in connection.execute(query).fetchall()}
    except sqlite3.Error as error:
        raise Unusable(type(error).__name__) from error


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns = tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{name}")'))
    [rows] = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608  the name of a table
    return Table(columns, rows)


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that exists, on which every statement is a transaction."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with contextlib.closing(
        sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    ) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        yield connection


def path_of(url: str) -> Path:
    return _path(make_url(url).database)


def _path(database: str | None) -> Path:
    if not database or database == ":memory:":
        raise Unusable("memory")
    return Path(database).absolute()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
