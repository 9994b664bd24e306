"""Brings what is owed: one chat's replies in order, chats side by side, within Telegram's limits.

A reply is owed from the moment its update's effects are committed; it is struck off when Telegram has it. Whatever
stops the program in between, the next start finds it in the database and brings it, or another process does. What
another process owes to the same chat and comes first is waited for.
"""

import asyncio
import contextlib
import logging
import math
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from db.session import DatabaseError, reason
from db.updates import Owed
from handlers.closing import Said
from handlers.reply import Act, Reply
from handlers.sending import Fate, Result, Says

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0  # seconds between tries
BURST = 3  # messages that may go to one chat at once
LONGEST_DATABASE_WAIT = 5.0  # seconds between tries
LOOK_AHEAD = 0.15  # seconds between looks whether what comes first is out
MOST_KNOWN = 10_000  # updates that are remembered as brought
MOST_BUCKETS = 1000  # chats whose pace is remembered; those that may have a whole burst again are then forgotten

T = TypeVar("T")


async def _always(_what: object) -> bool:
    return True


async def _nothing(_owed: Owed) -> tuple[list[Owed], bool]:
    return [], False


@dataclass(frozen=True)
class Books:
    """What the courier reads and writes; each is one transaction."""

    reply_to: Callable[[int, int], Awaitable[int | None]]
    close: Callable[[Said], Awaitable[None]]
    is_linked: Callable[[int], Awaitable[bool]] = _always
    ahead: Callable[[Owed], Awaitable[tuple[list[Owed], bool]]] = _nothing
    """What comes first and is ours to bring now, and whether another process still owes something that comes first."""
    may_bring: Callable[[Owed], Awaitable[bool]] = _always


@dataclass(frozen=True, slots=True)
class _Load:
    """What is owed for one update, and how it came here."""

    owed: Owed
    late: bool
    came_at: float | None


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

    def is_full(self, now: float) -> bool:
        return self.left(now) >= self._burst


