"""Editing, deleting, reacting, pinning."""

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from messenger.people import AYLIN_YILMAZ, SOMMER, STAFF_GROUP, STAMMTISCH, TOPIC_TECHNOLOGY

ROW = InlineKeyboardMarkup([[InlineKeyboardButton("A", callback_data="a")]])


@pytest.fixture
async def started(place):
    await place.act("start", AYLIN_YILMAZ)
    await place.updates()
    return place


async def test_a_text_is_edited(started):
    sent = await started.bot.send_message(AYLIN_YILMAZ, "alt", reply_markup=ROW)
    edited = await started.bot.edit_message_text("<b>neu</b>", AYLIN_YILMAZ, sent.message_id, parse_mode="HTML")
    assert (edited.text, edited.reply_markup, edited.message_id) == ("neu", None, sent.message_id)
    assert edited.edit_date
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply markup"):
        await started.bot.edit_message_text("<b>neu</b>", AYLIN_YILMAZ, sent.message_id, parse_mode="HTML")


async def test_a_keyboard_is_edited(started):
    sent = await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=ROW)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await started.bot.edit_message_reply_markup(AYLIN_YILMAZ, sent.message_id, reply_markup=ROW)
    edited = await started.bot.edit_message_reply_markup(AYLIN_YILMAZ, sent.message_id)
    assert not edited.reply_markup
    assert not edited.edit_date


async def test_what_cannot_be_edited(started):
    theirs = await started.say(AYLIN_YILMAZ, "meine Nachricht")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await started.bot.edit_message_text("x", AYLIN_YILMAZ, theirs)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await started.bot.edit_message_text("x", AYLIN_YILMAZ, 999)
    document = await started.bot.send_document(AYLIN_YILMAZ, b"x", filename="x.txt", caption="alt")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await started.bot.edit_message_text("x", AYLIN_YILMAZ, document.message_id)
    edited = await started.bot.edit_message_caption(AYLIN_YILMAZ, document.message_id, caption="neu")
    assert edited.caption == "neu"


async def test_deleting(started):
    sent = await started.bot.send_message(AYLIN_YILMAZ, "x")
    theirs = await started.say(AYLIN_YILMAZ, "K7QM-2XRD")
    assert await started.bot.delete_message(AYLIN_YILMAZ, sent.message_id)
    assert await started.bot.delete_message(AYLIN_YILMAZ, theirs)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await started.bot.delete_message(AYLIN_YILMAZ, sent.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await started.bot.edit_message_text("x", AYLIN_YILMAZ, sent.message_id)
    more = [(await started.bot.send_message(AYLIN_YILMAZ, "x")).message_id for _ in range(2)]
    assert await started.bot.delete_messages(AYLIN_YILMAZ, [*more, 999])
    assert [message["text"] for message in (await started.shown(AYLIN_YILMAZ))["messages"]] == ["/start"]


async def test_after_48_hours_nothing_is_deleted(started):
    sent = await started.bot.send_message(AYLIN_YILMAZ, "x")
    started.clock.ahead = 48 * 3600 + 1
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await started.bot.delete_message(AYLIN_YILMAZ, sent.message_id)
    assert await started.bot.edit_message_text("später", AYLIN_YILMAZ, sent.message_id)


async def test_rights_in_groups(started):
    theirs = await started.say(AYLIN_YILMAZ, "hallo", chat=STAMMTISCH)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await started.bot.delete_message(STAMMTISCH, theirs)
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
        await started.bot.pin_chat_message(STAMMTISCH, theirs)
    staff = await started.say(SOMMER, "hallo", chat=STAFF_GROUP)
    assert await started.bot.delete_message(STAFF_GROUP, staff)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await started.bot.delete_message(STAFF_GROUP, TOPIC_TECHNOLOGY)


async def test_pinning(started):
    sent = await started.bot.send_message(STAFF_GROUP, "wichtig")
    assert await started.bot.pin_chat_message(STAFF_GROUP, sent.message_id)
    assert (await started.bot.get_chat(STAFF_GROUP)).pinned_message.text == "wichtig"
    assert (await started.shown(SOMMER, STAFF_GROUP))["pinned"]["text"] == "wichtig"
    assert await started.bot.unpin_chat_message(STAFF_GROUP, sent.message_id)
    assert not (await started.bot.get_chat(STAFF_GROUP)).pinned_message
    with pytest.raises(BadRequest, match="Message to unpin not found"):
        await started.bot.unpin_chat_message(STAFF_GROUP, sent.message_id)
    with pytest.raises(BadRequest, match="Message to pin not found"):
        await started.bot.pin_chat_message(STAFF_GROUP, 999)


async def test_reactions(started):
    theirs = await started.say(AYLIN_YILMAZ, "danke")
    assert await started.bot.set_message_reaction(AYLIN_YILMAZ, theirs, "👀")
    assert (await started.shown(AYLIN_YILMAZ))["messages"][-1]["_reactions"] == {"7712345678": ["👀"]}
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await started.bot.set_message_reaction(AYLIN_YILMAZ, theirs, "🧀")
    with pytest.raises(BadRequest, match="Message to react not found"):
        await started.bot.set_message_reaction(AYLIN_YILMAZ, 999, "👀")
    await started.updates()
    await started.act("react", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=theirs, emoji="👍")
    assert not await started.pending()  # only for bots that ask for message_reaction
    await started.bot.get_updates(offset=started.offset, allowed_updates=["message_reaction"])
    await started.act("react", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=theirs, emoji="🙏")
    [update] = await started.updates()
    assert update.message_reaction.new_reaction[0].emoji == "🙏"


async def test_people_edit_and_delete(started):
    sent = await started.say(AYLIN_YILMAZ, "pin sicehr")
    await started.updates()
    await started.act("edit", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=sent, text="pin sicher")
    [update] = await started.updates()
    assert update.edited_message.text == "pin sicher"
    assert update.edited_message.edit_date
    await started.act("delete", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=sent)
    assert not await started.pending()
    bots = await started.bot.send_message(AYLIN_YILMAZ, "x")
    assert "can't be edited" in await started.refused(
        "edit", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=bots.message_id, text="y"
    )
