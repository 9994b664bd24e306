"""Delivery to a webhook on this computer: secret, order, retry, calls in the answer."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.error import BadRequest, Conflict

from messenger.people import AYLIN_YILMAZ, HEINZ_BRANDT
from tests.messenger.conftest import until


class Receiver:
    def __init__(self):
        self.got, self.secrets, self.failures, self.answer = [], set(), 0, None
        self.address = ""

    async def __call__(self, request):
        self.secrets.add(request.headers.get("x-telegram-bot-api-secret-token"))
        update = await request.json()
        if self.failures:
            self.failures -= 1
            return Response(status_code=500)
        self.got.append(update["message"]["text"])
        return JSONResponse(self.answer) if self.answer else Response()

    async def wait(self, count):
        await until(lambda: len(self.got) >= count)


@asynccontextmanager
async def receiving():
    receiver = Receiver()
    app = Starlette(routes=[Route("/hook", receiver.__call__, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    receiver.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    yield receiver
    server.should_exit = True
    await task


async def test_updates_are_delivered_in_order_with_the_secret(place):
    async with receiving() as receiver:
        await place.say(AYLIN_YILMAZ, "vorher")
        assert await place.bot.set_webhook(receiver.address, secret_token="geheim-1")
        for number in range(5):
            await place.say(AYLIN_YILMAZ, str(number))
        await receiver.wait(6)
        assert receiver.got == ["vorher", "0", "1", "2", "3", "4"]
        assert receiver.secrets == {"geheim-1"}
        info = await place.bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (receiver.address, 0)
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await place.bot.get_updates()
        assert await place.bot.delete_webhook()
        await place.say(AYLIN_YILMAZ, "nachher")
        assert [update.message.text for update in await place.updates()] == ["nachher"]


async def test_a_failure_holds_up_its_own_chat_only(place):
    async with receiving() as receiver:
        receiver.failures = 1
        await place.bot.set_webhook(receiver.address)
        await place.say(AYLIN_YILMAZ, "eins")
        await place.say(AYLIN_YILMAZ, "zwei")
        await place.say(HEINZ_BRANDT, "nebenan")
        await receiver.wait(3)
        assert [text for text in receiver.got if text != "nebenan"] == ["eins", "zwei"]
        info = await place.bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_what_could_not_be_delivered_waits(place):
    async with receiving() as receiver:
        address = receiver.address
    await place.bot.set_webhook(address)
    await place.say(AYLIN_YILMAZ, "später")

    async def failed():
        return (await place.bot.get_webhook_info()).last_error_message

    await until(failed)
    assert (await place.bot.get_webhook_info()).pending_update_count == 1
    await place.bot.delete_webhook(drop_pending_updates=True)
    assert not await place.pending()


async def test_a_call_in_the_answer_is_executed(place):
    async with receiving() as receiver:
        receiver.answer = {"method": "sendMessage", "chat_id": AYLIN_YILMAZ, "text": "gleich"}
        await place.bot.set_webhook(receiver.address)
        await place.say(AYLIN_YILMAZ, "hallo")
        await receiver.wait(1)

        async def answered():
            return (await place.shown(AYLIN_YILMAZ))["messages"][-1]["text"] == "gleich"

        await until(answered)


async def test_a_webhook_ends_a_poll(place):
    async with receiving() as receiver:
        poll = asyncio.create_task(place.bot.get_updates(timeout=10))
        await asyncio.sleep(0.1)
        await place.bot.set_webhook(receiver.address)
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await poll


@pytest.mark.parametrize(
    ("url", "secret", "reason"),
    [
        ("https://example.org/hook", None, "Bad webhook: only addresses of this computer"),
        ("127.0.0.1/hook", None, "Bad webhook: an https url must be provided"),
        ("http://localhost:1/hook", "a b", "Secret token contains unallowed characters"),
    ],
)
async def test_webhooks_that_are_refused(place, url, secret, reason):
    with pytest.raises(BadRequest) as error:
        await place.bot.set_webhook(url, secret_token=secret)
    assert reason.lower() in error.value.message.lower()
