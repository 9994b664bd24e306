"""sendMessage, sendPhoto, sendDocument, sendChatAction, copyMessage, forwardMessage."""

from typing import Final

from messenger import chats, files, messages, people, topics
from messenger.api import writing
from messenger.api.call import Call, chat_number, method
from messenger.errors import bad
from messenger.store import Json

_ACTIONS: Final = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
CONTENT: Final = (
    "text", "entities", "caption", "caption_entities", "photo", "document", "voice", "sticker", "contact",
    "link_preview_options", "has_media_spoiler", "show_caption_above_media",
)  # fmt: skip


@method("sendMessage")
def send_message(call: Call) -> Json:
    return messages.public(writing.send(call, writing.text_content(call)))


@method("sendPhoto")
def send_photo(call: Call) -> Json:
    return _send_file(call, "photo")


@method("sendDocument")
def send_document(call: Call) -> Json:
    return _send_file(call, "document")


def _send_file(call: Call, kind: str) -> Json:
    caption, _, _ = writing.caption_content(call), writing.keyboard(call), writing.reply_wish(call)
    chats.reachable(call.world, chat_number(call))
    record = _file(call, kind)
    return messages.public(writing.send(call, files.described(record, kind) | caption))


def _file(call: Call, kind: str) -> Json:
    """The file that is uploaded or named by its id. Nothing is fetched from the web: this is a local messenger."""
    value = call.text(kind)
    upload = call.files.get(value.removeprefix("attach://")) if value.startswith("attach://") else call.files.get(kind)
    if upload:
        return files.keep(call.world, kind, *upload)
    if not value:
        raise bad(f"there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    record = files.find(call.world, value)
    if record is None:
        raise bad("wrong remote file identifier specified: Wrong character in the string")
    if record["kind"] != kind:
        raise bad(f"can't use file of type {record['kind'].title()} as {kind.title()}")
    return record


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    action = call.text("action")
    if action.lower() not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat = chats.reachable(call.world, chat_number(call))
    thread = call.integer("message_thread_id")
    if thread and topics.find(call.world, chat["id"], thread) is None:
        raise bad("message thread not found")
    call.world.live.publish("action", chat=chat["id"], thread=thread, action=action.lower())
    return True


def _source(call: Call, verb: str) -> Json:
    """The message that is copied or forwarded; protected content may be neither."""
    source = chats.reachable(call.world, chat_number(call, "from_chat_id"))
    message = messages.get(call.world, source["id"], call.integer("message_id"))
    if message is None:
        raise bad(f"message to {verb} not found")
    service = any(kind in message for kind in messages.SERVICE)
    if service or (message.get("has_protected_content") and verb == "forward"):
        raise bad(f"the message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


@method("copyMessage")
def copy_message(call: Call) -> Json:
    source = _source(call, "copy")
    if source.get("has_protected_content"):
        raise bad("the message can't be copied")
    content = {key: value for key, value in source.items() if key in CONTENT}
    if "text" not in content and "caption" in call.values:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= writing.caption_content(call)
    return {"message_id": writing.send(call, content)["message_id"]}


@method("forwardMessage")
def forward_message(call: Call) -> Json:
    return messages.public(writing.send(call, forwarded(_source(call, "forward"))))


def forwarded(source: Json) -> Json:
    """The content of a message with where it came from, which stays when it is forwarded again."""
    origin = {"type": "user", "date": source["date"], "sender_user": people.user(source["from"])}
    content = {key: value for key, value in source.items() if key in CONTENT}
    return {"forward_origin": source.get("forward_origin", origin)} | content
