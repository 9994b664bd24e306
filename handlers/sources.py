"""Where updates come from: they are asked for, or they are brought. Both begin, run and end in the same way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from telegram import WebhookInfo

from handlers.context import Context
from handlers.registration import Patience, Registration, withdraw
from handlers.server import Server
from handlers.updates import Polling
from handlers.webhook import Webhook

RENEW_EVERY = 60.0  # seconds between looks whether the certificate was renewed
WhileLeading = Callable[[Callable[[], Coroutine[Any, Any, None]]], Coroutine[Any, Any, None]]


class Source(Protocol):
    """Updates, from wherever."""

    @property
    def heard_at(self) -> float | None:
        """When Telegram was last heard of, or began to be asked, by the event loop's clock."""

    @property
    def info(self) -> WebhookInfo | None:
        """What Telegram last said of the webhook; None where there is none."""

    async def begin(self, patience: Patience) -> None:
        """Makes Telegram send updates; while `run` runs. Raises `registration.NotAccepted`."""

    async def run(self) -> None:
        """Takes updates. Returns after `stop`, when those under way are settled; cancel it to wait no longer."""

    def stop(self) -> None:
        """No new update is taken."""


class Asked:
    """The leader asks Telegram for updates."""

    info = None

    def __init__(self, context: Context, polling: Polling, while_leading: WhileLeading) -> None:
        self._context, self._polling, self._while_leading = context, polling, while_leading
        self._begun_at: float | None = None

    @property
    def heard_at(self) -> float | None:
        return _latest(self._begun_at, self._polling.last_good_at)

    async def begin(self, patience: Patience) -> None:
        """Nothing: the first question does."""

    async def run(self) -> None:
        await self._while_leading(self._poll)

    def stop(self) -> None:
        self._polling.stop()

    async def _poll(self) -> None:
        self._begun_at = asyncio.get_running_loop().time()
        await withdraw(self._context)
        await self._polling.run()


class Brought:
    """Telegram brings updates to any process."""

    def __init__(self, registration: Registration, webhook: Webhook, server: Server) -> None:
        self._registration, self._webhook, self._server = registration, webhook, server

    @property
    def heard_at(self) -> float | None:
        return _latest(self._registration.last_good_at, self._webhook.last_taken_at)

    @property
    def info(self) -> WebhookInfo | None:
        return self._registration.info

    async def begin(self, patience: Patience) -> None:
        await self._registration.register(patience)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:  # what breaks beside the server ends it, too
            beside = [group.create_task(work) for work in (self._registration.run(), self._renew())]
            await self._server.run_until_stopped()
            for task in beside:
                task.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            self._server.renew()

    def stop(self) -> None:
        self._webhook.is_stopping = True
        self._server.stop()


def _latest(*times: float | None) -> float | None:
    return max((at for at in times if at is not None), default=None)
