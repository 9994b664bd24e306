"""/luecken: what members asked without a good answer, and what staff do about it."""

import asyncio
from functools import partial

from faq.entry import Language
from handlers import drafts
from handlers.at_desk import StaffCommand, StaffTapped
from handlers.context import Context, Origin
from handlers.gap_replies import GapReplies, named
from handlers.reply import Act, Reply
from handlers.staff_buttons import StaffButton
from services import drafts as writing
from services import gaps
from services.gaps import DRAFTED, FOREIGN, IGNORED, PHRASINGS, Gaps, Group, Settled
from services.staff import Colleague, StaffTurn

LIST = ("luecken", "gaps")


async def listed(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """The groups of the last four weeks, the largest first."""
    told = [_replies(context).listed(await _found(context))]
    await drafts.settle(context, origin, colleague, said.place, lambda _turn: None, lambda _: told)


async def tapped(context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton) -> None:
    """What is done about a group; it is looked up anew, for others may have been faster."""
    replies, place = _replies(context), tap.place
    question, _, entry = button.word.partition(".")
    group = (await _found(context)).of(question)
    if group is None or button.verb == "show":
        told = [replies.gone() if group is None else replies.group(group)]
        await drafts.settle(context, origin, colleague, place, lambda _turn: None, lambda _: told)
        return
    if button.verb in (FOREIGN, IGNORED):
        clear = Reply(Act.KEYBOARD, target=place.message)

        def say(outcome: Settled) -> list[Reply]:
            return [replies.settled(outcome), clear]

        act = partial(gaps.settle, ids=group.ids, how=button.verb)
        await drafts.settle(context, origin, colleague, place, act, say)
        return
    to = next((known for known in group.nearest if named(known) == entry), None)
    await drafts.settle(context, origin, colleague, place, partial(_draft, group=group, entry=to))


def _draft(turn: StaffTurn, group: Group, entry: str | None) -> writing.View:
    """A draft of an entry, or of phrasings for one; the questions are off the list while it is open."""
    gaps.settle(turn, group.ids, DRAFTED)
    if entry is None:
        return writing.from_questions(turn, group.ids)
    language: Language = "en" if group.language == "en" else "de"
    whole = [text for text in group.phrasings if "[" not in text] or group.phrasings  # nothing was redacted
    phrasings = [(language, text) for text in whole[:PHRASINGS]]
    return writing.for_entry(turn, entry, group.ids, phrasings)


async def _found(context: Context) -> Gaps:
    """Read in a transaction, put in order outside of it: that takes the matcher."""
    now, library = context.desk.clock(), context.desk.library
    found, rated = await context.work(gaps.load, now - gaps.SINCE)
    act = partial(gaps.sort, found, rated, read=library.read, now=now)
    return await asyncio.get_running_loop().run_in_executor(context.readers, act)


def _replies(context: Context) -> GapReplies:
    return GapReplies(context.texts, context.desk)
