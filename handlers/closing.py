"""Replies that were said are struck off before anything else is done: a process that is killed in between would say
them once more. All that wait for it are struck off in one transaction.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from db.session import Database, Session, Unavailable
from db.updates import Owed
from handlers.sending import Fate

MOST = 100  # replies in one transaction


@dataclass(frozen=True, slots=True)
class Said:
    """What became of the replies that were owed for one update; `message` is ours in the chat."""

    owed: Owed
    fate: Fate
    message: int | None
    blocked: bool


class Closing:
    """Strikes replies off. `strike` may be run again: it sets the same values once more."""

    def __init__(self, database: Database, strike: Callable[[Session, Said], None]) -> None:
        self._database, self._strike = database, strike
        self._waiting: deque[tuple[Said, Future[None]]] = deque()

    async def close(self, said: Said) -> None:
        """Returns when it is committed. Who is stopped meanwhile has it struck off all the same."""
        done: Future[None] = Future()
        self._waiting.append((said, done))
        self._database.executor.submit(self.clear)
        await asyncio.wrap_future(done)

    def clear(self) -> None:
        """Strikes off what waits. To be called in a thread of the database before it does something else."""
        batch: list[tuple[Said, Future[None]]] = []
        while self._waiting and len(batch) < MOST:
            try:
                said, done = self._waiting.popleft()
            except IndexError:  # another thread was faster
                break
            batch.append((said, done if done.set_running_or_notify_cancel() else Future[None]()))
        if batch:
            self._strike_off(batch)

    def _strike_off(self, batch: list[tuple[Said, Future[None]]]) -> None:
        try:
            self._database.work(self._strike_all, [said for said, _ in batch])
        except Exception as error:  # noqa: BLE001  told to whoever waits
            if len(batch) > 1 and not isinstance(error, Unavailable):  # one must not keep the others
                for one in batch:
                    self._strike_off([one])
                return
            for _, done in batch:
                done.set_exception(error)
        else:
            for _, done in batch:
                done.set_result(None)

    def _strike_all(self, session: Session, batch: list[Said]) -> None:
        for said in batch:
            self._strike(session, said)
