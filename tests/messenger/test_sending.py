"""sendMessage and its relatives, with the errors Telegram gives."""

import pytest
from telegram import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, EndPointNotFound, Forbidden

from messenger.people import AYLIN_YILMAZ, EMMA_CLARKE, HEINZ_BRANDT, STAFF_GROUP, STAMMTISCH, TOPIC_TECHNOLOGY
from tests.messenger.picture import PNG


@pytest.fixture
async def started(place):
    await place.act("start", AYLIN_YILMAZ)
    await place.updates()
    return place


async def test_the_bot_knows_itself(place):
    me = await place.bot.get_me()
    assert (me.id, me.username, me.is_bot, me.supports_inline_queries) == (7712345678, "auskunft_bot", True, True)
    assert not me.can_read_all_group_messages


async def test_a_text_arrives_with_its_entities(started):
    sent = await started.bot.send_message(
        AYLIN_YILMAZ, "Über <b>𝔸lles</b> &amp; <i>mehr</i>: /karte", parse_mode="HTML"
    )
    assert sent.text == "Über 𝔸lles & mehr: /karte"
    assert sent.parse_entities() == {sent.entities[0]: "𝔸lles", sent.entities[1]: "mehr", sent.entities[2]: "/karte"}
    assert [entity.type for entity in sent.entities] == ["bold", "italic", "bot_command"]
    assert (await started.shown(AYLIN_YILMAZ))["messages"][-1]["text"] == sent.text


REFUSED_TEXTS = [
    ("", None, "Message text is empty"),
    ("  \n ", None, "Text must be non-empty"),
    ("<b></b>", "HTML", "Text must be non-empty"),
    ("x" * 4097, None, "Message is too long"),
    ("x" * 40000, None, "Text is too long"),
    ("<b>x", "HTML", "Can't parse entities: can't find end tag corresponding to start tag \"b\""),
    ("x", "XML", "Unsupported parse_mode"),
]


async def test_texts_that_telegram_refuses(started):
    for text, mode, reason in REFUSED_TEXTS:
        with pytest.raises(BadRequest) as error:
            await started.bot.send_message(AYLIN_YILMAZ, text, parse_mode=mode)
        assert error.value.message == reason


async def test_length_is_counted_after_parsing(started):
    sent = await started.bot.send_message(AYLIN_YILMAZ, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(sent.text) == 4096


async def test_whom_a_bot_may_write_to(started):
    with pytest.raises(BadRequest, match="Chat not found"):
        await started.bot.send_message(12345, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await started.bot.send_message("@nobody_here", "x")
    with pytest.raises(BadRequest, match="Chat_id is empty"):
        await started.bot.send_message("", "x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await started.bot.send_message(HEINZ_BRANDT, "x")


async def test_blocked_and_unblocked(started):
    await started.act("block", AYLIN_YILMAZ, blocked=True)
    [update] = await started.updates()
    assert update.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await started.bot.send_message(AYLIN_YILMAZ, "x")
    assert "unblock" in await started.refused("send", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, text="x")
    await started.act("start", AYLIN_YILMAZ, payload="wieder")
    unblocked, message = await started.updates()
    assert unblocked.my_chat_member.new_chat_member.status == "member"
    assert message.message.text == "/start wieder"
    await started.bot.send_message(AYLIN_YILMAZ, "x")


REFUSED_BUTTONS = [
    (InlineKeyboardButton("x", callback_data="ä" * 33), "Button_data_invalid"),
    (InlineKeyboardButton("x", url="ftp://example.com"), "Unsupported url protocol"),
    (InlineKeyboardButton("x", url="nowhere"), "Wrong http url"),
    (InlineKeyboardButton("x"), "Text buttons are unallowed in the inline keyboard"),
    (InlineKeyboardButton("", callback_data="a"), "Button_text_invalid"),
    (InlineKeyboardButton("x", copy_text=CopyTextButton("y" * 257)), "Button_copy_text_invalid"),
]


async def test_buttons_that_telegram_refuses(started):
    for button, reason in REFUSED_BUTTONS:
        with pytest.raises(BadRequest) as error:
            await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=InlineKeyboardMarkup([[button]]))
        assert reason.lower() in error.value.message.lower()


async def test_keyboards_come_and_go(started):
    data = "ä" * 32
    rows = [[InlineKeyboardButton("A", callback_data=data), InlineKeyboardButton("B", url="https://example.org")]]
    sent = await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=InlineKeyboardMarkup(rows))
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == data
    await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=ReplyKeyboardMarkup([["Ja", "Nein"]]))
    assert (await started.shown(AYLIN_YILMAZ))["keyboard"]["keyboard"][0][1]["text"] == "Nein"
    await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=ForceReply(input_field_placeholder="Code"))
    assert (await started.shown(AYLIN_YILMAZ))["keyboard"]["force_reply"]
    await started.bot.send_message(AYLIN_YILMAZ, "x", reply_markup=ReplyKeyboardRemove())
    assert (await started.shown(AYLIN_YILMAZ))["keyboard"] is None


async def test_a_reply_quotes(started):
    first = await started.say(AYLIN_YILMAZ, "Ist meine PIN sicher?")
    wish = ReplyParameters(first, quote="PIN")
    sent = await started.bot.send_message(AYLIN_YILMAZ, "Ja.", reply_parameters=wish)
    assert sent.reply_to_message.text == "Ist meine PIN sicher?"
    assert (sent.quote.text, sent.quote.position) == ("PIN", 10)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await started.bot.send_message(AYLIN_YILMAZ, "Ja.", reply_parameters=ReplyParameters(999))
    lenient = ReplyParameters(999, allow_sending_without_reply=True)
    assert not (await started.bot.send_message(AYLIN_YILMAZ, "Ja.", reply_parameters=lenient)).reply_to_message
    with pytest.raises(BadRequest, match="Quote_text_invalid"):
        await started.bot.send_message(AYLIN_YILMAZ, "Ja.", reply_parameters=ReplyParameters(first, quote="PUK"))


