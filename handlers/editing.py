"""The FAQ files changed from the staff group: tried out, measured by the test questions, written, taken back.

What is written goes the way of every edit: the files are read and checked anew, kept as a version, and answer from then
on. What is refused at the last moment is taken back.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from faq import edition, trial
from faq.difference import Difference, difference
from faq.edition import Proof
from faq.history import History, Version
from faq.library import Library
from faq.loader import Fill, digest, load
from faq.probes import Probe, read_probes
from faq.trial import Move, Trial, Verdict
from faq.writing import Change, MorePhrasings, NoPlace, yaml_of
from handlers.context import Context
from handlers.reloading import Refused, Reloading, Result
from strict_yaml import Problem, Problems

log = logging.getLogger("auskunft.faq")

WORTH = (Verdict.WRONG, Verdict.MISSED, Verdict.OFFERED, Verdict.RIGHT)  # the worst first
AT_ONCE = 4  # test questions in a row: an edit that is saved meanwhile comes in between

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the test questions say about a change: how many there are, and which lead elsewhere."""

    all: int
    moves: tuple[Move, ...]

    @property
    def worse(self) -> tuple[Move, ...]:
        """Those that are answered worse than before: wrong answers first, then what leads to another entry."""
        found = [move for move in self.moves if is_worse(move)]
        return tuple(
            sorted(found, key=lambda move: (WORTH.index(move.after.verdict), move.after.best == move.before.best))
        )

    @property
    def wrong(self) -> int:
        """How many now get a wrong answer."""
        return sum(move.after.verdict is Verdict.WRONG for move in self.worse)

    @property
    def better(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if is_better(move))

    @property
    def other(self) -> tuple[Move, ...]:
        """Those that only see another first suggestion, or another entry of equal worth."""
        return tuple(move for move in self.moves if not is_worse(move) and not is_better(move))


def is_worse(move: Move) -> bool:
    return WORTH.index(move.after.verdict) < WORTH.index(move.before.verdict)


def is_better(move: Move) -> bool:
    return WORTH.index(move.after.verdict) > WORTH.index(move.before.verdict)


@dataclass(frozen=True, slots=True)
class Written:
    """It is in the files, and answers. `version` is their digest."""

    version: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The files stay as they were, for these reasons."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ByHand:
    """The program cannot write it; somebody else can, with these lines. `reason`: read-only, or the file's form."""

    lines: str
    file: str
    reason: str  # read-only, brackets


@dataclass(frozen=True, slots=True)
class Step:
    """The way back: the version before the present one, and what it changes. `from_` is the present digest."""

    version: Version
    from_: str
    difference: Difference


