"""A messenger on a real socket, a bot that speaks to it over HTTP, and people who act on the page."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from inspect import isawaitable

import httpx
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from messenger import build_server, create_app
from messenger.people import DEMO_TOKEN


@dataclass
class Clock:
    ahead: float = 0.0

    def __call__(self):
        return time.time() + self.ahead


@dataclass
class Place:
    root: str
    bot: Bot
    web: httpx.AsyncClient
    clock: Clock
    offset: int = field(default=0)

    async def act(self, name, person, /, **body):
        """Something a person does on the page; returns what came of it."""
        answer = await self.web.post(f"/page/act/{name}", json={"person": person, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    async def refused(self, name, person, /, **body):
        answer = await self.web.post(f"/page/act/{name}", json={"person": person, **body})
        assert answer.status_code >= 400
        return answer.json()["description"]

    async def say(self, person, text, chat=None, **body):
        return await self.act("send", person, chat=chat or person, text=text, **body)

    async def updates(self, **wishes):
        """The updates that came since the last look, which confirms them."""
        found = await self.bot.get_updates(offset=self.offset, timeout=2, **wishes)
        if found:
            self.offset = found[-1].update_id + 1
        return found

    async def pending(self):
        return await self.bot.get_updates(offset=self.offset)

    async def shown(self, person, chat=None, **query):
        answer = await self.web.get("/page/chat", params={"person": person, "chat": chat or person, **query})
        return answer.json()


async def until(happened, seconds=5):
    """Waits until something is so; it may be asked synchronously or not."""
    for _ in range(int(seconds * 100)):
        answer = happened()
        if await answer if isawaitable(answer) else answer:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen in time")


@asynccontextmanager
async def serving(folder, clock=None, token=DEMO_TOKEN, handouts=tuple):
    clock = clock or Clock()
    server = build_server(create_app(token=token, folder=folder, clock=clock, handouts=handouts), port=0)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    root = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    requests = [
        HTTPXRequest(httpx_kwargs={"verify": False, "trust_env": False}) for _ in range(2)
    ]  # nothing is encrypted here
    bot = Bot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    web = httpx.AsyncClient(base_url=root, headers={"X-Messenger": "page"}, verify=False, trust_env=False)
    async with bot, web:
        yield Place(root, bot, web, clock)
    server.should_exit = True
    await task


@pytest.fixture
async def place(tmp_path):
    async with serving(tmp_path / "folder") as found:
        yield found
