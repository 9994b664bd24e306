"""Encrypted values for columns: AES-256-GCM with a random nonce and the column's name bound to it.

A value that was moved to another column does not open. Where a value must not be moved to another row either, the
caller names the row in `field`, too (`cards.number:4711`). A random nonce of 96 bits is good for four thousand million
values under one key (NIST SP 800-38D, 8.3).
"""

import secrets

from cryptography.exceptions import InvalidTag

from vault.key import Key, Purpose, joined
from vault.keyring import Keyring
from vault.tagged import Tagged, prefix, tag, untag

NONCE = 12  # bytes
_CONTEXT = "auskunft value 1"


class Unreadable(Exception):  # noqa: N818  says what the value is
    """A sealed value that does not open. Neither the value nor a key is in the message."""


class Tampered(Unreadable):
    """It was changed, cut off, moved to another field, or never sealed here."""


class UnknownKey(Unreadable):
    """Its key is not in the keyring: the value is older, or newer, than the keys."""


def seal(keyring: Keyring, text: str, *, field: str) -> str:
    """The text under the key in use, as `k3:…`; different each time. Its length stays visible."""
    return seal_bytes(keyring, text.encode("utf-8", "surrogatepass"), field=field)


def unseal(keyring: Keyring, sealed: str, *, field: str) -> str:
    """What was sealed for the field. Raises `Tampered` or `UnknownKey`."""
    return unseal_bytes(keyring, sealed, field=field).decode("utf-8", "surrogatepass")


def seal_bytes(keyring: Keyring, data: bytes, *, field: str) -> str:
    key = keyring.current(Purpose.SEAL)
    nonce = secrets.token_bytes(NONCE)
    return tag(key, nonce + key.cipher(_CONTEXT).encrypt(nonce, data, joined(field)))


def unseal_bytes(keyring: Keyring, sealed: str, *, field: str) -> bytes:
    """What was sealed for the field. Raises `Tampered` or `UnknownKey`."""
    found = untag(sealed)
    if found is None:
        raise Tampered("not a sealed value")
    key = keyring.find(Purpose.SEAL, found.key_id)
    if key is None:
        raise UnknownKey(f"no key {found.key_id} for sealed values")
    data = _opened(key, found, field)
    if data is None:
        raise Tampered(f"does not open as {field} with {found.key_id}")
    return data


def _opened(key: Key, found: Tagged, field: str) -> bytes | None:
    nonce, data = found.data[:NONCE], found.data[NONCE:]
    try:
        return key.cipher(_CONTEXT).decrypt(nonce, data, joined(field))
    except (InvalidTag, ValueError):  # the second for what is too short to be a nonce
        return None


def is_current(keyring: Keyring, sealed: str) -> bool:
    """Whether a value is under the key in use. A rotation reseals those that are not, in any order, and can resume."""
    return sealed.startswith(prefix(keyring.current(Purpose.SEAL)))


def reseal(keyring: Keyring, sealed: str, *, field: str) -> str:
    """The value under the key in use; the very same when it is already. Raises `Tampered` or `UnknownKey`."""
    return sealed if is_current(keyring, sealed) else seal(keyring, unseal(keyring, sealed, field=field), field=field)