class Editing:
    """Changes the FAQ files of this process. Each method may take a second; the trial takes longer."""

    def __init__(self, context: Context, reloading: Reloading, fill: Fill) -> None:
        self._context, self._reloading, self._fill = context, reloading, fill
        self._folder, self._history = reloading.content, reloading.history
        self._baseline: tuple[str, Trial] | None = None

    async def read_anew(self) -> Result:
        """Takes the files over as they are now, if they are good."""
        return await self._reloading.reload(anew=True)

    async def try_out(self, change: Change) -> Proof | NotTaken | ByHand:
        """What would become of the change; nothing is written."""
        library, today = self._context.desk.library, self._context.desk.clock().date()
        new = _new(change, library)
        if new is None:
            return Proof(library, (), Difference())

        def act() -> Proof | NotTaken | ByHand:
            try:
                found = edition.try_out(self._folder, new, before=library, today=today, fill=self._fill)
            except Problems as problems:
                return NotTaken(problems.problems)
            except KeyError:  # its category or entry is gone meanwhile
                return NotTaken(())
            return ByHand(found.lines, found.name, "brackets") if isinstance(found, NoPlace) else found

        return await self._build(act)

    async def compare(self, library: Library) -> Compared:
        """Asks the test questions of this library and of the present one; on the side, so that members do not wait."""
        present = self._context.desk.library
        probes = await self._build(lambda: _probes(self._reloading, library))
        if self._baseline is None or self._baseline[0] != present.store.digest:
            self._baseline = present.store.digest, await self._trial(probes, present)
        after = await self._trial(probes, library)
        return Compared(len(after.tried), tuple(trial.moved(self._baseline[1], after)))

    async def write(self, change: Change) -> Written | NotTaken | ByHand:
        """Writes the change and takes it over. Writing what is there already changes nothing."""
        tried = await self.try_out(change)
        if isinstance(tried, NotTaken | ByHand):
            return tried
        if tried.mistakes or tried.library is None:
            return NotTaken(tuple(tried.mistakes))
        if (new := _new(change, self._context.desk.library)) is None:
            return Written(self._context.desk.store.digest)
        try:
            edit = await self._build(lambda: edition.write(self._folder, new))
        except OSError as error:
            log.warning("the FAQ files cannot be written (%s)", type(error).__name__)
            return ByHand(yaml_of(new), "", "read-only")
        except Problems as problems:
            return NotTaken(problems.problems)
        except KeyError:
            return NotTaken(())
        if isinstance(edit, NoPlace):
            return ByHand(edit.lines, edit.name, "brackets")
        result = await self._reloading.reload()
        if _new(change, self._context.desk.library) is None:
            return Written(self._context.desk.store.digest)
        await self._build(lambda: edition.take_back(self._folder, edit))
        await self._reloading.reload()
        return NotTaken(result.problems if isinstance(result, Refused) else ())

    async def way_back(self) -> Step | None:
        """What /zurueck would do: to the version before; or to the one that answers, where the files were refused."""
        store = self._context.desk.store

        def look() -> Step | None:
            present, versions = digest(self._folder), self._history.versions()
            older = [known for known in versions if known.digest != present]
            wanted = older[-1] if older else None
            if present != store.digest:
                wanted = self._history.find(store.digest)
            if wanted is None:
                return None
            try:
                return Step(wanted, present, difference(store, load(wanted.folder)))
            except Problems:  # the program has become stricter since
                return None

        return await self._build(look)

    async def go_back(self, to: str, from_: str) -> Written | NotTaken | ByHand | None:
        """Brings a version back; None when the files are not any more as they were when that was offered."""
        now: datetime = self._context.desk.clock()

        def act() -> Written | NotTaken | ByHand | None:
            wanted = self._history.find(to)
            with edition.held(self._folder):
                if wanted is None or not digest(self._folder).startswith(from_):
                    return None
                found = edition.prove(
                    wanted.folder, before=self._context.desk.library, today=now.date(), fill=self._fill
                )
                if found.library is None or found.mistakes:
                    return NotTaken(tuple(found.mistakes))
                try:
                    History.restore(wanted, self._folder)
                except OSError as error:
                    log.warning("the FAQ files cannot be written (%s)", type(error).__name__)
                    return ByHand("", "", "read-only")
                return Written(wanted.digest)

        done = await self._build(act)
        if isinstance(done, Written):
            await self._reloading.reload()
        return done

    async def _trial(self, probes: list[Probe], library: Library) -> Trial:
        tried: list[trial.Tried] = []
        for start in range(0, len(probes), AT_ONCE):
            tried += await self._build(partial(_asked, probes[start : start + AT_ONCE], library))
        return Trial(tuple(tried))

    async def _build(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._context.builder, act)


def _asked(probes: list[Probe], library: Library) -> tuple[trial.Tried, ...]:
    return trial.run(probes, library.matcher).tried


def _new(change: Change, library: Library) -> Change | None:
    """What of the change the library does not say yet."""
    if edition.is_in(change, library):
        return None
    if isinstance(change, MorePhrasings) and change.entry in library.store.entries:
        return edition.missing(change, library)
    return change


def _probes(reloading: Reloading, library: Library) -> list[Probe]:
    try:
        return read_probes(reloading.content, library.store.entries)
    except Problems:  # they are of no use now; `faq check` tells why
        return []