async def test_options_are_kept(started):
    options = LinkPreviewOptions(is_disabled=True)
    sent = await started.bot.send_message(AYLIN_YILMAZ, "x", protect_content=True, link_preview_options=options)
    assert sent.has_protected_content
    assert sent.link_preview_options.is_disabled
    for copy in (started.bot.forward_message, started.bot.copy_message):
        with pytest.raises(BadRequest, match="The message can't be"):
            await copy(AYLIN_YILMAZ, AYLIN_YILMAZ, sent.message_id)
    assert "forwarded" in await started.refused(
        "forward", AYLIN_YILMAZ, chat=AYLIN_YILMAZ, message=sent.message_id, to=STAMMTISCH
    )


async def test_copying_and_forwarding(started):
    own = await started.bot.send_message(AYLIN_YILMAZ, "<b>x</b>", parse_mode="HTML")
    copied = await started.bot.copy_message(STAFF_GROUP, AYLIN_YILMAZ, own.message_id)
    forwarded = await started.bot.forward_message(
        STAFF_GROUP, AYLIN_YILMAZ, own.message_id, message_thread_id=TOPIC_TECHNOLOGY
    )
    assert forwarded.forward_origin.sender_user.username == "auskunft_bot"
    assert forwarded.entities[0].type == "bold"
    assert forwarded.message_thread_id == TOPIC_TECHNOLOGY
    assert copied.message_id == forwarded.message_id - 1
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await started.bot.copy_message(STAFF_GROUP, AYLIN_YILMAZ, 999)
    with pytest.raises(BadRequest, match="Message to forward not found"):
        await started.bot.forward_message(STAFF_GROUP, AYLIN_YILMAZ, 999)


async def test_files_go_out_and_come_back(started):
    photo = await started.bot.send_photo(AYLIN_YILMAZ, PNG, caption="<i>Brief</i>", parse_mode="HTML")
    assert (photo.photo[-1].width, photo.photo[-1].height, photo.caption) == (2, 1, "Brief")
    again = await started.bot.send_photo(AYLIN_YILMAZ, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    document = await started.bot.send_document(AYLIN_YILMAZ, b"Merkblatt", filename="Merk blatt.pdf")
    assert (document.document.file_name, document.document.mime_type) == ("Merk blatt.pdf", "application/pdf")
    file = await started.bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"Merkblatt"
    assert file.file_path.endswith(".pdf")


REFUSED_PHOTOS = [
    (b"no picture", None, "Image_process_failed"),
    (PNG, "x" * 1025, "Message caption is too long"),
    ("https://example.org/x.png", None, "Failed to get http url content"),
    ("wrong", None, "Wrong remote file identifier specified"),
    (b"", None, "File must be non-empty"),
]


async def test_photos_that_telegram_refuses(started):
    for photo, caption, reason in REFUSED_PHOTOS:
        with pytest.raises(BadRequest) as error:
            await started.bot.send_photo(AYLIN_YILMAZ, photo, caption=caption)
        assert reason.lower() in error.value.message.lower()


async def test_an_unknown_file(started):
    with pytest.raises(BadRequest, match="Wrong file_id"):
        await started.bot.get_file("nothing")
    assert (await started.web.get(f"/file/bot{started.bot.token}/documents/../../x")).status_code == 404


async def test_typing(started):
    assert await started.bot.send_chat_action(AYLIN_YILMAZ, "typing")
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await started.bot.send_chat_action(AYLIN_YILMAZ, "dancing")


async def test_forms_json_and_queries_are_read(started):
    web, address = started.web, f"/bot{started.bot.token}/SENDmessage"
    values = {"chat_id": str(AYLIN_YILMAZ), "text": "äöü"}
    for answer in (
        await web.get(address, params=values),
        await web.post(address, data=values),
        await web.post(address, json=values),
        await web.post(address, files={key: (None, value) for key, value in values.items()}),
    ):
        assert answer.json()["result"]["text"] == "äöü"


async def test_tokens_and_methods(place):
    assert (await place.web.get("/bot1:wrong/getMe")).json() == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }
    answer = await place.web.get(f"/bot{place.bot.token}/sendNothing")
    assert (answer.status_code, answer.json()["description"]) == (404, "Not Found: method not found")
    with pytest.raises(EndPointNotFound):
        await place.bot.do_api_request("sendNothing")
    broken = {"content": "{", "headers": {"content-type": "application/json"}}
    assert (await place.web.post(f"/bot{place.bot.token}/getMe", **broken)).status_code == 400
    values = {"commands": [{"command": "a", "description": 5}, {"command": "b", "description": []}], "scope": [1]}
    odd = await place.web.post(f"/bot{place.bot.token}/setMyCommands", json=values)
    assert odd.status_code == 400
    assert await place.bot.log_out()
    assert await place.bot.close()


async def test_the_english_member_has_an_english_client(place):
    await place.say(EMMA_CLARKE, "Hello")
    [update] = await place.updates()
    assert update.effective_user.language_code == "en"
    assert update.effective_user.full_name == "Dr. Emma Clarke"
