"""Messages as Telegram's Message objects, each with its place in chat and topic."""

import json
from typing import Final

from messenger import people
from messenger.store import Json, dump
from messenger.world import World

NEW_THREAD: Final = -1  # the message begins a topic of its own
SERVICE: Final = (
    "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "pinned_message",
    "new_chat_members", "left_chat_member",
)  # fmt: skip


def public(message: Json) -> Json:
    """A message as the bot sees it: without what only this program keeps with it."""
    return {key: value for key, value in message.items() if not key.startswith("_")}


def get(world: World, chat: int, number: int) -> Json | None:
    return world.store.body("SELECT body FROM messages WHERE chat = ? AND id = ?", chat, number)


def add(world: World, chat: Json, sender: Json, content: Json, thread: int = 0, reply: int = 0) -> Json:
    """Writes a new message into a chat and shows it on the page; returns it.

    In a topic, a message that replies to nothing in particular replies to the one that created the topic, as with
    Telegram.
    """
    number = _next(world, chat)
    thread = number if thread == NEW_THREAD else thread
    message: Json = {"message_id": number, "from": people.user(sender), "chat": chat, "date": world.now()}
    if thread:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    target = get(world, chat["id"], reply or (thread if thread != number else 0))
    if target:
        message["reply_to_message"] = quoted(target)
    message |= content
    service = any(kind in content for kind in SERVICE)
    world.store.write(
        "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)",
        chat["id"], number, thread, sender["id"], service, dump(message),
    )  # fmt: skip
    world.live.publish("message", chat=chat["id"], message=message)
    return message


def replace(world: World, message: Json) -> None:
    """Keeps the changed message in its place and shows it."""
    chat, number = message["chat"]["id"], message["message_id"]
    world.store.write("UPDATE messages SET body = ? WHERE chat = ? AND id = ?", dump(message), chat, number)
    world.live.publish("message", chat=chat, message=message)


def remove(world: World, chat: int, numbers: list[int]) -> None:
    for number in numbers:
        world.store.write("DELETE FROM messages WHERE chat = ? AND id = ?", chat, number)
    world.live.publish("deleted", chat=chat, messages=numbers)


def latest(world: World, chat: int, thread: int | None, before: int, limit: int) -> list[Json]:
    """The last messages of a chat or topic before a message id, oldest first. Topic 0 is "General"."""
    sql = "SELECT body FROM messages WHERE chat = ? AND id < ? AND (? IS NULL OR thread = ?) ORDER BY id DESC LIMIT ?"
    return [json.loads(row[0]) for row in world.store.rows(sql, chat, before, thread, thread, limit)][::-1]


def _next(world: World, chat: Json) -> int:
    """Private chats and ordinary groups share one count, as in one Telegram account; each supergroup has its own."""
    if chat["type"] != "supergroup":
        return world.store.next_number("next_message", 41)
    row = world.store.row("SELECT next_message FROM chats WHERE id = ?", chat["id"])
    assert row
    world.store.write("UPDATE chats SET next_message = next_message + 1 WHERE id = ?", chat["id"])
    return int(row[0])


def quoted(target: Json) -> Json:
    """A message as it stands inside another one: without the one it replies to."""
    return {key: value for key, value in public(target).items() if key != "reply_to_message"}


def reacted(message: Json, who: int, emoji: str | None) -> Json:
    """The message with one person's reaction set, or taken away."""
    reactions = {key: value for key, value in message.get("_reactions", {}).items() if key != str(who)}
    return message | {"_reactions": reactions | ({str(who): [emoji]} if emoji else {})}
