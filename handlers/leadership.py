"""One of the processes that serve a database leads: it polls, delivers the outbox and does what is done once.

How to use it, where the program is put together::

    leadership = Leadership(context)
    parts = [
        leadership.run(),                               # every process; first of all, before updates are taken
        leadership.while_leading(polling.run),          # a function that makes the part's coroutine, again each time
        leadership.while_leading(outbox.run),
        leadership.while_leading(lambda: anchoring(context, home)),
        reloading.run(),                                # every process has its own FAQ; `if leadership.is_leader:`
    ]                                                   #   before staff are told
    …
    cancel the parts and wait for them; await context.finish(seconds); await leadership.release()

For health: `is_leader`, `has_leader`, `skew`.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from db import leases
from db.leases import Standing
from db.session import DatabaseError, reason
from handlers.context import Context
from handlers.presence import LEASE, until

log = logging.getLogger(__name__)

T = TypeVar("T")

RENEW_EVERY = 3.0  # seconds; the lease outlasts two renewals that fail
FAILED_PAUSE = 5.0  # seconds until a part begins again that the database ended
MOST_SKEW = 2.0  # seconds between this computer's clock and the database's


class Leadership:
    """Keeps this process known as alive, and takes the lead while no other has it.

    On SQLite no second process can serve the database: this one always leads.
    """

    def __init__(self, context: Context) -> None:
        self._context, self._presence, self._database = context, context.presence, context.database
        self._until = math.inf if self._presence.is_alone else -math.inf
        self._gained = asyncio.Event()
        self._seen_at = -math.inf  # when anybody was last seen to lead, by the monotonic clock
        self._is_skewed = False
        # A thread of its own: renewing must not wait behind use cases.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lease")
        self.skew = 0.0
        """Seconds that this computer's clock is ahead of the database's."""

    @property
    def is_leader(self) -> bool:
        """Whether this process may begin what only the leader does."""
        return time.monotonic() < self._until

    @property
    def has_leader(self) -> bool:
        """Whether this process or another was seen to lead a short while ago."""
        return self.is_leader or time.monotonic() < self._seen_at + LEASE.total_seconds()

    async def run(self) -> None:
        """Never returns by itself; cancel it. Renews, and brings what processes that are gone have left owed."""
        async with asyncio.TaskGroup() as group:  # side by side: renewing waits for nothing else
            group.create_task(_again(self._context.take_over, "what is owed could not be looked for, the database: %s"))
            if not self._presence.is_alone:
                group.create_task(_again(self._renew, "the lease could not be renewed, the database: %s"))

    async def while_leading(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a part whenever this process leads; it is cancelled before another process can lead.

        Returns or raises as the part does; only what the database ended begins again. Cancel it to end the part.
        """
        while True:
            while not self.is_leader:
                self._gained.clear()
                await self._gained.wait()
            task = asyncio.create_task(part())
            try:
                while self.is_leader and not task.done():
                    left = self._until - time.monotonic()
                    await asyncio.wait([task], timeout=None if left == math.inf else max(0.0, left))
            finally:
                lost = not task.done()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if lost:
                continue
            try:
                return task.result()
            except DatabaseError as error:
                log.error("a part begins again soon, the database: %s", reason(error))  # noqa: TRY400  no values
            await asyncio.sleep(FAILED_PAUSE)

    async def release(self) -> None:
        """Gives up the lead and says good-bye, so that another takes over at once. After parts and courier ended."""
        if not self._presence.is_alone:
            self._until = -math.inf
            self._presence.end()
            try:
                await self._in_thread(partial(self._database.work, leases.leave, self._presence.process))
            except DatabaseError as error:
                log.warning("the lease could not be given back and ends by itself, the database: %s", reason(error))
        self._thread.shutdown(wait=False)

    async def _renew(self) -> None:
        asked_at, before = time.monotonic(), self._context.desk.clock()
        standing = await self._in_thread(partial(self._database.work, leases.keep, self._presence.process, LEASE))
        self._presence.renewed(asked_at)
        if standing.has_leader:
            self._seen_at = time.monotonic()
        self._take(standing, asked_at)
        self._compare(standing.now, before, self._context.desk.clock())

    def _take(self, standing: Standing, asked_at: float) -> None:
        led = self.is_leader
        self._until = until(asked_at) if standing.leads else -math.inf
        if standing.leads:
            self._gained.set()
        if self.is_leader is not led:
            log.info("this process %s", "leads" if self.is_leader else "does not lead any more")

    def _compare(self, there: datetime, before: datetime, after: datetime) -> None:
        """Sets the skew: `there` was read between the two times of this computer, so within them there is none."""
        ahead, behind = (before - there).total_seconds(), (after - there).total_seconds()
        self.skew = ahead if ahead > 0 else min(behind, 0.0)
        is_skewed = abs(self.skew) > MOST_SKEW
        if is_skewed and not self._is_skewed:
            log.error("this computer's clock is %+.1f seconds off the database's: set both by NTP", self.skew)
        self._is_skewed = is_skewed

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


async def _again(act: Callable[[], Coroutine[Any, Any, None]], failure: str) -> None:
    while True:
        try:
            await act()
        except DatabaseError as error:
            log.warning(failure, reason(error))
        await asyncio.sleep(RENEW_EVERY)
