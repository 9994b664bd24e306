"""A member's words, and messages without words, in the private chat."""

from faq.match import Reading
from handlers.context import Context, Origin
from handlers.courier import is_late
from handlers.incoming import Said, Sent
from handlers.own_replies import CODE_STEPS
from handlers.replies import in_place, with_floor
from handlers.reply import Act, Reply
from services import conversation
from services.outcomes import Outcome, Silent, Warned
from services.ticket_outcomes import NotPassedOn, PassedOn
from services.tickets import Heard

UNREAD = Reading(None, ())  # of a message that nothing will be said to


async def said(context: Context, update_id: int, said: Said) -> None:
    """Answers a question; an edited one in place of its old answer."""
    reading = UNREAD if context.hush.holds(said.chat) else await context.read(said.text)

    def compose(outcome: Outcome) -> list[Reply]:
        replies = context.plainly(outcome)
        if isinstance(outcome, Silent) and outcome.until is not None:
            context.hush.hold(said.chat, outcome.until)
        if isinstance(outcome, PassedOn):
            return replies
        if said.edited:
            replies = [in_place(reply, Act.REPLACE, said.message) for reply in replies]
        elif is_late(said.at, context.desk.clock()):
            replies = [reply.quoting(said.message) for reply in replies]
        if isinstance(outcome, CODE_STEPS):
            replies = with_floor(replies, context.desk.rules.verification.floor_seconds)
        if isinstance(outcome, (Warned, NotPassedOn, *CODE_STEPS)):
            replies.append(Reply(Act.DELETE, target=said.message))
        return replies

    await context.settle(
        Origin(update_id, said.chat, said.message),
        conversation.receive,
        compose,
        chat=said.chat,
        text=said.text,
        reading=reading,
        client=said.client,
        may_verify=not (said.edited or said.forwarded),
        message=said.message,
        edited=said.edited,
    )


async def sent(context: Context, update_id: int, sent: Sent) -> None:
    """A file goes to staff where they listen; everything else without words is asked to be written."""
    reading = await context.read(sent.caption) if sent.caption and not context.hush.holds(sent.chat) else UNREAD

    def compose(outcome: Outcome) -> list[Reply]:
        replies = context.plainly(outcome)
        if isinstance(outcome, NotPassedOn) and outcome.is_secret:
            replies.append(Reply(Act.DELETE, target=sent.message))
        return replies

    heard = Heard(sent.message, sent.caption, sent.kind, sent.file, sent.file_name, sent.edited)
    origin = Origin(update_id, sent.chat, sent.message)
    values = {"chat": sent.chat, "kind": sent.kind, "client": sent.client, "heard": heard}
    await context.settle(origin, conversation.receive_other, compose, reading=reading, **values)
