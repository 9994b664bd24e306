"""Which handler an update goes to. All of them, on one page."""

from handlers import commands, groups, inline, membership, questions, staff, taps
from handlers.context import Context
from handlers.incoming import AskedInGroup, Blocked, Command, Incoming, Said, Searched, Sent, Tapped


async def route(context: Context, update_id: int, incoming: Incoming) -> None:
    """Handles one update. Returns when its effects are committed; what is owed for it may still be on its way."""
    match incoming:
        case Said():
            await questions.said(context, update_id, incoming)
        case Sent():
            await questions.sent(context, update_id, incoming)
        case Command():
            await commands.command(context, update_id, incoming)
        case Tapped():
            await taps.tapped(context, update_id, incoming)
        case AskedInGroup():
            await groups.asked(context, update_id, incoming)
        case Searched():
            await inline.searched(context, incoming)
        case Blocked():
            await membership.blocked(context, update_id, incoming)
        case _:
            await staff.at_desk(context, update_id, incoming)
