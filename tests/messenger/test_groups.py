"""Forum topics, members, commands, the bot's words about itself."""

import pytest
from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeChatAdministrators
from telegram.error import BadRequest

from messenger.people import (
    AYLIN_YILMAZ,
    EMMA_CLARKE,
    KELLER,
    SOMMER,
    STAFF_GROUP,
    STAMMTISCH,
    TOPIC_ARRANGEMENTS,
    TOPIC_TECHNOLOGY,
)


async def test_a_topic_lives(place):
    topic = await place.bot.create_forum_topic(STAFF_GROUP, "#214", icon_color=16766590)
    thread = topic.message_thread_id
    sent = await place.bot.send_message(STAFF_GROUP, "Fall", message_thread_id=thread)
    assert (sent.message_thread_id, sent.is_topic_message) == (thread, True)
    assert sent.reply_to_message.forum_topic_created.name == "#214"
    assert await place.bot.edit_forum_topic(STAFF_GROUP, thread, name="#214 ✓")
    assert await place.bot.close_forum_topic(STAFF_GROUP, thread)
    shown = (await place.shown(SOMMER, STAFF_GROUP))["topics"]
    assert [(one["name"], one["closed"]) for one in shown if one["thread"] == thread] == [("#214 ✓", True)]
    assert await place.bot.send_message(STAFF_GROUP, "auch geschlossen", message_thread_id=thread)
    assert await place.bot.reopen_forum_topic(STAFF_GROUP, thread)
    assert await place.bot.delete_forum_topic(STAFF_GROUP, thread)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await place.bot.send_message(STAFF_GROUP, "x", message_thread_id=thread)
    assert not await place.pending()


async def test_a_topic_has_an_icon(place):
    icons = {one.emoji: one.custom_emoji_id for one in await place.bot.get_forum_topic_icon_stickers()}
    topic = await place.bot.create_forum_topic(STAFF_GROUP, "#214", icon_custom_emoji_id=icons["❓"])
    thread = topic.message_thread_id

    async def shown():
        return {one["thread"]: one["icon"] for one in (await place.shown(SOMMER, STAFF_GROUP))["topics"]}

    assert (await shown())[thread] == "❓"
    assert (await shown())[TOPIC_TECHNOLOGY] == ""
    assert await place.bot.edit_forum_topic(STAFF_GROUP, thread, icon_custom_emoji_id=icons["✅"])
    assert (await shown())[thread] == "✅"


async def test_topics_that_are_refused(place):
    bot, technology = place.bot, TOPIC_TECHNOLOGY
    for call, reason in (
        (bot.create_forum_topic(STAFF_GROUP, " "), "Topic title is empty"),
        (bot.create_forum_topic(STAFF_GROUP, "x" * 129), "Topic_title_too_long"),
        (bot.create_forum_topic(STAFF_GROUP, "x", icon_color=1), "Topic_icon_color_invalid"),
        (bot.create_forum_topic(STAMMTISCH, "x"), "The chat is not a forum"),
        (bot.edit_forum_topic(STAFF_GROUP, technology, name="Technik"), "Topic_not_modified"),
        (bot.reopen_forum_topic(STAFF_GROUP, technology), "Topic_not_modified"),
        (bot.close_forum_topic(STAFF_GROUP, 999), "Topic_id_invalid"),
        (bot.close_forum_topic(STAFF_GROUP, 0), "Invalid message thread identifier specified"),
        (bot.send_chat_action(STAFF_GROUP, "typing", message_thread_id=999), "Message thread not found"),
    ):
        with pytest.raises(BadRequest, match=reason):
            await call


async def test_staff_write_in_topics(place):
    await place.say(SOMMER, "Guten Morgen", chat=STAFF_GROUP, thread=TOPIC_ARRANGEMENTS)
    sent = await place.bot.send_message(STAFF_GROUP, "Frage", message_thread_id=TOPIC_ARRANGEMENTS)
    await place.say(KELLER, "Antwort", chat=STAFF_GROUP, thread=TOPIC_ARRANGEMENTS, reply=sent.message_id)
    await place.say(KELLER, "an alle", chat=STAFF_GROUP)
    plain, reply, general = [update.message for update in await place.updates()]
    assert plain.reply_to_message.forum_topic_created
    assert reply.reply_to_message.text == "Frage"
    assert reply.message_thread_id == TOPIC_ARRANGEMENTS
    assert (general.message_thread_id, general.is_topic_message, general.reply_to_message) == (None, None, None)
    answer = await place.bot.send_message(STAFF_GROUP, "x", reply_to_message_id=reply.message_id)
    assert answer.message_thread_id == TOPIC_ARRANGEMENTS


