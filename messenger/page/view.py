"""What the page shows: people with their chats, and one chat in full."""

import json

from messenger import chats, commands, handouts, messages, topics
from messenger.errors import bad
from messenger.store import Json
from messenger.world import World

_PAGE = 60  # messages that are shown at once
_NEWEST = 1 << 53
_UNREAD = """
SELECT count(*) FROM messages m LEFT JOIN reads r ON r.person = ? AND r.chat = m.chat AND r.thread = m.thread
WHERE m.chat = ? AND m.sender != ? AND m.service = 0 AND m.id > ifnull(r.message, 0) AND (? IS NULL OR m.thread = ?)
"""


def home(world: World) -> Json:
    """Returns bot, people and their chats with the last message and the number of unread ones."""
    rows = world.store.rows("SELECT id FROM people ORDER BY json_extract(body, '$.place')")
    shown = [_person(world, person) for (number,) in rows if (person := chats.person(world, number))]
    cursor = f"{world.live.run}-{world.live.last}"  # from here on the stream of events goes on
    return {
        "cursor": cursor,
        "bot": world.bot | {"name": commands.words(world, "name", "") or world.bot["first_name"]},
        "people": shown,
    }


def _person(world: World, person: Json) -> Json:
    numbers = [person["id"]]
    sql = "SELECT chat FROM members WHERE person = ? AND status IN ('creator', 'administrator', 'member')"
    numbers += [row[0] for row in world.store.rows(sql, person["id"])]
    kept = ("id", "first_name", "last_name", "language_code", "role", "started", "blocked")
    return {key: person[key] for key in kept} | {"chats": [_chat(world, person, number) for number in numbers]}


def _chat(world: World, person: Json, number: int) -> Json:
    found = chats.chat(world, number)
    assert found
    last = messages.latest(world, number, None, _NEWEST, 1)
    body: Json = {key: found[key] for key in ("id", "type", "title", "is_forum") if key in found}
    body |= {"last": last[0] if last else None, "unread": unread(world, person["id"], number)}
    if number < 0:
        body |= {"members": len(chats.members(world, number)), "leads": _leads(world, number, person["id"])}
        body["bot_inside"] = chats.status(world, number, world.bot["id"]) in chats.PRESENT
    return body


def _leads(world: World, chat: int, person: int) -> bool:
    return chats.status(world, chat, person) in {"creator", "administrator"}


def unread(world: World, person: int, chat: int, thread: int | None = None) -> int:
    """How many messages of others this person has not seen, in a chat or one topic of it."""
    row = world.store.row(_UNREAD, person, chat, person, thread, thread)
    return int(row[0]) if row else 0


def chat(world: World, person: int, number: int, thread: int | None, before: int) -> Json:
    """Returns a page of messages and what belongs to the chat. Raises Refused when the person is not in it."""
    owner, found = chats.person(world, person), chats.chat(world, number)
    if owner is None or found is None or chats.status(world, number, person) not in chats.PRESENT:
        raise bad("chat not found")
    shown = messages.latest(world, number, thread, before or _NEWEST, _PAGE)
    language = str(owner["language_code"])
    body: Json = {"chat": found, "messages": shown, "more": len(shown) == _PAGE}
    body["keyboard"] = _keyboard(world, number)
    body["commands"] = commands.menu(world, number, owner)
    body["description"] = commands.words(world, "description", language)
    body["short_description"] = commands.words(world, "short_description", language)
    body["bot_name"] = commands.words(world, "name", language) or world.bot["first_name"]
    pinned = world.store.fact(f"pinned:{number}", [])
    body["pinned"] = next((one for key in reversed(pinned) if (one := messages.get(world, number, key))), None)
    if number == person:
        body["handouts"] = handouts.shown(world.handouts(), owner)
    if found.get("is_forum"):
        body["topics"] = _topics(world, person, number)
    return body


def _keyboard(world: World, chat: int) -> Json | None:
    """The reply keyboard or forced reply of a chat, with the id of the message that brought it."""
    row = world.store.row("SELECT body, message FROM keyboards WHERE chat = ?", chat)
    return json.loads(row[0]) | {"message_id": row[1]} if row else None


def _topics(world: World, person: int, chat: int) -> list[Json]:
    """The topics, the one with the newest message first, after "General", which has the id 0 here."""
    general: Json = {"thread": 0, "name": "General", "icon_color": 7322096, "closed": False}
    shown = []
    for topic in [general, *topics.every(world, chat)]:
        last = messages.latest(world, chat, topic["thread"], _NEWEST, 1)
        seen = {"last": last[0] if last else None, "unread": unread(world, person, chat, topic["thread"])}
        shown.append(topic | seen | {"icon": topics.icon(topic)})
    return shown[:1] + sorted(shown[1:], key=lambda topic: -(topic["last"] or {}).get("message_id", 0))
