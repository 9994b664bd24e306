"""Topics of the staff group: made, named, closed and reopened. What is so already is as good as done."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from handlers.sending import Fate, Result, sort

log = logging.getLogger(__name__)

LONGEST_NAME = 128  # core.telegram.org/bots/api#createforumtopic
NOTHING_TO_DO = ("not_modified", "not modified")


@dataclass(frozen=True, slots=True)
class Look:
    """How a topic looks: `sign` is an emoji, shown as the icon where Telegram has it, otherwise before the name."""

    sign: str
    name: str


class Topics:
    """Topics of one group."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._icons: dict[str, str] | None = None  # by emoji

    async def make(self, group: int, look: Look) -> Result:
        """A new topic: `message` of the result is its thread."""
        icon = await self._icon(look)
        try:
            made = await self._bot.create_forum_topic(group, _name(look, icon), icon_custom_emoji_id=icon)
        except TelegramError as error:
            return sort(error)
        return Result(Fate.SENT, made.message_thread_id, said=0)

    async def show(self, group: int, thread: int, look: Look, *, closed: bool) -> Result:
        """The topic looks so, and is closed or not."""
        icon = await self._icon(look)
        name = _name(look, icon)
        named = await _done(self._bot.edit_forum_topic(group, thread, name, icon_custom_emoji_id=icon))
        if named.fate is not Fate.SENT:
            return named
        if closed:
            return await _done(self._bot.close_forum_topic(group, thread))
        return await _done(self._bot.reopen_forum_topic(group, thread))

    async def _icon(self, look: Look) -> str | None:
        if self._icons is None:
            try:
                stickers = await self._bot.get_forum_topic_icon_stickers()
            except TelegramError:
                return None  # asked again for the next one
            self._icons = {
                sticker.emoji.rstrip("\ufe0f"): sticker.custom_emoji_id
                for sticker in stickers
                if sticker.emoji and sticker.custom_emoji_id
            }
        return self._icons.get(look.sign.rstrip("\ufe0f"))


def _name(look: Look, icon: str | None) -> str:
    return (look.name if icon else f"{look.sign} {look.name}")[:LONGEST_NAME]


async def _done(call: Awaitable[bool]) -> Result:
    try:
        await call
    except BadRequest as error:
        if any(words in error.message.casefold() for words in NOTHING_TO_DO):
            return Result(Fate.SENT, said=0)
        return sort(error)
    except TelegramError as error:
        return sort(error)
    return Result(Fate.SENT, said=0)
