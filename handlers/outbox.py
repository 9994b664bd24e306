"""Sends what waits in the outbox: claimed and committed first, then the call, then what became of it.

Answers to members come first: the outbox takes only what they leave of the overall budget, and has few calls side by
side. A delivery is claimed when it can be sent at once, so that a process that is killed leaves few in doubt.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from db import chats
from db.deliveries import when_queued
from db.session import DatabaseError, Session
from handlers.context import Context
from handlers.faults import place_of
from handlers.pace import Pace
from handlers.reply import Reply
from handlers.sending import Fate, Result, Sender
from services import deliveries
from services.deliveries import Due, State
from services.ports import Mail, MailFate, MailPort

log = logging.getLogger(__name__)

T = TypeVar("T")

PER_SECOND, CHAT_EVERY = 25.0, 1.0  # calls a second in all; seconds between two in one chat
SIDE_BY_SIDE = 6
POLL = 0.5  # seconds between looks; what is queued by this process for now is seen at once
BREATH = 0.04  # seconds until the next look while there is more
NO_BOT_PAUSE = 30.0
MAIL_PAUSES = (5.0, 300.0)  # seconds while the mail server cannot be used: at first, at most
RESCUE_EVERY, RESCUE_IDLE = 600.0, timedelta(minutes=10)  # no call takes so long
GRACE = 10.0  # seconds that calls under way get at the end

Note = Callable[[Session, datetime], object]
Compose = Callable[[Due], Reply]


class Says(Protocol):
    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result: ...


def as_written(due: Due) -> Reply:
    """A delivery whose `reply` was written when it was queued."""
    return Reply.from_json(due.reply)


class Outbox:
    """Brings deliveries. `compose` writes those whose words are chosen when they are sent, in `due.language`."""

    def __init__(
        self,
        context: Context,
        mail: MailPort | None = None,
        *,
        compose: Compose = as_written,
        sender: Says | None = None,
        per_second: float = PER_SECOND,
        chat_every: float = CHAT_EVERY,
    ) -> None:
        self._context, self._mail, self._compose = context, mail, compose
        self._sender: Says = sender or Sender(context.bot)
        self._rates = per_second, chat_every
        self._calls: set[asyncio.Task[None]] = set()
        self._mails: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event(), asyncio.Event()  # of the chats' loop and of the mails'

    async def run(self) -> None:
        """Never returns by itself; cancel it. Calls under way are then waited for, and nothing new is begun."""
        loop = asyncio.get_running_loop()
        self._pace = Pace(*self._rates, loop.time())
        when_queued(self._context.database, lambda: loop.call_soon_threadsafe(self.wake))
        try:
            await self._insist(self._rescue)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._repeat(self._begin_calls, self._woken[0]))
                group.create_task(self._repeat(self._begin_mail, self._woken[1]))
                group.create_task(self._rescue_now_and_then())
        finally:
            when_queued(self._context.database, None)
            await self._finish()

    def wake(self) -> None:
        """Something may be due."""
        for event in self._woken:
            event.set()

    # ---- loops

    async def _repeat(self, begin: Callable[[], Awaitable[float]], woken: asyncio.Event) -> None:
        """Begins what is due, again and again; `begin` gives the seconds until it wants to look again."""
        trouble = 0.0
        while True:
            woken.clear()
            try:
                pause, trouble = await begin(), 0.0
            except Exception as error:  # noqa: BLE001  the loop must not end
                log.error("the outbox cannot be read: %s at %s", type(error).__name__, place_of(error))  # noqa: TRY400
                pause = trouble = min(max(1.0, trouble * 2), 30.0)
            if pause >= POLL and not trouble:
                await _wait(woken, pause)
            else:
                await asyncio.sleep(pause)

    async def _begin_calls(self) -> float:
        now = asyncio.get_running_loop().time()
        room = min(SIDE_BY_SIDE - len(self._calls), self._pace.room(now), self._context.courier.spare())
        if room <= 0:
            return BREATH
        claimed = await self._claim(deliveries.claim, self._context.desk.clock(), room, busy=self._pace.busy(now))
        for due in claimed:
            assert due.chat is not None
            self._pace.begin(due.chat, now)
            self._context.courier.lend()
            self._start(self._calls, self._deliver(due, due.chat))
        return BREATH if claimed else POLL

    async def _begin_mail(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._mails or now < self._no_mail_before:
            return BREATH
        ...
