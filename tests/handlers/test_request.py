"""PTB's calls on aiohttp, over a real socket: what goes through, and what each failure becomes."""

import asyncio

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from handlers.request import AiohttpRequest
from handlers.sending import Fate, sort
from tests.support.telegram import BOT, TOKEN


@pytest.fixture
async def server():
    """A server that answers as it is told; `server.answers` holds (status, body) or a coroutine function."""
    seen, answers = [], []

    async def handle(request):
        body = await request.json() if request.content_type == "application/json" else await request.post()
        data = {key: _plain(value) for key, value in body.items()}
        seen.append((request.path.rpartition("/")[2], data))
        answer = answers.pop(0) if answers else (200, {"ok": True, "result": BOT})
        if callable(answer):
            return await answer(request)
        status, body = answer
        return (
            web.json_response(body, status=status) if isinstance(body, dict) else web.Response(status=status, text=body)
        )

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    yield type("Server", (), {"answers": answers, "seen": seen, "url": f"http://127.0.0.1:{port}/bot"})
    await runner.cleanup()


def _plain(value):
    return (value.filename, value.file.read()) if isinstance(value, web.FileField) else value


@pytest.fixture
async def bot(server):
    request = AiohttpRequest(4, read_timeout=0.3)
    bot = Bot(TOKEN, base_url=server.url, request=request, get_updates_request=AiohttpRequest(1))
    await bot.initialize()
    yield bot
    await bot.shutdown()


async def test_a_call_arrives_with_its_values(bot, server):
    server.answers.append((200, {"ok": True, "result": True}))
    await bot.answer_callback_query("5", "Danke <3 & ä")
    assert server.seen[-1] == ("answerCallbackQuery", {"callback_query_id": "5", "text": "Danke <3 & ä"})


async def test_a_file_arrives(bot, server):
    message = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
    server.answers.append((200, {"ok": True, "result": message}))
    await bot.send_document(1, b"inhalt", filename="daten.json")
    assert server.seen[-1] == ("sendDocument", {"chat_id": "1", "document": ("daten.json", b"inhalt")})


@pytest.mark.parametrize(
    ("answer", "error", "fate"),
    [
        ((403, {"ok": False, "description": "Forbidden: bot was blocked by the user"}), Forbidden, Fate.REFUSED),
        ((401, {"ok": False, "description": "Unauthorized"}), InvalidToken, Fate.NO_BOT),
        ((429, {"ok": False, "description": "x", "parameters": {"retry_after": 3}}), RetryAfter, Fate.NOT_SENT),
        ((500, {"ok": False, "description": "Internal Server Error"}), NetworkError, Fate.NOT_SENT),
        ((200, "<html>no json"), TelegramError, Fate.UNKNOWN),
    ],
)
async def test_answers_become_errors_with_a_fate(bot, server, answer, error, fate):
    server.answers.append(answer)
    with pytest.raises(error) as caught:
        await bot.get_me()
    assert sort(caught.value).fate is fate
    assert TOKEN not in str(caught.value) + repr(caught.value)


async def test_a_hanging_server_is_unknown(bot, server):
    async def hang(request):
        await asyncio.sleep(2)
        return web.Response()

    server.answers.append(hang)
    with pytest.raises(TimedOut) as caught:
        await bot.get_me()
    assert sort(caught.value).fate is Fate.UNKNOWN


async def test_a_dropped_connection_is_unknown(bot, server):
    async def drop(request):
        request.transport.close()
        return web.Response()

    server.answers.append(drop)
    with pytest.raises(NetworkError) as caught:
        await bot.get_me()
    assert sort(caught.value).fate is Fate.UNKNOWN
    assert TOKEN not in str(caught.value)


async def test_a_server_that_is_not_there_was_never_reached():
    bot = Bot(
        TOKEN, base_url="http://127.0.0.1:9/bot", request=AiohttpRequest(1), get_updates_request=AiohttpRequest(1)
    )
    with pytest.raises(NetworkError) as caught:
        await bot.initialize()
    await bot.shutdown()
    assert sort(caught.value).fate is Fate.NOT_SENT
    assert TOKEN not in str(caught.value)


async def test_an_answer_that_is_no_json_is_not_logged(bot, server, caplog):
    server.answers.append((200, "meine pin ist 4711"))
    with pytest.raises(TelegramError):
        await bot.get_me()
    assert "4711" not in caplog.text
