"""The loop shows that it is alive, and nobody else can for it."""

import asyncio
import contextlib
import time

import pytest

from handlers.figures import Figures
from handlers.heartbeat import heartbeat


class Watcher:
    def __init__(self, every):
        self.alive_every, self.heard = every, []

    def alive(self):
        self.heard.append(time.monotonic())


@contextlib.asynccontextmanager
async def beating(figures, watcher, is_well=lambda: True):
    task = asyncio.create_task(heartbeat(figures, watcher, is_well))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_watcher_hears_often_enough():
    watcher = Watcher(0.05)
    async with beating(Figures(), watcher):
        await asyncio.sleep(0.6)
    assert len(watcher.heard) >= 5
    assert max(b - a for a, b in zip(watcher.heard, watcher.heard[1:], strict=False)) < 0.3


async def test_it_hears_nothing_while_something_hangs():
    watcher, well = Watcher(0.05), [False]
    async with beating(Figures(), watcher, lambda: well[0]):
        await asyncio.sleep(0.2)
        assert watcher.heard == []
        well[0] = True
        await asyncio.sleep(0.2)
    assert watcher.heard


async def test_a_blocked_loop_is_in_the_figures():
    figures = Figures()
    async with beating(figures, Watcher(0.05)):
        await asyncio.sleep(0.02)
        time.sleep(0.3)  # noqa: ASYNC251  this is what must not happen
        await asyncio.sleep(0.1)
    lag = figures.registry.get_sample_value
    assert lag("auskunft_loop_lag_seconds_count") >= 1
    assert lag("auskunft_loop_lag_seconds_bucket", {"le": "0.1"}) < lag("auskunft_loop_lag_seconds_count")


@pytest.mark.parametrize("every", [None])
async def test_nobody_needs_to_watch(every):
    watcher = Watcher(every)
    async with beating(Figures(), watcher):
        await asyncio.sleep(0.05)
    assert watcher.heard == []
