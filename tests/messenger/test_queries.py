"""Taps on buttons and inline mode."""

import asyncio

import pytest
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from messenger.people import AYLIN_YILMAZ, HEINZ_BRANDT, SOMMER, STAFF_GROUP, STAMMTISCH

TOO_OLD = "Query is too old and response timeout expired or query id is invalid"
ROW = InlineKeyboardMarkup([[InlineKeyboardButton("A", callback_data="a")]])


@pytest.fixture
async def tapped(place):
    await place.act("start", AYLIN_YILMAZ)
    sent = await place.bot.send_message(AYLIN_YILMAZ, "<b>Menü</b>", parse_mode="HTML", reply_markup=ROW)
    place.number = await place.act("tap", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=sent.message_id, data="a")
    place.query = (await place.updates())[-1].callback_query
    return place


async def test_a_tap_reaches_the_bot_once(tapped):
    query = tapped.query
    assert (query.id, query.data, query.from_user.id) == (tapped.number, "a", AYLIN_YILMAZ)
    assert query.message.text_html == "<b>Menü</b>"
    assert query.chat_instance
    with pytest.raises(BadRequest, match="Message_too_long"):
        await tapped.bot.answer_callback_query(query.id, "x" * 201)
    assert await tapped.bot.answer_callback_query(query.id, "Danke", show_alert=True)
    with pytest.raises(BadRequest) as error:
        await tapped.bot.answer_callback_query(query.id)
    assert error.value.message.lower() == TOO_OLD.lower()


async def test_a_tap_grows_old(tapped):
    tapped.clock.ahead = 151
    with pytest.raises(BadRequest, match="Query is too old"):
        await tapped.bot.answer_callback_query(tapped.query.id)


async def test_a_button_that_is_gone(tapped):
    await tapped.bot.edit_message_text("x", AYLIN_YILMAZ, tapped.query.message.message_id)
    assert "no longer there" in await tapped.refused(
        "tap", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=tapped.query.message.message_id, data="a"
    )


def article(number, title="Titel", **more):
    return InlineQueryResultArticle(number, title, InputTextMessageContent("<b>Antwort</b>", parse_mode="HTML"), **more)


async def ask(place, person, chat, words):
    asking = asyncio.create_task(place.act("inline", person, chat=chat, query=words))
    update = (await place.updates())[-1]
    return asking, update.inline_query


async def test_an_inline_result_is_sent_in_the_members_name(place):
    asking, query = await ask(place, HEINZ_BRANDT, STAMMTISCH, "pin")
    assert (query.query, query.from_user.id, query.chat_type) == ("pin", HEINZ_BRANDT, "group")
    await place.bot.answer_inline_query(query.id, [article("1", description="Zeile"), article("2", reply_markup=ROW)])
    answer = await asking
    assert [result["id"] for result in answer["results"]] == ["1", "2"]
    await place.act("choose", HEINZ_BRANDT, chat=STAMMTISCH, query=answer["id"], result="2")
    message = (await place.updates())[-1].message
    assert (message.text_html, message.via_bot.username) == ("<b>Antwort</b>", "auskunft_bot")
    await place.act("tap", HEINZ_BRANDT, chat=STAMMTISCH, message=message.message_id, data="a")
    tap = (await place.updates())[-1].callback_query
    assert tap.message is None
    assert await place.bot.edit_message_text("geändert", inline_message_id=tap.inline_message_id)
    assert (await place.shown(HEINZ_BRANDT, STAMMTISCH))["messages"][-1]["text"] == "geändert"


async def test_inline_answers_that_are_refused(place):
    _, query = await ask(place, SOMMER, STAFF_GROUP, "")
    for results, reason in (
        ([article("1"), article("1")], "Result_id_duplicate"),
        ([article(str(number)) for number in range(51)], "Results_too_much"),
        ([article("x" * 65)], "Result_id_invalid"),
        (
            [InlineQueryResultArticle("1", "t", InputTextMessageContent("<b>", parse_mode="HTML"))],
            "Can't parse entities",
        ),
    ):
        with pytest.raises(BadRequest, match=reason):
            await place.bot.answer_inline_query(query.id, results)
    assert await place.bot.answer_inline_query(query.id, [])
    with pytest.raises(BadRequest, match="Query is too old"):
        await place.bot.answer_inline_query(query.id, [])
