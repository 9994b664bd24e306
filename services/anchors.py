"""Anchors: the newest audit event at some time, written down outside the database.

A chain alone does not show that its newest events were cut off. One line for each anchor: time, number, hash.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db import audit
from db.session import Session

FILE = "audit-anchor.log"  # in the home folder
LINE = re.compile(r"(\S+) (\d{1,18}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest event at a time."""

    at: datetime
    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.seq} {self.hash}"


def current(session: Session, *, now: datetime) -> Anchor:
    """What the head says now. Raises `HeadMissing`."""
    head, _ = audit.bounds(session)
    if head is None:
        raise audit.HeadMissing
    return Anchor(now, head.seq, head.hash)


def append(home: Path, anchor: Anchor) -> None:
    """Writes the anchor behind the others, on the disk when this returns. Raises OSError."""
    handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        whole = not size or os.pread(handle, 1, size - 1) == b"\n"  # a crash may have left half a line
        os.write(handle, f"{'' if whole else chr(10)}{anchor}\n".encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def read(home: Path) -> list[Anchor]:
    """All anchors, oldest first; none when there is no file. Lines that are no anchor are left out."""
    path = home / FILE
    if not path.exists():
        return []
    return list(_anchors(path.read_text(encoding="utf-8", errors="replace")))


def _anchors(text: str) -> Iterator[Anchor]:
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if found is None:
            continue
        at = _time(found[1])
        if at is not None:
            yield Anchor(at, int(found[2]), found[3])


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
