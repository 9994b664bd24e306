"""getChat…, leaveChat, forum topics, getFile."""

from messenger import chats, files, messages, people, topics
from messenger.api.call import Call, chat_number, method
from messenger.errors import bad
from messenger.store import Json

_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def _chat(call: Call) -> Json:
    chat = chats.chat(call.world, chat_number(call))
    if chat is None:
        raise bad("chat not found")
    return chat


@method("getChat")
def get_chat(call: Call) -> Json:
    chat = _chat(call)
    if chat["type"] != "private":
        chats.reachable(call.world, chat["id"])
    body = chat | {"accent_color_id": abs(chat["id"]) % 7, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
    if chat["type"] == "private":
        return body | {"active_usernames": [chat["username"]]} if "username" in chat else body
    body["permissions"] = {"can_send_messages": True, "can_manage_topics": False, "can_pin_messages": False}
    pinned = call.world.store.fact(f"pinned:{chat['id']}", [])
    message = messages.get(call.world, chat["id"], pinned[-1]) if pinned else None
    return body | ({"pinned_message": messages.public(message)} if message else {})


@method("getChatMember")
def get_member(call: Call) -> Json:
    chat = _chat(call)
    found = chats.member(call.world, chat["id"], call.integer("user_id"))
    if found is None:
        raise bad("invalid user_id specified" if call.integer("user_id") <= 0 else "PARTICIPANT_ID_INVALID")
    return found


@method("getChatAdministrators")
def get_administrators(call: Call) -> list[Json]:
    """Returns owner and administrators; other bots would be left out, the bot itself is listed."""
    chat = _chat(call)
    if chat["type"] == "private":
        raise bad("there are no administrators in the private chat")
    chats.reachable(call.world, chat["id"])
    leading = [who for who, value in chats.members(call.world, chat["id"]) if value != "member"]
    return [found for who in leading if (found := chats.member(call.world, chat["id"], who))]


@method("getChatMemberCount")
def get_member_count(call: Call) -> int:
    chat = _chat(call)
    return 2 if chat["type"] == "private" else len(chats.members(call.world, chat["id"]))


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    chat, bot = _chat(call), call.world.bot
    if chat["type"] == "private":
        raise bad("chat member status can't be changed in private chats")
    chats.reachable(call.world, chat["id"])
    old = chats.status(call.world, chat["id"], bot["id"])
    chats.set_status(call.world, chat["id"], bot["id"], "left")
    messages.add(call.world, chat, bot, {"left_chat_member": people.user(bot)})
    chats.changed_for_bot(call.world, chat["id"], people.user(bot), old, "left")
    return True


def _forum(call: Call) -> Json:
    chat = chats.reachable(call.world, chat_number(call))
    if not chat.get("is_forum"):
        raise bad("the chat is not a forum")
    if chats.status(call.world, chat["id"], call.world.bot["id"]) != "administrator":
        raise bad("not enough rights to create a topic")
    return chat


def _thread(call: Call) -> int:
    thread = call.integer("message_thread_id")
    if thread <= 0:
        raise bad("invalid message thread identifier specified")
    return thread


@method("createForumTopic")
def create_topic(call: Call) -> Json:
    name = topics.name_of(call.text("name"))
    colour = call.integer("icon_color", topics.COLOURS[0])
    if colour not in topics.COLOURS:
        raise bad("TOPIC_ICON_COLOR_INVALID")
    icon = call.text("icon_custom_emoji_id")
    topic = {"name": name, "icon_color": colour} | ({"icon_custom_emoji_id": icon} if icon else {})
    made, _ = topics.create(call.world, _forum(call), call.world.bot, topic)
    return {"message_thread_id": made["thread"]} | topic


@method("editForumTopic")
def edit_topic(call: Call) -> bool:
    change: Json = {"name": topics.name_of(call.text("name"))} if call.text("name") else {}
    if "icon_custom_emoji_id" in call.values:
        change["icon_custom_emoji_id"] = call.text("icon_custom_emoji_id")
    topics.edit(call.world, _forum(call), call.world.bot, _thread(call), change)
    return True


@method("closeForumTopic")
def close_topic(call: Call) -> bool:
    topics.close(call.world, _forum(call), call.world.bot, _thread(call), closed=True)
    return True


@method("reopenForumTopic")
def reopen_topic(call: Call) -> bool:
    topics.close(call.world, _forum(call), call.world.bot, _thread(call), closed=False)
    return True


@method("deleteForumTopic")
def delete_topic(call: Call) -> bool:
    topics.delete(call.world, _forum(call), _thread(call))
    return True


@method("getForumTopicIconStickers")
def topic_icons(_: Call) -> list[Json]:
    """A few of those that Telegram has."""
    shape = {"type": "custom_emoji", "width": 100, "height": 100, "is_animated": True, "is_video": False}
    return [
        shape | {"file_id": f"icon-{number}", "file_unique_id": number, "emoji": emoji, "custom_emoji_id": number}
        for number, emoji in topics.ICONS.items()
    ]


@method("getFile")
def get_file(call: Call) -> Json:
    record = files.find(call.world, call.text("file_id"))
    if record is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if record["size"] > 20 << 20:
        raise bad("file is too big")
    body = {"file_id": record["id"], "file_unique_id": record["unique"], "file_size": record["size"]}
    return body | {"file_path": record["path"]}
