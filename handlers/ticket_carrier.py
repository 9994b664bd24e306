"""How tickets travel: to the staff group, where a topic may have to be made or made anew first, and to the member.

Each step is noted before the next one, so that what is carried once more goes on where it stopped. A topic that
somebody deleted is made anew with all that was said; nothing is given up because the group cannot be reached.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from db import tickets
from db.deliveries import Due
from handlers.context import Context
from handlers.outbox import Carry
from handlers.reply import Act, Reply
from handlers.sending import Fate, Obstacle, Result, Says
from handlers.ticket_replies import TicketReplies
from handlers.topic_replies import ARRIVED, TopicReplies
from handlers.topics import Topics
from services import ticket_view
from services.deliveries import OF_TICKETS, Kind
from services.ticket_view import View

log = logging.getLogger(__name__)

HELD = 300.0  # seconds until the group is tried again
GENERAL = 0  # instead of a thread, where the group has no topics
DONE = Result(Fate.SENT, said=0)


class TicketCarrier:
    """Carries deliveries of tickets."""

    def __init__(self, context: Context) -> None:
        rules = context.desk.rules
        self._context = context
        self._to_members = TicketReplies(context.texts, context.bot.username, rules.entries)
        self._replies = TopicReplies(context.texts, rules.office.time_zone)
        self._topics = Topics(context.bot)
        self._in_group = asyncio.Lock()  # what one delivery makes the next one finds

    def carriers(self) -> dict[Kind, Carry]:
        return dict.fromkeys(OF_TICKETS, self.carry)

    async def carry(self, due: Due, say: Says) -> Result:
        """Carries one delivery of a ticket."""
        assert due.ticket is not None
        if due.kind in (Kind.TICKET_ANSWER, Kind.TICKET_STATE):
            return await self._to_member(due, say)
        if due.kind == Kind.TICKET_EDIT and due.chat is not None and due.chat > 0:
            return await self._edit_at_member(due, due.chat, say)
        async with self._in_group:
            return await self._to_group(due, due.ticket, say)

    # ---- to the member

    async def _to_member(self, due: Due, say: Says) -> Result:
        assert due.chat is not None
        view = await self._view(due)
        if view is None:
            return DONE
        if due.kind == Kind.TICKET_STATE:
            return await say.say(due.chat, self._to_members.state(view, due.language))
        post = await self._context.work(ticket_view.post, self._context.desk, due.reply["message"])
        if post is None or post.withdrawn:
            return DONE
        result = await say.say(due.chat, self._to_members.answer(view, post, due.language))
        if result.fate is Fate.SENT:
            self._context.background(self._mark(due, say, post.staff_message))
        return result

    async def _mark(self, due: Due, say: Says, message: int | None) -> None:
        """The sign at the colleague's message that it has arrived. May be lost: what goes wrong is told in words."""
        group = self._context.desk.rules.staff.chat
        view = await self._view(due)
        if message is not None:
            await say.say(group, Reply(Act.REACT, ARRIVED, target=message, quotes=message))
        if view is not None:
            await self._refresh(view, group, say)

    async def _refresh(self, view: View, group: int, say: Says) -> None:
        """Since when somebody waits stands in the head. Not a message, and the next one brings it, too."""
        if view.ticket.card is not None:
            head = self._replies.card(view, self._now())
            await say.say(group, replace(head, act=Act.CORRECT, target=view.ticket.card))

    async def _edit_at_member(self, due: Due, chat: int, say: Says) -> Result:
        view = await self._view(due)
        post = await self._context.work(ticket_view.post, self._context.desk, due.reply["message"])
        if view is None or post is None or post.withdrawn:
            return DONE
        if post.member_message is None:  # the answer is still on its way, and takes the new words along
            return Result(Fate.NOT_SENT)
        answer = self._to_members.answer(view, post, due.language)
        result = await say.say(chat, replace(answer, act=Act.CORRECT, target=post.member_message))
        if result.fate is Fate.SENT:
            self._context.background(self._mark(due, say, post.staff_message))
        return result

    # ---- to the group

    async def _to_group(self, due: Due, number: int, say: Says) -> Result:
        group = self._context.desk.rules.staff.chat
        for _ in range(2):  # once more when the topic turns out to be gone
            view = await self._view(due)
            if view is None:
                return DONE
            thread = view.ticket.thread
            if thread is not None and view.ticket.posted_in != group:  # the group moved: nothing stands here yet
                await self._context.work(tickets.lose_topic, number, thread)
                view, thread = await self._view(due) or view, None
            result = await self._step(due, view, group, say)
            thread = view.ticket.thread
            if result.obstacle is Obstacle.NO_TOPIC and thread is not None:
                await self._context.work(tickets.lose_topic, number, thread)
            elif result.obstacle is Obstacle.CLOSED_TOPIC and thread is not None:
                await self._topics.show(group, thread, self._replies.look(view), closed=False)
            else:
                break
        return self._held(result)

    async def _step(self, due: Due, view: View, group: int, say: Says) -> Result:
        ticket = view.ticket
        if not ticket.is_open and ticket.thread is None:
            return DONE  # nobody would read it
        if due.kind == Kind.TICKET_EDIT:
            return await self._edit_in_topic(due, group, say)
        topic = await self._topic(view, group, say)
        if topic.fate is not Fate.SENT:
            return topic
        view = await self._view(due) or view
        told = await self._tell(due, view, group, say)
        return replace(told, said=told.said + topic.said)

    async def _tell(self, due: Due, view: View, group: int, say: Says) -> Result:
        """What this delivery is about, in a topic that is there."""
        twice, thread = due.is_repetition, view.ticket.thread or None
        match due.kind:
            case Kind.TICKET_POST:
                return await self._post(view, group, say, last=due.reply["message"])
            case Kind.TICKET_LINE:
                told = await say.say(group, self._replies.line(view, due.reply, twice=twice).in_thread(thread))
                if told.fate is Fate.SENT:
                    await self._refresh(view, group, say)
                return told
        shown = await self._show(view, group, say)
        if shown.fate is not Fate.SENT or "line" not in due.reply:
            return shown
        line = await say.say(group, self._replies.line(view, due.reply, twice=twice).in_thread(thread))
        return replace(line, said=line.said + shown.said)

    async def _topic(self, view: View, group: int, say: Says) -> Result:
        """Makes the topic with its head and all that was said, where it is not there yet."""
        ticket, said, is_new = view.ticket, 0, False
        if ticket.thread is None:
            made = await self._topics.make(group, self._replies.look(view))
            if made.obstacle is Obstacle.NO_FORUM:
                log.error("the staff group has no topics, or the bot may not manage them: tickets go to its main topic")
                made = Result(Fate.SENT, GENERAL, said=0)
            if made.fate is not Fate.SENT or made.message is None:
                return made
            await self._context.work(ticket_view.made, ticket.id, group, made.message)
            ticket = replace(ticket, thread=made.message, card=None)
            view = replace(view, ticket=ticket)
            is_new = True
        if ticket.card is None:
            head = await say.say(group, self._replies.card(view, self._now()).in_thread(ticket.thread or None))
            if head.fate is not Fate.SENT or head.message is None:
                return head
            await self._context.work(ticket_view.headed, ticket.id, head.message)
            said += 1
        if is_new:
            posted = await self._post(view, group, say, last=None)
            return replace(posted, said=posted.said + said)
        return Result(Fate.SENT, said=said)

    async def _show(self, view: View, group: int, say: Says) -> Result:
        """Head and topic show the ticket's state."""
        ticket, thread = view.ticket, view.ticket.thread or None
        reply = self._replies.card(view, self._now()).in_thread(thread)
        head = await say.say(group, replace(reply, act=Act.EDIT, target=ticket.card))
        if head.fate is not Fate.SENT:
            return head
        if head.message is not None and head.message != ticket.card:
            await self._context.work(ticket_view.headed, ticket.id, head.message)
        if thread is None:
            return head
        return await self._topics.show(group, thread, self._replies.look(view), closed=not ticket.is_open)

    async def _post(self, view: View, group: int, say: Says, *, last: int | None) -> Result:
        """Everything up to this message that does not stand in the topic yet, one by one."""
        said = 0
        posts = await self._context.work(ticket_view.missing, self._context.desk, view.ticket.id, last)
        for post in posts:
            reply = self._replies.post(view, post, twice=post.in_doubt).in_thread(view.ticket.thread or None)
            result = await say.say(group, reply)
            if result.fate is Fate.REFUSED and post.file and result.obstacle is None and not result.blocked:
                result = await say.say(group, self._replies.without_file(reply))
            if result.fate is not Fate.SENT:
                return replace(result, said=said + 1)
            await self._context.work(ticket_view.posted, post.id, group, result.message, self._now())
            said += 1
        if said:
            await self._refresh(view, group, say)
        return Result(Fate.SENT, said=said)

    async def _edit_in_topic(self, due: Due, group: int, say: Says) -> Result:
        view = await self._view(due)
        post = await self._context.work(ticket_view.post, self._context.desk, due.reply["message"])
        if view is None or post is None or post.staff_message is None:
            return DONE  # it was not posted yet, and will be as it is now
        if post.withdrawn and post.kind in ("photo", "document"):
            return await say.say(group, Reply(Act.DELETE, target=post.staff_message))
        reply = self._replies.post(view, post)
        return await say.say(group, replace(reply, act=Act.CORRECT, target=post.staff_message))

    def _held(self, result: Result) -> Result:
        """A group that cannot be reached: nothing is lost, it is tried again until an operator has helped."""
        gone = result.blocked or result.obstacle in (Obstacle.MOVED, Obstacle.NO_CHAT)
        if result.fate is not Fate.REFUSED or not gone:
            return result
        if result.obstacle is Obstacle.MOVED:
            log.error("the staff group has a new id: put it into config.yaml as staff.chat and restart; tickets wait")
        else:
            log.error("the bot cannot write to the staff group (staff.chat in config.yaml); tickets wait")
        return Result(Fate.NOT_SENT, wait=HELD, obstacle=result.obstacle, said=result.said)

    async def _view(self, due: Due) -> View | None:
        assert due.ticket is not None
        return await self._context.work(ticket_view.view, self._context.desk, due.ticket, self._now())

    def _now(self) -> datetime:
        return self._context.desk.clock()
