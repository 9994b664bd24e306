"""`FakeTelegram` behind a real socket, for programs in processes of their own; trouble happens in the network, too.

It keeps every call that was executed, and every update until a later offset confirms it.
"""

import asyncio
import contextlib
import json
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from tests.support.telegram import FakeTelegram

LONGEST_POLL = 2.0  # seconds; Telegram allows 50


class Trouble(StrEnum):
    """What happens to a call. `executed` says whether Telegram did it all the same."""

    REFUSED = "refused"  # an HTTP status: 429, 500, 502; not executed
    RESET = "reset"  # the connection breaks before it is executed
    HANGS = "hangs"  # no answer ever; not executed
    LOST = "lost"  # executed, and the connection breaks before the answer
    HALF = "half"  # executed, half of the answer comes, and then the connection is closed
    GARBAGE = "garbage"  # executed, and the answer is not JSON

    @property
    def executed(self):
        return self in (Trouble.LOST, Trouble.HALF, Trouble.GARBAGE)


@dataclass(frozen=True)
class Hit:
    """One call's trouble."""

    trouble: Trouble
    status: int = 502
    retry_after: int | None = None


class BotApi(FakeTelegram):
    """`run` gives the address for TELEGRAM_BASE_URL."""

    def __init__(self):
        super().__init__()
        self.queue = []  # updates that are not confirmed, oldest first
        self.given = {}  # update id -> how often it was handed out
        self.confirmed = set()
        self.hits = defaultdict(deque)  # method -> trouble of its next calls; None lets one pass
        self.suffered = []  # (method, Trouble) that happened
        self.polls = 0
        self._news = asyncio.Event()

    def put(self, update):
        self.queue.append(update)
        self._news.set()
        return update["update_id"]

    def jump(self, first):
        """The next update gets the id `first`: after a quiet week Telegram chooses one at random."""
        self._update_ids = first - 1

    @contextlib.asynccontextmanager
    async def run(self):
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
        finally:
            await runner.cleanup()

    async def _serve(self, request):
        method = request.match_info["method"]
        body = await request.json() if request.content_type == "application/json" else await request.post()
        parameters = dict(request.query) | {name: _value(value) for name, value in body.items()}
        hit = self.hits[method].popleft() if self.hits[method] else None
        if hit is None:
            return _json(*await self._execute(method, parameters))
        self.suffered.append((method, hit.trouble))
        if hit.trouble is Trouble.REFUSED:
            body = {"ok": False, "error_code": hit.status, "description": "trouble"}
            if hit.retry_after is not None:
                body["parameters"] = {"retry_after": hit.retry_after}
            return _json(hit.status, body)
        if hit.trouble is Trouble.HANGS:
            await asyncio.sleep(600)  # until the caller has had enough
        status, body = await self._execute(method, parameters) if hit.trouble.executed else (0, None)
        if hit.trouble is Trouble.GARBAGE:
            return web.Response(body=b"<html>It works!</html>", content_type="text/html")
        if hit.trouble is Trouble.HALF:
            await _half(request, status, body)
        request.transport.abort()
        return web.Response()

    async def _execute(self, method, parameters):
        if method != "getUpdates":
            self.calls.append((method, parameters))
        return await self.answer(method, parameters)

    async def on_getUpdates(self, parameters):
        self._confirm(int(parameters.get("offset", 0)) - 1)
        self.polls += 1
        if not self.queue:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), min(LONGEST_POLL, float(parameters.get("timeout", 0))))
        batch = self.queue[: int(parameters.get("limit", 100))]
        for update in batch:
            self.given[update["update_id"]] = self.given.get(update["update_id"], 0) + 1
        return batch

    def _confirm(self, last):
        """An offset confirms everything up to the update before it; one that names none confirms nothing."""
        place = next((number for number, update in enumerate(self.queue) if update["update_id"] == last), None)
        if place is not None:
            self.confirmed.update(update["update_id"] for update in self.queue[: place + 1])
            del self.queue[: place + 1]

    # ---- what was said

    def said(self, chat):
        """The texts of the messages that were sent to a chat, in order."""
        return [one["text"] for one in self.of("sendMessage") if int(one["chat_id"]) == chat]


def _json(status, body):
    return web.json_response(body, status=status)


async def _half(request, status, body):
    text = json.dumps(body).encode()
    answer = web.StreamResponse(status=status, headers={"Content-Length": str(len(text)), "Content-Type": "text/json"})
    await answer.prepare(request)
    await answer.write(text[: len(text) // 2])


def _value(value):
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value
