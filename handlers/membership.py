"""A member blocks the bot: nothing is sent there any more until the member writes again."""

from handlers.context import Context, Origin
from handlers.incoming import Blocked
from services import conversation


async def blocked(context: Context, update_id: int, blocked: Blocked) -> None:
    await context.settle(Origin(update_id, blocked.chat, 0), conversation.blocked, chat=blocked.chat)
