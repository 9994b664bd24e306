"""Sends what waits in the outbox: claimed and committed first, then the call, then what became of it is noted.

Answers to members come first: the outbox takes only what they leave of the overall budget, and has few calls side by
side. A delivery is claimed when it can be sent at once, so that a process that is killed leaves few in doubt. Of
several processes only the one that leads does this; what another has claimed before is left to it as long as it lives.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from db.deliveries import Due, State, when_queued
from db.session import DatabaseError, reason
from handlers.context import Context
from handlers.faults import place_of
from handlers.figures import DELIVERY, Counted
from handlers.ledger import Ledger
from handlers.mailing import Mailing
from handlers.pace import Pace
from handlers.reply import Reply
from handlers.sending import Fate, Obstacle, Result, Says, Sender
from services import aftermath, deliveries
from services.deliveries import Kind
from services.ports import MailPort

log = logging.getLogger(__name__)

PER_SECOND, CHAT_EVERY = 25.0, 1.0  # calls a second in all; seconds between two in one chat
SIDE_BY_SIDE = 6
POLL = 0.5  # seconds between looks; what this process queues for now is seen at once
BREATH = 0.1  # seconds between looks while there is more
NO_BOT_PAUSE = 30.0  # seconds
RESCUE_EVERY = 60.0  # seconds
GRACE = 10.0  # seconds that calls under way get in the end


def as_written(due: Due) -> Reply:
    """What was written when it was queued."""
    return Reply.from_json(due.reply)


Carry = Callable[[Due, Says], Awaitable[Result]]
"""How a kind travels that needs more than one call."""


class Outbox:
    """Brings deliveries. `compose` finds the words where they are chosen only now, in `due.language`.

    Kinds among `carriers` are carried by these.
    """

    def __init__(
        self,
        context: Context,
        mail: MailPort | None = None,
        *,
        compose: Callable[[Due], Reply] = as_written,
        carriers: Mapping[Kind, Carry] | None = None,
        sender: Says | None = None,
    ) -> None:
        self._context, self._compose, self._carriers = context, compose, carriers or {}
        self._sender: Says = Counted(sender or Sender(context.bot), context.figures, DELIVERY)
        self._process = context.presence.process
        self._ledger = Ledger(context)
        self._mailing = Mailing(self._ledger, mail, context.desk.clock, self._process)
        self._pace = Pace(PER_SECOND, CHAT_EVERY, 0.0)
        self._under_way: set[int] = set()  # chats: the next one waits, so that each is told things in order
        self._calls: set[asyncio.Task[None]] = set()
        self._mails: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event(), asyncio.Event()  # for chats, for e-mails

    async def run(self) -> None:
        """Never returns by itself; cancel it. Calls under way are then waited for, and nothing new is begun."""
        loop = asyncio.get_running_loop()
        when_queued(self._context.database, lambda: loop.call_soon_threadsafe(self.wake))
        try:
            await self._rescue()
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
        clock, busy = self._context.desk.clock(), [*self._pace.busy(now), *self._under_way]
        claimed = await self._ledger.claim(deliveries.claim, clock, room, busy=busy, carrier=self._process)
        for due in claimed:
            assert due.chat is not None
            self._pace.begin(due.chat, asyncio.get_running_loop().time())
            self._context.courier.lend()
            self._under_way.add(due.chat)
            bringing = _start(self._calls, self._bring(due, due.chat))
            bringing.add_done_callback(partial(self._brought, due.chat))
        return BREATH if claimed else POLL

    def _brought(self, chat: int, _: asyncio.Task[None]) -> None:
        self._under_way.discard(chat)

    async def _begin_mail(self) -> float:
        return await self._mailing.begin(lambda sending: _start(self._mails, sending))

    async def _rescue(self) -> None:
        desk = self._context.desk
        await self._ledger.note(aftermath.rescue, desk, desk.clock(), carrier=self._process)

    async def _rescue_now_and_then(self) -> None:
        """For those whose claim was committed although the database said that it was not, and whose process died."""
        while True:
            await asyncio.sleep(RESCUE_EVERY)
            await self._rescue()

    async def _finish(self) -> None:
        under_way = self._calls | self._mails
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)
        for task in under_way:
            task.cancel()  # it may have arrived: the next start finds it in state `sending`
        await asyncio.gather(*under_way, return_exceptions=True)

    # ---- one delivery

    async def _bring(self, due: Due, chat: int) -> None:
        if (carry := self._carriers.get(Kind(due.kind))) is not None:
            await self._carry(due, chat, carry)
            return
        try:
            reply = self._compose(due)
        except Exception as error:  # noqa: BLE001  ours, and it would be the same the next time
            self._broken(due, error)
            await self._close(due, State.FAILED)
            return
        try:
            result = await self._sender.say(chat, reply)
            if reply.thread and result.obstacle in (Obstacle.NO_TOPIC, Obstacle.CLOSED_TOPIC):
                result = await self._sender.say(chat, reply.in_thread(None))  # rather there than nowhere
        except Exception as error:  # noqa: BLE001  the outbox must go on
            self._broken(due, error)
            result = Result(Fate.UNKNOWN)
        await self._sort(due, chat, result)

    async def _carry(self, due: Due, chat: int, carry: Carry) -> None:
        try:
            result = await carry(due, self._sender)
        except Exception as error:  # noqa: BLE001  the outbox must go on
            self._broken(due, error)
            result = Result(Fate.UNKNOWN)
        if chat < 0:
            self._pace.said_in_group(chat, result.said - 1, asyncio.get_running_loop().time())
        await self._sort(due, chat, result)

    async def _sort(self, due: Due, chat: int, result: Result) -> None:
        now = asyncio.get_running_loop().time()
        match result.fate:
            case Fate.SENT:
                self._pace.recover()
                await self._close(due, State.DELIVERED, message=result.message)
            case Fate.REFUSED:
                self._pace.recover()
                await self._close(due, State.REFUSED, blocked=result.blocked)
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

    async def _close(self, due: Due, state: State, *, message: int | None = None, blocked: bool = False) -> None:
        desk = self._context.desk
        await self._ledger.note(aftermath.closed, desk, due, state, desk.clock(), message=message, blocked=blocked)

    @staticmethod
    def _broken(due: Due, error: Exception) -> None:
        log.error("delivery %s (%s): %s at %s", due.id, due.kind, type(error).__name__, place_of(error))


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
            why = reason(error) if isinstance(error, DatabaseError) else f"{type(error).__name__} at {place_of(error)}"
            log.error("the outbox cannot be read: %s", why)  # noqa: TRY400  no member's data
            pause = trouble = min(max(1.0, trouble * 2), 30.0)
        # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes at the moment of the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await woken.wait()
