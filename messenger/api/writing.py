"""What the methods that write messages have in common: text, place, reply, keyboard."""

import re
from typing import Final

from messenger import chats, entities, html, markup, messages, topics
from messenger.api.call import Call, chat_number
from messenger.errors import bad
from messenger.store import Json, dump

LONGEST_TEXT: Final = 4096  # characters after entities parsing; bots/api#sendmessage
LONGEST_CAPTION: Final = 1024  # bots/api#sendphoto
_LARGEST_SOURCE: Final = 1 << 15  # bytes of a text before it is parsed
_MOST_ENTITIES: Final = 100
_GIVEN: Final = set(html.STYLES.values()) | {
    "expandable_blockquote", "text_mention", "mention", "hashtag", "cashtag", "bot_command", "url", "email",
    "phone_number",
}  # fmt: skip
_FOUND_ALONE: Final = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
_LINK_FLAGS: Final = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")
_WEB: Final = re.compile(r"(https?://)?[^\s/]+\.[^\s/]+", re.IGNORECASE)


def formatted(source: str, mode: str, given: object, longest: int) -> tuple[str, list[Json]]:
    """Returns plain text and entities. Raises Refused where Telegram does, with its words."""
    if len(source.encode("utf-8", "replace")) > _LARGEST_SOURCE:
        raise bad("text is too long")
    text, found = source, _checked_entities(source, given)
    if mode:
        if mode.lower() != "html":
            raise bad("unsupported parse_mode")
        try:
            text, found = html.parse(source)
        except html.MarkupError as error:
            raise bad(f"can't parse entities: {error}") from None
    text, found = entities.trimmed(text.replace("\r", "").replace("\0", ""), found)
    if len(text) > longest:
        raise bad("message is too long" if longest == LONGEST_TEXT else "message caption is too long")
    return text, entities.detect(text, found)[:_MOST_ENTITIES]


def _checked_entities(text: str, given: object) -> list[Json]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(entity, dict) for entity in given):
        raise bad("expected an Array of MessageEntity")
    length, kept = html.utf16(text), []
    for entity in given:
        if entity.get("type") not in _GIVEN:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        begin, end = int(entity.get("offset", 0)), int(entity.get("offset", 0)) + int(entity.get("length", 0))
        if begin < 0:
            raise bad(f"receive an entity with incorrect offset {begin}")
        if begin > length:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {begin}")
        if end > length:
            raise bad(
                f"entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}"
            )
        if entity["type"] not in _FOUND_ALONE and end > begin:
            kept.append(entity)
    return kept


def text_content(call: Call) -> Json:
    """Returns text, entities and link preview of a text message."""
    source = call.text("text")
    if not source:
        raise bad("message text is empty")
    given = call.parsed("entities", "message entities")
    text, found = formatted(source, call.text("parse_mode"), given, LONGEST_TEXT)
    if not text:
        raise bad("text must be non-empty")
    content: Json = {"text": text} | ({"entities": found} if found else {})
    return content | link_preview(call)


def caption_content(call: Call) -> Json:
    given = call.parsed("caption_entities", "message entities")
    text, found = formatted(call.text("caption"), call.text("parse_mode"), given, LONGEST_CAPTION)
    content: Json = ({"caption": text} if text else {}) | ({"caption_entities": found} if found else {})
    if call.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    if call.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def link_preview(call: Call) -> Json:
    options = call.parsed("link_preview_options", "link preview options")
    if options is None:
        return {"link_preview_options": {"is_disabled": True}} if call.flag("disable_web_page_preview") else {}
    if not isinstance(options, dict):
        raise bad("object expected as link preview options")
    for flag in _LINK_FLAGS:
        if not isinstance(options.get(flag, False), bool):
            raise bad(f'field "{flag}" must be of type Boolean')
    if options.get("url") and not _WEB.match(str(options["url"])):
        raise bad("WEBPAGE_URL_INVALID")
    return {"link_preview_options": options} if any(options.values()) else {}


def keyboard(call: Call) -> Json | None:
    return markup.checked(call.parsed("reply_markup", "reply keyboard markup"))


def reply_wish(call: Call) -> Json:
    """Returns the reply parameters, {} when the message replies to nothing."""
    wish = call.parsed("reply_parameters", "reply parameters")
    if wish is None:
        number = call.integer("reply_to_message_id")
        lenient = call.flag("allow_sending_without_reply")
        return {"message_id": number, "allow_sending_without_reply": lenient} if number else {}
    if not isinstance(wish, dict):
        raise bad("object expected as reply parameters")
    if wish and not isinstance(wish.get("message_id"), int):
        raise bad('can\'t find field "message_id"')
    return wish


def send(call: Call, content: Json) -> Json:
    """Writes the bot's message into the chat that the call names; returns it."""
    buttons, wish = keyboard(call), reply_wish(call)
    chat = chats.reachable(call.world, chat_number(call))
    thread = call.integer("message_thread_id")
    target = _target(call, chat, wish)
    if thread and topics.find(call.world, chat["id"], thread) is None:
        raise bad("message thread not found")
    content = dict(content) | _quote(wish, target)
    thread = thread or (target or {}).get("message_thread_id", 0)
    if call.flag("protect_content"):
        content["has_protected_content"] = True
    if buttons and "inline_keyboard" in buttons:
        content |= {"reply_markup": buttons} if buttons["inline_keyboard"] else {}
    message = messages.add(
        call.world, chat, call.world.bot, content, thread=thread, reply=target["message_id"] if target else 0
    )
    if buttons and "inline_keyboard" not in buttons:
        _show_keyboard(call, chat["id"], message["message_id"], buttons)
    return message


def _target(call: Call, chat: Json, wish: Json) -> Json | None:
    """The message that is replied to. Raises Refused when it is gone and the call insists."""
    if not wish:
        return None
    number = int(wish["message_id"])
    target = messages.get(call.world, chat["id"], number)
    if target is None and not wish.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return target


def _quote(wish: Json, target: Json | None) -> Json:
    words = wish.get("quote")
    if not words or not target:
        return {}
    mode = str(wish.get("quote_parse_mode") or "")
    quote, found = formatted(str(words), mode, wish.get("quote_entities"), LONGEST_CAPTION)
    source = str(target.get("text") or target.get("caption") or "")
    if quote not in source:
        raise bad("QUOTE_TEXT_INVALID")
    body: Json = {"text": quote, "position": html.utf16(source[: source.index(quote)]), "is_manual": True}
    return {"quote": body | ({"entities": found} if found else {})}


def _show_keyboard(call: Call, chat: int, message: int, buttons: Json) -> None:
    """Reply keyboards belong to the chat, not to the message: the newest one replaces the one before."""
    store = call.world.store
    store.write("DELETE FROM keyboards WHERE chat = ?", chat)
    if not buttons.get("remove_keyboard"):
        store.write("INSERT INTO keyboards VALUES (?, ?, ?)", chat, message, dump(buttons))
    call.world.live.publish("keyboard", chat=chat)
