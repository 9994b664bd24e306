"""Questions are read in a process of its own, beside the event loop instead of in its way.

There is one for the library on the shelf. When another library is put there, the next one is forked, and the old one
answers what it was asked and ends. Where there is none, questions are read in this process: later, but they are.

A question that was being read when its process ended is asked once more, of one that is there for nothing else. When
that ends, too, the question is to blame: it is kept away from this process and becomes a fault with a reference.
"""

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable

from faq import child
from faq.library import Library, Shelf
from faq.match import Reading
from handlers.figures import Figures
from handlers.reader import GONE_WITHIN, Ended, Reader, Unasked

log = logging.getLogger("auskunft.faq")

PAUSE = 5.0  # seconds from one fork to the next where no question is the reason that it ended
LONGEST_PAUSE = 320.0  # seconds: each reader that is not proven doubles the pause, up to this


class Unreadable(Exception):  # noqa: N818
    """A question that ended two processes."""


class ReadingRoom:
    """Has a reader for the library on the shelf.

    `tidy` comes before the first fork with a library: a reader shares what is there then.
    """

    def __init__(self, shelf: Shelf, figures: Figures, tidy: Callable[[], Awaitable[object]]) -> None:
        self._shelf, self._figures, self._tidy = shelf, figures, tidy
        self._reader: Reader | None = None
        self._tidied: weakref.ref[Library] | None = None
        self._pause = PAUSE
        self._again: asyncio.TimerHandle | None = None
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
                await self._tidy_once(self._shelf.library)
                self._provide()
                await self._news.wait()
                self._news.clear()
        finally:
            self._dismiss()
            if self._there:
                await asyncio.wait(self._there, timeout=GONE_WITHIN)

    async def _tidy_once(self, library: Library) -> None:
        """It looks through all memory: not for every try to fork with the same library."""
        if self._tidied is None or self._tidied() is not library:
            self._tidied = weakref.ref(library)
            del library  # it must not stay because of this
            await self._tidy()

    def _provide(self) -> None:
        """A reader for the library on the shelf, if there is none."""
        library = self._shelf.library
        if self._reader is None or not self._reader.has(library):
            self._dismiss()
            self._reader = self._fork(library)

    def _dismiss(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            if reader.is_proven:
                self._pause = PAUSE
            reader.retire()

    def _fork(self, library: Library) -> Reader | None:
        """None where there cannot be another process; and later another try, unless there never can."""
        if not child.IS_POSSIBLE:
            return None
        try:
            reader = Reader(*child.fork(library), library, self._lost)
        except OSError as error:
            log.warning("no process to read questions in (%s): they are read in this one", error.strerror)
            self._try_later(asyncio.get_running_loop().time())
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
            self._dismiss()
            self._try_later(reader.begun_at)

    def _try_later(self, since: float) -> None:
        """After the pause since a fork; the next pause is longer, until a reader is proven."""
        if self._again is not None:
            self._again.cancel()
        self._again = asyncio.get_running_loop().call_at(since + self._pause, self.renew)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


def _log(gone: asyncio.Future[int | None]) -> None:
    log.warning("the process that reads questions ended by itself (%s)", gone.result())
