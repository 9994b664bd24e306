"""The only place that says something through the Bot API, and that sorts what may go wrong.

PTB's errors need care: `BadRequest` and `TimedOut` are subclasses of `NetworkError`, and a `TimedOut` does not tell
whether the message arrived. `sort` decides by what PTB keeps as the cause.
"""

import base64
import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, cast

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import RequestData

# Private to PTB, which makes these only from objects. If it moves, the program does not start and every test says so:
# look where `telegram.request.RequestData` takes its parameters from. requirements/ pin the version.
from telegram.request._requestparameter import RequestParameter

from handlers.reply import Act, Key, Reply, Rows
from markup import plain

log = logging.getLogger(__name__)

LONGEST = 4096
NO_PREVIEW: dict[str, Any] = {"is_disabled": True}
# The call never left: connection refused, name not found, no free connection.
_NEVER_SENT = ("ClientConnectorError", "ClientConnectorDNSError", "ConnectionTimeoutError", "ServerTimeoutError")


class Fate(StrEnum):
    """What became of a call."""

    SENT = "sent"
    REFUSED = "refused"  # for good: blocked, no such chat, or our mistake
    NOT_SENT = "not-sent"  # surely not executed: try again
    UNKNOWN = "unknown"  # may have been executed
    NO_BOT = "no-bot"  # the token is not accepted


class Obstacle(StrEnum):
    """What stands in the way in a group, and can be removed."""

    NO_TOPIC = "no-topic"  # it was deleted
    CLOSED_TOPIC = "closed-topic"
    NO_FORUM = "no-forum"  # the group has no topics, or we may not make them
    NO_CHAT = "no-chat"  # or not one that we are in
    MOVED = "moved"  # the group has a new id


