"""The process that leads is killed, or stopped and woken up: another one leads within 15 seconds, and never both."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from db import schema
from db.session import Database

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent.parent
WITHIN = 15.0  # seconds
DOZE = 0.1  # seconds in which a process that was stopped may still say what it was about to say


class Leader:
    """One process, and the times at which it said that it leads."""

    def __init__(self, process):
        self.process, self.times = process, []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, url):
        command = (sys.executable, "-m", "tests.support.leader", url)
        return cls(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE))

    async def _read(self):
        async for line in self.process.stdout:
            self.times.append(float(line))

    def leads(self):
        return bool(self.times) and time.time() - self.times[-1] < DOZE

    async def end(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading


async def until(condition, seconds):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def two(postgres_url):
    database = Database(postgres_url)
    schema.upgrade(database)
    database.close()
    leaders = [await Leader.start(postgres_url) for _ in range(2)]
    yield leaders
    for leader in leaders:
        await leader.end()


async def leading(two):
    await until(lambda: any(leader.leads() for leader in two), 10)
    await asyncio.sleep(0.5)
    return sorted(two, key=lambda leader: not leader.leads())


async def test_a_killed_leader_is_replaced(two):
    first, second = await leading(two)
    assert not second.times
    first.process.kill()
    await first.process.wait()
    await until(second.leads, WITHIN)
    print(f"taken over after {second.times[0] - first.times[-1]:.1f} s")  # noqa: T201


async def test_a_leader_that_was_stopped_does_not_lead_beside_the_new_one(two):
    first, second = await leading(two)
    first.process.send_signal(signal.SIGSTOP)
    await until(second.leads, WITHIN)
    first.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(4)  # longer than a renewal
    assert second.leads()
    late = [at for at in first.times if at > second.times[0]]
    # It was asleep in the middle of its part: what it was about to do it may do, then it looks at its clock.
    assert len(late) <= 1, late
