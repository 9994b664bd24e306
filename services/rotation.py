"""After a new key: what is sealed and marked under older ones is made anew, some hundred rows in each transaction.

It may stop anywhere and go on later: a row under the key in use is left alone. Codes are not made anew; they expire
with the key they were made with. Marks in `suppressions` stay under theirs, because what they mark is gone.
"""

from collections.abc import Callable
from dataclasses import replace

from db import sealed
from db.sealed import COLUMNS, Sealed
from db.session import Database, Session
from services import audit
from services.audit import Tag
from services.desk import Desk
from vault import index, sealing
from vault.keyring import Keyring

BATCH = 500
KINDS = {"members": "member", "cards": "card"}


def reseal(database: Database, desk: Desk, progress: Callable[[int], None] = lambda _: None) -> int:
    """Brings every sealed value and mark under the keys in use; how many rows were changed.

    `progress` hears how many rows have been looked at. Raises `vault.sealing.Unreadable` for a value whose key is gone.
    """
    changed = looked_at = 0
    for table in COLUMNS:
        last = 0
        while True:
            seen, written = database.work(_batch, desk.keys.ring, table, last)
            if not seen:
                break
            last, looked_at, changed = seen[-1], looked_at + len(seen), changed + written
            progress(looked_at)
    if changed:
        database.work(_note, desk, changed)
    return changed


def _batch(session: Session, ring: Keyring, table: str, last: int) -> tuple[list[int], int]:
    rows = sealed.after(session, table, last, BATCH)
    stale = [row for row in rows if not _is_current(ring, row)]
    sealed.write(session, table, [_anew(ring, table, row) for row in stale])
    return [row.id for row in rows], len(stale)


def _is_current(ring: Keyring, row: Sealed) -> bool:
    values = (value for value in row.values.values() if value is not None)
    marked = row.mark is None or index.is_current(ring, row.mark)
    return marked and all(sealing.is_current(ring, value) for value in values)


def _anew(ring: Keyring, table: str, row: Sealed) -> Sealed:
    values = {
        name: None if value is None else sealing.reseal(ring, value, field=f"{table}.{name}")
        for name, value in row.values.items()
    }
    if row.mark is None:
        return replace(row, values=values)
    number = row.values["number"]
    assert number is not None
    plain = sealing.unseal(ring, number, field=f"{table}.number")
    return replace(row, mark=index.mark(ring, plain, kind=KINDS[table]), values=values)


def _note(session: Session, desk: Desk, changed: int) -> None:
    audit.record(session, desk, Tag.KEYS_ROTATED, now=desk.clock(), rows=changed)
