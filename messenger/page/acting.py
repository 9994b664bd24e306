"""What all acts of people share: who acts, in which chat, and whether they may."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from messenger import chats, messages, topics
from messenger.errors import bad, forbidden
from messenger.store import Json
from messenger.world import World

Act = Callable[[World, Json, Json], Awaitable[Any] | Any]  # world, the person who acts, what the page sent
Entered = TypeVar("Entered", bound=Act)
ACTS: dict[str, Act] = {}


def act(function: Entered) -> Entered:
    """Enters a function as an act of the page, under its own name."""
    ACTS[getattr(function, "__name__", "")] = function
    return function


def number(body: Json, name: str) -> int:
    """Returns a whole number the page sent, 0 when it is missing. Raises Refused for anything else."""
    value = body.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(f"{name} must be a number")
    return value


def words(body: Json, name: str, longest: int = 4096) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str) or len(value) > longest:
        raise bad(f"{name} is too long")
    return value


def chat_of(world: World, person: Json, body: Json) -> Json:
    """Returns the chat, in which the person must be. Raises Refused otherwise."""
    found = chats.chat(world, number(body, "chat"))
    if found is None or chats.status(world, found["id"], person["id"]) not in chats.PRESENT:
        raise bad("chat not found")
    return found


def message_of(world: World, chat: Json, body: Json) -> Json:
    found = messages.get(world, chat["id"], number(body, "message"))
    if found is None:
        raise bad("message not found")
    return found


def leads(world: World, chat: Json, person: Json) -> bool:
    return chats.status(world, chat["id"], person["id"]) in {"creator", "administrator"}


def writable(world: World, person: Json, body: Json) -> tuple[Json, int]:
    """Returns chat and topic in which the person may write now; the first message starts the bot."""
    chat, thread = chat_of(world, person, body), number(body, "thread")
    if chat["type"] == "private":
        if person["blocked"]:
            raise forbidden("unblock the bot first")
        if not person["started"]:
            person["started"] = True
            chats.save_person(world, person)
            world.live.publish("chats")
    if thread:
        topic = topics.find(world, chat["id"], thread)
        if topic is None:
            raise bad("message thread not found")
        if topic["closed"] and not leads(world, chat, person):
            raise bad("TOPIC_CLOSED")
    return chat, thread
