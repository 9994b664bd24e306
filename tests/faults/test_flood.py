"""One person sends a thousand messages in ten seconds; the others are served as if nothing was."""

import asyncio
import statistics
import time

import pytest

from tests.faults import scenario
from tests.faults.driver import Stable
from tests.faults.stage import Stage

pytestmark = pytest.mark.long

FLOOD, SECONDS = 1000, 10.0
OTHERS, PAUSE = 10, 0.4  # people who ask, wait for the answer, and pause
FLOODER = 8000
BATCH = 100  # updates that getUpdates gives at once


async def ask(play, chat, delays, until):
    """One person who asks again and again; the seconds to each answer."""
    telegram = play.world.telegram
    while time.monotonic() < until:
        said, began = len(telegram.said(chat)), time.monotonic()
        update = telegram.update(message=telegram.message(chat, "pin sicher?", date=int(time.time())))
        play.world.updates.append(telegram.put(update))
        async with asyncio.timeout(60):
            while len(telegram.said(chat)) == said:
                await asyncio.sleep(0.002)
        delays.append(time.monotonic() - began)
        await asyncio.sleep(PAUSE)


async def flood(play):
    telegram, began = play.world.telegram, time.monotonic()
    for number in range(FLOOD):
        text = f"pin sicher? {number}"
        update = telegram.update(message=telegram.message(FLOODER, text, date=int(time.time())))
        play.world.updates.append(telegram.put(update))
        await asyncio.sleep(max(0.0, began + (number + 1) * SECONDS / FLOOD - time.monotonic()))


async def delays_of(stage, stable, *, flooded):
    """The others' delays, sorted; what the flooder was told; the seconds until everything was handled."""
    async with stage.play() as play:
        await play.start(stable)
        delays, began = [], time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(OTHERS):
                group.create_task(ask(play, 8001 + number, delays, began + SECONDS))
            if flooded:
                group.create_task(flood(play))
        await play.through(play.rest())
        seconds = time.monotonic() - began
        assert await play.running.stop() == 0
        scenario.check_invariants(play.world, play.place)
        return sorted(delays), play.world.telegram.said(FLOODER), seconds


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_others_are_served(request, tmp_path, counted, kind):
    """The flood is taken in batches of a hundred, in order: the others wait for two batches, not for all of it.

    Where one person writes faster than the computer reads, Telegram's queue grows, and the others stand in it, too.
    """
    stage = Stage(tmp_path / "stage", request.getfixturevalue("postgres") if kind == "postgres" else None)
    async with Stable.open() as stable:
        quiet, _, _ = await delays_of(stage, stable, flooded=False)
        beside, told, seconds = await delays_of(stage, stable, flooded=True)
    of_quiet, of_flood, batch = p95(quiet), p95(beside), BATCH * seconds / FLOOD
    counted(
        flood=FLOOD,
        told=len(told),
        others=len(beside),
        lost=0,
        p50_ms=round(statistics.median(quiet) * 1000),
        p95_ms=round(of_quiet * 1000),
        p50_beside_ms=round(statistics.median(beside) * 1000),
        p95_beside_ms=round(of_flood * 1000),
        batch_ms=round(batch * 1000),
    )
    assert len(told) <= 2 * 31, "at most 30 answers in a minute, and once that it is too much"
    assert any("sehr viele Nachrichten" in text for text in told)
    behind = max(0.0, seconds - SECONDS)
    assert of_flood <= 8 * of_quiet + 3 * batch + behind


def p95(delays):
    return delays[int(len(delays) * 0.95)]