# Telegram tells these only by words.
_OBSTACLES = (
    (Obstacle.NO_TOPIC, ("thread not found", "topic_deleted", "topic_id_invalid", "topic not found")),
    (Obstacle.CLOSED_TOPIC, ("topic_closed",)),
    (Obstacle.NO_FORUM, ("not a forum", "not enough rights to create a topic", "not enough rights to manage topics")),
    (Obstacle.NO_CHAT, ("chat not found",)),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A fate, our message if there is one, and how many seconds Telegram wants us to wait."""

    fate: Fate
    message: int | None = None
    wait: float = 0.0
    blocked: bool = False
    obstacle: Obstacle | None = None
    said: int = 1  # how many messages it took


def sort(error: TelegramError) -> Result:
    """The fate of a call that raised this."""
    match error:
        case RetryAfter():
            return Result(Fate.NOT_SENT, wait=wanted_pause(error))
        case Forbidden():
            return Result(Fate.REFUSED, blocked=True)
        case InvalidToken():
            return Result(Fate.NO_BOT)
        case ChatMigrated():
            return Result(Fate.REFUSED, obstacle=Obstacle.MOVED)
        case BadRequest():
            return Result(Fate.REFUSED, obstacle=_obstacle(error.message.casefold()))
        case Conflict():
            return Result(Fate.REFUSED)
    cause = error.__cause__
    if cause is None and type(error) is NetworkError:  # an HTTP status of 500 and above
        return Result(Fate.NOT_SENT)
    return Result(Fate.NOT_SENT if type(cause).__name__ in _NEVER_SENT else Fate.UNKNOWN)


def _obstacle(reason: str) -> Obstacle | None:
    return next((found for found, words in _OBSTACLES if any(word in reason for word in words)), None)


def wanted_pause(error: RetryAfter) -> float:
    """How many seconds Telegram wants us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Says(Protocol):
    """What says a reply: the sender, or what stands around it."""

    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result: ...


class Sender:
    """Says one reply in one chat."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result:
        """Carries out one reply once. `answered_by` is our message that `Act.REPLACE` is to replace."""
        try:
            return await self._act(chat, reply, answered_by)
        except BadRequest as error:
            return await self._after_refusal(chat, reply, error)
        except TelegramError as error:
            return sort(error)

    async def _act(self, chat: int, reply: Reply, answered_by: int | None) -> Result:
        match reply.act:
            case Act.SEND:
                return await self._send(chat, reply)
            case Act.FILE | Act.PICTURE | Act.MEDIA:
                return await self._send_file(chat, reply)
            case Act.REPLACE if answered_by is None:
                return await self._send(chat, reply)
            case Act.REPLACE | Act.EDIT:
                return await self._edit(chat, reply, answered_by if reply.act is Act.REPLACE else reply.target)
            case Act.CORRECT:
                return await self._correct(chat, reply)
            case Act.REACT:
                return await self._react(chat, reply)
            case Act.KEYBOARD:
                markup = keyboard(reply.rows)
                await self._bot.edit_message_reply_markup(chat_id=chat, message_id=reply.target, reply_markup=markup)
                return Result(Fate.SENT)
            case Act.DELETE:
                assert reply.target is not None
                await self._bot.delete_message(chat_id=chat, message_id=reply.target)
                return Result(Fate.SENT)

    async def _send(self, chat: int, reply: Reply, *, as_plain: bool = False) -> Result:
        values = {
            "chat_id": chat,
            "text": plain(reply.html)[:LONGEST] if as_plain else reply.html,
            "parse_mode": None if as_plain else ParseMode.HTML,
            "reply_markup": _keyboard(reply.rows),
            "link_preview_options": NO_PREVIEW,
            "reply_parameters": _quote(reply),
            "message_thread_id": reply.thread,
            "protect_content": reply.protected or None,
        }
        parameters = [RequestParameter(name, value, None) for name, value in values.items() if value is not None]
        # Not send_message: it makes an object of each part and of the answer, which takes three quarters of the time.
        sent = await self._bot.request.post(f"{self._bot.base_url}/sendMessage", RequestData(parameters))
        return Result(Fate.SENT, cast(dict[str, int], sent)["message_id"])

    async def _send_file(self, chat: int, reply: Reply) -> Result:
        """A text as a document, a picture that we drew, or a photo or document that Telegram has already."""
        (kind, content, name), quote = _content(reply), _quote(reply)
        send = self._bot.send_photo if kind == "photo" else self._bot.send_document
        sent = await send(
            chat,
            content,
            filename=name,
            caption=reply.html or None,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(reply.rows),
            reply_parameters=ReplyParameters.de_json(quote, self._bot) if quote else None,
            message_thread_id=reply.thread,
            protect_content=reply.protected or None,
        )
        return Result(Fate.SENT, sent.message_id)

    async def _edit(self, chat: int, reply: Reply, message: int | None) -> Result:
        edited = await self._bot.edit_message_text(
            reply.html,
            chat_id=chat,
            message_id=message,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(reply.rows),
            link_preview_options=LinkPreviewOptions.de_json(NO_PREVIEW, self._bot),
        )
        return Result(Fate.SENT, edited.message_id if isinstance(edited, Message) else message)

    async def _correct(self, chat: int, reply: Reply) -> Result:
        if reply.media is None:
            return await self._edit(chat, reply, reply.target)
        await self._bot.edit_message_caption(
            chat_id=chat, message_id=reply.target, caption=reply.html, parse_mode=ParseMode.HTML,
            reply_markup=keyboard(reply.rows),
        )  # fmt: skip
        return Result(Fate.SENT, reply.target)

    async def _react(self, chat: int, reply: Reply) -> Result:
        """A sign is nothing that must arrive: where the group does not allow it, it is a message, or nothing."""
        assert reply.target is not None
        try:
            await self._bot.set_message_reaction(chat, reply.target, reply.html)
        except BadRequest:
            if reply.quotes is not None:
                await self._send(chat, reply)
        return Result(Fate.SENT)

    async def _after_refusal(self, chat: int, reply: Reply, error: BadRequest) -> Result:
        """Some refusals mean that it is done already, others that it can be said differently."""
        reason = error.message.casefold()
        if chat < 0 and reply.act is Act.DELETE and "can't be deleted" in reason:
            log.error("words stay in the staff group: the bot needs the right to delete messages there")
        if "not modified" in reason or (reply.act is Act.DELETE and "delete" in reason):
            return Result(Fate.SENT, reply.target if reply.act is Act.EDIT else None)
        if reply.act is Act.KEYBOARD or (reply.act is Act.CORRECT and "to edit not found" in reason):
            return Result(Fate.SENT)
        says = reply.act in (Act.SEND, Act.REPLACE, Act.EDIT)
        unreadable = "can't parse" in reason or "too long" in reason
        lost = reply.act is not Act.SEND and ("to edit not found" in reason or "can't be edited" in reason)
        if not says or not (unreadable or lost):
            log.warning("refused: %s (%s)", error.message, reply.act)
            return sort(error)
        if unreadable:
            log.error("our text is not accepted: %s", error.message)
        try:
            return await self._send(chat, reply, as_plain=unreadable)
        except TelegramError as second:
            return sort(second)


def _quote(reply: Reply) -> dict[str, Any] | None:
    return {"message_id": reply.quotes, "allow_sending_without_reply": True} if reply.quotes else None


def _content(reply: Reply) -> tuple[str, str | bytes, str | None]:
    """Photo or document, what Telegram gets for it, and the file's name."""
    if reply.media is not None:
        return reply.media[0], reply.media[1], None
    assert reply.file is not None
    name, text = reply.file
    return ("photo", base64.b64decode(text), name) if reply.act is Act.PICTURE else ("document", text.encode(), name)


def _keyboard(rows: Rows) -> dict[str, Any] | None:
    """As Telegram takes it."""
    return {"inline_keyboard": [[_button(key) for key in row] for row in rows]} if rows else None


def _button(key: Key) -> dict[str, str | None]:
    return {"text": key.label, "callback_data": key.data} if key.url is None else {"text": key.label, "url": key.url}


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """The same as PTB takes it."""
    values = _keyboard(rows)
    return InlineKeyboardMarkup.de_json(values) if values else None
