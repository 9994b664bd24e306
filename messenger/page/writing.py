"""People write: texts, files, stickers, voice; they edit, delete, forward, react."""

from messenger import chats, entities, files, messages, people
from messenger.api.sending import forwarded
from messenger.errors import bad, forbidden
from messenger.page.acting import act, chat_of, leads, message_of, number, words, writable
from messenger.page.delivery import tell_bot
from messenger.store import Json
from messenger.world import World

_VOICE = b"OggS\x00\x02" + bytes(58)  # a placeholder: nothing is recorded
_STICKER = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
_EDITABLE_FOR = 48 * 3600  # seconds


def post(world: World, person: Json, chat: Json, content: Json, thread: int = 0, reply: int = 0) -> Json:
    """Writes a person's message and tells the bot; returns it."""
    message = messages.add(world, chat, person, content, thread=thread, reply=reply)
    tell_bot(world, message)
    mark_read(world, person["id"], chat["id"], thread, message["message_id"])
    return message


def mark_read(world: World, person: int, chat: int, thread: int, message: int) -> None:
    world.store.write(
        "INSERT INTO reads VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET message = max(message, excluded.message)",
        person, chat, thread, message,
    )  # fmt: skip


def plain(text: str) -> Json:
    """The content of a message that a person typed. Raises Refused when there is nothing in it."""
    text = text.strip()
    if not text:
        raise bad("message text is empty")
    found = entities.detect(text)
    return {"text": text} | ({"entities": found} if found else {})


@act
def send(world: World, person: Json, body: Json) -> int:
    content = plain(words(body, "text"))
    chat, thread = writable(world, person, body)
    reply = number(body, "reply")
    quote = words(body, "quote", 1024)
    if quote and reply:
        target = messages.get(world, chat["id"], reply) or {}
        source = str(target.get("text") or target.get("caption") or "")
        if quote in source:
            position = len(source[: source.index(quote)].encode("utf-16-le")) // 2
            content["quote"] = {"text": quote, "position": position, "is_manual": True}
    return int(post(world, person, chat, content, thread, reply)["message_id"])


@act
def start(world: World, person: Json, body: Json) -> int:
    """The START button, or a deep link: starts the bot, or unblocks it, and sends /start with the payload."""
    payload = words(body, "payload", 64)
    if not all(character.isascii() and (character.isalnum() or character in "_-") for character in payload):
        raise bad("START_PARAM_INVALID")
    if person["blocked"]:
        set_blocked(world, person, blocked=False)
    body = {"chat": person["id"], "text": f"/start {payload}".strip()}
    return send(world, person, body)


