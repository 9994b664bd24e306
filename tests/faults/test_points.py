"""The program is killed at every commit and every HTTP call of a scenario, and started again.

Kill-point enumeration, as SQLite tests itself (sqlite.org/testing.html). Without AUSKUNFT_FAULTS=all: every second point
up to the first update, then every few.
"""

import asyncio
import contextlib
import time
from collections import Counter

import pytest

from tests.faults import points, scenario
from tests.faults.driver import Stable
from tests.faults.points import a_day_later, enumerate_points, everybody, quiet_run
from tests.faults.stage import Stage
from vault import keywriter
from vault.keyring import Keyring

pytestmark = pytest.mark.long

EACH = {"sqlite": 5, "postgres": 16}  # every so many points are tried; all of them with AUSKUNFT_FAULTS=all
OF_FIRST_START = {"sqlite": 2, "postgres": 6}
# On PostgreSQL a run mostly waits until the dead process's lease is over.
SIDE_BY_SIDE = {"sqlite": points.SIDE_BY_SIDE, "postgres": 2 * points.SIDE_BY_SIDE}


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request, tmp_path):
    return Stage(tmp_path / "stage", request.getfixturevalue("postgres") if request.param == "postgres" else None)


async def killed_run(stage, stable, quiet, kill_at):
    """One run with a kill; what was counted."""
    async with stage.play() as play:
        await play.start(stable, kill_at=kill_at)
        rested = asyncio.create_task(everybody(play))
        try:
            with contextlib.suppress(AssertionError):
                await play.through(asyncio.shield(rested))
            if not play.running.was_killed:  # the run was over before that point came
                await rested
                assert await play.running.stop() == 0
                return Counter(not_reached=1)
            point = play.running.points()[-1]
            doubtful, sending = scenario.in_doubt(play.engine)
            await play.start(stable)
            began = time.monotonic()
            await play.through(asyncio.shield(rested))
            seconds = time.monotonic() - began
        finally:
            rested.cancel()
        assert await play.running.stop() == 0
        lost, doubled = play.check(quiet)
        told = f"killed at {kill_at}, {point}"
        if sending:  # nobody knows whether a notice arrived: it is repeated after ten minutes
            lost -= Counter({(chat, text): 1 for chat, text in lost if "neue Mitteilung" in text})
        assert not lost, (told, lost)
        assert not doubled - doubtful, (told, doubled, doubtful)
        unknown = {row.key for row in scenario.everything(play.engine, scenario.Delivery) if row.state == "unknown"}
        assert unknown <= sending, told
        if unknown:
            await a_day_later(play, stable)
        return Counter(killed=1, unknown=len(unknown), doubled=doubled.total(), seconds=seconds)


async def test_killed_at_each_point(stage, request, counted, deep):
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
    kind = request.node.callspec.params["stage"]
    total, first = len(quiet.points), quiet.points.index("before getUpdates") + 1
    tried = [
        n for n in range(1, total + 1) if deep or n % EACH[kind] == 0 or (n <= first and n % 2 and kind == "sqlite")
    ]

    async def run(stable, kill_at):
        return await killed_run(stage, stable, quiet, kill_at)

    counts = await enumerate_points(tried, run, side_by_side=SIDE_BY_SIDE[kind])
    sent = quiet.said.total()
    counted(
        points=total,
        tried=len(tried),
        killed=counts["killed"],
        sent=counts["killed"] * len([1 for script in scenario.SCRIPTS.values() for _ in script]),
        answered=counts["killed"] * sent,
        lost=0,
        doubled=counts["doubled"],
        deliveries_unknown=counts["unknown"],
        seconds_to_rest=round(counts["seconds"] / counts["killed"], 1),
    )
    assert counts["killed"] >= len(tried) * 0.8


async def test_killed_at_each_point_of_the_very_first_start(stage, request, counted, deep):
    """From an empty folder: schema, keys, first poll."""
    async with Stable.open() as stable, stage.play(empty=True) as play:
        await play.start(stable)
        await poll_of(play)
        total = play.running.points().index("before getUpdates") + 1
        assert await play.running.stop() == 0

    async def run(stable, kill_at):
        async with stage.play(empty=True) as play:
            await play.start(stable, kill_at=kill_at)
            with contextlib.suppress(TimeoutError):
                await play.running.status(20)
            if not play.running.was_killed:
                return Counter(not_reached=1)
            await play.start(stable)
            await poll_of(play)
            assert await play.running.stop() == 0
            return Counter(killed=1)

    kind = request.node.callspec.params["stage"]
    tried = range(1, total + 1, 1 if deep else OF_FIRST_START[kind])
    counts = await enumerate_points(tried, run, side_by_side=SIDE_BY_SIDE[kind])
    counted(points=total, tried=len(tried), killed=counts["killed"], came_up=counts["killed"])
    assert counts["killed"] >= len(tried) * 0.8


async def poll_of(play, seconds=60):
    """Waits for its first poll."""
    before = play.world.telegram.polls
    async with asyncio.timeout(seconds):
        while play.world.telegram.polls == before:
            assert not play.running.ended, "the program ended"
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("begun", [0, 1, 3])
async def test_killed_while_the_keys_are_made(tmp_path, monkeypatch, begun):
    """At the very first start, after so many files: the next start makes them anew, nothing was sealed with them."""
    stage, write, files = Stage(tmp_path / "stage"), keywriter._write_new, []

    def written(path, text):
        if len(files) == begun:
            raise KeyboardInterrupt
        files.append(path)
        write(path, text)

    async with Stable.open() as stable, stage.play(empty=True) as play:
        with monkeypatch.context() as patched, contextlib.suppress(KeyboardInterrupt):
            patched.setattr(keywriter, "_write_new", written)
            Keyring.create(play.world.home / "keys", today=scenario.now().date())
        assert len(list((play.world.home / "keys").iterdir())) == begun
        await play.start(stable)
        await poll_of(play)
