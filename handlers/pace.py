"""How fast what can wait may leave: so many a second in all, one a second for each chat, and Telegram's own wishes.

A group takes 20 messages in a minute (core.telegram.org/bots/faq): a few at once, then one in four seconds.

Pure: the time, in seconds of the event loop's clock, is an argument.
"""

import math

from handlers.courier import Bucket

MANY = 3  # chats that Telegram asked to wait for at one moment, or calls in a row that never left: then all wait
GROUP_RATE, GROUP_BURST = 0.25, 5  # messages a second in a group, and how many at once: never over 20 in a minute
LONGEST_PAUSE = 60.0  # seconds, while there is no connection


class Pace:
    """Whom to write to now."""

    def __init__(self, per_second: float, chat_every: float, now: float) -> None:
        self._bucket = Bucket(per_second, max(1.0, per_second / 5), now)  # no more than a fifth of a second's at once
        self._chat_every = chat_every
        self._not_before: dict[int, float] = {}  # by chat
        self._groups: dict[int, Bucket] = {}
        self._asked: dict[int, float] = {}  # by chat: Telegram asked to wait until then
        self._nobody_before = 0.0
        self._stumbles = 0

    def room(self, now: float) -> int:
        """How many calls may begin now."""
        return 0 if now < self._nobody_before else max(0, math.floor(self._bucket.left(now) + 1e-6))

    def busy(self, now: float) -> list[int]:
        """Chats that may not be written to yet."""
        self._not_before = {chat: until for chat, until in self._not_before.items() if until > now}
        return list(self._not_before)

    def begin(self, chat: int, now: float) -> None:
        """A call begins."""
        self._bucket.take(now)
        self._not_before[chat] = max(now + self._chat_every, self._not_before.get(chat, 0.0))
        if chat < 0:
            self.said_in_group(chat, 1, now)

    def said_in_group(self, group: int, messages: int, now: float) -> None:
        """So many messages count there; they may have been sent already."""
        bucket = self._groups.setdefault(group, Bucket(GROUP_RATE, GROUP_BURST, now))
        for _ in range(messages):
            bucket.take(now)
        missing = 1 - bucket.left(now)
        if missing > 0 and self._chat_every > 0:
            self._not_before[group] = max(now + missing / GROUP_RATE, self._not_before.get(group, 0.0))

    def hold_chat(self, chat: int, seconds: float, now: float) -> None:
        """Telegram asked to wait in this chat; in many at a time it means everybody."""
        self._not_before[chat] = self._asked[chat] = now + seconds
        self._asked = {held: until for held, until in self._asked.items() if until > now}
        if len(self._asked) >= MANY:
            self.hold_all(seconds, now)

    def hold_all(self, seconds: float, now: float) -> None:
        self._nobody_before = max(self._nobody_before, now + seconds)

    def stumble(self, now: float) -> None:
        """A call never left. After a few in a row there is no connection: trying faster does not bring it back."""
        self._stumbles += 1
        if self._stumbles >= MANY:
            self.hold_all(min(2.0 ** min(self._stumbles - MANY, 10), LONGEST_PAUSE), now)

    def recover(self) -> None:
        """A call got through."""
        self._stumbles = 0
