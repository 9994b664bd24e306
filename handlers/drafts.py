"""FAQ entries written in the staff group: /entwurf, /entwuerfe, /zurueck, what is asked for, and the buttons."""

from collections.abc import Callable
from functools import partial
from typing import Any

from db import notices as said_by_us
from faq.writing import MorePhrasings
from handlers import draft_checks
from handlers.at_desk import Place, StaffCommand, StaffSaid, StaffTapped
from handlers.context import Context, Origin
from handlers.draft_checks import NotPossible, TooNear
from handlers.draft_replies import DraftReplies
from handlers.editing import Written
from handlers.reply import Act, Reply
from handlers.staff_buttons import StaffButton
from services import drafts
from services.draft_fields import CATEGORY, OWNER, REVIEW, SOURCES
from services.drafts import View
from services.staff import Colleague, NotAllowed, Role, StaffTurn, in_turn

NEW, LIST, UNDO = ("entwurf", "draft"), ("entwuerfe", "drafts"), ("zurueck", "undo")
CHOSEN = {"category": CATEGORY, "source": SOURCES, "owner": OWNER, "review": REVIEW}  # verb and step


def replies_of(context: Context) -> DraftReplies:
    return DraftReplies(context.texts, context.desk, context.replies)


# ---- commands


async def begun(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/entwurf: from the message that it replies to, or from nothing."""

    def begin(turn: StaffTurn) -> object:
        found = None if said.replies_to is None else drafts.from_message(turn, said.replies_to)
        return found or drafts.alone(turn, question=said.argument, answer=said.replied)

    await settle(context, origin, colleague, said.place, begin)


async def listed(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/entwuerfe: what is open."""
    await settle(context, origin, colleague, said.place, drafts.listed)


async def way_back(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/zurueck: what the last change of the FAQ was, and a button that takes it back."""
    replies = replies_of(context)
    if not colleague.may(Role.EDITOR) or context.editing is None:
        told = replies.compose(NotAllowed(Role.EDITOR)) if context.editing else [replies.no_files()]
    else:
        told = [replies.way_back(await context.editing.way_back())]
    await settle(context, origin, colleague, said.place, _nothing, lambda _: told)


# ---- answers


async def heard(context: Context, origin: Origin, colleague: Colleague, said: StaffSaid) -> bool:
    """The answer to what a draft asks for: the next message of whoever was asked, or a reply to one of ours."""
    if said.edited or not said.text or said.media is not None or said.other:
        return False
    place = said.place
    draft = await context.work(drafts.listens, user=colleague.user, thread=place.thread, now=context.desk.clock())
    if draft is None:
        return False
    if said.replies_to is not None and not await context.work(
        said_by_us.is_our_message, context.bot_id, place.group, said.replies_to
    ):
        return False
    write = partial(drafts.write, draft=draft, text=said.text, html=said.html, fill=context.texts.fill)
    await settle(context, origin, colleague, place, write)
    return True


# ---- buttons


async def tapped(context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton) -> None:
    """One of the buttons of a draft; what was done elsewhere meanwhile is told."""
    number, place = button.number, tap.place
    match button.verb:
        case "publish":
            await _publish(context, origin, colleague, place, button)
        case "strike":
            found = await draft_checks.found(context, number)
            texts = [one.phrasing for one in found.worst] if isinstance(found, TooNear) else []
            await settle(context, origin, colleague, place, partial(drafts.strike, draft=number, phrasings=texts))
        case "change":
            replies = replies_of(context)

            def choice(seen: Any) -> list[Reply]:
                is_open = isinstance(seen, View)
                return [replies.what_to_change(seen, place.message)] if is_open else replies.compose(seen)

            await settle(context, origin, colleague, place, partial(_look, draft=number), choice)
        case _:
            await settle(context, origin, colleague, place, _meant(context, button))


def _meant(context: Context, button: StaffButton) -> Callable[[StaffTurn], object]:
    """The use case of a button."""
    draft, word, fill = button.number, button.word, context.texts.fill
    if button.verb in CHOSEN:
        return partial(drafts.choose, draft=draft, step=CHOSEN[button.verb], text=word, fill=fill)
    plain: dict[str, Callable[[StaffTurn], object]] = {
        "take": partial(drafts.accept, draft=draft, step=word, fill=fill),
        "next": partial(drafts.go, draft=draft, step=word),
        "back": partial(drafts.go, draft=draft, step=word, back=True),
        "ask": partial(drafts.change, draft=draft, step=word),
        "check": partial(_look, draft=draft),
        "save": partial(drafts.save, draft=draft),
        "discard": partial(drafts.discard, draft=draft),
        "resume": partial(drafts.resume, draft=draft),
        "merge": partial(drafts.merge, draft=draft, entry=word),
        "anyway": partial(drafts.anyway, draft=draft),
        "ticket": partial(drafts.from_ticket, ticket=draft),
    }
    return plain.get(button.verb, _nothing)


async def went_back(
    context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton
) -> None:
    """The last change of the FAQ is taken back, if nothing has changed since that was offered."""
    replies, (to, _, from_) = replies_of(context), button.word.partition(".")
    if not colleague.may(Role.EDITOR) or context.editing is None:
        told = replies.compose(NotAllowed(Role.EDITOR)) if context.editing else [replies.no_files()]
        await settle(context, origin, colleague, tap.place, _nothing, lambda _: told)
        return
    done = await context.editing.go_back(to, from_)
    use_case = partial(drafts.undone, version=to) if isinstance(done, Written) else _nothing
    told = [replies.went_back(done, to), Reply(Act.KEYBOARD, target=tap.place.message)]
    await settle(context, origin, colleague, tap.place, use_case, lambda _: told)


# ---- check and publish


async def _publish(context: Context, origin: Origin, colleague: Colleague, place: Place, button: StaffButton) -> None:
    """Into the files, and only then it is noted: what was written before a crash is found, and noted by the next tap.

    What was changed since it was tried out is tried out again.
    """
    number, editing = button.number, context.editing
    if not colleague.may(Role.EDITOR):
        await settle(context, origin, colleague, place, lambda _turn: NotAllowed(Role.EDITOR))
        return
    if editing is None:
        await settle(context, origin, colleague, place, _nothing, lambda _: [replies_of(context).no_files()])
        return
    seen = await context.work(drafts.name, context.desk, number, context.desk.clock())
    if seen is None or not seen.is_complete or seen.mark != button.word:
        await settle(context, origin, colleague, place, partial(drafts.resume, draft=number))
        return
    change = drafts.change_of(seen, context.desk, context.desk.clock())
    done = await editing.write(change)
    if isinstance(done, Written):
        entry = change.entry if isinstance(change, MorePhrasings) else change.entry.id
        note = partial(drafts.published, draft=number, entry=entry, version=done.version)
        await settle(context, origin, colleague, place, note)
    else:
        outcome = NotPossible(seen, done, change)
        await settle(context, origin, colleague, place, lambda _turn: outcome)


# ---- both


def _nothing(_turn: StaffTurn) -> None:
    """A button that does nothing here."""


def _look(turn: StaffTurn, draft: int) -> object:
    return drafts.find(turn.session, turn.desk, draft) or drafts.Stale()


async def settle(
    context: Context,
    origin: Origin,
    colleague: Colleague,
    place: Place,
    use_case: Callable[[StaffTurn], object],
    compose: Callable[[Any], list[Reply]] | None = None,
) -> None:
    """Runs a use case; a draft that is complete and is asked nothing is checked on the side."""
    replies = replies_of(context)
    complete: list[int] = []

    def say(outcome: object) -> list[Reply]:
        if compose is None and isinstance(outcome, View) and not outcome.step and outcome.is_complete:
            complete.append(outcome.id)
        told = compose(outcome) if compose else [] if outcome is None else replies.compose(outcome)
        return [reply.in_thread(place.thread) for reply in told]

    await context.settle(origin, in_turn(use_case, colleague, place.thread), say)
    for number in complete[-1:]:
        context.background(draft_checks.run(context, replies, colleague, place, number, origin.update_id))
