"""E-mails of the outbox: one after the other, so that a slow mail server delays nothing but e-mails."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from db.deliveries import Due, State
from handlers.faults import place_of
from handlers.ledger import Ledger
from services import deliveries
from services.clock import Clock
from services.ports import Mail, MailFate, MailPort

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between looks
PAUSES = 5.0, 300.0  # seconds while the mail server cannot be used: at first, at most


class Mailing:
    """Sends e-mails through the port; without one, those that are due are cancelled."""

    def __init__(self, ledger: Ledger, port: MailPort | None, clock: Clock, carrier: str) -> None:
        self._ledger, self._port, self._clock, self._carrier = ledger, port, clock, carrier
        self._pause = 0.0

    async def begin(self, start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> float:
        """Sends the oldest e-mail that is due; the seconds until the next look."""
        claimed = await self._ledger.claim(deliveries.claim_mail, self._clock(), carrier=self._carrier)
        for one in claimed:
            await asyncio.shield(start(self._send(one.due, one.mail)))  # once begun it is finished
        return self._pause or (0.0 if claimed else POLL)

    async def _send(self, due: Due, mail: Mail) -> None:
        if self._port is None:
            await self._ledger.settle(due, State.CANCELLED)
            return
        try:
            fate = await self._port.send(mail)
        except Exception as error:  # noqa: BLE001  the outbox must go on
            log.error("mail %s: %s at %s", due.id, type(error).__name__, place_of(error))  # noqa: TRY400  no address
            fate = MailFate.UNKNOWN
        self._pause = 0.0 if fate is not MailFate.NO_SERVER else min(max(PAUSES[0], self._pause * 2), PAUSES[1])
        await self._sort(due, fate)

    async def _sort(self, due: Due, fate: MailFate) -> None:
        match fate:
            case MailFate.ACCEPTED:
                await self._ledger.settle(due, State.DELIVERED)
            case MailFate.REFUSED:
                await self._ledger.settle(due, State.REFUSED)
            case MailFate.NOT_SENT:
                await self._ledger.try_later(due)
            case MailFate.NO_SERVER:
                await self._ledger.put_back(due, self._pause)
            case MailFate.UNKNOWN:
                await self._ledger.unsure(due)
