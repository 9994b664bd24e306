"""Updates of the staff group as plain data. Who speaks as the group or as a channel is not a person and has no role."""

from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Message

LANGUAGE = "de"  # of the staff group
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})  # Telegram's commands have none; people type them


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the staff group something was done, and by whom."""

    user: int
    name: str
    group: int
    thread: int | None  # None: the general topic
    message: int


@dataclass(frozen=True, slots=True)
class Media:
    """A photo or document that Telegram has."""

    kind: str
    file: str  # Telegram's file_id
    name: str | None


@dataclass(frozen=True, slots=True)
class StaffSaid:
    """A message that is no command. `html` is what was written with its formatting; of media the caption."""

    place: Place
    text: str
    html: str
    media: Media | None
    replies_to: int | None  # a message that was chosen to reply to
    at: datetime
    edited: bool = False
    other: bool = False  # it is something else than the colleague's own text, photo or document


@dataclass(frozen=True, slots=True)
class StaffCommand:
    """A command without the slash and in lower case, with what stands behind it; `html` with its formatting."""

    place: Place
    name: str
    argument: str
    replies_to: int | None
    at: datetime
    html: str = ""
    replied: str = ""  # the text that it replies to, with its formatting, if a person wrote that


@dataclass(frozen=True, slots=True)
class StaffTapped:
    """A button below a message of ours. `keyboard` is what the message shows: rows of label and data."""

    place: Place
    query: str
    data: str | None
    keyboard: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class TopicChanged:
    """Somebody closed or reopened a topic by hand. Telegram does not tell when one is deleted."""

    place: Place
    closed: bool


@dataclass(frozen=True, slots=True)
class NoPerson:
    """A command, or a reply to us, by the group itself (an anonymous administrator) or by a channel."""

    group: int
    thread: int | None
    message: int


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """The staff group became a supergroup and has a new id."""

    old: int
    new: int


AtDesk = StaffSaid | StaffCommand | StaffTapped | TopicChanged | NoPerson | GroupMoved


def read_message(message: Message, bot_name: str, *, edited: bool) -> AtDesk | None:
    """A message in the staff group; None for what is none of our business."""
    if message.migrate_to_chat_id:
        return GroupMoved(message.chat.id, message.migrate_to_chat_id)
    text = message.text or message.caption or ""
    if message.sender_chat or message.from_user is None:
        spoken_to = (message.text or "").startswith("/") or _is_reply_to(message, bot_name)
        return NoPerson(message.chat.id, _thread(message), message.message_id) if spoken_to else None
    if message.from_user.is_bot:
        return None
    place = _place(message)
    if message.forum_topic_closed or message.forum_topic_reopened:
        return TopicChanged(place, closed=message.forum_topic_closed is not None)
    at, replied = message.edit_date or message.date, _replied(message)
    if message.text and message.text.startswith("/") and message.forward_origin is None:
        return None if edited else _command(message, place, bot_name)
    media = media_of(message)
    is_foreign = message.via_bot is not None  # words of some bot's inline search
    other = is_foreign or (media is None and message.text is None and bool(message.effective_attachment))
    if not text and media is None and not other:
        return None
    html = message.text_html if message.text else message.caption_html
    return StaffSaid(place, text, html or "", media, replied, at, edited, other)


def read_tap(query: CallbackQuery) -> StaffTapped | None:
    """A tap below one of our messages in the staff group."""
    message = query.message
    if message is None or not isinstance(message, Message):
        return None
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    keyboard = tuple(
        tuple((button.text, button.callback_data) for button in row if isinstance(button.callback_data, str))
        for row in rows
    )
    user = query.from_user
    place = Place(user.id, user.full_name, message.chat.id, _thread(message), message.message_id)
    return StaffTapped(place, query.id, query.data, keyboard)


def _place(message: Message) -> Place:
    assert message.from_user is not None
    user = message.from_user
    return Place(user.id, user.full_name, message.chat.id, _thread(message), message.message_id)


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _replied(message: Message) -> int | None:
    """What was chosen to reply to: in a topic every message replies to the one that opened it."""
    target = message.reply_to_message
    return None if target is None or target.forum_topic_created else target.message_id


def _is_reply_to(message: Message, bot_name: str) -> bool:
    target = message.reply_to_message
    said_by = None if target is None or target.forum_topic_created else target.from_user
    return said_by is not None and (said_by.username or "").casefold() == bot_name.casefold()


def _command(message: Message, place: Place, bot_name: str) -> StaffCommand | None:
    assert message.text is not None
    head, argument = _parted(message.text[1:])
    name, _, addressed = head.partition("@")
    if addressed and addressed.casefold() != bot_name.casefold():
        return None
    html = _parted(message.text_html or "")[1]
    return StaffCommand(
        place, name.lower().translate(UMLAUTS), argument, _replied(message), message.date, html, _words_replied(message)
    )


def _words_replied(message: Message) -> str:
    target = message.reply_to_message
    is_a_person = target is not None and target.from_user is not None and not target.from_user.is_bot
    return (target.text_html or target.caption_html or "") if target is not None and is_a_person else ""


def _parted(text: str) -> tuple[str, str]:
    """The first word, and what comes after it, be it on the next line."""
    head, *rest = text.split(maxsplit=1)
    return head, rest[0].strip() if rest else ""


def media_of(message: Message) -> Media | None:
    """The photo or document in a message."""
    if message.photo:
        return Media("photo", message.photo[-1].file_id, None)
    if message.document:
        return Media("document", message.document.file_id, message.document.file_name)
    return None
