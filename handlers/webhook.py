"""Takes updates that Telegram brings, and answers 200 only when their effects are committed.

Telegram repeats whatever gets no 2xx. So what it can never bring differently is answered 200 all the same, and counted;
what we cannot take now is answered 503.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from db import updates
from db.session import Unavailable
from handlers.context import Context
from handlers.faults import place_of
from handlers.updates import LARGEST_NUMBER, Intake

log = logging.getLogger(__name__)

HEADER = "x-telegram-bot-api-secret-token"
LARGEST = 1024 * 1024  # bytes of one update; Telegram's are far below
READ_SECONDS = 10.0
BRING_SECONDS = 5.0  # Telegram waits 60 for the answer and keeps the chat's next update back, and one connection
RETRY_AFTER = "2"  # seconds
CAREFUL_SECONDS = 60.0  # after a crash: Telegram brings what got no answer again within twice the time we were gone
OK, FORBIDDEN, TIMEOUT, NO_JSON, NOT_NOW = 200, 403, 408, 415, 503


class Webhook:
    """One page that Telegram calls.

    `secrets`: those that a caller may name; more than one while the secret changes. `brings`: whether 200 waits a while
    for the reply, because the chat's next update may come to another process, which would have to wait for it.
    """

    def __init__(
        self,
        context: Context,
        intake: Intake,
        path: str,
        secrets: Sequence[str],
        *,
        brings: bool,
        careful: bool = False,
    ) -> None:
        """`careful`: the process before this one was killed, perhaps by an update that comes again now."""
        if not all(secrets) or not secrets:
            raise ValueError("a webhook without a secret takes orders from everybody")
        self._context, self._intake = context, intake
        self._secrets = [secret.encode() for secret in secrets]
        self._brings = brings
        self._careful_until = asyncio.get_running_loop().time() + CAREFUL_SECONDS if careful else 0.0
        self._one_by_one = asyncio.Lock()
        self.last_taken_at: float | None = None  # of the event loop's clock
        self.is_stopping = False
        route = Route(path, self._answer, methods=["POST"], max_body_size=LARGEST)
        self.app = Starlette(routes=[route])

    async def _answer(self, request: Request) -> Response:
        if not self._knows(request.headers.get(HEADER, "")):
            return self._refuse(FORBIDDEN)
        if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != "application/json":
            return self._refuse(NO_JSON)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.body()
        except (TimeoutError, ClientDisconnect):
            return self._refuse(TIMEOUT)
        raw = _update(body)
        if raw is None:
            self._context.figures.malformed.inc()
            log.warning("an update could not be read and is answered as taken")
            return Response(status_code=OK)
        return await self._take(raw)

    async def _take(self, raw: dict[str, Any]) -> Response:
        if self.is_stopping:
            return self._refuse(NOT_NOW)
        try:
            await self._settle(raw)
        except Exception as error:  # noqa: BLE001  whatever it is, Telegram brings the update again
            why = f"the database: {error}" if isinstance(error, Unavailable) else place_of(error)
            log.error("an update could not be settled, Telegram is to bring it again: %s", why)  # noqa: TRY400
            return self._refuse(NOT_NOW)
        if self._brings:
            await self._context.courier.brought(raw["update_id"], BRING_SECONDS)
        self.last_taken_at = asyncio.get_running_loop().time()
        return Response(status_code=OK)

    async def _settle(self, raw: dict[str, Any]) -> None:
        if asyncio.get_running_loop().time() > self._careful_until:
            await self._intake.take(raw)
            return
        async with self._one_by_one:  # so that it is known which one stops the program
            await self._intake.take_carefully(raw)
            await self._context.work(updates.forget_attempts, self._context.bot_id, raw["update_id"])

    def _knows(self, given: str) -> bool:
        """Compares with every secret, each time, and takes as long whatever is given."""
        named = given.encode()
        return any([hmac.compare_digest(named, secret) for secret in self._secrets])  # noqa: C419  not lazily

    def _refuse(self, status: int) -> Response:
        self._context.figures.refused(status)
        return Response(status_code=status, headers={"Retry-After": RETRY_AFTER} if status == NOT_NOW else None)


def _update(body: bytes) -> dict[str, Any] | None:
    """The update as Telegram sent it; None for what is none."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return raw if type(number) is int and 0 <= number < LARGEST_NUMBER else None
