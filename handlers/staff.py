"""The staff group: which handler a command, a tap or a message goes to. All of them, on one page.

A feature has its own module with its commands (`COMMANDS`), the taps on its buttons (`TAPS`, by noun) and what it does
with a message (`HEARS`, asked in order until one wants it). Each gets a person with a role; who has none is told how
to get one, and only when a command was given.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from telegram.error import TelegramError

from db.session import Session
from handlers import (
    approvals,
    desk_menu,
    draft_replies,
    drafts,
    editors,
    gap_replies,
    gaps,
    notice_replies,
    notices,
    partings,
    roles,
    staff_buttons,
    statistics,
    status,
    tickets,
    upkeep,
)
from handlers.at_desk import (
    LANGUAGE,
    AtDesk,
    GroupMoved,
    NoPerson,
    Place,
    StaffCommand,
    StaffSaid,
    StaffTapped,
    TopicChanged,
)
from handlers.context import Context, Origin
from handlers.reply import Act, Reply
from handlers.staff_buttons import StaffButton
from services import staff
from services.desk import Desk
from services.outcomes import Silent
from services.staff import Colleague

log = logging.getLogger(__name__)

Commanded = Callable[[Context, Origin, Colleague, StaffCommand], Awaitable[None]]
Tapped = Callable[[Context, Origin, Colleague, StaffTapped, StaffButton], Awaitable[None]]
Heard = Callable[[Context, Origin, Colleague, StaffSaid], Awaitable[bool]]
Changed = Callable[[Context, Origin, Colleague, TopicChanged], Awaitable[bool]]


async def _help(context: Context, origin: Origin, _colleague: Colleague, said: StaffCommand) -> None:
    """/hilfe in the group."""
    await _settle(context, origin, (desk_menu.page(context.texts, COMMANDS).in_thread(said.place.thread),))


COMMANDS: dict[str, Commanded] = {  # in the order in which /hilfe and the menu show them
    **dict.fromkeys(desk_menu.NAMES, _help),
    **dict.fromkeys(tickets.LIST, tickets.listed),
    **dict.fromkeys(tickets.TAKE_BACK, tickets.taken_back),
    **dict.fromkeys(notices.NAMES, notices.command),
    **dict.fromkeys(gaps.LIST, gaps.listed),
    **dict.fromkeys(drafts.NEW, drafts.begun),
    **dict.fromkeys(drafts.LIST, drafts.listed),
    **dict.fromkeys(drafts.UNDO, drafts.way_back),
    **dict.fromkeys(statistics.NAMES, statistics.command),
    **dict.fromkeys(editors.WHY, editors.why_in_group),
    **dict.fromkeys(roles.NAMES, roles.command),
    **dict.fromkeys(partings.REVOKE, partings.revoked),
    **dict.fromkeys(partings.ERASE, partings.erased),
    **dict.fromkeys(status.STATUS, status.command),
    **dict.fromkeys(status.VERSIONS, status.version),
    **dict.fromkeys(upkeep.RELOAD, upkeep.reloaded),
    **dict.fromkeys(upkeep.BACKUP, upkeep.backed_up),
}
TAPS: dict[str, Tapped] = {
    approvals.NOUN: approvals.tapped,
    draft_replies.NOUN: drafts.tapped,
    draft_replies.FILES: drafts.went_back,
    gap_replies.NOUN: gaps.tapped,
    notice_replies.NOUN: notices.tapped,
    statistics.NOUN: statistics.tapped,
    tickets.NOUN: tickets.tapped,
}
HEARS: tuple[Heard, ...] = (tickets.heard, notices.heard, drafts.heard, tickets.noted)
CHANGES: tuple[Changed, ...] = (tickets.changed,)


async def at_desk(context: Context, update_id: int, done: AtDesk) -> None:
    """Handles one update of the staff group. Returns when its effects are committed."""
    match done:
        case GroupMoved():
            log.error("the staff group has the new id %s: put it into config.yaml as staff.chat and restart", done.new)
            said = Reply(Act.SEND, tickets.replies_of(context).moved(done.new))
            await _settle(context, Origin(update_id, done.new, 0), (said,))
        case NoPerson():
            origin = Origin(update_id, done.group, done.message)
            await _settle(context, origin, (_say(context, "staff.no-person", done.thread),))
        case _:
            await _by_somebody(context, Origin(update_id, done.place.group, done.place.message), done)


async def _by_somebody(
    context: Context, origin: Origin, done: StaffSaid | StaffCommand | StaffTapped | TopicChanged
) -> None:
    button = staff_buttons.unpack(done.data) if isinstance(done, StaffTapped) else None
    colleague = await context.work(staff.find, context.desk, done.place.user, done.place.name)
    if isinstance(done, StaffTapped):
        refused = "staff.no-role-toast" if colleague is None else "staff.stale-toast" if button is None else None
        hint = tickets.HINTS.get(button.verb) if button is not None and button.noun == tickets.NOUN else None
        context.background(_acknowledge(context, done, refused or hint))
    if colleague is None:
        expects = isinstance(done, StaffSaid) and await tickets.is_for_member(context, done)
        told = (_no_role(context, done.place),) if expects or isinstance(done, StaffCommand) else ()
        await _settle(context, origin, told)
    elif not await _handled(context, origin, colleague, done, button):
        await _settle(context, origin, ())


async def _handled(
    context: Context,
    origin: Origin,
    colleague: Colleague,
    done: StaffSaid | StaffCommand | StaffTapped | TopicChanged,
    button: StaffButton | None,
) -> bool:
    """Whether a feature wanted it."""
    match done:
        case StaffCommand():
            if (command := COMMANDS.get(done.name)) is not None:
                await command(context, origin, colleague, done)
                return True
            if not await tickets.looked_like_a_command(context, origin, colleague, done):
                await _settle(context, origin, (_say(context, "staff.no-command", done.place.thread),))
            return True
        case StaffTapped():
            if button is not None and (tapped := TAPS.get(button.noun)) is not None:
                await tapped(context, origin, colleague, done, button)
                return True
        case StaffSaid():
            for heard in HEARS:
                if await heard(context, origin, colleague, done):
                    return True
        case TopicChanged():
            for changed in CHANGES:
                if await changed(context, origin, colleague, done):
                    return True
    return False


def _no_role(context: Context, place: Place) -> Reply:
    return _say(context, "staff.no-role", place.thread, id=place.user).quoting(place.message)


def _say(context: Context, key: str, thread: int | None, **values: object) -> Reply:
    return Reply(Act.SEND, context.texts.say(key, LANGUAGE, **values), thread=thread)


async def _settle(context: Context, origin: Origin, replies: tuple[Reply, ...]) -> None:
    await context.settle(origin, _nothing, lambda _: list(replies))


def _nothing(_session: Session, _desk: Desk, **_values: object) -> Silent:
    return Silent()


async def _acknowledge(context: Context, tap: StaffTapped, key: str | None) -> None:
    """Ends the button's spinner, and says what there is to say for a moment."""
    text = context.texts.label(key, LANGUAGE) if key else None
    with suppress(TelegramError):  # too old to be answered: the tap itself still counts
        await context.bot.answer_callback_query(tap.query, text)
