"""The webhook at Telegram: set at the start and looked after, or taken away where updates are asked for.

Updates that wait at Telegram are never dropped.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from telegram import WebhookInfo
from telegram.error import BadRequest, InvalidToken, TelegramError

from config.serving import Serving
from handlers.context import Context
from handlers.updates import ALLOWED

log = logging.getLogger(__name__)

CHECK_EVERY = 60.0  # seconds
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
TRY_SECONDS = 90.0  # one try to set the webhook, and the pause before the next
Patience = Callable[[float], None]


class NotAccepted(Exception):  # noqa: N818  a reason, told to the operator
    """Telegram does not take the webhook; the text is Telegram's."""


class Registration:
    """The bot's webhook at Telegram. `secret` is what Telegram is to name, `certificate` what it is to trust."""

    def __init__(self, context: Context, serving: Serving, secret: SecretStr, certificate: Path | None) -> None:
        self._context, self._serving, self._secret = context, serving, secret
        self._certificate = certificate
        self.last_good_at: float | None = None  # of the event loop's clock: Telegram was asked, and all is as it should
        self.info: WebhookInfo | None = None
        self._reported: datetime | None = None

    async def register(self, patience: Patience = lambda _: None) -> None:
        """Sets the webhook and looks whether it is set; waits for Telegram. Raises NotAccepted.

        `patience` hears how many seconds it may take again.
        """
        wait = FIRST_WAIT
        while True:
            patience(TRY_SECONDS)
            try:
                await self._set()
                await self._look()
            except BadRequest as error:
                raise NotAccepted(error.message) from error
            except TelegramError as error:
                self._note(error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                return

    async def run(self) -> None:
        """Looks again and again, and sets the webhook anew when somebody changed it. Cancel it to end."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            try:
                if not await self._look():
                    log.error("the webhook was changed by somebody else and is set again: is another program running?")
                    await self._set()
            except TelegramError as error:
                self._note(error)

    async def _set(self) -> None:
        await self._context.bot.set_webhook(
            self._serving.address,
            certificate=self._certificate,
            max_connections=self._serving.connections,
            allowed_updates=ALLOWED,
            secret_token=self._secret.get_secret_value(),
        )

    async def _look(self) -> bool:
        """Whether the webhook is ours; what Telegram complains of is logged, once."""
        self.info = info = await self._context.bot.get_webhook_info()
        self._context.figures.token_refused = False
        if info.url != self._serving.address:
            return False
        self.last_good_at = asyncio.get_running_loop().time()
        if info.last_error_date and info.last_error_date != self._reported:
            self._reported = info.last_error_date
            log.warning("Telegram could not bring an update: %s (%s wait)", info.last_error_message, waiting(info))
        return True

    def _note(self, error: TelegramError) -> None:
        self._context.figures.token_refused = isinstance(error, InvalidToken)
        log.warning("the webhook could not be looked after (%s)", type(error.__cause__ or error).__name__)


def waiting(info: WebhookInfo) -> int:
    """How many updates wait at Telegram."""
    return info.pending_update_count


async def withdraw(context: Context) -> None:
    """Takes a webhook away, so that updates can be asked for. What goes wrong is left to the polling to notice."""
    try:
        if (await context.bot.get_webhook_info()).url:
            log.warning("a webhook was set and is taken away: this program asks for updates")
            await context.bot.delete_webhook(drop_pending_updates=False)
    except TelegramError as error:
        log.warning("whether a webhook is set is not known (%s)", type(error.__cause__ or error).__name__)
