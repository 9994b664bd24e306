"""One process leads; a part that only the leader does never runs in two."""

import asyncio
import contextlib
import logging
import time

import pytest

from db.session import Unavailable
from db.troubles import Trouble
from handlers import leadership, presence
from handlers.leadership import Leadership
from tests.support import replicas
from tests.support.program import program_with

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(leadership, "RENEW_EVERY", 0.05)
    monkeypatch.setattr(leadership, "FAILED_PAUSE", 0.01)


@pytest.fixture
async def other(telegram, shipped, program, database_url, tmp_path, clock):
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as running:
        yield running


class Part:
    """Counts how often it runs, and whether twice at once."""

    def __init__(self):
        self.begun, self.now, self.most = [], 0, 0

    async def run(self, who):
        self.begun.append(who)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(3600)
        finally:
            self.now -= 1


@contextlib.asynccontextmanager
async def running(*coroutines):
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition, seconds=5):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@on_sqlite
async def test_on_sqlite_this_process_leads_for_ever(program):
    leading, part = Leadership(program.context), Part()
    assert leading.is_leader
    assert leading.has_leader
    async with running(leading.run(), leading.while_leading(lambda: part.run("a"))):
        await until(lambda: part.now)
        await asyncio.sleep(0.2)
    assert part.begun == ["a"]
    await leading.release()


@on_postgres
async def test_one_of_two_leads_and_the_other_when_it_goes(program, other):
    part, first, second = Part(), Leadership(program.context), Leadership(other.context)
    async with running(second.run(), second.while_leading(lambda: part.run("b"))):
        async with running(first.run(), first.while_leading(lambda: part.run("a"))):
            await until(lambda: part.now and first.has_leader and second.has_leader)
            await asyncio.sleep(0.2)
            assert first.is_leader is not second.is_leader
            leads = part.begun[0]
        if leads == "a":
            await first.release()
            assert not first.is_leader
            await until(lambda: second.is_leader)
            await until(lambda: part.begun == ["a", "b"])
    assert part.most == 1
    await second.release()
    assert set(replicas.leases(program.database)) <= {f"life:{program.context.presence.process}", "lead"}


@on_postgres
async def test_a_part_ends_before_another_process_can_lead(program, other, monkeypatch):
    """The leader cannot renew: its own clock ends the part, and only then the lease in the database."""
    monkeypatch.setattr(presence, "MARGIN", 9.6)  # of the ten seconds: what is left is 0.4
    part, first, second = Part(), Leadership(program.context), Leadership(other.context)
    async with running(first.run(), first.while_leading(lambda: part.run("a"))):
        await until(lambda: part.now)
        work = program.database.work

        def failing(use_case, *args, **values):
            raise Unavailable(Trouble.LOST)

        monkeypatch.setattr(program.database, "work", failing)
        await until(lambda: not part.now)
        assert not first.is_leader
        await second._renew()
        assert not second.is_leader  # the lease lasts longer than the part
        replicas.expire(program.database)
        async with running(second.run(), second.while_leading(lambda: part.run("b"))):
            await until(lambda: part.now)
            monkeypatch.setattr(program.database, "work", work)
            await asyncio.sleep(0.2)
            assert not first.is_leader
    assert (part.begun, part.most) == (["a", "b"], 1)


@on_postgres
async def test_a_process_that_was_asleep_does_not_lead_on(program, monkeypatch):
    """Stopped for longer than the lease, it wakes up and does not go by what it knew."""
    leading, awake = Leadership(program.context), time.monotonic
    await leading._renew()
    assert leading.is_leader
    monkeypatch.setattr(time, "monotonic", lambda: awake() + 8.1)
    assert not leading.is_leader
    assert not program.context.presence.is_current


async def test_what_the_database_ended_begins_again(program):
    leading, times = Leadership(program.context), []

    async def part():
        times.append(1)
        if len(times) < 3:
            raise Unavailable(Trouble.FULL)

    async with running(leading.run(), leading.while_leading(part)) as (_, leads):
        await asyncio.wait_for(leads, 5)
    assert len(times) == 3


async def test_a_mistake_of_a_part_is_not_hidden(program):
    leading = Leadership(program.context)

    async def part():
        raise KeyError

    async with running(leading.run(), leading.while_leading(part)) as (_, leads):
        with pytest.raises(KeyError):
            await asyncio.wait_for(leads, 5)


@on_postgres
@pytest.mark.parametrize(("seconds", "is_told"), [(0, False), (1.5, False), (600, True), (-600, True)])
async def test_a_clock_that_is_wrong_is_told_once(program, caplog, seconds, is_told):
    from services import clock

    clock_of_this_computer = program.desk.clock
    clock_of_this_computer.now = clock.system()
    clock_of_this_computer.advance(seconds=seconds)
    leading = Leadership(program.context)
    with caplog.at_level(logging.ERROR):
        await leading._renew()
        await leading._renew()
    assert leading.skew == pytest.approx(seconds, abs=1)
    assert len([line for line in caplog.messages if "clock" in line]) == is_told
