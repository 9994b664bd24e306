"""A saved FAQ file is live within two seconds, or the last good version goes on and somebody is told why."""

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from telegram.constants import MessageLimit
from telegram.error import TelegramError
from watchfiles import awatch

from faq.difference import Difference, difference
from faq.ending import must_be_whole
from faq.history import History
from faq.library import Library
from faq.loader import digest
from handlers.context import Context
from strict_yaml import Problem, Problems
from texts import Texts, explain

log = logging.getLogger("auskunft.faq")

QUIET_MS = 250  # an editor that saves writes several times; so long must it be quiet
LOOK_MS = 400
MOST_TOLD = 10  # problems in one message


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A new library answers."""

    difference: Difference


@dataclass(frozen=True, slots=True)
class Refused:
    """The files cannot be used; the old library answers."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The files say what the library says already."""


Result = Reloaded | Refused | Unchanged


class Reloading:
    """Keeps the library as the files are.

    `open_library` reads, checks and builds what is in a folder; it raises `Problems`. `tell` hears of every reload and
    refusal.
    """

    def __init__(
        self,
        context: Context,
        content: Path,
        history: History,
        open_library: Callable[[Path], Library],
        tell: Callable[[Result], None],
    ) -> None:
        self._context, self.content, self.history = context, content, history
        self._open, self._tell = open_library, tell
        self._refused: str | None = None

    async def run(self) -> None:
        """Watches until cancelled. What changed while nobody watched is looked at first."""
        await self.reload()
        async for _ in awatch(self.content, debounce=QUIET_MS, step=50, rust_timeout=LOOK_MS, recursive=False):
            await self.reload()

    async def reload(self, *, anew: bool = False) -> Result:
        """Looks at the files once and replaces the library if they are new and good.

        `anew`: also at what was refused before, and only the caller hears of it.
        """
        now = self._context.desk.clock()
        if anew:
            self._refused = None
        result = await asyncio.get_running_loop().run_in_executor(self._context.builder, self._look, now)
        if isinstance(result, Reloaded) and self._context.reading_room:
            self._context.reading_room.renew()
        if not anew and not isinstance(result, Unchanged):
            self._tell(result)
        return result

    def _look(self, now: datetime) -> Result:
        """Works on a copy, so that what is checked, kept and put in place is the same, whatever is saved meanwhile."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for path in sorted(self.content.glob("*.yaml")):
                with contextlib.suppress(FileNotFoundError):  # moved in this moment: the next look finds it
                    shutil.copy2(path, copy)
            return self._take(copy, now)

    def _take(self, copy: Path, now: datetime) -> Result:
        shelf = self._context.desk.shelf
        before = shelf.library
        found = digest(copy)
        if found == before.store.digest:
            self._refused = None
            self.history.keep(copy, now)
            return Unchanged()
        if found == self._refused:
            return Unchanged()
        try:
            must_be_whole(copy, self.history)
            library = self._open(copy)
        except Problems as problems:
            self._refused = found
            return Refused(problems.problems)
        self._refused = None
        self.history.keep(copy, now)
        shelf.replace(library)
        return Reloaded(difference(before.store, library.store))


def in_words(result: Result, texts: Texts, language: str) -> str:
    """What staff read about a reload."""
    if isinstance(result, Refused):
        heading = texts.label("problem.heading-reload", language, count=len(result.problems))
        return "\n\n".join([heading, *(explain(problem, language) for problem in result.problems[:MOST_TOLD])])
    if isinstance(result, Reloaded):
        changed = result.difference
        parts = (("added", changed.added), ("changed", changed.changed), ("removed", changed.removed))
        named = "; ".join(f"{texts.label(f'reloaded.{key}', language)} {', '.join(ids)}" for key, ids in parts if ids)
        return texts.label("reloaded.text", language, what=named or texts.label("reloaded.words", language))
    return ""


async def inform(context: Context, chat: int, text: str) -> None:
    """Tells the staff group; a group that cannot be reached is no reason to stop."""
    try:
        await context.bot.send_message(chat, text[: MessageLimit.MAX_TEXT_LENGTH])
    except TelegramError as error:
        log.warning("the staff group could not be told (%s)", type(error).__name__)
