"""One use case is one transaction, and the reply that it owes is part of it.

`settle` is the heart of the program: what an update changes, that it was handled, and what is to be said are committed
together. Only then does the courier say it, and only then may Telegram be told that the update has arrived.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from telegram import Bot

from config.limits import Limits
from db import chats, leases, updates
from db.session import Database, Session
from db.updates import Owed
from faq.match import Reading
from handlers.closing import Closing, Said
from handlers.courier import Books, Courier
from handlers.figures import ANSWER, REPEATED, Counted, Figures
from handlers.hush import Hush
from handlers.presence import LEASE, Presence
from handlers.reading_room import ReadingRoom
from handlers.replies import Replies
from handlers.reply import Act, Reply
from handlers.sending import Sender
from services import deliveries, links, tickets
from services.deliveries import Kind
from services.desk import Desk
from services.outcomes import Erased, Outcome
from texts import Texts

if TYPE_CHECKING:  # it needs the context itself
    from handlers.editing import Editing
    from handlers.machine import Machine

DELETE_AFTER = timedelta(hours=24)

P = ParamSpec("P")
T = TypeVar("T")
Out = TypeVar("Out")


class UseCase(Protocol):
    def __call__(self, session: Session, desk: Desk, *, now: datetime, **values: Any) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """The update that is being handled: where its replies go."""

    update_id: int
    chat: int
    message: int


@dataclass
class Context:
    """Everything a handler needs."""

    desk: Desk
    texts: Texts
    database: Database
    bot: Bot
    limits: Limits
    when_erased: Callable[[], Coroutine[Any, Any, None]] | None = None  # after somebody was erased
    editing: "Editing | None" = None  # the FAQ files, once they are watched
    machine: "Machine | None" = None  # what admins ask of this process, once it runs
    figures: Figures = field(default_factory=Figures)
    reading_room: ReadingRoom | None = None  # beside this process, once it runs
    readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="faq"))
    builder: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="faq-build"))

    def __post_init__(self) -> None:
        self._aside: set[asyncio.Task[None]] = set()
        self._settling: set[asyncio.Future[tuple[Owed, object]]] = set()
        self.hush = Hush(self.desk.clock)
        self.presence = Presence(alone=self.database.is_sqlite)
        self.bot_id = self.bot.id
        rules, has_desk = self.desk.rules, tickets.has_desk(self.desk)
        days = rules.questions_days, rules.office.keep_days
        self.replies = Replies(self.texts, self.bot.username, rules.entries, *days, has_desk=has_desk)
        self._closing = Closing(self.database, self._closed)
        books = Books(self._reply_to, self._closing.close, self._is_linked, self._ahead, self._may_bring)
        self.courier = Courier(
            Counted(Sender(self.bot), self.figures, ANSWER),
            books,
            side_by_side=self.limits.chats_side_by_side,
            per_chat=self.limits.per_chat_per_second,
            overall=self.limits.overall_per_second,
        )

    async def read(self, text: str) -> Reading:
        """The matcher's reading, off the event loop. Done before a transaction begins: matching holds no lock.

        Raises what reading raises, `Unreadable` for one.
        """
        library = self.desk.library
        reading = await self.reading_room.read(library, text) if self.reading_room else None
        if reading is not None:
            self.figures.read_aside.inc()
            return reading
        self.figures.read_here.inc()
        return await asyncio.get_running_loop().run_in_executor(self.readers, library.read, text)

    async def work(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs one use case in one transaction, in the database's thread."""
        loop = asyncio.get_running_loop()
        act = partial(self.database.work, use_case, *args, **kwargs)
        return await loop.run_in_executor(self.database.executor, self._after_closing, act)

    def _after_closing(self, act: Callable[[], T]) -> T:
        self._closing.clear()
        return act()

    async def settle(
        self,
        origin: Origin,
        use_case: Callable[..., Out],
        compose: Callable[[Out], list[Reply]] | None = None,
        /,
        **values: Any,
    ) -> Owed:
        """Runs the use case for one update, once and for all, and posts what is owed for it.

        An update that was settled before has no effect again; what is still owed for it is brought.
        """
        loop = asyncio.get_running_loop()
        came_at = loop.time()
        say: Callable[[Any], list[Reply]] = compose or self.plainly
        if not self.presence.is_current:
            await self._be_present()
        act = partial(self.database.insist, self._settle, origin, use_case, say, values)
        settling = loop.run_in_executor(self.database.executor, self._after_closing, act)
        # Whoever waits may be stopped meanwhile. What was committed is owed all the same, and nobody else brings it.
        self._settling.add(settling)
        settling.add_done_callback(partial(self._settled, came_at))
        return (await asyncio.shield(settling))[0]

    def _settled(self, came_at: float, done: asyncio.Future[tuple[Owed, object]]) -> None:
        self._settling.discard(done)
        if done.cancelled() or done.exception() is not None:
            return
        owed, outcome = done.result()
        self.figures.settled(outcome, asyncio.get_running_loop().time() - came_at)
        self.courier.post(owed, came_at=came_at)
        if self.when_erased and any(reply.get("forgets") for reply in owed.replies):
            self.background(self.when_erased())

    async def take_over(self) -> None:
        """Brings what a process has left owed that is gone, and what this one committed without knowing it."""
        if not self.presence.is_current:
            await self._be_present()
        found = await self.work(updates.take_over, self.bot_id, self.presence.process)
        if found and self._settling:
            await asyncio.wait(list(self._settling))  # what was committed just now is posted by those first
        for owed in found:
            self.courier.post(owed, late=True)

    async def finish(self, seconds: float) -> None:
        """Waits until what was begun is settled and brought, at most so long; what is left stays owed."""
        began = time.monotonic()
        if self._settling:
            await asyncio.wait(self._settling, timeout=seconds)
        await self.courier.finish(max(0.0, seconds - (time.monotonic() - began)))

    def plainly(self, outcome: Outcome) -> list[Reply]:
        """A new message for the outcome, or none; an erasure takes the personal ones away."""
        reply = self.replies.compose(outcome)
        gone = outcome.messages if isinstance(outcome, Erased) else ()
        return [*([reply] if reply else []), *(Reply(Act.DELETE, target=message) for message in gone)]

    def _settle(
        self,
        session: Session,
        origin: Origin,
        use_case: Callable[..., Any],
        compose: Callable[[Any], list[Reply]],
        values: dict[str, Any],
    ) -> tuple[Owed, object]:
        process, now = self.presence.process, self.desk.clock()
        place = updates.begin(session, self.bot_id, origin.update_id, origin.chat, process, now)
        if isinstance(place, Owed):
            return place, REPEATED
        outcome = use_case(session, self.desk, now=now, **values)
        replies = tuple(reply.to_json() for reply in compose(outcome))
        owed = Owed(origin.update_id, origin.chat, origin.message, replies, place.at, place.behind)
        updates.record(session, self.bot_id, owed, process, now)
        return owed, outcome

    async def _be_present(self) -> None:
        """Says that this process lives, before it owes anything: what the dead owe is taken over."""
        asked_at = time.monotonic()
        await self.work(leases.live, self.presence.process, LEASE)
        self.presence.renewed(asked_at)

    async def _ahead(self, owed: Owed) -> tuple[list[Owed], bool]:
        return await self.work(updates.ahead, self.bot_id, owed, self.presence.process)

    async def _may_bring(self, owed: Owed) -> bool:
        """Whether the reply is still this process's to bring.

        While the lease lasts nobody else takes it. Once it was over, the database says.
        """
        if self.presence.is_current:
            return True
        await self._be_present()
        return await self.work(updates.still_mine, self.bot_id, owed.update_id, self.presence.process)

    async def _reply_to(self, chat: int, message: int) -> int | None:
        return await self.work(updates.reply_to, self.bot_id, chat, message)

    async def _is_linked(self, chat: int) -> bool:
        return await self.work(links.current, self.desk, chat, self.desk.clock()) is not None

    def _closed(self, session: Session, said: Said) -> None:
        owed, message, now = said.owed, said.message, self.desk.clock()
        updates.close(session, self.bot_id, owed.update_id, fate=said.fate.value, reply=message, now=now)
        if owed.chat is None:
            return
        if said.blocked:
            chats.block(session, owed.chat, now)
        is_personal = message is not None and any(reply.get("protected") for reply in owed.replies)
        if message is not None and is_personal and chats.is_known(session, owed.chat):  # not erased meanwhile
            self._delete_later(session, owed.chat, message, now)
        if any(reply.get("forgets") for reply in owed.replies):
            updates.forget(session, self.bot_id, owed.update_id)

    @staticmethod
    def _delete_later(session: Session, chat: int, message: int, now: datetime) -> None:
        """Personal messages do not stay: the outbox deletes them a day later (Telegram allows 48 hours)."""
        deletion = Reply(Act.DELETE, target=message).to_json()
        key = f"deletion:{chat}:{message}"
        due_at = now + DELETE_AFTER
        deliveries.queue(session, key=key, chat=chat, kind=Kind.DELETION, reply=deletion, due_at=due_at, now=now)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something on the side that nobody waits for and that may be lost."""
        task = asyncio.get_running_loop().create_task(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def close(self) -> None:
        self.readers.shutdown(wait=True)
        self.builder.shutdown(wait=True)
