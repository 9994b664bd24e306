"""Chats and who is in them."""

from typing import Final

from messenger import people
from messenger.errors import bad, forbidden
from messenger.store import Json, dump
from messenger.world import World

_RIGHTS: Final = {
    "can_be_edited": False, "is_anonymous": False, "can_manage_chat": True, "can_delete_messages": True,
    "can_manage_video_chats": False, "can_restrict_members": True, "can_promote_members": False,
    "can_change_info": True, "can_invite_users": True, "can_post_stories": False, "can_edit_stories": False,
    "can_delete_stories": False, "can_pin_messages": True, "can_manage_topics": True, "can_manage_tags": True,
}  # fmt: skip
PRESENT: Final = {"creator", "administrator", "member"}


def person(world: World, number: int) -> Json | None:
    return world.store.body("SELECT body FROM people WHERE id = ?", number)


def save_person(world: World, body: Json) -> None:
    world.store.write("UPDATE people SET body = ? WHERE id = ?", dump(body), body["id"])


def chat(world: World, number: int) -> Json | None:
    """Returns Telegram's Chat object: a person's private chat with the bot, or a group."""
    if number > 0:
        found = person(world, number)
        return people.private_chat(found) if found else None
    return world.store.body("SELECT body FROM chats WHERE id = ?", number)


def status(world: World, number: int, who: int) -> str:
    """The status of a person or the bot in a chat; in a private chat the bot is "kicked" when it is blocked."""
    if number > 0:
        owner = person(world, number)
        if owner is None or who not in {number, world.bot["id"]}:
            return "left"
        return "kicked" if who != number and owner["blocked"] else "member"
    row = world.store.row("SELECT status FROM members WHERE chat = ? AND person = ?", number, who)
    return row[0] if row else "left"


def set_status(world: World, number: int, who: int, value: str) -> None:
    world.store.write("INSERT OR REPLACE INTO members VALUES (?, ?, ?)", number, who, value)


def members(world: World, number: int) -> list[tuple[int, str]]:
    """Ids and statuses of those who are in a group."""
    rows = world.store.rows("SELECT person, status FROM members WHERE chat = ?", number)
    return [(who, value) for who, value in rows if value in PRESENT]


def member(world: World, number: int, who: int, value: str | None = None) -> Json | None:
    """Returns Telegram's ChatMember object, or None for somebody nobody knows."""
    known = world.bot if who == world.bot["id"] else person(world, who)
    if known is None:
        return None
    value = value or status(world, number, who)
    body: Json = {"status": value, "user": people.user(known)}
    if value == "creator":
        body["is_anonymous"] = False
    elif value == "administrator":
        body |= _RIGHTS
    elif value == "kicked":
        body["until_date"] = 0
    return body


def reachable(world: World, number: int) -> Json:
    """Returns the chat into which the bot may write. Raises Refused with Telegram's reason where it may not."""
    found = chat(world, number)
    if found is None:
        raise bad("chat not found")
    if found["type"] == "private":
        owner = person(world, number) or {}
        if owner.get("blocked"):
            raise forbidden("bot was blocked by the user")
        if not owner.get("started"):
            raise forbidden("bot can't initiate conversation with a user")
    else:
        value = status(world, number, world.bot["id"])
        kind = "supergroup" if found["type"] == "supergroup" else "group"
        if value == "kicked":
            raise forbidden(f"bot was kicked from the {kind} chat")
        if value not in PRESENT:
            raise forbidden(f"bot is not a member of the {kind} chat")
    return found


def changed_for_bot(world: World, number: int, by: Json, old: str, new: str) -> None:
    """Tells the bot that its own status in a chat has changed (my_chat_member)."""
    found, bot = chat(world, number), world.bot["id"]
    change = {"chat": found, "from": by, "date": world.now()}
    change |= {"old_chat_member": member(world, number, bot, old), "new_chat_member": member(world, number, bot, new)}
    world.updates.push("my_chat_member", change, f"user:{by['id']}")
    world.live.publish("chats")
