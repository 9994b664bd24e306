"""A member's words, and messages without words, in the private chat."""

from handlers.context import Context, Origin
from handlers.courier import is_late
from handlers.incoming import Said, Sent
from handlers.own_replies import CODE_STEPS
from handlers.replies import in_place, with_floor
from handlers.reply import Act, Reply
from services import conversation
from services.outcomes import Outcome, Warned


async def said(context: Context, update_id: int, said: Said) -> None:
    """Answers a question; an edited one in place of its old answer."""
    reading = await context.read(said.text)

    def compose(outcome: Outcome) -> list[Reply]:
        replies = context.plainly(outcome)
        if said.edited:
            replies = [in_place(reply, Act.REPLACE, said.message) for reply in replies]
        elif is_late(said.at, context.desk.clock()):
            replies = [reply.quoting(said.message) for reply in replies]
        if isinstance(outcome, CODE_STEPS):
            replies = with_floor(replies, context.desk.rules.verification.floor_seconds)
        if isinstance(outcome, (Warned, *CODE_STEPS)):
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
    )


async def sent(context: Context, update_id: int, sent: Sent) -> None:
    origin = Origin(update_id, sent.chat, sent.message)
    await context.settle(origin, conversation.receive_other, chat=sent.chat, kind=sent.kind, client=sent.client)
