"""Edits, groups, inline search, taps that are forged or stale."""

import pytest

from config.staff import StaffMember
from handlers.buttons import pack
from handlers.incoming import read
from tests.support.telegram import BOT, START


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'one.sqlite'}"  # the database has its own tests


async def test_an_edited_question_is_answered_again_in_place(member):
    (first,) = await member.says("welche daten sind weg")
    (again,) = await member.edits("pin sicher?")
    assert again.method == "editMessageText"
    assert again.message == first.message
    assert "PIN" in again.text


async def test_an_edit_whose_answer_is_gone_is_answered_anew(member, telegram):
    await member.says("welche daten sind weg")
    telegram.messages.clear()
    said = await member.edits("pin sicher?")
    assert [one.method for one in said] == ["editMessageText", "sendMessage"]


async def test_an_edit_that_comes_first_is_answered(member, telegram):
    message = telegram.message(member.chat, "pin sicher?") | {"edit_date": START + 5}
    (said,) = await member.deliver(telegram.update(edited_message=message))
    assert said.method == "sendMessage"


@pytest.mark.parametrize(
    "data",
    [None, "", "1", "1x:y", "2s:pin-safe", "1s:no-such-entry", "1c:AAAAAAAAAAAA:gone", "1s:" + "x" * 70, "1a:evil"],
)
async def test_a_forged_or_stale_button_leads_back(member, telegram, data):
    await member.says("/start")
    (said,) = await member.deliver(telegram.tap(member.chat, 1, data))
    assert "veraltet" in said.text
    assert "Themen" in said.labels
    assert telegram.of("answerCallbackQuery")


async def test_more_stays_in_the_same_message_and_can_still_be_rated(member):
    (answer,) = await member.says("pin sicher?")
    (more,) = await member.taps("Mehr dazu")
    assert (more.method, more.message) == ("editMessageText", answer.message)
    assert len(more.text) > len(answer.text)
    assert "Mehr dazu" not in more.labels
    assert "Hilfreich" in more.labels


async def test_a_tap_of_somebody_else_is_ignored(member, telegram):
    raw = telegram.tap(member.chat, 1, "1s:pin-safe")
    raw["callback_query"]["from"]["id"] = 666
    assert await member.deliver(raw) == []


def group(telegram, text, **content):
    body = telegram.message(5, text) | {"chat": {"id": -100500, "type": "supergroup", "title": "Stammtisch"}}
    mention = "@auskunft_bot"
    if mention in text:
        at = text.index(mention)
        body["entities"] = [{"type": "mention", "offset": at, "length": len(mention)}]
    return telegram.update(message=body | content)


async def test_a_group_hears_nothing_unless_it_asks(member, telegram):
    for text in ("pin sicher?", "hallo zusammen", "/start", "/start@other_bot", "@other_bot pin sicher?"):
        assert await member.deliver(group(telegram, text)) == []
    assert not telegram.of("sendMessage")


async def test_a_group_that_asks_gets_published_facts_and_no_personal_button(member, telegram):
    (said,) = await member.deliver(group(telegram, "@auskunft_bot pin sicher?"))
    assert "PIN" in said.text
    assert all("url" in key for row in said.rows for key in row)
    assert said.parameters["reply_parameters"]


async def test_a_reply_to_the_bot_in_a_group_is_addressed_to_it(member, telegram):
    ours = {"message_id": 9, "date": START, "chat": {"id": -100500, "type": "supergroup"}, "from": BOT, "text": "x"}
    (said,) = await member.deliver(group(telegram, "pin sicher?", reply_to_message=ours))
    assert "PIN" in said.text


async def test_a_group_is_pointed_to_the_private_chat_once_an_hour(member, telegram, clock):
    question = "@auskunft_bot welche reifen passen auf mein fahrrad"
    assert len(await member.deliver(group(telegram, question))) == 1
    assert await member.deliver(group(telegram, question)) == []
    clock.advance(minutes=61)
    assert len(await member.deliver(group(telegram, question))) == 1


