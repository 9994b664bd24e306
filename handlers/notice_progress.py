"""What happens to notices and approvals as time goes by. For the process that leads, and for no other.

The message with the progress is edited while a notice is being sent, the result is told when it is over, approvals that
nobody answered expire, and a notice is proposed when an answer has changed that somebody wants to hear of.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from db import audiences, notices
from db.approvals import Request
from db.notices import Phase
from db.session import DatabaseError, Session, reason
from handlers.at_desk import LANGUAGE
from handlers.context import Context
from handlers.notice_replies import NoticeReplies
from handlers.notices import replies_of
from handlers.reply import Act, Reply
from handlers.sending import Fate, Sender
from services import approvals, deliveries, notice_changes, notice_sending, notice_view
from services import notices as drafts
from services.deliveries import Kind
from services.notice_view import Progress, View
from vault import pseudonyms

log = logging.getLogger(__name__)

LOOK = 2.0  # seconds between looks
EDIT_EVERY = 5.0  # seconds between edits: Telegram takes 20 messages a minute in a group
SELDOM = 60.0  # seconds between looks for what is late
QUIET = timedelta(minutes=10)  # so long the FAQ must be unchanged: editors often save several times
BY_ITSELF = 0  # the user id of a proposal that the program made


class NoticeProgress:
    """Looks after everything that is under way."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sender = Sender(context.bot)
        self._said: dict[int, Reply] = {}  # by notice: what its message shows
        self._edited_at: dict[int, float] = {}
        self._digest, self._since = "", context.desk.clock()

    async def run(self) -> None:
        """Never returns by itself; cancel it."""
        seldom_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self.look()
                if loop.time() >= seldom_at:
                    seldom_at = loop.time() + SELDOM
                    await self.look_for_late()
            except DatabaseError as error:
                log.warning("notices could not be looked after, the database: %s", reason(error))
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Shows how far each notice has come, and closes those that are over."""
        group = self._context.desk.rules.staff.chat
        for notice, progress, message in await self._context.work(self._look):
            if message is not None and group:
                await self._show(group, notice, progress, message)

    async def look_for_late(self) -> None:
        """Approvals that nobody gave, and answers that have changed."""
        if self._context.desk.rules.staff.chat:
            await self._context.work(self._late)

    # ---- one look

    def _look(self, session: Session) -> list[tuple[int, Progress, int | None]]:
        now, desk = self._context.desk.clock(), self._context.desk
        seen = []
        for row in notices.in_phases(session, Phase.SENDING, Phase.PAUSED):
            done = notice_sending.finish(session, desk, row.id, now)
            if done is not None:
                self._tell_result(session, done, row.thread, now)
            progress = done or notice_view.progress(session, desk, row.id, now)
            seen.append((row.id, progress, row.message))
        return seen

    async def _show(self, group: int, notice: int, progress: Progress, message: int) -> None:
        reply = self._replies.progress(progress, message)
        now = asyncio.get_running_loop().time()
        is_over = progress.view.phase is Phase.DONE
        if self._said.get(notice) == reply or (now < self._edited_at.get(notice, 0.0) + EDIT_EVERY and not is_over):
            return
        self._edited_at[notice] = now
        result = await self._sender.say(group, reply)
        if result.fate is not Fate.SENT:
            return
        self._said[notice] = reply
        if result.message is not None and result.message != message:  # it was deleted, and a new one stands there
            await self._context.work(_moved, notice, result.message)
        if is_over:
            self._said.pop(notice, None)
            self._edited_at.pop(notice, None)

    def _tell_result(self, session: Session, progress: Progress, thread: int | None, now: datetime) -> None:
        view, ring = progress.view, self._context.desk.keys.ring
        self._tell(session, f"circular:{view.id}:done", self._replies.result(progress), thread, now)
        missed = audiences.missed(session, view.id)
        if missed:
            named = [(one, pseudonyms.in_log(ring, "chat", one.chat, now=now)) for one in missed]
            self._tell(session, f"circular:{view.id}:file", self._replies.unreached(view, named), thread, now)

    # ---- what is late

    def _late(self, session: Session) -> None:
        now, desk = self._context.desk.clock(), self._context.desk
        for request in approvals.expire(session, desk, now):
            self._expired(session, request, now)
        if self._is_quiet(now):
            for changed in notice_changes.changed(session, desk, now):
                self._propose(session, changed, now)

    def _expired(self, session: Session, request: Request, now: datetime) -> None:
        if request.kind != approvals.Kind.NOTICE:
            text = self._context.texts.say("approval.late", LANGUAGE, number=request.id)
            self._tell(session, f"approval:{request.id}:late", Reply(Act.SEND, text), None, now)
            return
        view = drafts.not_approved(session, self._context.desk, request, now)
        row = notices.find(session, int(request.subject["notice"]))
        if isinstance(view, View):
            thread = row.thread if row else None
            self._tell(session, f"approval:{request.id}:late", self._replies.expired(view), thread, now)

    def _is_quiet(self, now: datetime) -> bool:
        """Whether the FAQ has been as it is for a while."""
        digest = self._context.desk.store.digest
        if digest != self._digest:
            self._digest, self._since = digest, now
        return now >= self._since + QUIET

    def _propose(self, session: Session, changed: notice_changes.Changed, now: datetime) -> None:
        texts = self._context.texts
        view = notice_changes.propose(
            session,
            self._context.desk,
            entry=changed.entry,
            text_de=texts.say("news.changed", "de", title=changed.title_de),
            text_en=texts.say("news.changed", "en", title=changed.title_en),
            by=BY_ITSELF,
            now=now,
        )
        self._tell(session, f"circular:{view.id}:proposed", self._replies.proposed(view), None, now)

    # ----

    @property
    def _replies(self) -> NoticeReplies:
        return replies_of(self._context)

    def _tell(self, session: Session, key: str, reply: Reply, thread: int | None, now: datetime) -> None:
        group = self._context.desk.rules.staff.chat
        values = reply.in_thread(thread).to_json()
        deliveries.queue(session, key=key, chat=group, kind=Kind.DESK, reply=values, due_at=now, now=now)


def _moved(session: Session, notice: int, message: int) -> None:
    notices.change(session, notice, Phase.SENDING, Phase.PAUSED, message=message)
