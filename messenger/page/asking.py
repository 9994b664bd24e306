"""People tap buttons and ask the bot inline."""

import hashlib
import secrets

from messenger import messages, people, queries
from messenger.errors import bad
from messenger.page.acting import act, chat_of, message_of, words, writable
from messenger.page.writing import post
from messenger.store import Json
from messenger.world import World

_PATIENCE = 10.0  # seconds for which the page waits for inline results
_LONGEST_QUERY = 256  # characters; bots/api#inlinequery


@act
def tap(world: World, person: Json, body: Json) -> str:
    """Returns the id under which the answer will be shown. Raises Refused when there is no such button any more."""
    chat = chat_of(world, person, body)
    message, data = message_of(world, chat, body), words(body, "data", 64)
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    if not any(button.get("callback_data") == data for row in rows for button in row):
        raise bad("this button is no longer there")
    instance = hashlib.blake2b(str(chat["id"]).encode(), digest_size=8).digest()
    query: Json = {
        "from": people.user(person),
        "chat_instance": str(int.from_bytes(instance, signed=True)),
        "data": data,
    }
    inline = world.store.row(
        "SELECT id FROM inline_messages WHERE chat = ? AND message = ?", chat["id"], message["message_id"]
    )
    query |= {"inline_message_id": inline[0]} if inline else {"message": messages.public(message)}
    number = queries.ask(world, "callback", {"person": person["id"]})
    world.updates.push("callback_query", {"id": number, **query}, f"user:{person['id']}")
    return number


@act
async def inline(world: World, person: Json, body: Json) -> Json:
    """Returns {"id", "results", "button"}; no results when the bot does not answer in time."""
    chat, words_ = chat_of(world, person, body), words(body, "query", _LONGEST_QUERY)
    kind = "sender" if chat["type"] == "private" else chat["type"]
    number = queries.ask(world, "inline", {"person": person["id"], "query": words_})
    query = {"id": number, "from": people.user(person), "query": words_, "offset": "", "chat_type": kind}
    world.updates.push("inline_query", query, f"user:{person['id']}")
    answer = await queries.inline_answer(number, _PATIENCE)
    shown = [
        {key: result[key] for key in ("id", "title", "description")} for result in (answer or {}).get("results", [])
    ]
    return {"id": number, "results": shown, "button": (answer or {}).get("button"), "answered": answer is not None}


@act
def choose(world: World, person: Json, body: Json) -> int:
    """Sends an inline result in the person's name ("via @bot")."""
    offer = world.store.body("SELECT body FROM queries WHERE id = ? AND kind = 'offer'", words(body, "query", 32))
    chosen = next((one for one in (offer or {}).get("results", []) if one["id"] == body.get("result")), None)
    if offer is None or chosen is None or offer["person"] != person["id"]:
        raise bad("RESULT_ID_INVALID")
    chat, thread = writable(world, person, body)
    message = post(world, person, chat, chosen["message"] | {"via_bot": world.bot}, thread)
    told: Json = {"result_id": chosen["id"], "from": people.user(person), "query": offer["query"]}
    if "reply_markup" in chosen["message"]:
        told["inline_message_id"] = f"AgAA{secrets.token_urlsafe(16)}"
        place = (told["inline_message_id"], chat["id"], message["message_id"])
        world.store.write("INSERT INTO inline_messages VALUES (?, ?, ?)", *place)
    if "chosen_inline_result" in world.updates.allowed:  # Telegram: only when inline feedback is switched on
        world.updates.push("chosen_inline_result", told, f"user:{person['id']}")
    return int(message["message_id"])
