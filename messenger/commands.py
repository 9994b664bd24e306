"""The bot's command menu per scope and language, and its name and descriptions per language."""

import json
from typing import Final

from messenger import chats
from messenger.store import Json, dump
from messenger.world import World

SCOPES: Final = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip


def save(world: World, scope: str, language: str, commands: list[Json]) -> None:
    world.store.write("DELETE FROM commands WHERE scope = ? AND language = ?", scope, language)
    if commands:
        world.store.write("INSERT INTO commands VALUES (?, ?, ?)", scope, language, dump(commands))
    world.live.publish("chats")


def find(world: World, scope: str, language: str) -> list[Json]:
    row = world.store.row("SELECT body FROM commands WHERE scope = ? AND language = ?", scope, language)
    found: list[Json] = json.loads(row[0]) if row else []
    return found


def menu(world: World, chat: int, person: Json) -> list[Json]:
    """The menu that a person sees in a chat: the narrowest scope wins (bots/api#determining-list-of-commands)."""
    language = str(person.get("language_code", ""))
    for scope in _narrowing(world, chat, int(person["id"])):
        for code in (language, ""):
            found = find(world, scope, code)
            if found:
                return found
    return []


def _narrowing(world: World, chat: int, person: int) -> list[str]:
    if chat > 0:
        return [f"chat:{chat}", "all_private_chats", "default"]
    admin = chats.status(world, chat, person) in {"creator", "administrator"}
    scopes = [f"chat_member:{chat}:{person}"]
    scopes += [f"chat_administrators:{chat}"] if admin else []
    scopes += [f"chat:{chat}"]
    scopes += ["all_chat_administrators"] if admin else []
    return [*scopes, "all_group_chats", "default"]


def set_words(world: World, kind: str, language: str, words: str) -> None:
    """Keeps the bot's name or a description; an empty one is forgotten."""
    world.store.write("DELETE FROM profile WHERE kind = ? AND language = ?", kind, language)
    if words:
        world.store.write("INSERT INTO profile VALUES (?, ?, ?)", kind, language, words)
    world.live.publish("chats")


def words(world: World, kind: str, language: str) -> str:
    """Returns the words in this language, else those without a language, else ""."""
    sql = "SELECT words FROM profile WHERE kind = ? AND language IN (?, '') ORDER BY language DESC LIMIT 1"
    row = world.store.row(sql, kind, language)
    return row[0] if row else ""
