"""Getting updates, and telling Telegram that they have arrived only after their effects are committed.

Telegram keeps an update until the next getUpdates names a higher offset (core.telegram.org/bots/api#getupdates). So a
batch is handled first, people side by side and each person in order, and confirmed by the following call. PTB's own
Updater confirms first and keeps the batch in memory: a crash would lose it. What is handled twice has no effect
twice (`context.settle`).
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from telegram import Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from db import updates
from db.session import Unavailable
from handlers import faults
from handlers.context import Context, Origin
from handlers.incoming import Incoming, plain_text, read
from handlers.request import AiohttpRequest
from handlers.routes import route
from handlers.sending import wanted_pause

log = logging.getLogger(__name__)

ALLOWED = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
POLL_SECONDS = 25
LONGEST_WAIT = 30.0
TIMES_BEFORE_ASIDE = 3
LARGEST_NUMBER = 2**63  # what a column holds is below


class Intake:
    """Takes updates as Telegram sent them, one after the other for each person."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}
        self._outlived: set[int] = set()  # begun carefully, and what failed then was not the program: no attempt more

    async def take(self, raw: dict[str, Any]) -> None:
        """Handles one update. Returns when it is settled; raises only when the database cannot be written."""
        person = _person(raw)
        lock, waiting = self._locks.get(person, (asyncio.Lock(), 0))
        self._locks[person] = (lock, waiting + 1)
        figures = self._context.figures
        figures.came(raw, self._context.desk.clock().timestamp())
        try:
            async with lock:
                await self._handle(raw)
            figures.handled.inc()
        except Exception:
            figures.unsettled.inc()
            raise
        finally:
            lock, waiting = self._locks[person]
            self._locks[person] = (lock, waiting - 1)
            if waiting == 1:
                del self._locks[person]

    async def _handle(self, raw: dict[str, Any]) -> None:
        context = self._context
        try:
            incoming = plain_text(raw, context.desk.rules.staff.chat) or self._read(raw)
            if incoming is not None:
                await route(context, raw["update_id"], incoming)
        except Unavailable:  # no fault of the update: nothing is done, Telegram has it still and sends it again
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the other updates go on
            chat, private = _chat(raw)
            await faults.settle_broken(context, Origin(raw["update_id"], chat, 0), error, private=private)

    def _read(self, raw: dict[str, Any]) -> Incoming | None:
        context = self._context
        update = Update.de_json(raw, context.bot)
        return read(update, context.bot_id, context.bot.username, context.desk.rules.staff.chat)

    async def take_carefully(self, raw: dict[str, Any]) -> None:
        """As `take`, for what may have stopped the program: not for ever. Its attempts are kept until forgotten."""
        context, number = self._context, raw["update_id"]
        is_counted = number not in self._outlived
        if is_counted and await context.work(updates.attempt, context.bot_id, number) > TIMES_BEFORE_ASIDE:
            await self.set_aside(raw)
            return
        try:
            await self.take(raw)
        except Exception:
            self._outlived.add(number)
            raise
        self._outlived.discard(number)

    async def set_aside(self, raw: dict[str, Any]) -> None:
        """Settles an update that stopped the program again and again, unhandled."""
        chat, private = _chat(raw)
        origin = Origin(raw["update_id"], chat, 0)
        await faults.settle_broken(self._context, origin, RuntimeError("set aside"), private=private)


def _person(raw: dict[str, Any]) -> int:
    """Whose order it belongs to: taps and messages of one person together; a private chat's id is the person's."""
    chat, sender = _chat_of(raw), _within(_content(raw), "from")
    return _number(chat.get("id")) or _number(sender.get("id"))


def _chat(raw: dict[str, Any]) -> tuple[int, bool]:
    """The chat to excuse ourselves in, and whether it is a private one."""
    chat = _chat_of(raw)
    return _number(chat.get("id")), chat.get("type") == "private"


def _chat_of(raw: dict[str, Any]) -> dict[str, Any]:
    content = _content(raw)
    return _within(_within(content, "message") or content, "chat")


def _content(raw: dict[str, Any]) -> dict[str, Any]:
    """What an update is about. It may be anything: it was not read yet, and it may be the one that cannot be read."""
    return next((value for value in raw.values() if isinstance(value, dict)), {})


