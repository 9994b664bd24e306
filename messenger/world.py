"""Everything that one messenger holds: its folder, its bot, its queues."""

from collections.abc import Callable, Sequence
from pathlib import Path

from messenger import people
from messenger.handouts import Handout
from messenger.live import Live
from messenger.store import Json, Store
from messenger.updates import Updates
from messenger.webhook import Webhook


class World:
    """Built once by `create_app`. `clock` tells the time in Unix seconds, `handouts` what lies on people's tables."""

    def __init__(
        self,
        token: str,
        folder: Path,
        bot_username: str,
        clock: Callable[[], float],
        handouts: Callable[[], Sequence[Handout]],
    ) -> None:
        number, colon, secret = token.partition(":")
        if not (number.isascii() and number.isdigit() and colon and secret and "/" not in token):
            raise ValueError("a bot token looks like 123456789:letters-and-digits")
        self.token = token
        self.clock = clock
        self.handouts = handouts
        self.bot: Json = {"id": int(number), "is_bot": True, "first_name": "Auskunft", "username": bot_username}
        self.store = Store(folder)
        self.updates = Updates(self.store, clock)
        self.webhook = Webhook(self.store, self.updates, clock)
        self.live = Live()
        with self.store.transaction():
            people.fill(self.store, self.bot["id"], self.now())

    def now(self) -> int:
        return int(self.clock())

    def halt(self) -> None:
        """Ends what would keep a stopping server waiting: streams and long polls."""
        self.live.stop()
        self.updates.end_poll()
