"""Which messages of people reach the bot."""

from messenger import chats
from messenger.entities import piece
from messenger.messages import SERVICE, public
from messenger.store import Json
from messenger.world import World


def tell_bot(world: World, message: Json, kind: str = "message") -> None:
    """Queues an update with the message, unless privacy mode hides it from the bot."""
    if reaches_bot(world, message):
        world.updates.push(kind, public(message), f"chat:{message['chat']['id']}")


def reaches_bot(world: World, message: Json) -> bool:
    """In a group, a bot that is no administrator gets commands, replies to it and service messages.

    The rule is Telegram's privacy mode (core.telegram.org/bots/features#privacy-mode).
    """
    chat, bot = message["chat"], world.bot
    value = chats.status(world, chat["id"], bot["id"])
    if chat["type"] == "private" or value == "administrator":
        return value in chats.PRESENT
    if value not in chats.PRESENT:
        return False
    replied = message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]
    via = message.get("via_bot", {}).get("id") == bot["id"]
    return replied or via or any(kind in message for kind in SERVICE) or _commands_bot(world, message)


def _commands_bot(world: World, message: Json) -> bool:
    text, name = message.get("text", ""), f"@{world.bot['username']}".lower()
    for entity in message.get("entities", []):
        if entity["type"] == "bot_command":
            command = piece(text, entity).lower()
            if "@" not in command or command.endswith(name):
                return True
    return False