def _within(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < LARGEST_NUMBER else 0


def _why(error: Exception) -> str:
    while isinstance(error, ExceptionGroup):  # of updates that were handled side by side
        error = error.exceptions[0]
    return f"the database: {error}" if isinstance(error, Unavailable) else faults.place_of(error)


class Polling:
    """Asks Telegram for updates until it is stopped."""

    def __init__(self, context: Context, request: AiohttpRequest) -> None:
        self._context = context
        self._request = request
        self.intake = Intake(context)
        self._offset = 0
        self._careful = True  # until the first batch after a start is through
        self._stopping = asyncio.Event()
        self._asking: asyncio.Future[list[dict[str, Any]]] | None = None
        self.last_good_at: float | None = None  # of the event loop's clock

    def stop(self) -> None:
        """Lets `run` return as soon as the batch under way is settled."""
        self._stopping.set()
        if self._asking is not None:
            self._asking.cancel()

    async def run(self) -> None:
        """Returns after `stop`, or cancel it. What is under way is then handled again, here or by another process."""
        self._offset, self._careful = 0, True  # another process may have polled meanwhile
        wait, has_brought = 0.0, False
        while not self._stopping.is_set():
            try:
                if not has_brought:
                    await self._context.take_over()
                    has_brought = True
                batch = await self._next()
                if batch:
                    await self._process(batch)
                    self._offset = max(raw["update_id"] for raw in batch) + 1
                wait = 0.0
            except TelegramError as error:
                wait = self._next_wait(error, wait)
            except Exception as error:  # noqa: BLE001  the loop must not end
                # The database could not be written. Nothing is confirmed; Telegram sends the batch again.
                log.error("a batch could not be settled and is asked for again: %s", _why(error))  # noqa: TRY400
                wait = min(max(1.0, wait * 2), LONGEST_WAIT)
            if wait:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):  # `wait_for` can swallow a cancellation (Python 3.11)
                        await self._stopping.wait()

    async def _next(self) -> list[dict[str, Any]]:
        """The next batch; none when it is time to stop."""
        self._asking = asyncio.ensure_future(self._get())
        try:
            await asyncio.wait([self._asking])
        finally:
            self._asking.cancel()
        return [] if self._asking.cancelled() else self._asking.result()

    async def _get(self) -> list[dict[str, Any]]:
        query = urlencode({"offset": self._offset, "timeout": POLL_SECONDS, "allowed_updates": json.dumps(ALLOWED)})
        url = f"{self._context.bot.base_url}/getUpdates?{query}"
        answer = self._request.parse_json_payload(await self._request.retrieve(url, read_timeout=POLL_SECONDS + 5))
        self.last_good_at = asyncio.get_running_loop().time()
        self._context.figures.token_refused = False
        return [raw for raw in answer["result"] if isinstance(raw.get("update_id"), int)]

    async def _process(self, batch: Sequence[dict[str, Any]]) -> None:
        if self._careful:
            await self._process_carefully(batch)
            self._careful = False
            return
        async with asyncio.TaskGroup() as group:  # created in order, so each person's lock is taken in order
            for raw in batch:
                group.create_task(self.intake.take(raw))

    async def _process_carefully(self, batch: Sequence[dict[str, Any]]) -> None:
        """The first batch after a start may hold what stopped the program: one by one, and not for ever."""
        context = self._context
        for raw in batch:
            await self.intake.take_carefully(raw)
        await context.work(updates.forget_attempts, context.bot_id)

    def _next_wait(self, error: TelegramError, last: float) -> float:
        """How long to wait after an error: not at all after the first broken connection, then longer and longer."""
        if isinstance(error, RetryAfter):
            return wanted_pause(error)
        if isinstance(error, Conflict):
            log.error("another program asks for this bot's updates, or a webhook is set: stop one of them")
            return LONGEST_WAIT / 3
        if isinstance(error, InvalidToken):
            self._context.figures.token_refused = True
            log.error("Telegram does not accept the token; trying again")
            return LONGEST_WAIT / 3
        if last == 0.0 and isinstance(error, NetworkError):
            return 0.05
        log.warning("no connection to Telegram (%s); trying again", type(error.__cause__ or error).__name__)
        return min(max(0.5, last * 2), LONGEST_WAIT)