@act
def sticker(world: World, person: Json, body: Json) -> int:
    chat, thread = writable(world, person, body)
    emoji = words(body, "emoji", 8)
    record = files.keep(world, "sticker", "sticker.webp", _STICKER)
    shape = {"file_id": record["id"], "file_unique_id": record["unique"], "file_size": record["size"]}
    shape |= {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    content = {"sticker": shape | {"emoji": emoji, "set_name": "Demonstration"}}
    return int(post(world, person, chat, content, thread)["message_id"])


@act
def voice(world: World, person: Json, body: Json) -> int:
    chat, thread = writable(world, person, body)
    record = files.keep(world, "voice", "voice.ogg", _VOICE)
    return int(post(world, person, chat, files.described(record, "voice"), thread)["message_id"])


@act
def contact(world: World, person: Json, body: Json) -> int:
    """The answer to a button that asks for the own telephone number."""
    chat, thread = writable(world, person, body)
    card = {"phone_number": person["phone"], "first_name": person["first_name"], "user_id": person["id"]}
    return int(post(world, person, chat, {"contact": card | {"last_name": person["last_name"]}}, thread)["message_id"])


def upload(world: World, person: Json, body: Json, data: bytes) -> int:
    """A photo or a document with a caption."""
    chat, thread = writable(world, person, body)
    kind = "photo" if body.get("kind") == "photo" else "document"
    record = files.keep(world, kind, words(body, "name", 255) or "file", data)
    content, caption = files.described(record, kind), words(body, "caption", 1024).strip()
    if caption:
        found = entities.detect(caption)
        content |= {"caption": caption} | ({"caption_entities": found} if found else {})
    return int(post(world, person, chat, content, thread, number(body, "reply"))["message_id"])


@act
def edit(world: World, person: Json, body: Json) -> bool:
    chat = chat_of(world, person, body)
    message = message_of(world, chat, body)
    if message["from"]["id"] != person["id"] or world.clock() - message["date"] > _EDITABLE_FOR:
        raise bad("message can't be edited")
    if not {"text", "caption"} & message.keys() or {"forward_origin", "via_bot"} & message.keys():
        raise bad("message can't be edited")
    content = plain(words(body, "text"))
    if "text" not in message:
        content = {"caption": content["text"]} | {"caption_entities": content.get("entities", [])}
    if all(message.get(key) == value for key, value in content.items()):
        return False
    kept = {key: value for key, value in message.items() if key not in {"entities", "caption_entities"}}
    message = kept | content | {"edit_date": world.now()}
    messages.replace(world, message)
    tell_bot(world, message, "edited_message")
    return True


@act
def delete(world: World, person: Json, body: Json) -> bool:
    """For everybody: own messages, any in the private chat, any for those who lead a group. The bot is not told."""
    chat = chat_of(world, person, body)
    message = message_of(world, chat, body)
    own = message["from"]["id"] == person["id"]
    if not own and chat["type"] != "private" and not leads(world, chat, person):
        raise bad("message can't be deleted")
    messages.remove(world, chat["id"], [message["message_id"]])
    return True


@act
def forward(world: World, person: Json, body: Json) -> int:
    source = chat_of(world, person, body)
    message = message_of(world, source, body)
    if message.get("has_protected_content") or any(kind in message for kind in messages.SERVICE):
        raise bad("the message can't be forwarded")
    chat, thread = writable(world, person, {"chat": body.get("to"), "thread": body.get("to_thread")})
    return int(post(world, person, chat, forwarded(message), thread)["message_id"])


@act
def react(world: World, person: Json, body: Json) -> bool:
    """Bots hear of it where they are administrators and have asked for message_reaction."""
    chat = chat_of(world, person, body)
    message, emoji = message_of(world, chat, body), words(body, "emoji", 8)
    old = message.get("_reactions", {}).get(str(person["id"]), [])
    messages.replace(world, messages.reacted(message, person["id"], emoji or None))
    if chat["type"] == "private" or chats.status(world, chat["id"], world.bot["id"]) == "administrator":
        change = {"chat": chat, "message_id": message["message_id"], "user": people.user(person), "date": world.now()}
        change["old_reaction"] = [{"type": "emoji", "emoji": one} for one in old]
        change["new_reaction"] = [{"type": "emoji", "emoji": emoji}] if emoji else []
        world.updates.push("message_reaction", change, f"chat:{chat['id']}")
    return True


@act
def block(world: World, person: Json, body: Json) -> bool:
    if bool(body.get("blocked")) == person["blocked"] or not person["started"]:
        raise forbidden("nothing to change")
    set_blocked(world, person, blocked=bool(body.get("blocked")))
    return True


def set_blocked(world: World, person: Json, *, blocked: bool) -> None:
    """Blocks or unblocks the bot, which is told by my_chat_member."""
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    person["blocked"] = blocked
    chats.save_person(world, person)
    chats.changed_for_bot(world, person["id"], people.user(person), old, new)


@act
def read(world: World, person: Json, body: Json) -> bool:
    chat = chat_of(world, person, body)
    mark_read(world, person["id"], chat["id"], number(body, "thread"), number(body, "message"))
    world.live.publish("read", person=person["id"], chat=chat["id"])
    return True
