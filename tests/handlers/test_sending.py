"""Telegram's errors, sorted; what each means for a reply."""

import json

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import LinkPreviewOptions, ReplyParameters
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from handlers import sending
from handlers.reply import Act, Key, Reply
from handlers.sending import Fate, Sender, sort


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (RetryAfter(5), Fate.NOT_SENT),
        (Forbidden("Forbidden: bot was blocked by the user"), Fate.REFUSED),
        (InvalidToken("Unauthorized"), Fate.NO_BOT),
        (BadRequest("Bad Request: chat not found"), Fate.REFUSED),
        (ChatMigrated(-100), Fate.REFUSED),
        (Conflict("Conflict"), Fate.REFUSED),
        (NetworkError("Bad Gateway"), Fate.NOT_SENT),
        (caused(NetworkError("?"), aiohttp.ClientConnectorError(None, OSError())), Fate.NOT_SENT),
        (caused(NetworkError("?"), aiohttp.ServerDisconnectedError()), Fate.UNKNOWN),
        (caused(TimedOut(), TimeoutError()), Fate.UNKNOWN),
        (TelegramError("the answer is not JSON"), Fate.UNKNOWN),
    ],
)
def test_every_error_has_a_fate(error, fate):
    assert sort(error).fate is fate


def test_only_a_block_marks_the_chat():
    assert sort(Forbidden("x")).blocked
    assert not sort(BadRequest("x")).blocked


async def say(program, telegram, reply, *faults, method="sendMessage", answered_by=None):
    telegram.fail(method, *faults)
    return await Sender(program.context.bot).say(7001, reply, answered_by)


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'one.sqlite'}"  # nothing here depends on the database


async def test_text_that_telegram_cannot_read_goes_out_plain(program, telegram):
    fault = (400, "Bad Request: can't parse entities: unsupported start tag")
    result = await say(program, telegram, Reply(Act.SEND, "<b>1 &lt; 2</b>"), fault)
    assert result.fate is Fate.SENT
    assert telegram.of("sendMessage")[-1]["text"] == "1 < 2"
    assert "parse_mode" not in telegram.of("sendMessage")[-1]


async def test_an_edit_that_changes_nothing_is_done(program, telegram):
    fault = (400, "Bad Request: message is not modified: specified new message content")
    result = await say(program, telegram, Reply(Act.EDIT, "x", target=5), fault, method="editMessageText")
    assert result.fate is Fate.SENT


async def test_an_edit_of_a_message_that_is_gone_is_said_anew(program, telegram):
    result = await say(program, telegram, Reply(Act.REPLACE, "neu", target=1), answered_by=424242)
    assert result.fate is Fate.SENT
    assert telegram.of("sendMessage")[-1]["text"] == "neu"


async def test_a_deletion_of_what_is_gone_is_done(program, telegram):
    fault = (400, "Bad Request: message to delete not found")
    assert (await say(program, telegram, Reply(Act.DELETE, target=5), fault, method="deleteMessage")).fate is Fate.SENT


async def test_how_long_telegram_wants_us_to_wait(program, telegram):
    result = await say(program, telegram, Reply(Act.SEND, "x"), (429, "Too Many Requests", {"retry_after": 7}))
    assert (result.fate, result.wait) == (Fate.NOT_SENT, 7.0)


def test_replies_survive_the_database():
    reply = Reply(Act.EDIT, "<b>x</b>", ((Key("a", "1s:b"), Key("c", url="https://x.example")),), 3, 4)
    assert Reply.from_json(reply.to_json()) == reply


WORDS = st.text(min_size=1, max_size=64)
KEYS = st.builds(Key, WORDS, data=WORDS) | st.builds(Key, WORDS, url=WORDS)


@given(rows=st.lists(st.lists(KEYS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple))
def test_ptb_makes_the_same_buttons_of_them_as_we_send(rows):
    made = sending.keyboard(rows)
    assert (json.loads(made.to_json()) if made else None) == sending._keyboard(rows)


def test_ptb_makes_the_same_quote_and_preview_of_them_as_we_send():
    quote = sending._quote(Reply(Act.SEND, quotes=4))
    assert json.loads(ReplyParameters.de_json(quote).to_json()) == quote
    assert json.loads(LinkPreviewOptions.de_json(sending.NO_PREVIEW).to_json()) == sending.NO_PREVIEW
    assert sending._quote(Reply(Act.SEND)) is None


async def test_what_a_message_has_a_file_has_too(program, telegram):
    rows = ((Key("a", "1s:b"), Key("c", url="https://x.example")),)
    telegram.topics[5] = {"name": "#1", "closed": False}
    values = {"html": "<b>x</b>", "rows": rows, "quotes": 4, "thread": 5, "protected": True}
    for reply in (Reply(Act.SEND, **values), Reply(Act.FILE, file=("a.csv", "x"), **values)):
        assert (await Sender(program.context.bot).say(7001, reply)).fate is Fate.SENT
    (message,), (file,) = telegram.of("sendMessage"), telegram.of("sendDocument")
    for name in ("reply_markup", "reply_parameters", "message_thread_id", "protect_content", "parse_mode"):
        assert name in message, name
        assert message[name] == file[name], name
    assert message["link_preview_options"] == {"is_disabled": True}
