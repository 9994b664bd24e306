"""Delivery of updates to a webhook on this computer, as Telegram delivers them.

One update at a time per lane (the chat, or the person for taps), lanes side by side up to max_connections; what fails
is tried again at once, then after 2, 4 … 60 seconds or the answer's Retry-After (tdlib/telegram-bot-api, WebhookActor).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from messenger.store import Json, Store
from messenger.updates import Updates

_LONGEST_PAUSE: Final = 60.0  # seconds between two attempts
_PATIENCE: Final = 60.0  # seconds until an answer must have come
_FIRST_PAUSE: Final = 2.0

Answered = Callable[[Json], Awaitable[None]]


class Webhook:
    """`settings` lies in the folder, so that delivery goes on after a restart."""

    def __init__(self, store: Store, updates: Updates, clock: Callable[[], float]) -> None:
        self._store = store
        self._updates = updates
        self._clock = clock
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._client: aiohttp.ClientSession | None = None
        self.answered: Answered | None = None
        self.settings: Json | None = store.fact("webhook")
        updates.arrived = self.kick

    def start(self) -> None:
        """Begins to deliver; called inside the event loop."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE), trust_env=False)
        self.kick()

    async def stop(self) -> None:
        await self._halt()
        if self._client:
            await self._client.close()
            self._client = None

    async def set(self, settings: Json | None) -> None:
        """Takes another address, or none; deliveries under way are given up and begin again."""
        await self._halt()
        self.settings = settings
        self._store.set_fact("webhook", settings)
        self.kick()

    async def _halt(self) -> None:
        tasks, self._lanes = list(self._lanes.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def kick(self) -> None:
        """Looks for lanes with something to deliver."""
        if not self.settings or not self._client:
            return
        for lane in self._updates.lanes():
            if len(self._lanes) >= int(self.settings.get("max_connections", 40)):
                return
            if lane not in self._lanes:
                self._lanes[lane] = asyncio.get_running_loop().create_task(self._work(lane))

    async def _work(self, lane: str) -> None:
        pause = 0.0
        while found := self._updates.first(lane):
            number, body = found
            wait = await self._deliver(body)
            if wait is None:
                self._updates.delivered(number)
                pause = 0.0
                continue
            await asyncio.sleep(wait or pause)
            pause = min(_LONGEST_PAUSE, pause * 2 or _FIRST_PAUSE)
        self._lanes.pop(lane, None)
        self.kick()

    async def _deliver(self, body: str) -> float | None:
        """Returns None when it arrived, else the seconds that the receiver asks to wait (0: it says nothing)."""
        assert self._client
        assert self.settings
        headers = {"Content-Type": "application/json"}
        if self.settings.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.settings["secret_token"]
        try:
            call = self._client.post(self.settings["url"], data=body.encode(), headers=headers, allow_redirects=False)
            async with call as response:
                if response.status // 100 == 2:  # noqa: PLR2004
                    await self._answer(await response.text())
                    return None
                self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                asked = response.headers.get("Retry-After", "0")
                return min(3600.0, float(asked)) if asked.isdigit() else 0.0
        except TimeoutError:
            self._failed("Read timeout expired")
        except aiohttp.ClientConnectorError:
            self._failed("Connection refused")
        except aiohttp.ClientError:
            self._failed("Connection closed unexpectedly")
        return 0.0

    async def _answer(self, text: str) -> None:
        """A call in the webhook's answer is executed; nobody sees its result (bots/api, "Making requests when …")."""
        try:
            call = json.loads(text) if text.strip().startswith("{") else None
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str) and self.answered:
            await self.answered(call)

    def _failed(self, reason: str) -> None:
        self._store.set_fact("webhook_error", {"date": int(self._clock()), "message": reason})
