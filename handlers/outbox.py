"""Sends what waits in the outbox: claimed and committed first, then the call, then what became of it is noted.

Answers to members come first: the outbox takes only what they leave of the overall budget, and has few calls side by
side. A delivery is claimed when it can be sent at once, so that a process that is killed leaves few in doubt.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol

from db import chats
from db.deliveries import Due, State, when_queued
from db.session import Session
from handlers.context import Context
from handlers.faults import place_of
from handlers.ledger import Ledger
from handlers.mailing import Mailing
from handlers.pace import Pace
from handlers.reply import Reply
from handlers.sending import Fate, Result, Sender
from services import deliveries
from services.ports import MailPort

log = logging.getLogger(__name__)

PER_SECOND, CHAT_EVERY = 25.0, 1.0  # calls a second in all; seconds between two in one chat
SIDE_BY_SIDE = 6
POLL = 0.5  # seconds between looks; what this process queues for now is seen at once
BREATH = 0.1  # seconds between looks while there is more
NO_BOT_PAUSE = 30.0  # seconds
RESCUE_EVERY, RESCUE_IDLE = 600.0, timedelta(minutes=10)  # no call takes so long
GRACE = 10.0  # seconds that calls under way get in the end


class Says(Protocol):
    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result: ...


def as_written(due: Due) -> Reply:
    """What was written when it was queued."""
    return Reply.from_json(due.reply)


class Outbox:
    """Brings deliveries. `compose` finds the words where they are chosen only now, in `due.language`."""

    def __init__(
        self,
        context: Context,
        mail: MailPort | None = None,
        *,
        compose: Callable[[Due], Reply] = as_written,
        sender: Says | None = None,
    ) -> None:
        self._context, self._compose = context, compose
        self._sender: Says = sender or Sender(context.bot)
        self._ledger = Ledger(context)
        self._mailing = Mailing(self._ledger, mail, context.desk.clock)
        self._pace = Pace(PER_SECOND, CHAT_EVERY, 0.0)
        self._calls: set[asyncio.Task[None]] = set()
        self._mails: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event(), asyncio.Event()  # for chats, for e-mails

    async def run(self) -> None:
        """Never returns by itself; cancel it. Calls under way are then waited for, and nothing new is begun."""
        loop = asyncio.get_running_loop()
        when_queued(self._context.database, lambda: loop.call_soon_threadsafe(self.wake))
        try:
            await self._rescue(timedelta(0))
            async with asyncio.TaskGroup() as group:
                group.create_task(_repeat(self._begin_calls, self._woken[0]))
                group.create_task(_repeat(self._begin_mail, self._woken[1]))
                group.create_task(self._rescue_now_and_then())
        finally:
            when_queued(self._context.database, None)
            await self._finish()

    def wake(self) -> None:
        """Something may be due."""
        for event in self._woken:
            event.set()

    async def _begin_calls(self) -> float:
        now = asyncio.get_running_loop().time()
        room = min(SIDE_BY_SIDE - len(self._calls), self._pace.room(now), self._context.courier.spare())
        if room <= 0:
            return BREATH
        clock, busy = self._context.desk.clock(), self._pace.busy(now)
        claimed = await self._ledger.claim(deliveries.claim, clock, room, busy=busy)
        for due in claimed:
            assert due.chat is not None
            self._pace.begin(due.chat, asyncio.get_running_loop().time())
            self._context.courier.lend()
            _start(self._calls, self._bring(due, due.chat))
        return BREATH if claimed else POLL

    async def _begin_mail(self) -> float:
        return await self._mailing.begin(lambda sending: _start(self._mails, sending))

    async def _rescue(self, idle: timedelta) -> None:
        await self._ledger.note(deliveries.rescue, self._context.desk.clock(), idle=idle)

    async def _rescue_now_and_then(self) -> None:
        """For those whose claim was committed although the database said that it was not."""
        while True:
            await asyncio.sleep(RESCUE_EVERY)
            await self._rescue(RESCUE_IDLE)

    async def _finish(self) -> None:
        under_way = self._calls | self._mails
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)
        for task in under_way:
            task.cancel()  # it may have arrived: the next start finds it in state `sending`
        await asyncio.gather(*under_way, return_exceptions=True)

    # ---- one delivery

    async def _bring(self, due: Due, chat: int) -> None:
        try:
            reply = self._compose(due)
        except Exception as error:  # noqa: BLE001  ours, and it would be the same the next time
            self._broken(due, error)
            await self._ledger.settle(due, State.FAILED)
            return
        try:
            result = await self._sender.say(chat, reply)
        except Exception as error:  # noqa: BLE001  the outbox must go on
            self._broken(due, error)
            result = Result(Fate.UNKNOWN)
        await self._sort(due, chat, result)

    async def _sort(self, due: Due, chat: int, result: Result) -> None:
        now = asyncio.get_running_loop().time()
        match result.fate:
            case Fate.SENT:
                self._pace.recover()
                await self._ledger.settle(due, State.DELIVERED)
            case Fate.REFUSED:
                self._pace.recover()
                blocked = chat if result.blocked else None
                await self._ledger.note(_refused, due, blocked, self._context.desk.clock())
            case Fate.NOT_SENT if result.wait > 0:
                wait = result.wait + random.uniform(0.0, 1.0)  # noqa: S311  spreads, guards nothing
                self._pace.hold_chat(chat, wait, now)
                await self._ledger.put_back(due, wait)
            case Fate.NOT_SENT:
                self._pace.stumble(now)
                await self._ledger.try_later(due)
            case Fate.UNKNOWN:
                await self._ledger.unsure(due)
            case Fate.NO_BOT:
                self._context.courier.refused_token.set()
                self._pace.hold_all(NO_BOT_PAUSE, now)
                await self._ledger.put_back(due, NO_BOT_PAUSE)

    @staticmethod
    def _broken(due: Due, error: Exception) -> None:
        log.error("delivery %s (%s): %s at %s", due.id, due.kind, type(error).__name__, place_of(error))


def _refused(session: Session, due: Due, blocked: int | None, now: datetime) -> None:
    deliveries.settle(session, due.id, State.REFUSED, now)
    if blocked is not None:
        chats.block(session, blocked, now)


def _start(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


async def _repeat(begin: Callable[[], Awaitable[float]], woken: asyncio.Event) -> None:
    """Begins what is due, again and again; `begin` gives the seconds until the next look."""
    trouble = 0.0
    while True:
        woken.clear()
        try:
            pause, trouble = await begin(), 0.0
        except Exception as error:  # noqa: BLE001  the loop must not end
            log.error("the outbox cannot be read: %s at %s", type(error).__name__, place_of(error))  # noqa: TRY400
            pause = trouble = min(max(1.0, trouble * 2), 30.0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), pause)
