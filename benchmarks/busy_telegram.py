"""As much of Telegram as a bot needs that answers questions, with as many people as wanted who ask them.

It has a process of its own, and speaks HTTP without a library: it must be faster than every bot that it measures. Times
are taken where they count: when a question is handed to the bot, and when its answer arrives here.
"""

import asyncio
import json
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote_plus

FIRST_PERSON = 700_000_000
BATCH = 100  # updates that one getUpdates gets (core.telegram.org/bots/api#getupdates)
CONNECTIONS = 40  # of a webhook, unless it is told otherwise (core.telegram.org/bots/api#setwebhook)
GATHERING = 0.001  # seconds that an update waits for others before a long poll is answered
POLL_SECONDS = 10.0
AGAIN = 0.05  # seconds until an update is brought again that was not taken
# A form, or JSON as PTB writes it.
_CHAT = re.compile(rb'\bchat_id(?:=|": ")(-?\d+)')
_OFFSET = re.compile(rb"\boffset=(\d+)")
_URL, _SECRET = (re.compile(rb'\b%b(?:=|": ")([^&"]+)' % name) for name in (b"url", b"secret_token"))
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ME = {"id": 1000000001, "is_bot": True, "first_name": "Auskunft", "username": "measured_bot"}


@dataclass(slots=True)
class Asked:
    """A question on its way: seconds of the monotonic clock."""

    update_id: int
    chat: int
    body: bytes
    asked_at: float
    handed_at: float = 0.0


@dataclass
class Telegram:
    """The Bot API for one bot. `distance` is how many seconds a call takes there and back."""

    questions: Sequence[str]
    distance: float = 0.0
    on_answer: Callable[[int, float], None] | None = None  # the chat, and when
    answers: list[tuple[float, float, float]] = field(default_factory=list)  # asked, handed, arrived
    open: dict[int, Asked] = field(default_factory=dict)  # by chat
    spoken: int = 0  # messages that answer nothing
    refused: int = 0  # deliveries that were not taken

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._texts = _shuffled(self.questions)
        self._waiting: deque[Asked] = deque()
        self._poll: tuple[asyncio.Transport, asyncio.TimerHandle] | None = None
        self._is_gathering = False
        self.webhook: tuple[str, str] | None = None  # its address, and the secret that is named there
        self._is_registered, self.all_answered = asyncio.Event(), asyncio.Event()
        self.carriers: deque[Carrier] = deque()  # that have nothing to carry
        self._busy: dict[int, deque[Asked]] = {}  # chats with an update on its way → those that come next

    # ---- people

    def ask(self, person: int) -> None:
        """A person asks the next question."""
        number, chat, now = next(self._numbers), FIRST_PERSON + person, time.monotonic()
        text, language = next(self._texts), "de"
        who = {"id": chat, "is_bot": False, "first_name": "Aylin", "language_code": language}
        where = {"id": chat, "type": "private", "first_name": "Aylin"}
        message = {"message_id": number, "date": int(time.time()), "chat": where, "from": who, "text": text}
        body = json.dumps({"update_id": number, "message": message}).encode()
        asked = self.open[chat] = Asked(number, chat, body, now)
        self.all_answered.clear()
        if self.webhook is not None and (behind := self._busy.get(chat)) is not None:
            behind.append(asked)
            return
        if self.webhook is not None:
            self._busy[chat] = deque()
        self._waiting.append(asked)
        self.hand_out()

    async def registered(self) -> tuple[str, str]:
        """Address and secret of the webhook, once it is set."""
        await self._is_registered.wait()
        assert self.webhook is not None
        return self.webhook

    def hand_out(self) -> None:
        """Gives what waits to whoever can take it."""
        if self.webhook is not None:
            while self._waiting and self.carriers:
                self.carriers.popleft().carry(self._waiting.popleft())
        elif self._poll is not None and not self._is_gathering:
            self._is_gathering = True
            asyncio.get_running_loop().call_later(GATHERING, self._answer_poll)

    def carried(self, carrier: "Carrier", asked: Asked, *, taken: bool) -> None:
        """A webhook took an update, or did not."""
        loop = asyncio.get_running_loop()
        loop.call_later(self.distance, self._is_free, carrier)
        if not taken:
            self.refused += 1
            loop.call_later(AGAIN, self._wait_again, asked)
            return
        if behind := self._busy[asked.chat]:
            self._waiting.append(behind.popleft())
        else:
            del self._busy[asked.chat]

    def _is_free(self, carrier: "Carrier") -> None:
        self.carriers.append(carrier)
        self.hand_out()

    def _wait_again(self, asked: Asked) -> None:
        self._waiting.append(asked)
        self.hand_out()

    # ---- the bot

    def call(self, transport: asyncio.Transport, method: bytes, parameters: bytes) -> None:
        """Answers one call of the bot."""
        match method:
            case b"sendMessage":
                self._said(int(_found(_CHAT, parameters)), time.monotonic())
                chat = {"id": int(_found(_CHAT, parameters)), "type": "private"}
                result: Any = {"message_id": next(self._numbers), "date": int(time.time()), "chat": chat, "text": "…"}
            case b"getUpdates":
                self._polled(transport, int(_found(_OFFSET, parameters) or 0))
                return
            case b"getMe":
                result = ME
            case b"setWebhook":
                self.webhook = (_unquoted(_found(_URL, parameters)), _found(_SECRET, parameters).decode())
                self._is_registered.set()
                result = True
            case b"getWebhookInfo":
                url = self.webhook[0] if self.webhook else ""
                result = {"url": url, "has_custom_certificate": False, "pending_update_count": 0}
            case b"getMyName" | b"getMyDescription" | b"getMyShortDescription":
                result = {"name": "?", "description": "?", "short_description": "?"}
            case _:
                result = True
        answer = _answer({"ok": True, "result": result})
        if self.distance:
            asyncio.get_running_loop().call_later(self.distance, _write, transport, answer)
        else:
            _write(transport, answer)

    def _said(self, chat: int, now: float) -> None:
        asked = self.open.pop(chat, None)
        if asked is None:
            self.spoken += 1
            return
        self.answers.append((asked.asked_at, asked.handed_at, now))
        if self.on_answer is not None:
            self.on_answer(chat - FIRST_PERSON, now)
        if not self.open:
            self.all_answered.set()

    def _polled(self, transport: asyncio.Transport, offset: int) -> None:
        """Keeps a getUpdates until there is something to say; what is below its offset is done."""
        while self._waiting and self._waiting[0].update_id < offset:
            self._waiting.popleft()
        loop = asyncio.get_running_loop()
        if self._poll is not None:
            self._poll[1].cancel()
        self._poll = None

        def ready() -> None:
            self._poll = (transport, loop.call_later(POLL_SECONDS, self._answer_poll))
            if self._waiting:
                self.hand_out()

        loop.call_later(self.distance, ready)

    def _answer_poll(self) -> None:
        self._is_gathering = False
        if self._poll is None:
            return
        (transport, timer), self._poll = self._poll, None
        timer.cancel()
        batch, now = [self._waiting[index] for index in range(min(BATCH, len(self._waiting)))], time.monotonic()
        for asked in batch:
            asked.handed_at = asked.handed_at or now
        _write(transport, _with_length(b'{"ok":true,"result":[' + b",".join(asked.body for asked in batch) + b"]}"))


