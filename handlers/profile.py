"""How the bot presents itself: commands, name and descriptions, for each language and scope, set at every start."""

import asyncio
import logging

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from handlers import desk_menu, staff
from handlers.commands import MENU
from handlers.context import Context
from texts import LANGUAGES, Texts

log = logging.getLogger(__name__)

NAME_MAX, SHORT_MAX, DESCRIPTION_MAX = 64, 120, 512  # core.telegram.org/bots/api#setmydescription and beside


def commands(texts: Texts, language: str) -> list[BotCommand]:
    return [BotCommand(name, texts.label(f"commands.{name}", language)) for name in MENU[language]]


async def present(context: Context) -> None:
    """Sets everything that people see of the bot before they write. A refusal is logged and stops nothing."""
    default = context.desk.rules.languages[0]
    for code in (None, *LANGUAGES):
        try:
            await _present(context, code, code or default)
        except TelegramError as error:
            log.warning("the bot's profile could not be set: %s", type(error).__name__)
            return
        await asyncio.sleep(0)
    await _present_to_staff(context)


async def _present_to_staff(context: Context) -> None:
    """The commands of the staff group; in German, whatever language a colleague's Telegram speaks."""
    group = context.desk.rules.staff.chat
    if not group:
        return
    listed = [BotCommand(name, desk_menu.told(context.texts, name)) for name in desk_menu.names(staff.COMMANDS)]
    try:
        await context.bot.set_my_commands(listed, scope=BotCommandScopeChat(group))
    except TelegramError as error:
        log.warning("the commands of the staff group could not be set: %s", type(error).__name__)


async def _present(context: Context, code: str | None, language: str) -> None:
    bot, texts = context.bot, context.texts
    listed = commands(texts, language)
    await bot.set_my_commands(listed, scope=BotCommandScopeAllPrivateChats(), language_code=code)
    await bot.set_my_commands(listed, scope=BotCommandScopeDefault(), language_code=code)
    await bot.delete_my_commands(scope=BotCommandScopeAllGroupChats(), language_code=code)
    name = texts.say_plain("profile.name", language)[:NAME_MAX]
    if (await bot.get_my_name(language_code=code)).name != name:  # Telegram counts changes of the name strictly
        await bot.set_my_name(name, language_code=code)
    short = texts.say_plain("profile.short-description", language)[:SHORT_MAX]
    await bot.set_my_short_description(short, language_code=code)
    description = texts.say_plain("profile.description", language)[:DESCRIPTION_MAX]
    await bot.set_my_description(description, language_code=code)
