"""What changed, as a stream of events for the page, which resumes where a connection was lost."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from messenger.store import dump

_KEPT: Final = 2000  # events a page that comes back may have missed; more, and it reads everything again
_HEARTBEAT: Final = 15.0  # seconds of silence after which a comment is sent, so that a dead connection is noticed


class Live:
    """Events of this run of the program, numbered; `run` tells them from those of an earlier one."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self.last = 0
        self._events: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._changed = asyncio.Event()
        self._stopped = False

    def publish(self, kind: str, **body: object) -> None:
        self.last += 1
        self._events.append((self.last, dump({"kind": kind, **body})))
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def stop(self) -> None:
        """Ends all streams, so that the server can stop."""
        self._stopped = True
        self._changed.set()

    async def stream(self, resume: str | None) -> AsyncIterator[str]:
        """Yields server-sent events after the one named by `resume` ("run-number"), or from now on."""
        seen = self._resumed(resume)
        if seen is None:
            seen = self.last
            yield f"id: {self.run}-{seen}\nevent: {'reset' if resume else 'ready'}\ndata: {{}}\n\n"
        else:
            yield f"id: {self.run}-{seen}\nevent: ready\ndata: {{}}\n\n"
        while not self._stopped:
            changed = self._changed
            for number, data in [event for event in self._events if event[0] > seen]:
                yield f"id: {self.run}-{number}\ndata: {data}\n\n"
                seen = number
            try:
                await asyncio.wait_for(changed.wait(), _HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"

    def _resumed(self, resume: str | None) -> int | None:
        run, _, number = (resume or "").partition("-")
        if run != self.run or not number.isdigit():
            return None
        oldest = self._events[0][0] if self._events else self.last + 1
        return int(number) if oldest - 1 <= int(number) <= self.last else None
