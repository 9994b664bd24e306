"""A process that reads questions (`faq.child`), as the program sees it: what it was asked, and how it ends."""

import asyncio
import contextlib
import os
import signal
import socket
import weakref
from collections import deque
from collections.abc import Callable

from faq import child, wire
from faq.library import Library
from faq.match import Reading

PATIENCE = child.LONGEST + 2.0  # seconds without an answer: not even its own alarm has stopped it
GONE_WITHIN = 1.0  # seconds from the end of its socket to its own; then it is killed
LOOK_EVERY = 0.01

Lost = Callable[["Reader", bool], None]


class Ended(Exception):  # noqa: N818
    """It ended while it read this question."""


class Unasked(Exception):  # noqa: N818
    """It ended before it came to this question."""


class Reader(asyncio.Protocol):
    """One process that reads by one library, one question after the other. Made on the event loop.

    `lost` is called when it ends without having been told to, and hears whether it was reading a question.
    """

    def __init__(self, process: int, end: socket.socket, library: Library, lost: Lost) -> None:
        self._loop = asyncio.get_running_loop()
        self.process, self.begun_at = process, self._loop.time()
        self.is_open = True  # for more questions
        self.is_proven = False  # that it reads: it begins with the library's first title, unasked
        self.gone: asyncio.Future[int | None] = self._loop.create_future()
        """Done with the exit code (negative: a signal) when nothing is left of the process; None: nobody knows it."""
        self._library = weakref.ref(library)  # which must not stay because of this when another one is on the shelf
        self._lost = lost
        self._asked: deque[asyncio.Future[Reading | None]] = deque()
        self._transport: asyncio.Transport | None = None
        self._heard, self._unsent = bytearray(), bytearray()
        self._watch: asyncio.TimerHandle | None = None
        self._joining = self._loop.create_task(self._join(end))

    async def _join(self, end: socket.socket) -> None:
        try:
            await self._loop.create_unix_connection(lambda: self, sock=end)
        except OSError:
            end.close()  # and with it the process ends
            self.connection_lost(None)

    def has(self, library: Library) -> bool:
        return self.is_open and self._library() is library

    async def ask(self, text: str) -> Reading | None:
        """None where reading it breaks. Raises Ended or Unasked when there will be no answer."""
        asked: asyncio.Future[Reading | None] = self._loop.create_future()
        self._asked.append(asked)
        content = wire.framed(wire.of_text(text))
        if self._transport is None:
            self._unsent += content
        else:
            self._transport.write(content)
        if self._watch is None:
            self._wait_for_next()
        return await asked

    def retire(self) -> None:
        """Lets it end as soon as everything is answered that it was asked."""
        self.is_open = False
        if not self._asked and self._transport is not None:
            self._transport.close()

    # ---- what the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(bytes(self._unsent))
        if not self.is_open:
            self.retire()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        for content in wire.frames(self._heard):
            if self.is_proven:
                try:
                    reading = wire.to_reading(content)
                except Exception:  # noqa: BLE001  who asked must hear of it, whatever it is
                    self._give_up()
                    return
                _settle(self._asked.popleft(), reading)
            self.is_proven = True
        self._wait_for_next()
        if not self.is_open:
            self.retire()

    def connection_lost(self, _error: Exception | None) -> None:
        asked, was_open = list(self._asked), self.is_open
        self._asked.clear()
        self.is_open = False
        self._wait_for_next()
        self._reaping = self._loop.create_task(self._reap())
        read = 1 if self.is_proven else 0  # of what it was asked, when it ended
        if was_open:
            self._lost(self, bool(asked[:read]))  # before those hear of it who ask again then
        for number, one in enumerate(asked):
            _settle(one, Ended() if number < read else Unasked())

    # ---- its end

    def _wait_for_next(self) -> None:
        """From now on it has so long for the next answer."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self._loop.call_later(PATIENCE, self._give_up) if self._asked else None

    def _give_up(self) -> None:
        """Nothing more is heard of it, even where something is there to be heard."""
        self._kill()
        if self._transport is not None:
            self._transport.abort()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    async def _reap(self) -> None:
        """Takes note of its end, so that nothing of it is left."""
        until = self._loop.time() + GONE_WITHIN
        while (found := self._state()) == (0, 0):
            if self._loop.time() > until:
                self._kill()
            await asyncio.sleep(LOOK_EVERY)
        self.gone.set_result(os.waitstatus_to_exitcode(found[1]) if found else None)

    def _state(self) -> tuple[int, int] | None:
        """As the system tells it once; None where somebody else asked before."""
        with contextlib.suppress(ChildProcessError):
            return os.waitpid(self.process, os.WNOHANG)
        return None


def _settle(asked: asyncio.Future[Reading | None], became: Reading | Exception | None) -> None:
    if asked.done():  # nobody waits for it any more
        return
    if isinstance(became, Exception):
        asked.set_exception(became)
    else:
        asked.set_result(became)
