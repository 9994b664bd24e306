"""Anchors as landmarks that the chain of events must pass, except those on ways that a restore gave up."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from db import audit
from db.audit import Event
from services.anchors import Anchor
from services.audit import Tag

BACK = "back"  # a detail of a restore: how many events before it the way parted from the one that was given up

Work = Callable[..., Any]  # `Database.work`


class Landmarks:
    """Which anchors were passed, and which were missed."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._ahead: dict[int, list[Anchor]] = defaultdict(list)
        for anchor in anchors:
            self._ahead[anchor.seq].append(anchor)
        self._missed: list[Anchor] = []
        self._given_up: list[tuple[datetime, int]] = []  # until when, after which event
        self.passed: list[datetime] = []

    def give_up(self, restore: Event) -> None:
        """From a restore on, older anchors may be of the way that was given up."""
        self._given_up.append((restore.at, _fork_of(restore)))

    def pass_by(self, seq: int, digest: str) -> None:
        for anchor in self._ahead.pop(seq, ()):
            if anchor.hash == digest:
                self.passed.append(anchor.at)
            else:
                self._missed.append(anchor)

    def missed(self) -> int | None:
        """The first event that is another one than an anchor says."""
        return min((anchor.seq for anchor in self._missed if not self._is_given_up(anchor)), default=None)

    def lead_beyond(self, seq: int) -> bool:
        """Whether an anchor names an event after the last."""
        ahead = (anchor for anchors in self._ahead.values() for anchor in anchors if anchor.seq > seq)
        return not all(self._is_given_up(anchor) for anchor in ahead)

    def _is_given_up(self, anchor: Anchor) -> bool:
        return any(anchor.at <= until and anchor.seq > after for until, after in self._given_up)


def fork(restored: Work, present: Work, kept: int) -> int:
    """The last event that a backup with `kept` events has in common with the present ones.

    Earlier restores that are given up together with the present events gave up ways themselves: the first fork counts.
    """
    low: int = max(restored(audit.extent).first, present(audit.extent).first) - 1
    high = max(low, min(kept, present(audit.extent).last))
    while low < high:  # once parted, two chains never have the same hash again
        middle = (low + high + 1) // 2
        same = restored(audit.hash_at, middle) == present(audit.hash_at, middle)
        low, high = (middle, high) if same else (low, middle - 1)
    given_up = present(audit.tagged_after, Tag.BACKUP_RESTORED.value, low)
    return min([low, *(_fork_of(event) for event in given_up)])


def _fork_of(restore: Event) -> int:
    back = restore.detail.get(BACK, 0)
    return restore.seq - 1 - (back if isinstance(back, int) else 0)
