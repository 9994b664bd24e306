"""What is counted while the program runs, for Prometheus. No label names a person, a chat or a message.

Each figure is counted where it happens, on the event loop, by one addition to a value that was looked up before; what
only the database knows is asked when somebody looks (`handlers.health`).
"""

import asyncio
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from handlers.reply import Reply
from handlers.sending import Fate, Result, Says

AGES = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)  # seconds
DELAYS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
ANSWER, DELIVERY = "answer", "delivery"  # classes of messages
REPEATED = object()  # instead of an outcome
FLOOD, BLOCKED = "flood", "blocked"  # fates that are told apart here


class Figures:
    """Counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        updates = self._counter("updates", "Updates by what became of them", ["result"])
        self.handled, self.repeated = updates.labels("handled"), updates.labels("repeated")
        self.malformed, self.unsettled = updates.labels("malformed"), updates.labels("unsettled")
        self.age = self._histogram("update_age_seconds", "Age of a message when it came, by Telegram's clock", AGES)
        self.settling = self._histogram("settle_seconds", "From an update's arrival to the commit", DELAYS)
        self._outcomes = self._counter("outcomes", "What use cases decided, by kind", ["outcome"])
        self._said = self._counter("messages", "Calls that say something, by class and fate", ["class", "fate"])
        readings = self._counter("readings", "Questions by where they were read", ["where"])
        self.read_aside, self.read_here = readings.labels("aside"), readings.labels("here")
        self.reader_ended = Counter("auskunft_reader_ended", "Readers that ended by themselves", registry=self.registry)
        self._refused = self._counter("webhook_refused", "Calls of the webhook that were refused", ["status"])
        self.loop_lag = self._histogram("loop_lag_seconds", "How late the event loop was, each second", DELAYS)
        self.last_delivered_at: float | None = None  # of the event loop's clock
        self.token_refused = False
        self._known: dict[str, Counter] = {}

    def refused(self, status: int) -> None:
        """Counts a call of the webhook that was not taken."""
        self._refused.labels(str(status)).inc()

    def settled(self, outcome: object, seconds: float) -> None:
        """Counts a use case's outcome by the name of its kind; `REPEATED`: the update was settled before."""
        self.settling.observe(seconds)
        if outcome is REPEATED:
            self.repeated.inc()
            return
        kind = type(outcome).__name__
        counter = self._known.get(kind)
        if counter is None:
            counter = self._known[kind] = self._outcomes.labels(kind)
        counter.inc()

    def came(self, raw: dict[str, Any], now: float) -> None:
        """Notes how old a new message is. `now` in seconds, as Telegram counts."""
        message = raw.get("message")
        date = message.get("date") if isinstance(message, dict) else None
        if isinstance(date, int):
            self.age.observe(max(0.0, now - date))

    def said(self, what: str, result: Result) -> None:
        """Counts a call's fate. `what`: the class of message."""
        fate = str(result.fate)
        if result.fate is Fate.NOT_SENT and result.wait > 0:
            fate = FLOOD
        elif result.blocked:
            fate = BLOCKED
        key = f"{what} {fate}"
        counter = self._known.get(key)
        if counter is None:
            counter = self._known[key] = self._said.labels(what, fate)
        counter.inc()
        if result.fate is not Fate.NOT_SENT:
            self.token_refused = result.fate is Fate.NO_BOT
        if what == DELIVERY and result.fate in (Fate.SENT, Fate.REFUSED):
            self.last_delivered_at = asyncio.get_running_loop().time()

    def _counter(self, name: str, told: str, labels: list[str]) -> Counter:
        return Counter(f"auskunft_{name}", told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"auskunft_{name}", told, buckets=buckets, registry=self.registry)


class Counted:
    """A sender whose calls are counted."""

    def __init__(self, sender: Says, figures: Figures, what: str) -> None:
        self._sender, self._figures, self._what = sender, figures, what

    async def say(self, chat: int, reply: Reply, answered_by: int | None = None) -> Result:
        result = await self._sender.say(chat, reply, answered_by)
        self._figures.said(self._what, result)
        return result
