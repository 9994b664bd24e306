"""Every step of the schema, up and down with rows in every table, on both databases; new steps are found by themselves.

What a step may do to the rows that are there: nothing. What an older program wrote and still writes while a newer one
runs beside it must go in and stay as it is (docs/decisions/0016). A step that takes something away says so with
`CONTRACTS = "why nothing needs it any more"`; it may then lose what it names, and nothing else.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import building
import checks
import settings
from db import schema
from db.models import Base
from db.session import Database

SCRIPTS = ScriptDirectory(str(schema.MIGRATIONS))
STEPS = list(reversed(list(SCRIPTS.walk_revisions())))
PATH = ["base", *(step.revision for step in STEPS)]
MOMENT = dt.datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=dt.UTC)  # in the hour that summer time skips
BOOKKEEPING = "alembic_version"

steps = pytest.mark.parametrize(("before", "after"), list(pairwise(PATH)))


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def go(database, revision):
    """Up or down."""
    here = MigrationContext.configure
    with database.engine.connect() as connection:
        now = here(connection).get_current_revision() or "base"
    move = schema.upgrade if PATH.index(revision) > PATH.index(now) else schema.downgrade
    move(database, revision)


def reflected(database):
    found = sa.MetaData()
    found.reflect(database.engine)
    return {table.name: table for table in found.sorted_tables if table.name != BOOKKEEPING}


def value(column, number):
    """Something of the column's kind, another for each number."""
    match column.type:
        case sa.Boolean():
            return number % 2 == 1
        case sa.DateTime():
            moment = MOMENT + dt.timedelta(days=number)
            return moment if column.type.timezone else moment.replace(tzinfo=None)
        case sa.Date():
            return dt.date(2026, 2, 28) + dt.timedelta(days=number)
        case sa.Integer():
            return number if column.name in ("seq", "id") else 2**40 + number
        case sa.JSON():
            return {"Größe": [number, None, "„“"]}
        case sa.LargeBinary():
            return bytes([number, 0, 255])
        case sa.Float() | sa.Numeric():
            return number + 0.5
        case sa.String():
            return f"{number}äß€"[: column.type.length]
    raise AssertionError(column.type)


def row(table, number, *, full, only=None):
    """A row of values; one that is not full has none where none is needed."""
    keys = {key.parent.name: key.column for key in table.foreign_keys}
    wanted = {}
    for column in table.columns:
        needed = column.primary_key or not (column.nullable or column.server_default is not None)
        if (only is None or column.name in only) and (full or needed):
            wanted[column.name] = value(keys.get(column.name, column), number)
    return wanted


def fill(database, first, only=None):
    """Two rows in every table: one with everything, one with what must be. `only`: columns to write, by table."""
    tables = reflected(database)
    with database.engine.begin() as connection:
        for number in (first, first + 1):
            for name, table in tables.items():
                if only is not None and name not in only:
                    continue
                if name == "audit_head":  # it is there from the start, and only ever counted up
                    continue
                written = row(table, number, full=number == first, only=only and only[name])
                if name == "audit_events":
                    counted = connection.execute(sa.text("UPDATE audit_head SET seq = seq + 1 RETURNING seq"))
                    written["seq"] = counted.scalar_one()
                connection.execute(table.insert().values(written))


def rows(database):
    """All rows, by table, each as what is in its columns."""
    with database.engine.connect() as connection:
        return {
            name: sorted((dict(found) for found in connection.execute(table.select()).mappings()), key=repr)
            for name, table in reflected(database).items()
        }


def columns(database):
    return {name: {column.name for column in table.columns} for name, table in reflected(database).items()}


def narrowed(found, shape):
    """The rows as far as their tables and columns are in a shape."""
    return {
        name: sorted(
            ({key: found_row[key] for key in found_row if key in shape[name]} for found_row in table), key=repr
        )
        for name, table in found.items()
        if name in shape
    }


def guards(database):
    """Names of triggers, indexes and constraints: what a table that was made anew could have lost."""
    question = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    inspector = sa.inspect(database.engine)
    with database.engine.connect() as connection:
        found = {("trigger", name) for name in connection.execute(sa.text(question)).scalars()}
    for name in inspector.get_table_names():
        found |= {
            (name, index["name"], index["unique"], *index["column_names"]) for index in inspector.get_indexes(name)
        }
        found |= {
            (name, *key["constrained_columns"], key["referred_table"]) for key in inspector.get_foreign_keys(name)
        }
        found |= {(name, *key["column_names"]) for key in inspector.get_unique_constraints(name)}
        found |= {(name, "pk", *inspector.get_pk_constraint(name)["constrained_columns"])}
    return found


def contracts(revision):
    return getattr(SCRIPTS.get_revision(revision).module, "CONTRACTS", "")


