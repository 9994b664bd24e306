"""What the bot has not confirmed yet, in order; it waits in the folder until it is fetched or delivered."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from messenger.errors import Refused, conflict
from messenger.people import FIRST_UPDATE
from messenger.store import Json, Store, dump

OTHER_POLLER: Final = "terminated by other getUpdates request; make sure that only one bot instance is running"
# By default every kind comes except these, as the documentation of getUpdates says.
_ONLY_WHEN_ASKED: Final = {"chat_member", "message_reaction", "message_reaction_count"}
# After so many seconds Telegram forgets an update; a tap or an inline query is answered soon or never.
_LIFE: Final = {"callback_query": 150.0, "inline_query": 30.0}
_DAY: Final = 86_400.0


class Updates:
    """The queue of getUpdates and of the webhook. `lane` names what is delivered one after the other."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._poll: asyncio.Future[None] | None = None
        self.arrived: Callable[[], None] = lambda: None

    @property
    def allowed(self) -> list[str]:
        found: list[str] = self._store.fact("allowed_updates", [])
        return found

    def allow(self, kinds: Sequence[str]) -> None:
        self._store.set_fact("allowed_updates", list(kinds))

    def push(self, kind: str, content: Json, lane: str) -> None:
        """Queues an update, unless the bot has said that it does not want this kind."""
        wanted = self.allowed
        if kind not in wanted if wanted else kind in _ONLY_WHEN_ASKED:
            return
        number = self._store.next_number("next_update", FIRST_UPDATE)
        expires = self._clock() + _LIFE.get(kind, _DAY)
        body = dump({"update_id": number, kind: content})
        self._store.write("INSERT INTO updates VALUES (?, ?, ?, ?, ?)", number, kind, lane, expires, body)
        self._wake()
        self.arrived()

    def pending(self) -> int:
        self._forget_old()
        found = self._store.row("SELECT count(*) FROM updates")
        return int(found[0]) if found else 0

    def drop(self) -> None:
        self._store.write("DELETE FROM updates")

    def confirm(self, offset: int) -> None:
        """Forgets what lies before `offset`; a negative one keeps only that many at the end."""
        if offset > 0:
            self._store.write("DELETE FROM updates WHERE id < ?", offset)
        elif offset < 0:
            newest = "DELETE FROM updates WHERE id NOT IN (SELECT id FROM updates ORDER BY id DESC LIMIT ?)"
            self._store.write(newest, -offset)

    def batch(self, limit: int) -> list[str]:
        """Returns the oldest updates as JSON."""
        self._forget_old()
        return [row[0] for row in self._store.rows("SELECT body FROM updates ORDER BY id LIMIT ?", limit)]

    def lanes(self) -> list[str]:
        self._forget_old()
        return [row[0] for row in self._store.rows("SELECT lane FROM updates GROUP BY lane ORDER BY min(id)")]

    def first(self, lane: str) -> tuple[int, str] | None:
        """Returns id and JSON of the oldest update of a lane."""
        row = self._store.row("SELECT id, body FROM updates WHERE lane = ? ORDER BY id LIMIT 1", lane)
        return (row[0], row[1]) if row else None

    def delivered(self, number: int) -> None:
        self._store.write("DELETE FROM updates WHERE id = ?", number)

    def take_over(self) -> None:
        """Ends the poll of another poller, as Telegram does: the newest one stays."""
        self.end_poll(conflict(OTHER_POLLER))

    async def wait(self, seconds: float) -> None:
        """Waits for an update. Raises Refused when another poller or a webhook takes over."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        try:
            await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            pass
        finally:
            if self._poll is mine:
                self._poll = None

    def end_poll(self, reason: Refused | None = None) -> None:
        """Ends the poll under way: with an error, or with what there is."""
        poll, self._poll = self._poll, None
        if poll and not poll.done():
            if reason:
                poll.set_exception(reason)
            else:
                poll.set_result(None)

    def _wake(self) -> None:
        self.end_poll()

    def _forget_old(self) -> None:
        self._store.write("DELETE FROM updates WHERE expires_at < ?", self._clock())
