"""PostgreSQL table by table with COPY, in one transaction that sees one moment. No program of the system is needed."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from db import schema
from db.copy_table import VERSION_TABLE, Table, Unusable
from db.models import Base
from db.session import Database

ENDING = ".copy"
BLOCK = 1 << 20
FRESH = "restored_"  # what schemas are called in which a database is made anew
LOCK_TIMEOUT = "10s"
LEAVING_LOOKS, LEAVING_PAUSE = 6, 0.2  # seconds: a program that has just ended is listed a moment longer


def take(database: Database, folder: Path) -> dict[str, Table]:
    """COPY of each table, under REPEATABLE READ: all of them as they were when the first was read."""
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            _without_haste(connection)
            return {name: _copy_out(_raw(connection), name, folder) for name in _names(connection)}
    except (SQLAlchemyError, psycopg.Error) as error:
        raise Unusable(type(error).__name__) from error


def _copy_out(connection: psycopg.Connection[Any], name: str, folder: Path) -> Table:
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s"
    )
    with connection.cursor() as cursor, (folder / f"{name}{ENDING}").open("wb") as file:
        cursor.execute(f"{query} ORDER BY ordinal_position", (name,))
        columns = tuple(column for (column,) in cursor.fetchall())
        with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(_with_columns(name, columns))) as copy:
            file.writelines(copy)
        return Table(columns, cursor.rowcount)


@contextlib.contextmanager
def fresh(
    url: str, folder: Path, tables: dict[str, Table], revision: str
) -> Iterator[tuple[Database, Callable[[], None]]]:
    """A schema of its own beside the one in use."""
    target = Database(url)
    name = FRESH + secrets.token_hex(4)
    database = Database(url)
    _look_into(database, name)

    def put_in_place() -> None:
        database.close()
        with target.engine.connect() as connection, connection.begin():
            _move(connection, name)

    try:
        with target.engine.connect() as connection, connection.begin():
            _forget_earlier_ones(connection)
            connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
        schema.upgrade(database, revision)
        with database.engine.connect() as connection, connection.begin():
            _copy_in(connection, folder, tables)
        yield database, put_in_place
    except psycopg.Error as error:
        raise Unusable(type(error).__name__) from error
    finally:
        database.close()
        with target.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
        target.close()


def others(database: Database) -> int:
    """How many other programs are connected to the database. One that is just leaving gets a moment to go."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    count = 0
    for _ in range(LEAVING_LOOKS):
        with database.engine.connect() as connection:
            count = int(connection.exec_driver_sql(query).scalar_one())
        if not count:
            break
        time.sleep(LEAVING_PAUSE)
    return count


def _copy_in(connection: Connection, folder: Path, tables: dict[str, Table]) -> None:
    """Fills the tables. The triggers that guard the audit log sleep meanwhile: nobody else sees this schema."""
    names = _names(connection)
    if set(names) != set(tables):
        raise Unusable("tables")
    raw = _raw(connection)
    for name in names:
        if name == VERSION_TABLE:
            continue
        table = sql.Identifier(name)
        raw.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        raw.execute(sql.SQL("DELETE FROM {}").format(table))
        count = _copy_one(raw, name, tables[name], folder / f"{name}{ENDING}")
        raw.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
        if count != tables[name].rows:
            raise Unusable("rows")
    _count_on(raw, names)


def _copy_one(connection: psycopg.Connection[Any], name: str, table: Table, path: Path) -> int:
    query = sql.SQL("COPY {} FROM STDIN").format(_with_columns(name, table.columns))
    with connection.cursor() as cursor, path.open("rb") as file:
        with cursor.copy(query) as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        return cursor.rowcount


def _count_on(connection: psycopg.Connection[Any], names: list[str]) -> None:
    """New rows get numbers after the highest."""
    query = "SELECT pg_get_serial_sequence(quote_ident(table_name), column_name), table_name, column_name "
    query += "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ANY(%s)"
    for sequence, table, column in connection.execute(query, (names,)).fetchall():
        if sequence:
            highest = sql.SQL("SELECT setval(%s, GREATEST(COALESCE(max({}), 0), 1), max({}) IS NOT NULL) FROM {}")
            named = highest.format(sql.Identifier(column), sql.Identifier(column), sql.Identifier(table))
            connection.execute(named, (sequence,))


def _move(connection: Connection, fresh_name: str) -> None:
    """Puts the tables and functions of the fresh schema in the place of the old ones; one transaction."""
    _without_haste(connection)
    raw = _raw(connection)
    [target] = raw.execute("SELECT current_schema()").fetchone() or ("public",)
    raw.execute("SET LOCAL lock_timeout = '" + LOCK_TIMEOUT + "'")
    for name in _names(connection):
        raw.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(target, name)))
    functions = "SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace"
    for (name,) in raw.execute(functions, (f'"{fresh_name}"',)).fetchall():
        raw.execute(sql.SQL("DROP FUNCTION IF EXISTS {}() CASCADE").format(sql.Identifier(target, name)))
        _move_one(raw, "FUNCTION {}()", fresh_name, name, target)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
    for (name,) in raw.execute(tables, (fresh_name,)).fetchall():
        _move_one(raw, "TABLE {}", fresh_name, name, target)


def _move_one(connection: psycopg.Connection[Any], what: LiteralString, source: str, name: str, target: str) -> None:
    moved = sql.SQL("ALTER " + what + " SET SCHEMA {}")
    connection.execute(moved.format(sql.Identifier(source, name), sql.Identifier(target)))


def _forget_earlier_ones(connection: Connection) -> None:
    """What a crash left behind."""
    left = connection.exec_driver_sql(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (FRESH.replace("_", r"\_") + "%",)
    )
    for (name,) in left.all():
        connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')


def _look_into(database: Database, name: str) -> None:
    """Lets every connection of the database see only that schema, and takes the limits off that a member's use has."""

    @event.listens_for(database.engine, "connect")
    def _prepare(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.autocommit = True
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(name)))
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.autocommit = False


def _without_haste(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _names(connection: Connection) -> list[str]:
    """The tables, those that others refer to first."""
    found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    names = {name for (name,) in found.all()}
    known = [table.name for table in Base.metadata.sorted_tables if table.name in names]
    return [*known, *sorted(names - set(known))]


def _with_columns(name: str, columns: tuple[str, ...]) -> sql.Composed:
    listed = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("{} ({})").format(sql.Identifier(name), listed)


def _raw(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
