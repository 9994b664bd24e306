"""Long polling: what is confirmed, what stays, who may poll."""

import asyncio

import pytest
from telegram.error import Conflict

from messenger.people import AYLIN_YILMAZ, HEINZ_BRANDT, STAFF_GROUP, STAMMTISCH
from tests.messenger.conftest import serving


async def test_an_update_stays_until_it_is_confirmed(place):
    for text in ("eins", "zwei", "drei"):
        await place.say(AYLIN_YILMAZ, text)
    first = await place.bot.get_updates()
    assert [update.message.text for update in first] == ["eins", "zwei", "drei"]
    assert [update.update_id for update in first] == list(range(first[0].update_id, first[0].update_id + 3))
    assert await place.bot.get_updates() == first
    assert [u.message.text for u in await place.bot.get_updates(limit=1)] == ["eins"]
    rest = await place.bot.get_updates(offset=first[0].update_id + 1)
    assert [update.message.text for update in rest] == ["zwei", "drei"]
    assert await place.bot.get_updates(offset=1) == rest
    assert [update.message.text for update in await place.bot.get_updates(offset=-1)] == ["drei"]
    assert await place.bot.get_updates(offset=first[-1].update_id + 1) == ()
    assert await place.bot.get_updates() == ()


async def test_a_long_poll_ends_when_something_comes(place):
    poll = asyncio.create_task(place.bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    assert not poll.done()
    await place.say(AYLIN_YILMAZ, "jetzt")
    [update] = await asyncio.wait_for(poll, 2)
    assert update.message.text == "jetzt"


async def test_a_second_poller_ends_the_first(place):
    first = asyncio.create_task(place.bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    answer = await place.web.get(f"/bot{place.bot.token}/getUpdates", params={"timeout": 0})
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    assert answer.json() == {"ok": True, "result": []}


async def test_only_what_is_asked_for(place):
    await place.bot.get_updates(allowed_updates=["callback_query"])
    await place.say(AYLIN_YILMAZ, "unbemerkt")
    assert await place.bot.get_updates() == ()
    await place.bot.get_updates(allowed_updates=[])
    await place.say(AYLIN_YILMAZ, "bemerkt")
    assert [update.message.text for update in await place.bot.get_updates()] == ["bemerkt"]


async def test_updates_expire(place):
    await place.say(AYLIN_YILMAZ, "gestern")
    place.clock.ahead = 24 * 3600 + 5
    assert await place.bot.get_updates() == ()


async def test_a_restart_keeps_everything(tmp_path):
    async with serving(tmp_path) as place:
        await place.act("start", AYLIN_YILMAZ, payload="f_pin")
        sent = await place.bot.send_message(AYLIN_YILMAZ, "Guten Tag")
        document = await place.bot.send_document(AYLIN_YILMAZ, b"Inhalt", filename="x.pdf")
        await place.bot.set_my_commands([("start", "Beginnen")])
        [before] = await place.bot.get_updates()
    async with serving(tmp_path) as place:
        assert await place.bot.get_updates() == (before,)
        await place.say(AYLIN_YILMAZ, "weiter")
        assert [u.update_id - before.update_id for u in await place.bot.get_updates()] == [0, 1]
        assert (await place.bot.edit_message_text("neu", AYLIN_YILMAZ, sent.message_id)).text == "neu"
        file = await place.bot.get_file(document.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"Inhalt"
        assert [command.command for command in await place.bot.get_my_commands()] == ["start"]


async def test_privacy_mode_in_the_ordinary_group(place):
    for text in ("Hallo", "/hilfe", "/hilfe@auskunft_bot", "/hilfe@other_bot", "wie geht /das", "@auskunft_bot ?"):
        await place.say(HEINZ_BRANDT, text, chat=STAMMTISCH)
    answer = await place.bot.send_message(STAMMTISCH, "Ja?")
    await place.say(HEINZ_BRANDT, "eine Antwort", chat=STAMMTISCH, reply=answer.message_id)
    texts = [update.message.text for update in await place.updates()]
    assert texts == ["/hilfe", "/hilfe@auskunft_bot", "wie geht /das", "eine Antwort"]


async def test_the_bot_leaves_and_is_taken_in_again(place):
    assert await place.bot.leave_chat(STAMMTISCH)
    [update] = await place.updates()
    assert update.my_chat_member.new_chat_member.status == "left"
    await place.say(AYLIN_YILMAZ, "/hallo", chat=STAMMTISCH)
    assert not await place.pending()
    await place.act("seat_bot", AYLIN_YILMAZ, chat=STAMMTISCH, inside=True)
    added, message = await place.updates()
    assert added.my_chat_member.new_chat_member.status == "member"
    assert message.message.new_chat_members[0].username == "auskunft_bot"


async def test_strangers_see_no_group(place):
    answer = await place.web.get("/page/chat", params={"person": AYLIN_YILMAZ, "chat": STAFF_GROUP})
    assert answer.status_code == 400
    assert "chat not found" in await place.refused("send", AYLIN_YILMAZ, chat=STAFF_GROUP, text="x")
