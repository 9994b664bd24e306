"""Brings what is owed: one chat's replies in order, chats side by side, within Telegram's limits.

A reply is owed from the moment its update's effects are committed; it is struck off when Telegram has it. Whatever
stops the program in between, the next start finds it in the database and brings it.
"""

import asyncio
import logging
import math
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from db.updates import Owed
from handlers.reply import Act, Reply
from handlers.sending import Fate, Result

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between tries
BURST = 3  # messages that may go to one chat at once


class Says(Protocol):
    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result: ...


async def _always(_chat: int) -> bool:
    return True


@dataclass(frozen=True)
class Books:
    """What the courier reads and writes; each is one transaction."""

    reply_to: Callable[[int, int], Awaitable[int | None]]
    close: Callable[[Owed, Fate, int | None, bool], Awaitable[None]]
    is_linked: Callable[[int], Awaitable[bool]] = _always


class Bucket:
    """A token bucket: `rate` per second, at most `burst` at once."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def left(self, now: float) -> float:
        """How many tokens may be used at once."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    def take(self, now: float) -> float:
        """Takes one token; the seconds until it may be used."""
        self._left = self.left(now) - 1
        return max(0.0, -self._left / self._rate)

    @property
    def is_full(self) -> bool:
        return self._left >= self._burst - 1


class Courier:
    """Brings replies; `post` returns at once."""

    def __init__(self, sender: Says, books: Books, *, side_by_side: int, per_chat: float, overall: float) -> None:
        self._sender, self._books = sender, books
        self._slots = asyncio.Semaphore(side_by_side)
        self._per_chat, self._overall_rate = per_chat, overall
        self._overall: Bucket | None = None
        self._buckets: dict[int, Bucket] = {}
        self._queues: dict[int, deque[Owed]] = {}
        self._under_way: set[int] = set()
        self._came_at: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.refused_token = asyncio.Event()

    def post(self, owed: Owed, *, late: bool = False, came_at: float | None = None) -> None:
        """Takes over what is owed for one update; a second time while it is under way changes nothing.

        `came_at` is when the update came, by the event loop's clock, for replies that keep a floor.
        """
        if not owed.replies or owed.chat is None or owed.update_id in self._under_way:
            return
        self._under_way.add(owed.update_id)
        if came_at is not None:
            self._came_at[owed.update_id] = came_at
        queue = self._queues.get(owed.chat)
        if queue is not None:
            queue.append(owed)
            return
        self._queues[owed.chat] = deque([owed])
        task = asyncio.create_task(self._serve(owed.chat, late=late))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Waits until everything is brought, at most so long; what is left stays owed."""
        await self.idle(seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self, seconds: float | None = None) -> None:
        """Waits until nothing is under way, or so long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    @property
    def waiting(self) -> int:
        return len(self._under_way)

    async def _serve(self, chat: int, *, late: bool) -> None:
        queue = self._queues[chat]
        try:
            while queue:
                owed = queue.popleft()
                try:
                    await self._bring(chat, owed, late=late)
                except Exception as error:  # noqa: BLE001  it stays owed, and the next start brings it
                    log.error("update %s: not brought (%s)", owed.update_id, type(error).__name__)  # noqa: TRY400
                finally:
                    self._under_way.discard(owed.update_id)
                    self._came_at.pop(owed.update_id, None)
        finally:
            del self._queues[chat]
            if (bucket := self._buckets.get(chat)) is not None and bucket.is_full:
                del self._buckets[chat]

    async def _bring(self, chat: int, owed: Owed, *, late: bool) -> None:
        fate, message, blocked = Fate.SENT, None, False
        for data in owed.replies:
            reply = Reply.from_json(data)
            if late and reply.act is Act.SEND:
                reply = reply.quoting(owed.message)
            await self._keep_floor(reply, owed)
            result = await self._insist(chat, reply)
            message = message or result.message
            if result.fate is Fate.REFUSED:
                fate, blocked = Fate.REFUSED, result.blocked
                break
        await self._books.close(owed, fate, message, blocked)

    async def _keep_floor(self, reply: Reply, owed: Owed) -> None:
        came_at = self._came_at.get(owed.update_id)
        if reply.floor and came_at is not None:
            await asyncio.sleep(max(0.0, came_at + reply.floor - asyncio.get_running_loop().time()))

    async def _insist(self, chat: int, reply: Reply) -> Result:
        """Says it until it is said or refused.

        What may have arrived is said again: an answer twice is better than none.
        """
        wait = FIRST_WAIT
        while True:
            answered_by = None
            if reply.act is Act.REPLACE and reply.target is not None:
                answered_by = await self._books.reply_to(chat, reply.target)
            await self._pace(chat)
            if reply.linked and not await self._books.is_linked(chat):
                return Result(Fate.REFUSED)  # it was long owed, and the link ended meanwhile
            async with self._slots:
                result = await self._sender.say(chat, reply, answered_by)
            if result.fate in (Fate.SENT, Fate.REFUSED):
                return result
            if result.fate is Fate.NO_BOT:
                self.refused_token.set()
            await asyncio.sleep(max(result.wait, wait * random.uniform(0.8, 1.2)))  # noqa: S311  spreads, guards nothing
            wait = min(wait * 2, LONGEST_WAIT)

    async def _pace(self, chat: int) -> None:
        now = asyncio.get_running_loop().time()
        bucket = self._buckets.get(chat)
        if bucket is None:
            bucket = self._buckets[chat] = Bucket(self._per_chat, BURST, now)
        if (pause := max(bucket.take(now), self._whole(now).take(now))) > 0:
            await asyncio.sleep(pause)

    def _whole(self, now: float) -> Bucket:
        """The budget of all chats together; full when it is first asked for."""
        if self._overall is None:
            self._overall = Bucket(self._overall_rate, self._overall_rate, now)
        return self._overall

    def spare(self) -> int:
        """How many calls answers leave to what can wait: half of a second's budget is kept for those to come."""
        if self._slots.locked():
            return 0
        left = self._whole(now := asyncio.get_running_loop().time()).left(now)
        share = min(1.0, self._overall_rate)  # a budget below one a second never holds a whole call
        reserve = min(self._overall_rate / 2, self._overall_rate - share)
        return max(0, math.floor((left - reserve) / share + 1e-6))

    def lend(self) -> None:
        """Takes one call's share for what can wait, after `spare` said that there is one."""
        self._whole(now := asyncio.get_running_loop().time()).take(now)


def is_late(said_at: datetime, now: datetime, seconds: float = 60.0) -> bool:
    """Whether an answer comes so late that it must show what it answers."""
    return (now - said_at).total_seconds() > seconds
