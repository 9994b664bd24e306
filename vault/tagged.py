"""Stored values that name their key: `k3:` and base64 (of the URL kind, without padding)."""

import base64
import binascii
from typing import NamedTuple

from vault.key import Key
from vault.keyfile import KEY_ID


class Tagged(NamedTuple):
    key_id: str
    data: bytes


def prefix(key: Key) -> str:
    """What every value under the key begins with, for finding those that a rotation has not reached."""
    return f"{key.id}:"


def tag(key: Key, data: bytes) -> str:
    return prefix(key) + base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def untag(text: str) -> Tagged | None:
    """The parts of a stored value, or None when it was not written by `tag`."""
    key_id, _, encoded = text.partition(":")
    if not KEY_ID.fullmatch(key_id):
        return None
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # Several spellings decode to the same bytes; only the one that was written is taken.
    written = base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") == encoded
    return Tagged(key_id, data) if written else None
