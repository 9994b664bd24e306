"""Runs of the scenario that the enumerations are made of."""

import asyncio
import os
from collections import Counter

from tests.faults import scenario
from tests.faults.driver import Stable
from tests.faults.stage import Quiet

SIDE_BY_SIDE = min(2, os.cpu_count() or 1)
FOUND_AFTER = 1200.0  # seconds; what was claimed so long ago is given up for unknown
A_DAY = 25 * 3600.0  # seconds; what was unknown is then repeated, and personal messages are deleted


async def quiet_run(stage, stable):
    async with stage.play() as play:
        await play.start(stable)
        await play.through(everybody(play))
        quiet = Quiet(play)
        assert await play.running.stop() == 0
        assert play.check(quiet) == (Counter(), Counter())
        await a_day_later(play, stable)
    return quiet


async def everybody(play, **options):
    """All the scripts, and then rest."""
    await play.world.play()
    return await play.rest(**options)


async def a_day_later(play, stable):
    """Nothing is stuck: what was unknown has been repeated once, what was personal is gone."""
    if scenario.in_doubt(play.engine)[1]:  # claimed, and even the program that lives does not know it
        await play.start(stable, ahead=FOUND_AFTER)
        await play.through(play.rest())
        assert await play.running.stop() == 0
    await play.start(stable, ahead=A_DAY)
    await play.through(play.rest(everything=True))
    assert await play.running.stop() == 0
    left = {row.key: row.state for row in scenario.everything(play.engine, scenario.Delivery)}
    assert set(left.values()) <= {"delivered", "unknown", "cancelled"}
    for key in (key for key, state in left.items() if state == "unknown"):
        assert key + scenario.deliveries.AGAIN in left
    scenario.check_secrecy(play.world.telegram)


async def enumerate_points(points, run, *, side_by_side=SIDE_BY_SIDE):
    """Tries all these points, some side by side; everything counted together."""
    counts, waiting = Counter(), iter(points)

    async def work():
        async with Stable.open() as stable:
            for number in waiting:
                try:
                    counts.update(await run(stable, number))
                except Exception as error:
                    error.add_note(f"at point {number}")
                    raise

    async with asyncio.TaskGroup() as group:
        for _ in range(side_by_side):
            group.create_task(work())
    return counts
