"""From Telegram's update to plain data, and what is dropped on the way.

Dropped: channels, other bots, messages sent through a bot's inline results, groups where nobody spoke to us. What is
done in the staff group is read in `handlers.at_desk`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, InlineQuery, Message, Update
from telegram.constants import ChatType, MessageEntityType

from handlers.at_desk import AtDesk, media_of, read_message, read_tap
from services.expected import looks_like_a_code


@dataclass(frozen=True, slots=True)
class Said:
    """A text in a private chat; `edited` when it replaces an earlier one. A forwarded command is only a text."""

    chat: int
    message: int
    text: str
    client: str | None
    at: datetime
    edited: bool = False
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a private chat, without the slash and in lower case, with what stands behind it."""

    chat: int
    message: int
    name: str
    argument: str
    client: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """Something else than text in a private chat: `file` is Telegram's file_id, where staff may get it."""

    chat: int
    message: int
    kind: str
    client: str | None
    at: datetime
    caption: str = ""
    file: str | None = None
    file_name: str | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button of ours in a private chat. `keyboard` is what the message shows: rows of label and data."""

    chat: int
    message: int
    query: str
    data: str | None
    client: str | None
    keyboard: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class AskedInGroup:
    """A question in a group to which we were addressed, without our name; or a code that was shown to the group."""

    group: int
    message: int
    text: str
    client: str | None
    at: datetime
    addressed: bool = True


@dataclass(frozen=True, slots=True)
class Searched:
    """An inline query in any chat."""

    query: str
    text: str
    client: str | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A member blocked the bot, or the account is gone."""

    chat: int


Incoming = Said | Command | Sent | Tapped | AskedInGroup | Searched | Blocked | AtDesk

_KINDS = {
    "photo": "photo", "video": "photo", "animation": "photo", "sticker": "sticker", "voice": "voice", "audio": "voice",
    "video_note": "voice", "document": "document", "location": "location", "contact": "location", "venue": "location",
    "poll": "empty", "dice": "sticker", "story": "photo", "game": "empty",
}  # fmt: skip
_OF_A_MESSAGE = {"update_id", "message"}
_OF_A_TEXT = {"message_id", "date", "chat", "from", "text", "entities", "link_preview_options"}
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


def plain_text(raw: dict[str, Any], staff_chat: int = 0) -> Said | None:
    """A text in a private chat that is no command and no more than a text, as `read` would give it; else None.

    Nearly every update is one. PTB's objects for it would take a tenth of the event loop's time.
    """
    match raw:
        case {
            "update_id": int(),
            "message": {
                "message_id": int(message),
                "date": int(at),
                "chat": {"id": int(chat), "type": "private"},
                "from": {"id": int(), "is_bot": False, **sender},
                "text": str(text),
            } as content,
        } if raw.keys() == _OF_A_MESSAGE and content.keys() <= _OF_A_TEXT and text[:1] != "/":
            client = sender.get("language_code")
            if chat != staff_chat and isinstance(client, str | None):
                return Said(chat, message, text, client, datetime.fromtimestamp(at, UTC))
    return None


def read(update: Update, bot_id: int, bot_name: str, staff_chat: int = 0) -> Incoming | None:
    """The update as plain data; None for what is none of our business. `bot_name` is without the @."""
    if staff_chat and update.effective_chat is not None and update.effective_chat.id == staff_chat:
        return _at_desk(update, bot_name)
    if update.callback_query:
        return _tap(update.callback_query)
    if update.inline_query:
        return _search(update.inline_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot or message.via_bot:
        return None
    if message.sender_chat:  # a channel, or a group that speaks for itself
        return None
    if message.chat.type in _GROUPS:
        asked = _in_group(message, bot_id, bot_name) if update.message else None
        return asked or _shown_to_group(message)
    if message.chat.type != ChatType.PRIVATE:
        return None
    return _private(message, edited=update.edited_message is not None)


def _at_desk(update: Update, bot_name: str) -> AtDesk | None:
    if update.callback_query:
        return read_tap(update.callback_query)
    message = update.message or update.edited_message
    return read_message(message, bot_name, edited=update.edited_message is not None) if message else None


def _private(message: Message, *, edited: bool) -> Said | Command | Sent | None:
    assert message.from_user is not None
    chat, client, at = message.chat.id, message.from_user.language_code, message.edit_date or message.date
    if message.text is None:
        kind = next((kind for field, kind in _KINDS.items() if getattr(message, field, None)), None)
        return _sent(message, kind, client, edited=edited) if kind else None
    forwarded = message.forward_origin is not None
    if message.text.startswith("/") and not forwarded and len(message.text) > 1 and not message.text[1].isspace():
        if edited:
            return None
        head, _, argument = message.text[1:].partition(" ")
        name = head.partition("@")[0].lower()
        return Command(chat, message.message_id, name, argument.strip(), client, at)
    return Said(chat, message.message_id, message.text, client, at, edited, forwarded)


def _sent(message: Message, kind: str, client: str | None, *, edited: bool) -> Sent | None:
    """A file, or something without words. Of what was edited only the caption of a file can have changed."""
    media = media_of(message)
    if media is not None:
        kind = media.kind
    elif edited:
        return None
    at, caption = message.edit_date or message.date, message.caption or ""
    file, name = (media.file, media.name) if media else (None, None)
    return Sent(message.chat.id, message.message_id, kind, client, at, caption, file, name, edited)


def _in_group(message: Message, bot_id: int, bot_name: str) -> AskedInGroup | None:
    text = message.text or ""
    mention = f"@{bot_name}".casefold()
    named = any(found.casefold() == mention for found in message.parse_entities([MessageEntityType.MENTION]).values())
    replied = message.reply_to_message is not None and (
        message.reply_to_message.from_user is not None and message.reply_to_message.from_user.id == bot_id
    )
    if text.startswith("/"):
        head, _, text = text.partition(" ")
        if not head.casefold().endswith(mention):
            return None
    elif not (named or replied):
        return None
    words = " ".join(word for word in text.split() if word.casefold().rstrip(",:.!?") != mention)
    assert message.from_user is not None
    return AskedInGroup(message.chat.id, message.message_id, words, message.from_user.language_code, message.date)


def _shown_to_group(message: Message) -> AskedInGroup | None:
    """A code that everybody in the group could read, also when it was not said to us, or was written in later."""
    text = message.text or message.caption or ""
    if message.from_user is None or not looks_like_a_code(text):
        return None
    client = message.from_user.language_code
    return AskedInGroup(message.chat.id, message.message_id, text, client, message.date, addressed=False)


def _tap(query: CallbackQuery) -> Tapped | None:
    message = query.message
    if message is None or message.chat.type != ChatType.PRIVATE or message.chat.id != query.from_user.id:
        return None
    markup = message.reply_markup if isinstance(message, Message) else None
    keyboard = tuple(
        tuple((button.text, button.callback_data) for button in row if isinstance(button.callback_data, str))
        for row in (markup.inline_keyboard if markup else ())
    )
    data = query.data
    return Tapped(message.chat.id, message.message_id, query.id, data, query.from_user.language_code, keyboard)


def _search(query: InlineQuery) -> Searched:
    return Searched(query.id, query.query, query.from_user.language_code)


def _membership(change: ChatMemberUpdated) -> Blocked | None:
    gone = change.new_chat_member.status in ("kicked", "left")
    return Blocked(change.chat.id) if gone and change.chat.type == ChatType.PRIVATE else None
