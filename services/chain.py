"""The chain of audit events: what makes it, and where it is broken.

h(n) = HMAC-SHA256(audit key, event n as canonical JSON, h(n-1)). Whoever changes, removes or moves an event would have
to make all later hashes anew, and the key lies outside the database.
"""

import json
from dataclasses import asdict
from datetime import UTC

from db.audit import Event
from vault.key import Key


def hash_of(event: Event, key: Key, previous: str) -> str:
    """The hash of the event when it comes after the one with the hash `previous`."""
    values = asdict(event) | {"at": event.at.astimezone(UTC).isoformat(timespec="microseconds")}
    return key.mac("audit event", json.dumps(values, sort_keys=True, separators=(",", ":")), previous).hex()