def test_there_is_one_line_of_steps():
    assert len(SCRIPTS.get_heads()) == 1
    assert [step.down_revision for step in STEPS] == [None, *PATH[1:-1]]
    assert [step.revision for step in STEPS] == sorted(step.revision for step in STEPS)
    assert schema.newest() == PATH[-1]


@steps
def test_rows_are_as_they_were_after_up_down_and_up_again(database, before, after):
    go(database, before)
    fill(database, 1)
    old_shape, old_rows = columns(database), rows(database)

    go(database, after)
    new_shape = columns(database)
    kept = {name: old_shape[name] & new_shape[name] for name in old_shape.keys() & new_shape.keys()}
    assert kept == old_shape or contracts(after)
    assert narrowed(rows(database), kept) == narrowed(old_rows, kept)
    fill(database, 11)
    new_rows, new_guards = rows(database), guards(database)
    assert all(len(table) >= 2 for name, table in new_rows.items() if name != "audit_head")

    go(database, before)
    assert columns(database) == old_shape
    assert narrowed(rows(database), kept) == narrowed(new_rows, kept)

    go(database, after)
    assert (columns(database), guards(database)) == (new_shape, new_guards)
    assert narrowed(rows(database), kept) == narrowed(new_rows, kept)


@steps
def test_an_older_program_goes_on_writing_after_the_step(database, before, after):
    """While replicas are exchanged one by one, old ones write to the new schema what they know of."""
    go(database, before)
    known = columns(database)
    go(database, after)
    if contracts(after):
        known = {name: known[name] & shape for name, shape in columns(database).items() if name in known}
    fill(database, 1, only=known)


def test_all_the_way_down_and_up_with_rows(database):
    go(database, PATH[-1])
    fill(database, 1)
    for revision in reversed(PATH[:-1]):
        go(database, revision)
    assert sa.inspect(database.engine).get_table_names() == [BOOKKEEPING]
    go(database, PATH[-1])
    assert schema.version(database) is schema.Version.CURRENT
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, Base.metadata) == []
    fill(database, 1)


BROKEN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9998", "{head}", None, None


def upgrade():
    op.add_column("chats", sa.Column("half", sa.Text))
    op.create_table("halves", sa.Column("id", sa.Integer, primary_key=True))
    raise RuntimeError("cut off")
"""


def test_a_step_that_fails_leaves_everything_as_it_was(database, tmp_path, monkeypatch):
    """A start that dies in the middle finds the old version, not half of the new one."""
    go(database, PATH[-1])
    fill(database, 1)
    before = columns(database), rows(database)
    add_step(BROKEN.format(head=PATH[-1]), tmp_path, monkeypatch)
    with pytest.raises(RuntimeError, match="cut off"):
        schema.upgrade(database)
    assert (columns(database), rows(database)) == before
    assert schema.version(database) is schema.Version.OLD


ANEW = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9998", "{head}", None, None


def upgrade():
    with op.batch_alter_table("members", recreate="always") as table:
        table.add_column(sa.Column("added", sa.Text))
    {then}
"""


@pytest.mark.parametrize("then", ["", "op.execute('DELETE FROM members')"], ids=["well", "badly"])
def test_a_table_that_is_made_anew_keeps_what_points_to_it(tmp_path, monkeypatch, then):
    """With foreign keys on, SQLite would empty findings, links and letters; with them off, it would let them dangle."""
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    go(database, PATH[-1])
    fill(database, 1)
    before, shape = rows(database), columns(database)
    add_step(ANEW.format(head=PATH[-1], then=then), tmp_path, monkeypatch)
    if then:
        with pytest.raises(RuntimeError, match="point nowhere"):
            schema.upgrade(database)
    else:
        schema.upgrade(database)
        assert columns(database)["members"] - shape["members"] == {"added"}
    assert narrowed(rows(database), shape) == before
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def add_step(step, folder, monkeypatch):
    shutil.copytree(schema.MIGRATIONS, folder / "migrations")
    (folder / "migrations" / "versions" / "9998_step.py").write_text(step, encoding="utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder / "migrations")


def test_a_newer_database_is_refused_and_left_alone(database, database_url):
    go(database, PATH[-1])
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = columns(database)
    started = settings.load({"DATABASE_URL": database_url})
    texts = checks.texts_of(started)
    with pytest.raises(building.CannotStart, match="neueren Version"):
        building.open_database(started, texts)
    assert columns(database) == before


def test_programs_that_start_together_take_the_steps_once(database_url, tmp_path):
    root = Path(__file__).parent.parent.parent
    told = os.environ | {"DATABASE_URL": database_url, "AUSKUNFT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "bot.py", "db", "upgrade"]
    started = [subprocess.Popen(command, cwd=root, env=told, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert [code for _, code in said] == [0, 0, 0], said
    database = Database(database_url)
    assert schema.version(database) is schema.Version.CURRENT
    database.close()


def test_the_models_have_a_table_for_every_table_of_the_schema(database):
    go(database, PATH[-1])
    assert set(reflected(database)) == set(Base.metadata.tables)
