"""Chats to which nothing is said for a while, as this process remembers them: their messages need not be read."""

from collections.abc import Callable
from datetime import datetime, timedelta

MOST = 1000  # chats; those whose time is over are forgotten when there are more
MARGIN = timedelta(seconds=15)  # before the time is over: whoever waits for the database may come to turn after it


class Hush:
    """Only a saving: what is said or not is decided in the database, each time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: dict[int, datetime] = {}

    def hold(self, chat: int, until: datetime) -> None:
        if len(self._until) >= MOST:
            now = self._clock()
            self._until = {held: end for held, end in self._until.items() if end > now}
        self._until[chat] = until

    def holds(self, chat: int) -> bool:
        until = self._until.get(chat)
        return until is not None and self._clock() < until - MARGIN
