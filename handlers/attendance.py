"""Whether somebody with a role still is in the staff group: who left it has left the desk."""

from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

from handlers.context import Context
from services import staff

_PRESENT = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER)


async def is_colleague(context: Context, user: int) -> bool:
    """Whether this person has a role and is in the staff group, if there is one. When Telegram does not tell: no.

    What is done in the group itself needs no such call: whoever does it is there.
    """
    if await context.work(staff.find, context.desk, user) is None:
        return False
    return not context.desk.rules.staff.chat or await is_present(context, user)


async def is_present(context: Context, user: int) -> bool:
    """Whether this person is in the staff group now. When Telegram does not tell: no."""
    try:
        member = await context.bot.get_chat_member(context.desk.rules.staff.chat, user)
    except TelegramError:
        return False
    return member.status in _PRESENT or getattr(member, "is_member", False)