async def test_inline_search_finds_the_faq_in_any_chat(member, telegram):
    query = {"id": "5", "from": telegram.person(9), "query": "pin sicher", "offset": ""}
    await member.deliver(telegram.update(inline_query=query))
    (answer,) = telegram.of("answerInlineQuery")
    assert answer["results"][0]["id"] == "pin-safe"
    for result in answer["results"]:
        assert not result["id"].startswith("other-")
        assert all("url" in key for row in result["reply_markup"]["inline_keyboard"] for key in row)


async def test_inline_search_shows_the_first_questions_while_nothing_is_typed(member, telegram):
    query = {"id": "5", "from": telegram.person(9, "en"), "query": "", "offset": ""}
    await member.deliver(telegram.update(inline_query=query))
    assert telegram.of("answerInlineQuery")[0]["results"][0]["title"].startswith("What")


async def test_blocking_the_bot_is_noted_in_silence(member, telegram):
    await member.says("/start")
    seat = {"user": BOT, "status": "kicked", "until_date": 0}
    change = {
        "chat": telegram.private(member.chat),
        "from": telegram.person(member.chat),
        "date": START,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": seat,
    }
    assert await member.deliver(telegram.update(my_chat_member=change)) == []


async def test_what_is_none_of_our_business_is_dropped(program, telegram):
    from telegram import Update

    other_bot = telegram.message(1, "pin sicher?")
    other_bot["from"] = BOT | {"id": 5}
    channel = telegram.message(1, "x") | {"chat": {"id": -100, "type": "channel", "title": "x"}}
    via = telegram.message(1, "pin") | {"via_bot": BOT}
    for raw in (
        {"message": other_bot},
        {"channel_post": channel},
        {"message": via},
        {"edited_message": telegram.message(1, "/start") | {"edit_date": START}},
    ):
        update = Update.de_json({"update_id": 1, **raw}, program.context.bot)
        assert read(update, BOT["id"], "auskunft_bot") is None


async def test_the_profile_is_set_for_each_language_and_groups_have_no_menu(program, telegram):
    from handlers import profile

    await profile.present(program.context)
    languages = [call.get("language_code") for call in telegram.of("setMyDescription")]
    assert languages == [None, "de", "en"]
    names = {call["command"] for call in telegram.of("setMyCommands")[0]["commands"]}
    assert {"themen", "karte", "mensch", "datenschutz"} <= names
    assert len(telegram.of("deleteMyCommands")) == 3


def test_what_a_button_carries_is_checked_before_it_is_made():
    from handlers.buttons import Show

    with pytest.raises(ValueError, match="64"):
        pack(Show("x" * 80))


async def test_editors_may_ask_why_and_others_get_help(member, program):
    (said,) = await member.says("/warum pin sicher?")
    assert "pin-safe" not in said.text
    staff = program.desk.rules.staff.model_copy(update={"members": (StaffMember(id=member.chat, role="editor"),)})
    object.__setattr__(program.desk.rules, "staff", staff)
    (said,) = await member.says("/warum pin sicher?")
    assert "pin-safe" in said.text
    (said,) = await member.says("/warum")
    assert "/warum pin sicher?" in said.text
    german, english = await member.says("/vorschau pin-safe")
    assert "Quelle:" in german.text
    assert "Source:" in english.text
    (said,) = await member.says("/vorschau gibt-es-nicht")
    assert "Kennung" in said.text


async def test_a_flood_is_not_even_read(member, program, monkeypatch, clock):
    most = program.desk.rules.messages_per_minute
    for _ in range(most + 2):
        await member.says("pin sicher?")
    read = []
    monkeypatch.setattr(type(program.context), "read", lambda _, text: read.append(text))
    assert await member.says("pin sicher?") == []
    assert read == []
    monkeypatch.undo()
    clock.advance(seconds=61)
    (said,) = await member.says("pin sicher?")
    assert "PIN" in said.text


async def test_near_the_end_of_a_flood_messages_are_read_again(member, program, clock):
    """One that waits for the database until the minute is over must be answered."""
    for _ in range(program.desk.rules.messages_per_minute + 2):
        await member.says("pin sicher?")
    assert program.context.hush.holds(member.chat)
    clock.advance(seconds=50)
    assert not program.context.hush.holds(member.chat)
