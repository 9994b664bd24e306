"""Topics of a forum group. A topic's id is the id of the message that says it was created."""

import json
from typing import Final

from messenger import messages
from messenger.errors import bad
from messenger.store import Json, dump
from messenger.world import World

COLOURS: Final = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)  # bots/api#createforumtopic
ICONS: Final = {str(number): emoji for number, emoji in enumerate(("❗️", "❓", "‼️", "💬", "✅", "📣", "💡"), 1)}
_LONGEST_NAME: Final = 128


def name_of(given: str) -> str:
    """Returns the name, trimmed. Raises Refused when Telegram would not take it."""
    name = given.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise bad("topic title is empty" if not name else "TOPIC_TITLE_TOO_LONG")
    return name


def icon(topic: Json) -> str:
    """The emoji that stands for the topic; empty for one that has only a colour."""
    return ICONS.get(topic.get("icon_custom_emoji_id", ""), "")


def find(world: World, chat: int, thread: int) -> Json | None:
    row = world.store.row("SELECT body, closed FROM topics WHERE chat = ? AND thread = ?", chat, thread)
    return json.loads(row[0]) | {"thread": thread, "closed": bool(row[1])} if row else None


def every(world: World, chat: int) -> list[Json]:
    rows = world.store.rows("SELECT thread, body, closed FROM topics WHERE chat = ? ORDER BY thread", chat)
    return [json.loads(body) | {"thread": thread, "closed": bool(closed)} for thread, body, closed in rows]


def create(world: World, chat: Json, by: Json, topic: Json) -> tuple[Json, Json]:
    """Returns the topic (name, colour, thread) and the service message that created it."""
    topic = {"icon_color": COLOURS[0]} | topic
    message = messages.add(world, chat, by, {"forum_topic_created": topic}, thread=messages.NEW_THREAD)
    thread = message["message_id"]
    world.store.write("INSERT INTO topics VALUES (?, ?, ?, 0)", chat["id"], thread, dump(topic))
    world.live.publish("topics", chat=chat["id"])
    return topic | {"thread": thread}, message


def edit(world: World, chat: Json, by: Json, thread: int, change: Json) -> Json:
    """Renames a topic; returns the service message. Raises Refused when nothing changes."""
    topic = _known(world, chat, thread)
    new = {key: value for key, value in change.items() if topic.get(key) != value}
    if not new:
        raise bad("TOPIC_NOT_MODIFIED")
    body = {key: value for key, value in (topic | new).items() if key not in {"thread", "closed"}}
    world.store.write("UPDATE topics SET body = ? WHERE chat = ? AND thread = ?", dump(body), chat["id"], thread)
    return _said(world, chat, by, thread, {"forum_topic_edited": new})


def close(world: World, chat: Json, by: Json, thread: int, *, closed: bool) -> Json:
    """Closes or reopens a topic; returns the service message. Raises Refused when it is so already."""
    if _known(world, chat, thread)["closed"] == closed:
        raise bad("TOPIC_NOT_MODIFIED")
    world.store.write("UPDATE topics SET closed = ? WHERE chat = ? AND thread = ?", closed, chat["id"], thread)
    return _said(world, chat, by, thread, {"forum_topic_closed" if closed else "forum_topic_reopened": {}})


def delete(world: World, chat: Json, thread: int) -> None:
    """Deletes a topic with all its messages; nobody is told, as with Telegram."""
    _known(world, chat, thread)
    world.store.write("DELETE FROM topics WHERE chat = ? AND thread = ?", chat["id"], thread)
    world.store.write("DELETE FROM messages WHERE chat = ? AND thread = ?", chat["id"], thread)
    world.live.publish("topics", chat=chat["id"])


def _known(world: World, chat: Json, thread: int) -> Json:
    topic = find(world, chat["id"], thread)
    if topic is None:
        raise bad("TOPIC_ID_INVALID")
    return topic


def _said(world: World, chat: Json, by: Json, thread: int, content: Json) -> Json:
    message = messages.add(world, chat, by, content, thread=thread)
    world.live.publish("topics", chat=chat["id"])
    return message
