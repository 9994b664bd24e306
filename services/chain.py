"""Whether the chain of audit events is whole, and where it is broken first.

Whoever changes, removes or moves an event would have to make all later hashes anew, and the key lies outside the
database. That the newest events are gone cannot be seen from the rest: this is what anchors are for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from db import audit
from db.audit import START, Extent, Head, Segment, Stored
from db.session import Database, Session
from services.anchors import Anchor
from services.audit import Keyed, Tag, hash_of
from services.landmarks import Landmarks
from services.segments import signature_of
from vault.key import Purpose
from vault.keyring import Keyring

PORTION = 2000  # events read in one transaction: on SQLite nobody else can write meanwhile

Watch = Callable[[Sequence[int]], Iterable[int]]


class Why(StrEnum):
    """What is wrong at the first broken place."""

    CHANGED = "changed"  # or it is not in its place
    MISSING = "missing"
    UNKNOWN_KEY = "unknown-key"
    HEAD = "head"  # the row of the newest event is gone, or says something else
    BEYOND = "beyond"  # an event that was not added by the program
    SEGMENT = "segment"  # the mark up to which events were deleted is not ours
    CUT = "cut"  # an anchor names a newer event
    ANCHOR = "anchor"  # an anchor names another event at this place


@dataclass(frozen=True, slots=True)
class Intact:
    """Every event is as it was written. `anchors` are those that were compared, `anchored_at` the newest of them."""

    count: int
    head: int
    anchors: int = 0
    anchored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrokenAt:
    """The first place where the log is not what was written."""

    seq: int
    why: Why


def verify(session: Session, desk: Keyed, anchors: Sequence[Anchor] = ()) -> Intact | BrokenAt:
    """Whether the log is whole, seen in one transaction."""
    return _verify(lambda use_case, *args: use_case(session, *args), desk.keys.ring, anchors, iter)


def verify_beside(
    database: Database, ring: Keyring, anchors: Sequence[Anchor] = (), watch: Watch = iter
) -> Intact | BrokenAt:
    """Whether the log is whole, read in portions while the program may go on writing."""
    return _verify(database.work, ring, anchors, watch)


def _verify(work: Callable[..., Any], ring: Keyring, anchors: Sequence[Anchor], watch: Watch) -> Intact | BrokenAt:
    while True:
        try:
            head, segment = work(audit.bounds)
        except (ValueError, TypeError):  # SQLite takes anything for a time
            return BrokenAt(0, Why.SEGMENT)
        found = _walk(work, Check(ring, segment, anchors), head, watch)
        if isinstance(found, Intact) or work(audit.bounds)[1] == segment:
            return found  # otherwise old events were deleted meanwhile


def _walk(work: Callable[..., Any], check: "Check", head: Head | None, watch: Watch) -> Intact | BrokenAt:
    if broken := check.begin(head):
        return broken
    assert head is not None
    for after in watch(range(check.seq, head.seq, PORTION)):
        for stored in work(audit.portion, after, min(after + PORTION, head.seq)):
            if broken := check.take(stored):
                return check.contradiction() or broken
    return check.end(head) or check.around(work(audit.extent)) or check.intact(head)


class Check:
    """Follows the chain event by event."""

    def __init__(self, ring: Keyring, segment: Segment | None, anchors: Sequence[Anchor]) -> None:
        self._ring, self._segment = ring, segment
        # What was replaced by a restore that is deleted itself by now is older, too.
        self.landmarks = Landmarks(anchor for anchor in anchors if segment is None or anchor.at > segment.ended_at)
        self.seq, self._hash = (segment.seq, segment.hash) if segment else (0, START)
        self._first = self.seq

    def begin(self, head: Head | None) -> BrokenAt | None:
        segment = self._segment
        if segment is not None:
            key = self._ring.find(Purpose.AUDIT, segment.key)
            if key is None or signature_of(segment, key) != segment.signature:
                return BrokenAt(segment.seq, Why.SEGMENT)
        if head is None:
            return BrokenAt(self.seq + 1, Why.HEAD)
        self.landmarks.pass_by(self.seq, self._hash)
        return None

    def take(self, stored: Stored) -> BrokenAt | None:
        """What is wrong with the next event, if anything."""
        expected, event = self.seq + 1, stored.event
        if stored.seq != expected:
            return BrokenAt(expected, Why.MISSING)
        if event is None:
            return BrokenAt(expected, Why.CHANGED)
        key = self._ring.find(Purpose.AUDIT, event.key)
        if key is None:
            return BrokenAt(expected, Why.UNKNOWN_KEY)
        self.seq, self._hash = expected, hash_of(event, key, self._hash)
        if self._hash != stored.hash:
            return BrokenAt(expected, Why.CHANGED)
        if event.tag == Tag.BACKUP_RESTORED:
            self.landmarks.give_up(event)
        self.landmarks.pass_by(expected, self._hash)
        return None

    def end(self, head: Head) -> BrokenAt | None:
        """What is wrong with the last event and behind it, or with an anchor."""
        if contradiction := self.contradiction():
            return contradiction
        if self.seq < head.seq:
            return BrokenAt(self.seq + 1, Why.MISSING)
        if (self.seq, self._hash) != (head.seq, head.hash):
            return BrokenAt(self.seq, Why.HEAD)
        return BrokenAt(self.seq + 1, Why.CUT) if self.landmarks.lead_beyond(self.seq) else None

    def contradiction(self) -> BrokenAt | None:
        """The first event that is another one than an anchor says."""
        seq = self.landmarks.missed()
        return None if seq is None else BrokenAt(seq, Why.ANCHOR)

    def around(self, extent: Extent) -> BrokenAt | None:
        """Whether there are events outside of what was followed."""
        if extent.first <= self._first:
            return BrokenAt(extent.first, Why.BEYOND)
        return BrokenAt(extent.head + 1, Why.BEYOND) if extent.last > extent.head else None

    def intact(self, head: Head) -> Intact:
        passed = self.landmarks.passed
        return Intact(head.seq - self._first, head.seq, len(passed), max(passed, default=None))