class Calls(asyncio.Protocol):
    """One connection of the bot: one call after the other."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram, self._heard = telegram, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = int(_found(_LENGTH, head) or 0)
        if not end or len(body) < length:
            return
        self._heard = body[length:]
        path, _, query = head.split(b" ", 2)[1].partition(b"?")
        self._telegram.call(self._transport, path.rpartition(b"/")[2], query or body[:length])


class Carrier(asyncio.Protocol):
    """One connection to a webhook: one update after the other."""

    def __init__(self, telegram: Telegram, path: str, secret: str) -> None:
        self._telegram, self._heard = telegram, b""
        self._asked: Asked | None = None
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._head = f"{head}X-Telegram-Bot-Api-Secret-Token: {secret}\r\n".encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def close(self) -> None:
        self._transport.close()

    def carry(self, asked: Asked) -> None:
        self._asked, asked.handed_at = asked, asked.handed_at or time.monotonic()
        self._transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (self._head, len(asked.body), asked.body))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < int(_found(_LENGTH, head) or 0):
            return
        asked, self._heard, self._asked = self._asked, b"", None
        if asked is not None:
            self._telegram.carried(self, asked, taken=head.split(b" ", 2)[1] == b"200")


def _shuffled(texts: Sequence[str]) -> Iterator[str]:
    """All texts again and again, each time in another order, always the same ones."""
    dice, order = random.Random(5), list(texts)
    while True:
        dice.shuffle(order)
        yield from order


def _found(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found[1] if found else b""


def _unquoted(url: bytes) -> str:
    return unquote_plus(url.decode())


def _answer(content: dict[str, Any]) -> bytes:
    return _with_length(json.dumps(content).encode())


def _with_length(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def _write(transport: asyncio.Transport, answer: bytes) -> None:
    if not transport.is_closing():
        transport.write(answer)
