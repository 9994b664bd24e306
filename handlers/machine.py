"""The running process, as admins ask about it in the staff group."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from faq.history import History
from handlers.health import Health

VERSION = "0.1.0"  # as in pyproject.toml, which is not where the program runs

T = TypeVar("T")


@dataclass(frozen=True)
class Machine:
    """One process: where it keeps its files, how it is, since when it runs."""

    home: Path
    history: History  # of the FAQ files
    health: Health
    begun_at: datetime
    backing_up: asyncio.Lock = field(default_factory=asyncio.Lock)


async def aside(act: Callable[[], T]) -> T:
    """Does something long in a thread that a stop does not wait for: whatever it leaves is cleared up later."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(act())
        except BaseException as error:  # noqa: BLE001  told to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await asyncio.wrap_future(future)
