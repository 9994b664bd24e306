"""Once a second the event loop shows that it is alive: to the figures, and to whoever watches the process."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from handlers.figures import Figures

EVERY = 1.0  # seconds


class Watcher(Protocol):
    """Who restarts the process when nothing is heard of it for twice `alive_every` seconds."""

    @property
    def alive_every(self) -> float | None: ...

    def alive(self) -> None: ...


async def heartbeat(figures: Figures, watcher: Watcher, is_well: Callable[[], bool]) -> None:
    """Beats until cancelled. The watcher hears of it only while `is_well`: what hangs is better started anew."""
    loop = asyncio.get_running_loop()
    wanted = watcher.alive_every
    every = min(EVERY, wanted or EVERY)
    told_at = -float("inf")
    while True:
        begun_at = loop.time()
        if wanted is not None and begun_at - told_at + every > wanted and is_well():
            watcher.alive()
            told_at = begun_at
        await asyncio.sleep(every)
        figures.loop_lag.observe(max(0.0, loop.time() - begun_at - every))
