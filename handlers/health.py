"""How this process is: what it asks its parts, and what it concludes. `handlers.pages` shows it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from config.serving import Serving
from handlers.context import Context
from handlers.faults import place_of
from services import vitals
from services.vitals import Doubts, Waiting
from strict_yaml import Problems

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_SECONDS = 3.0  # that the database may take
KEEP_WAITING, KEEP_DOUBTS = 2.0, 120.0  # seconds that an answer of the database counts
HANGS_AFTER = 5  # times `serving.silence_seconds`: then a new start is tried
GOOD = frozenset({"ok", "running", "leader", "follower"})


class Leads(Protocol):
    @property
    def is_leader(self) -> bool: ...

    @property
    def has_leader(self) -> bool: ...

    @property
    def skew(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What readiness is decided by. Spans in seconds."""

    is_started: bool
    is_draining: bool
    has_database: bool
    has_keys: bool
    is_leader: bool
    has_leader: bool
    must_hear: bool  # whether it is this process that Telegram speaks to
    silent_for: float
    token_refused: bool
    due_for: float  # that the oldest delivery waits
    idle_for: float  # since a delivery went out


def judge(facts: Facts, serving: Serving) -> dict[str, str]:
    """A code for each part; only a process with `GOOD` ones alone is ready."""
    is_silent = facts.must_hear and facts.silent_for > serving.silence_seconds
    # A long queue that moves is no trouble: a notice to all members takes an hour.
    is_stuck = facts.is_leader and min(facts.due_for, facts.idle_for) > serving.outbox_seconds
    return {
        "process": "draining" if facts.is_draining else "running" if facts.is_started else "starting",
        "database": "ok" if facts.has_database else "unreachable",
        "keys": "ok" if facts.has_keys else "unusable",
        "content": "ok",  # without it there is no program
        "leadership": "leader" if facts.is_leader else "follower" if facts.has_leader else "none",
        "telegram": "silent" if is_silent else "ok",
        "token": "refused" if facts.token_refused else "ok",
        "outbox": "stuck" if is_stuck else "ok",
    }


class Answer(Generic[T]):
    """What the database last said, asked again when it is older than `seconds`, by one asker at a time."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._asking: asyncio.Future[T] | None = None
        self._at = -float("inf")
        self.last: T | None = None

    async def fresh(self) -> T | None:
        """None when the database does not answer, or not in time."""
        now = asyncio.get_running_loop().time()
        if now - self._at < self._seconds:
            return self.last
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
        try:
            # The question goes on when it takes too long: another one would wait behind it.
            async with asyncio.timeout(LOOK_SECONDS):  # `wait_for` can swallow a cancellation (Python 3.11)
                answer = await asyncio.shield(self._asking)
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001  whatever it is, it is no answer
            self._asking = None
            log.warning("the database was asked how it is: %s at %s", type(error).__name__, place_of(error))
            return None
        self._asking, self._at, self.last = None, now, answer
        return answer


class Health:
    """Asks the parts of one process how they are.

    `heard_at`: when Telegram was last heard of, by the event loop's clock. `polls`: then only the leader has to hear.
    """

    def __init__(
        self,
        context: Context,
        serving: Serving,
        leadership: Leads,
        heard_at: Callable[[], float | None],
        *,
        polls: bool,
    ) -> None:
        self._context, self._serving, self._leadership = context, serving, leadership
        self._heard_at, self._polls = heard_at, polls
        self._loop = asyncio.get_running_loop()
        self._begun_at = self._loop.time()
        self.is_started = self.is_draining = False
        self.waiting = Answer(self._look_waiting, KEEP_WAITING)
        self.doubts = Answer(self._look_doubts, KEEP_DOUBTS)

    async def facts(self) -> Facts:
        waiting = await self.waiting.fresh()
        figures = self._context.figures
        return Facts(
            is_started=self.is_started,
            is_draining=self.is_draining,
            has_database=waiting is not None,
            has_keys=self._has_keys(),
            is_leader=self.leads,
            has_leader=self._leadership.has_leader,
            must_hear=self._must_hear,
            silent_for=self.silent_for,
            token_refused=figures.token_refused,
            due_for=waiting.due_for if waiting else 0.0,
            idle_for=self._since(figures.last_delivered_at),
        )

    async def judge(self) -> dict[str, str]:
        return judge(await self.facts(), self._serving)

    def is_well(self) -> bool:
        """Whether going on makes sense. False when nothing was heard of Telegram for so long that something hangs."""
        return not self._must_hear or self.silent_for < self._serving.silence_seconds * HANGS_AFTER

    @property
    def leads(self) -> bool:
        return self._leadership.is_leader

    @property
    def skew(self) -> float:
        """Seconds that this computer's clock is ahead of the database's."""
        return self._leadership.skew

    @property
    def silent_for(self) -> float:
        return self._since(self._heard_at())

    @property
    def _must_hear(self) -> bool:
        return self.leads or not self._polls

    def _since(self, at: float | None) -> float:
        """Seconds since then, or since this process began."""
        return self._loop.time() - max(at or 0.0, self._begun_at)

    def _has_keys(self) -> bool:
        try:
            self._context.desk.keys.ring  # noqa: B018  raises when a key file was taken away
        except (Problems, OSError):
            return False
        return True

    async def _look_waiting(self) -> Waiting:
        now = self._context.desk.clock()
        return await self._context.work(vitals.waiting, bot=self._context.bot_id, now=now)

    async def _look_doubts(self) -> Doubts:
        return await self._context.work(vitals.doubts, now=self._context.desk.clock())
