"""Who was erased stays erased: blind marks, also outside the database, applied to whatever is restored.

A backup holds people who were erased after it was made. The marks say who that is only to somebody who has the person
before him: they are keyed hashes of a chat's id or of a member's number.
"""

import os
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from db import suppressions
from db.session import Session
from vault import index, sealing
from vault.keyring import Keyring

FILE = "suppressions.log"  # in the home folder
LINE = re.compile(r"(\S+) (k\d+:[A-Za-z0-9_-]{20,120})")

Marks = dict[str, datetime]


def read(home: Path) -> Marks:
    """The marks that were written down outside the database, each with its latest time."""
    path = home / FILE
    found: Marks = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        parts = LINE.fullmatch(line)
        if parts and (at := _time(parts[1])):
            found[parts[2]] = max(at, found.get(parts[2], at))
    return found


def write(home: Path, marks: Mapping[str, datetime]) -> int:
    """Writes the marks that are not in the file yet behind the others; how many. Raises OSError."""
    known = read(home)
    new = {mark: at for mark, at in marks.items() if mark not in known or known[mark] < at}
    if new:
        lines = "".join(f"{at.astimezone(UTC).isoformat()} {mark}\n" for mark, at in sorted(new.items()))
        handle = os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123  a handle, not a path
            file.write(f"\n{lines}")  # a crash may have left half a line
            file.flush()
            os.fsync(handle)
    return len(new)


def joined(*several: Mapping[str, datetime]) -> Marks:
    """All marks, each with its latest time."""
    found: Marks = {}
    for marks in several:
        for mark, at in marks.items():
            found[mark] = max(at, found.get(mark, at))
    return found


def apply(session: Session, ring: Keyring, marks: Mapping[str, datetime], *, keep_rules: Collection[str]) -> int:
    """Erases everybody whose mark is there or in the database; how many people and chats that were.

    A chat that began anew after its erasure stays. `keep_rules` are the counters that no erasure resets.
    """
    suppressions.add(session, marks)
    marks = suppressions.marks(session)
    if not marks:
        return 0
    chats = [
        chat
        for chat, first_at in suppressions.chats(session).items()
        if (at := _erased_at(ring, marks, str(chat), "chat")) and (first_at is None or first_at <= at)
    ]
    for chat in chats:
        suppressions.erase_chat(session, chat, keep_rules)
    foreign = {mark.partition(":")[0] for mark in marks}
    gone = [member.id for member in suppressions.members(session) if _is_erased(ring, marks, member, foreign)]
    suppressions.erase_members(session, gone, keep_rules)
    return len(chats) + len(gone)


def _is_erased(ring: Keyring, marks: Mapping[str, datetime], member: suppressions.Numbered, key_ids: set[str]) -> bool:
    """Whether the member's mark is there, also under another key than the one it is stored with."""
    if member.mark in marks:
        return True
    if key_ids <= {member.mark.partition(":")[0]}:
        return False
    number = sealing.unseal(ring, member.sealed, field="members.number")
    return _erased_at(ring, marks, number, "member") is not None


def _erased_at(ring: Keyring, marks: Mapping[str, datetime], value: str, kind: str) -> datetime | None:
    times = (marks.get(mark) for mark in index.candidates(ring, value, kind=kind))
    return max((at for at in times if at), default=None)


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
