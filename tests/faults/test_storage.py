"""The database cannot be written for a while: its disk is full, another process holds it, it is away.

Nobody restarts anything. What came meanwhile stays with Telegram and is answered afterwards.
"""

import asyncio
import contextlib
import sqlite3

import pytest
import sqlalchemy

from tests.faults.driver import Stable
from tests.faults.points import a_day_later, everybody, quiet_run
from tests.faults.scenario import SCRIPTS
from tests.faults.stage import Stage
from tests.support.cutting import CuttingProxy

pytestmark = pytest.mark.long

BEGINS, LASTS = 0.3, 7.0  # seconds into the scenario, and how long; SQLite waits 5 s for a lock, PostgreSQL 2 s


async def played_during(play, stable, trouble, **options):
    """The scenario with a trouble (a context manager) that begins a moment after it; the seconds it all took."""
    await play.start(stable, **options)
    loop = asyncio.get_running_loop()
    began = loop.time()
    playing = asyncio.create_task(play.through(everybody(play, claimed=False)))
    try:
        await asyncio.sleep(BEGINS)
        with trouble:
            await asyncio.sleep(LASTS)
        await playing
    finally:
        playing.cancel()
    seconds = loop.time() - began
    assert await play.running.stop() == 0
    return seconds


async def check(play, stable, quiet, counted, seconds):
    await a_day_later(play, stable)
    lost, doubled = play.check(quiet)
    assert not lost, lost
    assert doubled.total() <= len(SCRIPTS), doubled  # what was just said to each when it could not be noted
    counted(sent=quiet.said.total(), lost=0, doubled=doubled.total(), seconds=round(seconds, 1))


@contextlib.contextmanager
def full(play):
    """No page is added to the file: PRAGMA max_page_count, set by the victim before each transaction."""
    marker = play.world.home.parent / "full"
    connection = sqlite3.connect(sqlalchemy.make_url(play.world.database_url).database, isolation_level=None, timeout=5)
    with contextlib.closing(connection):
        connection.execute("CREATE TABLE filler (bytes BLOB)")
        marker.touch()
        try:
            yield
        finally:
            marker.unlink()
            connection.execute("DROP TABLE filler")
    assert "ERROR" in play.log(lines=1000), "nothing was written meanwhile"


@contextlib.contextmanager
def locked(play):
    """Another process holds the write lock: `BEGIN IMMEDIATE`."""
    connection = sqlite3.connect(sqlalchemy.make_url(play.world.database_url).database, isolation_level=None, timeout=5)
    with contextlib.closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def table_locked(play):
    """A migration, say, holds the table of updates."""
    engine = play.engine
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("LOCK TABLE updates IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()


@contextlib.contextmanager
def away(proxy):
    """PostgreSQL is gone and lets nobody in."""
    proxy.refusing = True
    proxy.break_all()
    try:
        yield
    finally:
        proxy.refusing = False


async def suffered(stage, counted, trouble):
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
        async with stage.play() as play:
            seconds = await played_during(play, stable, trouble(play))
            await check(play, stable, quiet, counted, seconds)


@pytest.mark.parametrize("trouble", [full, locked])
async def test_sqlite(tmp_path, counted, trouble):
    await suffered(Stage(tmp_path / "stage"), counted, trouble)


async def test_postgres_locked(tmp_path, postgres, counted):
    await suffered(Stage(tmp_path / "stage", postgres), counted, table_locked)


async def test_postgres_away(tmp_path, postgres, counted):
    stage = Stage(tmp_path / "stage", postgres)
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
        async with stage.play() as play:
            proxy = CuttingProxy(play.world.database_url)
            async with proxy.run() as url:
                seconds = await played_during(play, stable, away(proxy), url=url)
            await check(play, stable, quiet, counted, seconds)
