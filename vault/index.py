"""The blind index: equal values have equal marks, and without the key a mark says nothing.

An unkeyed hash would not do: a card number has ten free digits, a Telegram id about as many, and all of them are tried
in seconds.
"""

import unicodedata
from collections.abc import Callable

from vault.key import Key, Purpose
from vault.keyring import Keyring
from vault.plain import plain
from vault.tagged import prefix, tag


def number(value: str) -> str:
    """How numbers of members and cards compare: `80276 0010-816…` as `802760010816…`; letters as capitals."""
    return "".join(char for char in plain(value) if char not in " .-/")


def address(value: str) -> str:
    """How e-mail addresses compare."""
    return unicodedata.normalize("NFC", value.strip()).casefold()


def mark(keyring: Keyring, value: str, *, kind: str, form: Callable[[str], str] = number) -> str:
    """The mark of a value as `k3:…`, under the key in use.

    `kind` keeps equal numbers of different things apart (`member`, `card`). `form` says which spellings are equal.
    Raises ValueError when nothing is left of the value.
    """
    return _mark(keyring.current(Purpose.INDEX), kind, _formed(value, form))


def candidates(keyring: Keyring, value: str, *, kind: str, form: Callable[[str], str] = number) -> list[str]:
    """The marks of a value under every key, the one in use first: during a rotation any of them may be stored."""
    formed = _formed(value, form)
    return [_mark(key, kind, formed) for key in keyring.every(Purpose.INDEX)]


def is_current(keyring: Keyring, marked: str) -> bool:
    """Whether a mark was made with the key in use; a rotation makes the others anew from the sealed value."""
    return marked.startswith(prefix(keyring.current(Purpose.INDEX)))


def _mark(key: Key, kind: str, formed: str) -> str:
    return tag(key, key.mac("index", kind, formed))


def _formed(value: str, form: Callable[[str], str]) -> str:
    formed = form(value)
    if not formed:
        raise ValueError("nothing is left of the value")
    return formed
