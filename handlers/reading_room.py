"""Questions are read in a process of its own, beside the event loop instead of in its way.

There is one for the library on the shelf. When another library is put there, the next one is forked, and the old one
answers what it was asked and ends. Where there is none, questions are read in this process: later, but they are.

A question that was being read when its process ended is asked once more, of one that is there for nothing else. When
that ends, too, the question is to blame: it is kept away from this process and becomes a fault with a reference.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from faq import child
from faq.library import Library, Shelf
from faq.match import Reading
from handlers.figures import Figures
from handlers.reader import GONE_WITHIN, Ended, Reader, Unasked

log = logging.getLogger("auskunft.faq")

PAUSE = 5.0  # seconds from one fork to the next where no question is the reason that it ended


class Unreadable(Exception):  # noqa: N818
    """A question that ended two processes."""


class ReadingRoom:
    """Has a reader for the library on the shelf. `tidy` comes before the fork: a reader shares what is there then."""

    def __init__(self, shelf: Shelf, figures: Figures, tidy: Callable[[], Awaitable[object]]) -> None:
        self._shelf, self._figures, self._tidy = shelf, figures, tidy
        self._reader: Reader | None = None
        self._there: set[asyncio.Future[int | None]] = set()
        self._news = asyncio.Event()

    async def read(self, library: Library, text: str) -> Reading | None:
        """The reading by this library; None where it has to be read in this process. Raises Unreadable."""
        while (reader := self._reader) is not None and reader.has(library):
            try:
                return await reader.ask(text)
            except Unasked:  # because of another question: the next reader is there already
                continue
            except Ended:
                return await self._read_alone(library, text)
        return None

    async def _read_alone(self, library: Library, text: str) -> Reading | None:
        if (reader := self._fork(library)) is None:
            return None
        try:
            return await reader.ask(text)
        except Unasked:  # it does not read at all, and that is not the question's fault
            return None
        except Ended:
            raise Unreadable from None
        finally:
            reader.retire()

    def renew(self) -> None:
        """Another library is on the shelf."""
        self._news.set()

    async def run(self) -> None:
        """Runs until cancelled; the last reader answers what it was asked, and ends."""
        try:
            while True:
                await self._tidy()
                self._provide()
                await self._news.wait()
                self._news.clear()
        finally:
            self._dismiss()
            if self._there:
                await asyncio.wait(self._there, timeout=GONE_WITHIN)

    def _provide(self) -> None:
        """A reader for the library on the shelf, if there is none."""
        library = self._shelf.library
        if self._reader is None or not self._reader.has(library):
            self._dismiss()
            self._reader = self._fork(library)

    def _dismiss(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.retire()

    def _fork(self, library: Library) -> Reader | None:
        """None, and later another try, where there cannot be another process."""
        try:
            reader = Reader(*child.fork(library), library, self._lost)
        except OSError as error:
            log.warning("no process to read questions in (%s): they are read in this one", error.strerror)
            asyncio.get_running_loop().call_later(PAUSE, self.renew)
            return None
        self._there.add(reader.gone)
        reader.gone.add_done_callback(self._there.discard)
        return reader

    def _lost(self, reader: Reader, was_reading: bool) -> None:
        """One that a question ended is followed at once: the next question may be like it. Others, after a pause."""
        self._figures.reader_ended.inc()
        reader.gone.add_done_callback(_log)
        if reader is not self._reader:
            return
        if was_reading:
            self._provide()
        else:
            self._reader = None
            loop = asyncio.get_running_loop()
            loop.call_at(reader.begun_at + PAUSE, self.renew)


def _log(gone: asyncio.Future[int | None]) -> None:
    log.warning("the process that reads questions ended by itself (%s)", gone.result())