async def test_staff_keep_topics(place):
    thread = await place.act("create_topic", SOMMER, chat=STAFF_GROUP, name="Neu")
    await place.act("rename_topic", KELLER, chat=STAFF_GROUP, thread=thread, name="Neuer")
    await place.act("close_topic", KELLER, chat=STAFF_GROUP, thread=thread, closed=True)
    await place.act("close_topic", KELLER, chat=STAFF_GROUP, thread=thread, closed=False)
    await place.act("delete_topic", KELLER, chat=STAFF_GROUP, thread=thread)
    created, edited, closed, reopened = [update.message for update in await place.updates()]
    assert created.forum_topic_created.name == "Neu"
    assert edited.forum_topic_edited.name == "Neuer"
    assert closed.forum_topic_closed
    assert reopened.forum_topic_reopened


async def test_chats_and_members(place):
    chat = await place.bot.get_chat(STAFF_GROUP)
    assert (chat.title, chat.is_forum, chat.type) == ("Kammer – Mitarbeitende", True, "supergroup")
    me = await place.bot.get_chat_member(STAFF_GROUP, place.bot.id)
    assert (me.status, me.can_manage_topics) == ("administrator", True)
    assert (await place.bot.get_chat_member(STAFF_GROUP, AYLIN_YILMAZ)).status == "left"
    leading = await place.bot.get_chat_administrators(STAFF_GROUP)
    assert {member.user.id for member in leading} == {SOMMER, KELLER, place.bot.id}
    assert await place.bot.get_chat_member_count(STAMMTISCH) == 4
    assert (await place.bot.get_chat(EMMA_CLARKE)).first_name == "Dr. Emma"
    for call, reason in (
        (place.bot.get_chat(1), "Chat not found"),
        (place.bot.get_chat_member(STAFF_GROUP, 5), "Participant_id_invalid"),
        (place.bot.get_chat_administrators(EMMA_CLARKE), "There are no administrators in the private chat"),
        (place.bot.leave_chat(EMMA_CLARKE), "Chat member status can't be changed in private chats"),
    ):
        with pytest.raises(BadRequest, match=reason):
            await call


async def test_commands_per_scope_and_language(place):
    bot, private = place.bot, BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("start", "Beginnen")])
    await bot.set_my_commands([("karte", "Karte")], scope=private)
    await bot.set_my_commands([("card", "Card")], scope=private, language_code="en")
    await bot.set_my_commands([("offene", "Fragen")], scope=BotCommandScopeChatAdministrators(STAFF_GROUP))

    async def menu(person, chat=None):
        return [one["command"] for one in (await place.shown(person, chat))["commands"]]

    assert await menu(AYLIN_YILMAZ) == ["karte"]
    assert await menu(EMMA_CLARKE) == ["card"]
    assert await menu(KELLER, STAFF_GROUP) == ["offene"]
    assert await menu(AYLIN_YILMAZ, STAMMTISCH) == ["start"]
    await bot.set_my_commands([("nur", "Nur")], scope=BotCommandScopeChat(AYLIN_YILMAZ))
    assert await menu(AYLIN_YILMAZ) == ["nur"]
    assert [one.command for one in await bot.get_my_commands(scope=private, language_code="en")] == ["card"]
    await bot.delete_my_commands(scope=private, language_code="en")
    assert await menu(EMMA_CLARKE) == ["karte"]
    for commands, reason in (([("Groß", "x")], "Bot_command_invalid"), ([("x", "y" * 257)], "Description_invalid")):
        with pytest.raises(BadRequest, match=f"(?i){reason}"):
            await bot.set_my_commands(commands)


async def test_words_about_the_bot(place):
    bot = place.bot
    assert await bot.set_my_description("Fragt nie nach PIN oder Passwort.")
    assert await bot.set_my_description("Never asks for a PIN.", language_code="en")
    assert await bot.set_my_short_description("Auskunft der Kammer")
    assert await bot.set_my_name("Kammer-Auskunft")
    assert (await bot.get_my_description("en")).description == "Never asks for a PIN."
    assert (await bot.get_my_description("fr")).description == "Fragt nie nach PIN oder Passwort."
    assert (await bot.get_my_short_description()).short_description == "Auskunft der Kammer"
    assert (await bot.get_my_name()).name == (await bot.get_me()).first_name == "Kammer-Auskunft"
    assert (await place.shown(EMMA_CLARKE))["description"] == "Never asks for a PIN."
    with pytest.raises(BadRequest, match="Description is too long"):
        await bot.set_my_description("x" * 513)
    with pytest.raises(BadRequest, match="Language code is invalid"):
        await bot.set_my_name("x", language_code="deutsch")