class Courier:
    """Brings replies; `post` returns at once."""

    def __init__(self, sender: Says, books: Books, *, side_by_side: int, per_chat: float, overall: float) -> None:
        self._sender, self._books = sender, books
        self._slots = asyncio.Semaphore(side_by_side)
        self._per_chat, self._overall_rate = per_chat, overall
        self._overall: Bucket | None = None
        self._buckets: dict[int, Bucket] = {}
        self._most_buckets = MOST_BUCKETS
        self._queues: dict[int, deque[_Load]] = {}
        self._under_way: set[int] = set()
        self._known: dict[int, None] = {}  # brought, in that order: who read before that they are owed may say so still
        self._awaited: dict[int, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.refused_token = asyncio.Event()

    def post(self, owed: Owed, *, late: bool = False, came_at: float | None = None) -> None:
        """Takes over what is owed for one update; a second time changes nothing.

        `late`: it was taken from another process, or an earlier one, and comes before what is younger in the chat.
        `came_at` is when the update came, by the event loop's clock, for replies that keep a floor.
        """
        if not owed.replies or owed.chat is None or owed.update_id in self._under_way or owed.update_id in self._known:
            return
        self._under_way.add(owed.update_id)
        load = _Load(owed, late, came_at)
        queue = self._queues.get(owed.chat)
        if queue is not None:
            queue.insert(_position(queue, owed) if late else len(queue), load)
            return
        self._queues[owed.chat] = deque([load])
        task = asyncio.create_task(self._serve(owed.chat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def brought(self, update_id: int, seconds: float) -> None:
        """Waits until nothing is under way for this update, at most so long."""
        if update_id in self._under_way:
            waiting = self._awaited.setdefault(update_id, asyncio.Event())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # `wait_for` can swallow a cancellation (Python 3.11)
                    await waiting.wait()

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

    async def _serve(self, chat: int) -> None:
        queue = self._queues[chat]
        try:
            while queue:
                load = queue[0]
                if load.owed.behind and await self._must_wait(load.owed):
                    await asyncio.sleep(LOOK_AHEAD)
                elif queue[0] is load:  # else something that comes first was put before it
                    queue.popleft()
                    await self._carry(chat, load)
        finally:
            del self._queues[chat]
            for load in queue:  # stopped in the middle: whoever finds them owed may post them again
                self._let_go(load.owed.update_id, is_known=False)

    async def _must_wait(self, owed: Owed) -> bool:
        """Whether another process has to bring something first; what it has left when it was gone is ours now."""
        mine, must_wait = await _patiently(lambda: self._books.ahead(owed))
        for first in mine:
            self.post(first, late=True)
        return must_wait

    async def _carry(self, chat: int, load: _Load) -> None:
        is_ours = True
        try:
            is_ours = await self._bring(chat, load)
        except Exception as error:  # noqa: BLE001  a mistake of ours: the chat goes on
            log.error("update %s: not brought (%s)", load.owed.update_id, type(error).__name__)  # noqa: TRY400
            await _patiently(lambda: self._books.close(Said(load.owed, Fate.REFUSED, None, blocked=False)))
        finally:
            self._let_go(load.owed.update_id, is_known=is_ours)

    def _let_go(self, update_id: int, *, is_known: bool) -> None:
        self._under_way.discard(update_id)
        if is_known:
            self._known[update_id] = None
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        if (waiting := self._awaited.pop(update_id, None)) is not None:
            waiting.set()

    async def _bring(self, chat: int, load: _Load) -> bool:
        """Brings one update's replies; False when another process does, and they may come back."""
        owed, fate, message, blocked = load.owed, Fate.SENT, None, False
        for data in owed.replies:
            reply = Reply.from_json(data)
            if load.late and reply.act is Act.SEND:
                reply = reply.quoting(owed.message)
            await self._keep_floor(reply, load.came_at)
            result = await self._insist(chat, owed, reply)
            if result is None:
                return False
            message = message or result.message
            if result.fate is Fate.REFUSED:
                fate, blocked = Fate.REFUSED, result.blocked
                break
        await _patiently(lambda: self._books.close(Said(owed, fate, message, blocked)))
        return True

    @staticmethod
    async def _keep_floor(reply: Reply, came_at: float | None) -> None:
        if reply.floor and came_at is not None:
            await asyncio.sleep(max(0.0, came_at + reply.floor - asyncio.get_running_loop().time()))

    async def _insist(self, chat: int, owed: Owed, reply: Reply) -> Result | None:
        """Says it until it is said or refused; None when another process brings it now.

        What may have arrived is said again: an answer twice is better than none.
        """
        wait = FIRST_WAIT
        while True:
            answered_by = None
            if reply.act is Act.REPLACE and reply.target is not None:
                answered_by = await _patiently(partial(self._books.reply_to, chat, reply.target))
            await self._pace(chat)
            if reply.linked and not await _patiently(lambda: self._books.is_linked(chat)):
                return Result(Fate.REFUSED)  # it was long owed, and the link ended meanwhile
            if not await _patiently(lambda: self._books.may_bring(owed)):
                log.warning("update %s: another process brings it", owed.update_id)
                return None
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
            self._forget_buckets(now)
            bucket = self._buckets[chat] = Bucket(self._per_chat, BURST, now)
        if (pause := max(bucket.take(now), self._whole(now).take(now))) > 0:
            await asyncio.sleep(pause)

    def _forget_buckets(self, now: float) -> None:
        if len(self._buckets) >= self._most_buckets:
            self._buckets = {chat: bucket for chat, bucket in self._buckets.items() if not bucket.is_full(now)}
            self._most_buckets = max(MOST_BUCKETS, 2 * len(self._buckets))

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


def _position(queue: deque[_Load], owed: Owed) -> int:
    """Before everything in the queue that was handled later."""
    later = (index for index, load in enumerate(queue) if owed.at and load.owed.at and load.owed.at > owed.at)
    return next(later, len(queue))


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Asks the database until it answers: what was said must be struck off, or it would be said again."""
    wait = FIRST_WAIT
    while True:
        try:
            return await ask()
        except DatabaseError as error:
            log.error("replies wait for the database: %s", reason(error))  # noqa: TRY400  no values
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_DATABASE_WAIT)


def is_late(said_at: datetime, now: datetime, seconds: float = 60.0) -> bool:
    """Whether an answer comes so late that it must show what it answers."""
    return (now - said_at).total_seconds() > seconds
