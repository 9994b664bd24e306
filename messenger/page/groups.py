"""People keep the topics of a forum, and let the bot into a group again."""

from messenger import chats, people, topics
from messenger.errors import bad
from messenger.page.acting import act, chat_of, leads, number, words
from messenger.page.delivery import tell_bot
from messenger.page.writing import post
from messenger.store import Json
from messenger.world import World


def _forum(world: World, person: Json, body: Json) -> Json:
    chat = chat_of(world, person, body)
    if not chat.get("is_forum") or not leads(world, chat, person):
        raise bad("not enough rights to manage topics")
    return chat


@act
def create_topic(world: World, person: Json, body: Json) -> int:
    name = topics.name_of(words(body, "name"))
    made, message = topics.create(world, _forum(world, person, body), person, {"name": name})
    tell_bot(world, message)
    return int(made["thread"])


@act
def rename_topic(world: World, person: Json, body: Json) -> bool:
    change = {"name": topics.name_of(words(body, "name"))}
    tell_bot(world, topics.edit(world, _forum(world, person, body), person, number(body, "thread"), change))
    return True


@act
def close_topic(world: World, person: Json, body: Json) -> bool:
    chat, closed = _forum(world, person, body), bool(body.get("closed"))
    tell_bot(world, topics.close(world, chat, person, number(body, "thread"), closed=closed))
    return True


@act
def delete_topic(world: World, person: Json, body: Json) -> bool:
    topics.delete(world, _forum(world, person, body), number(body, "thread"))
    return True


@act
def seat_bot(world: World, person: Json, body: Json) -> bool:
    """Takes the bot into a group, or removes it; it is told by my_chat_member."""
    chat, bot = chat_of(world, person, body), world.bot
    if chat["type"] == "private" or not leads(world, chat, person):
        raise bad("not enough rights")
    old = chats.status(world, chat["id"], bot["id"])
    inside = bool(body.get("inside"))
    if inside == (old in chats.PRESENT):
        return False
    new = "kicked" if not inside else "administrator" if chat.get("is_forum") else "member"
    content = {"new_chat_members": [people.user(bot)]} if inside else {"left_chat_member": people.user(bot)}
    if inside:
        chats.set_status(world, chat["id"], bot["id"], new)
    chats.changed_for_bot(world, chat["id"], people.user(person), old, new)
    post(world, person, chat, content)
    chats.set_status(world, chat["id"], bot["id"], new)
    world.live.publish("chats")
    return True
