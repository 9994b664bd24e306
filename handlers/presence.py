"""Whether this process still counts as alive among the others that serve the same database."""

import math
import secrets
import time
from datetime import timedelta

LEASE = timedelta(seconds=10)  # by the database's clock; another takes over when it is over
MARGIN = 2.0  # seconds before the lease ends in which nothing new is begun


class Presence:
    """The name of this process among the processes, and its own view of how long its lease lasts.

    The others go by the database's clock; this process by its own monotonic one, from the moment before it asked. So
    it knows that its lease is over before the others do, whatever its wall clock says.
    """

    def __init__(self, *, alone: bool) -> None:
        """`alone`: no other process can serve this database (SQLite); the lease then lasts for ever."""
        self.process = secrets.token_hex(8)
        self.is_alone = alone
        self._until = math.inf if alone else -math.inf

    @property
    def is_current(self) -> bool:
        return self.left > 0

    @property
    def left(self) -> float:
        """Seconds until nothing new may be begun."""
        return self._until - time.monotonic()

    def renewed(self, asked_at: float) -> None:
        """The lease was renewed; `asked_at` is the monotonic time before the database was asked."""
        self._until = max(self._until, until(asked_at))

    def end(self) -> None:
        if not self.is_alone:
            self._until = -math.inf


def until(asked_at: float) -> float:
    """The monotonic time until which a lease that was asked for then may be relied on."""
    return asked_at + LEASE.total_seconds() - MARGIN
