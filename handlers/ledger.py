"""What the outbox notes in the database: nothing claimed is lost, nothing that happened stays unnoted."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from db.deliveries import Due, State
from db.session import DatabaseError, Session, reason
from handlers.context import Context
from handlers.faults import place_of
from services import aftermath, deliveries

log = logging.getLogger(__name__)

P = ParamSpec("P")


class Claimed(Protocol):
    @property
    def id(self) -> int: ...


C = TypeVar("C", bound=Claimed)

FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0  # seconds between tries while the database cannot be written


class Ledger:
    """Claims deliveries and notes what became of them; each is one transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def claim(
        self, use_case: Callable[Concatenate[Session, P], list[C]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[C]:
        """What the use case claims. When we are stopped meanwhile it is put back: surely none of it was sent."""
        claiming = asyncio.ensure_future(self._context.work(use_case, *args, **kwargs))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            with contextlib.suppress(DatabaseError):
                for claimed in await claiming:
                    await self.put_back(claimed)
            raise

    async def put_back(self, claimed: Claimed, seconds: float = 0.0) -> None:
        """It was not sent, and that was no attempt: Telegram, the mail server or we ourselves wanted to wait."""
        later = self._context.desk.clock() + timedelta(seconds=seconds)
        await self.note(deliveries.retry, claimed.id, later, counts=False)

    async def try_later(self, due: Due) -> None:
        """It was an attempt, and it was surely not sent."""
        now = self._context.desk.clock()
        later = deliveries.next_try(due, now)
        if later is None:
            log.warning("delivery %s (%s): given up after %s attempts", due.id, due.kind, due.attempts)
            await self.note(aftermath.closed, self._context.desk, due, State.FAILED, now)
        else:
            await self.note(deliveries.retry, due.id, later)

    async def settle(self, due: Due, state: State) -> None:
        await self.note(deliveries.settle, due.id, state, self._context.desk.clock())

    async def unsure(self, due: Due) -> None:
        desk = self._context.desk
        await self.note(aftermath.unsure, desk, due, desk.clock())

    async def note(
        self, use_case: Callable[Concatenate[Session, P], Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Runs the use case until the database takes it. A mistake of ours is logged and not tried again."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._context.work(use_case, *args, **kwargs)
            except DatabaseError as error:
                log.error("the outbox cannot be written: %s", reason(error))  # noqa: TRY400  no member's data
            except Exception as error:  # noqa: BLE001  the outbox must go on
                log.error("the outbox: %s at %s", type(error).__name__, place_of(error))  # noqa: TRY400
                return
            else:
                return
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
