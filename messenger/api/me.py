"""getMe, logOut, close, the bot's commands, name and descriptions."""

import re
from typing import Final

from messenger import commands
from messenger.api.call import Call, chat_number, method
from messenger.errors import bad
from messenger.store import Json

_PROFILE: Final = {"name": 64, "description": 512, "short_description": 120}  # characters; bots/api#setmyname …
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}\Z")
_MOST_COMMANDS: Final = 100
_LONGEST_EXPLANATION: Final = 256
_LANGUAGE: Final = re.compile(r"[a-z]{2}\Z")


@method("getMe")
def get_me(call: Call) -> Json:
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
    lacking = ("can_connect_to_business", "has_main_web_app", "has_topics_enabled", "allows_users_to_create_topics")
    name = commands.words(call.world, "name", "")
    body = call.world.bot | {"first_name": name or call.world.bot["first_name"]}
    return body | abilities | dict.fromkeys((*lacking, "can_manage_bots"), False)


@method("logOut", "close")
def leave_server(_: Call) -> bool:
    return True


def _language(call: Call) -> str:
    code = call.text("language_code")
    if code and not _LANGUAGE.match(code):
        raise bad("language code is invalid")
    return code


def _set_words(call: Call, kind: str) -> bool:
    words, language = call.text(kind), _language(call)
    if len(words) > _PROFILE[kind]:
        raise bad(f"{kind.replace('_', ' ')} is too long")
    commands.set_words(call.world, kind, language, words)
    return True


@method("setMyName")
def set_name(call: Call) -> bool:
    return _set_words(call, "name")


@method("setMyDescription")
def set_description(call: Call) -> bool:
    return _set_words(call, "description")


@method("setMyShortDescription")
def set_short_description(call: Call) -> bool:
    return _set_words(call, "short_description")


@method("getMyName")
def get_name(call: Call) -> Json:
    name = commands.words(call.world, "name", _language(call))
    return {"name": name or call.world.bot["first_name"]}


@method("getMyDescription")
def get_description(call: Call) -> Json:
    return {"description": commands.words(call.world, "description", _language(call))}


@method("getMyShortDescription")
def get_short_description(call: Call) -> Json:
    return {"short_description": commands.words(call.world, "short_description", _language(call))}


def _scope(call: Call) -> str:
    """The scope as one word: "default", "all_private_chats", "chat:ID", "chat_member:ID:PERSON" …"""
    scope = call.parsed("scope", "BotCommandScope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in commands.SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    parts = [kind]
    if kind in {"chat", "chat_administrators", "chat_member"}:
        parts.append(str(chat_number(Call(call.world, scope))))
    if kind == "chat_member":
        parts.append(str(scope.get("user_id", "")))
    return ":".join(parts)


@method("setMyCommands")
def set_commands(call: Call) -> bool:
    given = call.parsed("commands", "bot commands")
    if not isinstance(given, list):
        raise bad("can't parse commands list")
    if len(given) > _MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in given:
        if not isinstance(command, dict) or not _COMMAND.match(str(command.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", "")).strip()) <= _LONGEST_EXPLANATION:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": one["command"].removeprefix("/"), "description": one["description"].strip()} for one in given]
    commands.save(call.world, _scope(call), _language(call), kept)
    return True


@method("getMyCommands")
def get_commands(call: Call) -> list[Json]:
    return commands.find(call.world, _scope(call), _language(call))


@method("deleteMyCommands")
def delete_commands(call: Call) -> bool:
    commands.save(call.world, _scope(call), _language(call), [])
    return True


@method("getChatMenuButton")
def menu_button(_: Call) -> Json:
    return {"type": "commands"}


@method("setChatMenuButton")
def set_menu_button(_: Call) -> bool:
    return True
