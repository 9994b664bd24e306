"""answerCallbackQuery and answerInlineQuery."""

from typing import Final

from messenger import queries
from messenger.api import writing
from messenger.api.call import Call, method
from messenger.errors import bad
from messenger.markup import checked
from messenger.store import Json

_LONGEST_TOAST: Final = 200  # characters; bots/api#answercallbackquery
_MOST_RESULTS: Final = 50  # bots/api#answerinlinequery
_LONGEST_ID: Final = 64  # bytes
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


@method("answerCallbackQuery")
def answer_callback(call: Call) -> bool:
    text = call.text("text")
    if len(text) > _LONGEST_TOAST:
        raise bad("MESSAGE_TOO_LONG")
    query = queries.take(call.world, call.text("callback_query_id"), "callback")
    if query is None:
        raise bad(_TOO_OLD)
    url = call.text("url")
    if url and f"t.me/{call.world.bot['username']}" not in url:
        raise bad("URL_INVALID")
    call.world.live.publish("answer", tap=query["id"], text=text, alert=call.flag("show_alert"), url=url)
    return True


@method("answerInlineQuery")
def answer_inline(call: Call) -> bool:
    results = call.parsed("results", "inline query results")
    if not isinstance(results, list):
        raise bad("can't parse inline query results JSON object")
    if len(results) > _MOST_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    prepared = [_result(call, result) for result in results]
    numbers = [result["id"] for result in prepared]
    if len(set(numbers)) != len(numbers):
        raise bad("RESULT_ID_DUPLICATE")
    query = queries.take(call.world, call.text("inline_query_id"), "inline")
    if query is None:
        raise bad(_TOO_OLD)
    button = call.parsed("button", "inline query results button")
    queries.answer_inline(call.world, query, prepared, button)
    return True


def _result(call: Call, result: object) -> Json:
    """One result, with the message it would send, checked as that message is. Only texts are sent here."""
    if not isinstance(result, dict):
        raise bad("can't parse inline query result: expected an Object")
    number = str(result.get("id", ""))
    if not 1 <= len(number.encode()) <= _LONGEST_ID:
        raise bad("RESULT_ID_INVALID")
    if result.get("type") == "article" and not str(result.get("title", "")).strip():
        raise bad("can't parse inline query result: Can't find field \"title\"")
    content = result.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        raise bad("can't parse inline query result: Can't find field \"input_message_content\"")
    inner = Call(call.world, content | {"text": content["message_text"]})
    message = writing.text_content(inner)
    buttons = checked(result.get("reply_markup"))
    message |= {"reply_markup": buttons} if buttons else {}
    shown = {"id": number, "title": result.get("title", ""), "description": result.get("description", "")}
    return shown | {"message": message}
