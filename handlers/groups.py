"""A question in a group that was addressed to us."""

from handlers.context import Context, Origin
from handlers.incoming import AskedInGroup
from handlers.reply import Reply
from services import groups
from services.outcomes import Outcome, Shown


async def asked(context: Context, update_id: int, asked: AskedInGroup) -> None:
    reading = await context.read(asked.text)

    def compose(outcome: Outcome) -> list[Reply]:
        replies = [context.replies.in_group(outcome)] if isinstance(outcome, Shown) else context.plainly(outcome)
        return [reply.quoting(asked.message) for reply in replies]

    origin = Origin(update_id, asked.group, asked.message)
    await context.settle(
        origin,
        groups.answer,
        compose,
        group=asked.group,
        text=asked.text,
        reading=reading,
        client=asked.client,
        addressed=asked.addressed,
    )
