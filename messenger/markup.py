"""Keyboards under and beside messages, checked as Telegram checks them."""

from typing import Final
from urllib.parse import urlsplit

from messenger.errors import bad
from messenger.store import Json

_ACTIONS: Final = (
    "callback_data", "url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "web_app", "login_url", "callback_game", "pay",
)  # fmt: skip
_LONGEST_DATA: Final = 64  # bytes; bots/api#inlinekeyboardbutton
_LONGEST_COPY: Final = 256  # characters; bots/api#copytextbutton
_MOST_BUTTONS: Final = 100
_MOST_IN_ROW: Final = 8
_STYLES: Final = {"danger", "success", "primary"}
_LONGEST_PLACEHOLDER: Final = 64


def checked(markup: object) -> Json | None:
    """Returns the reply markup, or None when there is none. Raises Refused with Telegram's reason."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    for flag in (
        "force_reply",
        "remove_keyboard",
        "selective",
        "one_time_keyboard",
        "is_persistent",
        "resize_keyboard",
    ):
        if not isinstance(markup.get(flag, False), bool):
            raise bad(f'field "{flag}" must be of type Boolean')
    if len(str(markup.get("input_field_placeholder", ""))) > _LONGEST_PLACEHOLDER:
        raise bad("REPLY_MARKUP_INVALID")
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"])
    if "keyboard" in markup:
        _rows(markup["keyboard"], "keyboard")
        return markup | {"keyboard": [[_plain(button) for button in row] for row in markup["keyboard"] if row]}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    if markup:
        raise bad("object expected as reply markup")
    return None


def _rows(rows: object, name: str) -> list[list[object]]:
    if not isinstance(rows, list):
        raise bad(f'field "{name}" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad(f"can't parse {name.replace('_', ' ')}: row must be an Array")
    return rows


def _inline(rows: object) -> Json:
    checked_rows = [[_button(button) for button in row] for row in _rows(rows, "inline_keyboard") if row]
    if sum(map(len, checked_rows)) > _MOST_BUTTONS or any(len(row) > _MOST_IN_ROW for row in checked_rows):
        raise bad("reply markup is too long")
    return {"inline_keyboard": checked_rows}


def _text(button: Json, kind: str) -> None:
    if "text" not in button:
        raise bad(f"can't parse {kind}: Can't find field \"text\"")
    if not isinstance(button["text"], str):
        raise bad(f'can\'t parse {kind}: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad("REPLY_MARKUP_BUTTON_TEXT_EMPTY" if kind == "keyboard button" else "BUTTON_TEXT_INVALID")


def _plain(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad("KeyboardButton must be an Object")
    _text(button, "keyboard button")
    return button


def _button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad("InlineKeyboardButton must be an Object")
    _text(button, "inline keyboard button")
    actions = [name for name in _ACTIONS if button.get(name) or _empty_query(button, name)]
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if button.get("style", "primary") not in _STYLES:
        raise bad("BUTTON_STYLE_INVALID")
    action = actions[0]
    if action in {"pay", "callback_game"}:
        raise bad("BUTTON_TYPE_INVALID")
    if action == "callback_data" and not 1 <= len(str(button[action]).encode()) <= _LONGEST_DATA:
        raise bad("BUTTON_DATA_INVALID")
    if action == "copy_text" and not 1 <= len(_copied(button[action])) <= _LONGEST_COPY:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if action == "url":
        _check_url(str(button["url"]))
    return button


def _empty_query(button: Json, name: str) -> bool:
    """An empty inline query is a query; the other actions need content. An empty copy_text is told apart later."""
    return name in button and (name.startswith("switch_inline_query") or isinstance(button[name], dict))


def _copied(value: object) -> str:
    return str(value.get("text", "")) if isinstance(value, dict) else ""


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url or ":" in url else f"http://{url}")
    if parts.scheme not in {"http", "https", "tg", "ton"}:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme.startswith("http") and "." not in (parts.hostname or "") and parts.hostname != "localhost":
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
