"""editMessage…, deleteMessage(s), setMessageReaction, pinning: what happens to messages that exist."""

from typing import Final

from messenger import chats, messages
from messenger.api import writing
from messenger.api.call import Call, chat_number, method
from messenger.errors import bad
from messenger.store import Json

_DELETABLE_FOR: Final = 48 * 3600  # seconds; bots/api#deletemessage
_MOST_AT_ONCE: Final = 100
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_REACTIONS: Final = set(
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡".split()
)  # bots/api#reactiontypeemoji


def _own(call: Call) -> tuple[Json, bool]:
    """Returns the bot's message that is to be edited, and whether it was named as an inline message."""
    inline = call.text("inline_message_id")
    if inline:
        row = call.world.store.row("SELECT chat, message FROM inline_messages WHERE id = ?", inline)
        message = messages.get(call.world, *row) if row else None
        if message is None:
            raise bad("MESSAGE_ID_INVALID")
        return message, True
    chat = chats.reachable(call.world, chat_number(call))
    message = messages.get(call.world, chat["id"], call.integer("message_id"))
    if message is None:
        raise bad(
            "message to edit not found" if call.integer("message_id") > 0 else "message identifier is not specified"
        )
    service = any(kind in message for kind in messages.SERVICE)
    if message["from"]["id"] != call.world.bot["id"] or service or "forward_origin" in message:
        raise bad("message can't be edited")
    return message, False


def _edited(call: Call, change: Json, replaced: tuple[str, ...]) -> Json | bool:
    """Puts `change` in the place of the fields `replaced`; the keyboard goes unless the call brings one."""
    buttons = writing.keyboard(call)
    if buttons and "inline_keyboard" not in buttons:
        raise bad("inline keyboard expected")
    message, inline = _own(call)
    if "text" in replaced and "text" not in message:
        raise bad("there is no text in the message to edit")
    if "caption" in replaced and "text" in message:
        raise bad("there is no caption in the message to edit")
    new = {key: value for key, value in message.items() if key not in (*replaced, "reply_markup")} | change
    if buttons and buttons["inline_keyboard"]:
        new["reply_markup"] = buttons
    if new == message or new == {key: value for key, value in message.items() if key != "edit_date"}:
        raise bad(NOT_MODIFIED)
    if replaced:
        new["edit_date"] = call.world.now()
    messages.replace(call.world, new)
    return True if inline else messages.public(new)


@method("editMessageText")
def edit_text(call: Call) -> Json | bool:
    return _edited(call, writing.text_content(call), ("text", "entities", "link_preview_options"))


@method("editMessageCaption")
def edit_caption(call: Call) -> Json | bool:
    return _edited(call, writing.caption_content(call), ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
def edit_markup(call: Call) -> Json | bool:
    return _edited(call, {}, ())


def _deletable(call: Call, chat: Json, message: Json) -> None:
    """bots/api#deletemessage: 48 hours; others' messages in private chats, or in groups with the right to."""
    if "forum_topic_created" in message:
        raise bad("message can't be deleted")
    if call.world.clock() - message["date"] > _DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")
    if message["from"]["id"] != call.world.bot["id"] and not _leads(call, chat):
        raise bad("message can't be deleted")


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    chat = _existing(call)
    number = call.integer("message_id")
    message = messages.get(call.world, chat["id"], number)
    if message is None:
        raise bad("message to delete not found" if number > 0 else "message identifier is not specified")
    _deletable(call, chat, message)
    messages.remove(call.world, chat["id"], [number])
    return True


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Deletes what it can; messages that are gone are skipped (bots/api#deletemessages)."""
    numbers = call.parsed("message_ids", "message identifiers")
    if not isinstance(numbers, list):
        raise bad("message identifiers are not specified")
    if not 1 <= len(numbers) <= _MOST_AT_ONCE:
        raise bad("too many message identifiers specified" if numbers else "message identifiers are not specified")
    chat = _existing(call)
    found = [message for number in numbers if (message := messages.get(call.world, chat["id"], int(number)))]
    for message in found:
        _deletable(call, chat, message)
    messages.remove(call.world, chat["id"], [message["message_id"] for message in found])
    return True


def _existing(call: Call) -> Json:
    chat = chats.chat(call.world, chat_number(call))
    if chat is None:
        raise bad("chat not found")
    return chat


@method("setMessageReaction")
def set_reaction(call: Call) -> bool:
    """A bot may set one reaction, of those everybody may use (bots/api#setmessagereaction)."""
    chat = chats.reachable(call.world, chat_number(call))
    message = messages.get(call.world, chat["id"], call.integer("message_id"))
    if message is None:
        raise bad("message to react not found")
    wish = call.parsed("reaction", "reaction types") or []
    if not isinstance(wish, list) or len(wish) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if any(reaction.get("emoji", "").replace("\ufe0f", "") not in _REACTIONS for reaction in wish):
        raise bad("REACTION_INVALID")
    emoji = str(wish[0]["emoji"]) if wish else None
    messages.replace(call.world, messages.reacted(message, call.world.bot["id"], emoji))
    return True


@method("pinChatMessage")
def pin(call: Call) -> bool:
    chat = chats.reachable(call.world, chat_number(call))
    message = messages.get(call.world, chat["id"], call.integer("message_id"))
    if message is None:
        raise bad("message to pin not found")
    _may_pin(call, chat)
    pinned = call.world.store.fact(f"pinned:{chat['id']}", [])
    call.world.store.set_fact(f"pinned:{chat['id']}", [*pinned, message["message_id"]])
    content = {"pinned_message": messages.quoted(message)}
    messages.add(call.world, chat, call.world.bot, content, thread=message.get("message_thread_id", 0))
    return True


@method("unpinChatMessage", "unpinAllChatMessages")
def unpin(call: Call) -> bool:
    chat = chats.reachable(call.world, chat_number(call))
    _may_pin(call, chat)
    pinned, number = call.world.store.fact(f"pinned:{chat['id']}", []), call.integer("message_id")
    if number and number not in pinned:
        raise bad("message to unpin not found")
    kept = [one for one in pinned if one != number] if number else pinned[:-1]
    call.world.store.set_fact(f"pinned:{chat['id']}", kept)
    call.world.live.publish("chats")
    return True


def _leads(call: Call, chat: Json) -> bool:
    return chat["type"] == "private" or chats.status(call.world, chat["id"], call.world.bot["id"]) == "administrator"


def _may_pin(call: Call, chat: Json) -> None:
    if not _leads(call, chat):
        raise bad("not enough rights to manage pinned messages in the chat")
