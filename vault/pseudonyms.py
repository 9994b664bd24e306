"""Names in place of ids: for the log, different each month; for audit events, gone with the person's own key.

EDPB guidelines 01/2025 on pseudonymisation: a one-way function with a secret that is kept apart.
"""

import base64
import hmac
import secrets
from datetime import UTC, datetime

from vault.key import SIZE, Purpose, joined
from vault.keyring import Keyring

SHORT = 10  # symbols of base 32: 50 bits, enough to tell a few hundred thousand apart


def in_log(keyring: Keyring, kind: str, identifier: int | str, *, now: datetime) -> str:
    """What the log calls a chat or a member this month (UTC), for example `p-7xk2m4qd6a`.

    The same person has another one next month, so that logs of two months cannot be joined.
    """
    month = f"{now.astimezone(UTC):%Y-%m}"
    mac = keyring.current(Purpose.LOG).mac("log", month, kind, str(identifier))
    return "p-" + base64.b32encode(mac).decode("ascii")[:SHORT].lower()


def new_subject_key() -> bytes:
    """A key for one person, to be kept in a row that erasure deletes."""
    return secrets.token_bytes(SIZE)


def subject(subject_key: bytes, identifier: int | str) -> str:
    """What audit events call a person. Without the person's key nobody can say who it was, not even we.

    Raises ValueError when the key has not the size of one.
    """
    if len(subject_key) != SIZE:
        raise ValueError("not a subject key")
    mac = hmac.digest(subject_key, joined("subject", str(identifier)), "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
