"""One use case is one transaction, and the reply that it owes is part of it.

`settle` is the heart of the program: what an update changes, that it was handled, and what is to be said are committed
together. Only then does the courier say it, and only then may Telegram be told that the update has arrived.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from telegram import Bot

from config import Limits
from db import chats, updates
from db.session import Database, Session
from db.updates import Owed
from faq.match import Reading
from handlers.courier import Books, Courier
from handlers.replies import Replies
from handlers.reply import Act, Reply
from handlers.sending import Fate, Sender
from services import deliveries, links
from services.deliveries import Kind
from services.desk import Desk
from services.outcomes import Erased, Outcome
from texts import Texts

DELETE_AFTER = timedelta(hours=24)

P = ParamSpec("P")
T = TypeVar("T")


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
    readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="faq"))
    builder: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="faq-build"))

    def __post_init__(self) -> None:
        self._aside: set[asyncio.Task[None]] = set()
        self.bot_id = self.bot.id
        self.replies = Replies(self.texts, self.bot.username, self.desk.rules.entries, self.desk.rules.questions_days)
        books = Books(self._reply_to, self._close, self._is_linked)
        self.courier = Courier(
            Sender(self.bot),
            books,
            side_by_side=self.limits.chats_side_by_side,
            per_chat=self.limits.per_chat_per_second,
            overall=self.limits.overall_per_second,
        )

    async def read(self, text: str) -> Reading:
        """The matcher's reading, off the event loop. Done before a transaction begins: matching holds no lock."""
        library = self.desk.library
        return await asyncio.get_running_loop().run_in_executor(self.readers, library.read, text)

    async def work(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs one use case in one transaction, in the database's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.database.executor, lambda: self.database.work(use_case, *args, **kwargs))

    async def settle(
        self,
        origin: Origin,
        use_case: Callable[..., Outcome],
        compose: Callable[[Outcome], list[Reply]] | None = None,
        /,
        **values: Any,
    ) -> Owed:
        """Runs the use case for one update, once and for all, and posts what is owed for it.

        An update that was settled before has no effect again; what is still owed for it is brought.
        """
        came_at = asyncio.get_running_loop().time()
        owed = await self.work(self._settle, origin, use_case, compose or self.plainly, values)
        self.courier.post(owed, came_at=came_at)
        if self.when_erased and any(reply.get("forgets") for reply in owed.replies):
            self.background(self.when_erased())
        return owed

    def plainly(self, outcome: Outcome) -> list[Reply]:
        """A new message for the outcome, or none; an erasure takes the personal ones away."""
        reply = self.replies.compose(outcome)
        gone = outcome.messages if isinstance(outcome, Erased) else ()
        return [*([reply] if reply else []), *(Reply(Act.DELETE, target=message) for message in gone)]

    def _settle(
        self,
        session: Session,
        origin: Origin,
        use_case: Callable[..., Outcome],
        compose: Callable[[Outcome], list[Reply]],
        values: dict[str, Any],
    ) -> Owed:
        before = updates.find(session, self.bot_id, origin.update_id)
        if before is not None:
            return before
        now = self.desk.clock()
        outcome = use_case(session, self.desk, now=now, **values)
        replies = tuple(reply.to_json() for reply in compose(outcome))
        owed = Owed(origin.update_id, origin.chat, origin.message, replies)
        updates.record(session, self.bot_id, owed, now)
        return owed

    async def _reply_to(self, chat: int, message: int) -> int | None:
        return await self.work(updates.reply_to, self.bot_id, chat, message)

    async def _is_linked(self, chat: int) -> bool:
        return await self.work(links.current, self.desk, chat, self.desk.clock()) is not None

    async def _close(self, owed: Owed, fate: Fate, message: int | None, blocked: bool) -> None:
        await self.work(self._closed, owed, fate, message, blocked)

    def _closed(self, session: Session, owed: Owed, fate: Fate, message: int | None, blocked: bool) -> None:
        now = self.desk.clock()
        updates.close(session, self.bot_id, owed.update_id, fate=fate.value, reply=message, now=now)
        if owed.chat is None:
            return
        if blocked:
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
