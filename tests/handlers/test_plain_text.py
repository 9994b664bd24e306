"""The short way of a plain text from Telegram's update to plain data gives what the long way gives, or nothing."""

import pytest
from telegram import Bot, Update

from handlers.incoming import Said, plain_text, read
from tests.support.telegram import BOT, TOKEN, FakeTelegram


def long_way(raw):
    return read(Update.de_json(raw, Bot(TOKEN)), BOT["id"], BOT["username"])


def of(**content):
    telegram = FakeTelegram()
    return telegram.update(message=telegram.message(7001, "Bin ich betroffen?", language="en") | content)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"text": " "},
        {"text": "a /karte b"},
        {"entities": [{"type": "url", "offset": 0, "length": 3}]},
        {"link_preview_options": {"is_disabled": True}},
        {"from": {"id": 7001, "is_bot": False, "first_name": "Aylin"}},
        {"from": {"id": 7001, "is_bot": False, "first_name": "Aylin", "username": "a", "is_premium": True}},
    ],
)
def test_a_plain_text_is_read_the_same_both_ways(content):
    short = plain_text(of(**content))
    assert isinstance(short, Said)
    assert short == long_way(of(**content))


@pytest.mark.parametrize(
    "content",
    [
        {"text": "/karte"},
        {"text": "/"},
        {"text": ["kein Text"]},
        {"date": None},
        {"chat": {"id": -1001, "type": "supergroup", "title": "x"}},
        {"from": {"id": 7002, "is_bot": True, "first_name": "x"}},
        {"via_bot": BOT},
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}},
        {"edit_date": 1_800_000_100},
        {"sender_chat": {"id": -5, "type": "channel"}},
        {"something_new": 1},
    ],
)
def test_everything_else_goes_the_long_way(content):
    assert plain_text(of(**content)) is None


@pytest.mark.parametrize("kind", ["edited_message", "business_message"])
def test_only_a_new_message_goes_the_short_way(kind):
    raw = of()
    assert plain_text({"update_id": raw["update_id"], kind: raw["message"]}) is None
    assert plain_text(raw | {"extra": {}}) is None


def test_what_is_written_to_staff_goes_the_long_way():
    assert plain_text(of(), 7001) is None
