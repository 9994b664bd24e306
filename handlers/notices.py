"""Notices in the staff group: /meldung, the answers to what is asked for, and the buttons below them."""

from collections.abc import Callable
from html import escape
from typing import Any

import markup
from db import notices as rows
from handlers.at_desk import Place, StaffCommand, StaffSaid, StaffTapped
from handlers.context import Context, Origin
from handlers.notice_replies import NoticeReplies, audience_of
from handlers.reply import Reply
from handlers.staff_buttons import StaffButton
from services import notice_sending, notices
from services.notice_view import AUDIENCE, ENTRY, View
from services.staff import Colleague, StaffTurn, in_turn

NAMES = ("meldung", "notice")


def replies_of(context: Context) -> NoticeReplies:
    return NoticeReplies(context.texts, context.desk, context.bot.username)


async def command(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """A new draft in the language that it is written in; without a text, what is open."""
    html = escape(said.argument, quote=False) if markup.mistakes(said.html) else said.html
    reading = await context.read(said.argument) if said.argument else None
    language = (reading.language if reading else None) or "de"
    await _settle(context, origin, colleague, said.place, notices.draft, html=html, language=language)


async def heard(context: Context, origin: Origin, colleague: Colleague, said: StaffSaid) -> bool:
    """The answer to what a draft asked for: the next message of whoever was asked, or a reply to one of ours."""
    now = context.desk.clock()
    place = said.place
    where: dict[str, Any] = {"user": colleague.user, "thread": place.thread, "now": now}
    notice = None if said.edited or not said.text else await context.work(notices.listens, context.desk, **where)
    if notice is None:
        return False
    if said.replies_to is not None and not await context.work(
        rows.is_our_message, context.bot_id, place.group, said.replies_to
    ):
        return False
    words = said.text
    await _settle(context, origin, colleague, place, notices.write, notice=notice, html=said.html, words=words)
    return True


async def tapped(context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton) -> None:
    """One of the buttons of a notice; what was changed elsewhere meanwhile is told."""
    use_case, values = _meant(button)
    compose: Callable[[Any], list[Reply]] | None = None
    if button.verb == "change":
        replies = replies_of(context)

        def compose(outcome: Any) -> list[Reply]:
            if not isinstance(outcome, View):
                return replies.compose(outcome, tap.place)
            corrects = outcome.corrects is not None
            return [replies.what_to_change(outcome.id, tap.place.message, corrects=corrects)]

    await _settle(context, origin, colleague, tap.place, use_case, compose, notice=button.number, **values)


def _meant(button: StaffButton) -> tuple[Callable[..., object], dict[str, Any]]:
    """The use case of a button, and what it is given."""
    match button.verb:
        case "ask":
            return notices.change, {"step": button.word}
        case "to":
            return notices.fill, {"step": ENTRY, "value": button.word}
        case "for":
            return notices.fill, {"step": AUDIENCE, "value": audience_of(button.word)}
        case "stop":
            return notice_sending.pause, {"asks_to_stop": True}
    plain: dict[str, Callable[..., object]] = {
        "change": notices.look,
        "open": notices.open_again,
        "discard": notices.discard,
        "test": notices.test,
        "request": notices.request,
        "pause": notice_sending.pause,
        "go": notice_sending.go_on,
        "end": notice_sending.stop,
        "correct": notices.correct,
    }
    return plain.get(button.verb, _nothing), {}


def _nothing(_turn: StaffTurn, *, notice: int) -> None:
    """A button of the preview: it works only where the notice is read."""
    del notice


async def _settle(
    context: Context,
    origin: Origin,
    colleague: Colleague,
    place: Place,
    use_case: Callable[..., object],
    compose: Callable[[Any], list[Reply]] | None = None,
    **values: Any,
) -> None:
    replies = replies_of(context)

    def say(outcome: object) -> list[Reply]:
        if outcome is None:
            return []
        return compose(outcome) if compose else replies.compose(outcome, place)

    await context.settle(origin, in_turn(use_case, colleague, place.thread), say, **values)
