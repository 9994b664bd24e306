"""Tickets in the staff group: answers by replying, the buttons of a topic's head, /offene, /zurueckziehen."""

from collections.abc import Callable
from typing import Any

from faq.entry import LANGUAGES
from handlers.at_desk import Place, StaffCommand, StaffSaid, StaffTapped, TopicChanged
from handlers.context import Context, Origin
from handlers.reply import Act, Reply
from handlers.staff_buttons import StaffButton
from handlers.topic_replies import INTERNAL, SENT, TopicReplies
from services import ticket_desk, ticket_view
from services.outcomes import Silent
from services.staff import Colleague, StaffTurn, in_turn
from services.ticket_desk import Written
from services.ticket_outcomes import (
    Colleagues,
    NoCommand,
    Note,
    NoTicket,
    Passed,
    StaffOutcome,
    TakenBack,
    Templates,
    Unsuited,
)
from services.ticket_view import View

NOUN = "ticket"
LIST, TAKE_BACK = ("offene", "open"), ("zurueckziehen", "takeback")
# Said for a moment when other buttons take the place of the head's: what the next tap does.
HINTS = {"template": "ticket-desk.hint.template", "hand": "ticket-desk.hint.hand"}


def replies_of(context: Context) -> TopicReplies:
    return TopicReplies(context.texts, context.desk.rules.office.time_zone)


# ---- commands


async def listed(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/offene: every open ticket, urgent ones first."""
    await _settle(context, origin, colleague, said.place, ticket_desk.list_open)


async def taken_back(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/zurueckziehen as a reply to one's own answer: it is deleted at the member's."""
    await _settle(context, origin, colleague, said.place, ticket_desk.take_back, staff_message=said.replies_to)


# ---- what is written


async def heard(context: Context, origin: Origin, colleague: Colleague, said: StaffSaid) -> bool:
    """A reply to a member's message or to a topic's head is an answer; an edited answer is edited at the member's."""
    written = _written(said)
    if said.edited:
        return await _edited(context, origin, colleague, said, written)
    if await context.work(ticket_desk.addressed, context.desk, written) is None:
        return False
    use_case: Callable[..., object] = _unsuited if said.other else ticket_desk.write
    await _settle(context, origin, colleague, said.place, use_case, written=written)
    return True


async def looked_like_a_command(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> bool:
    """An answer that begins with a slash goes to nobody, and whoever wrote it must know."""
    written = Written(said.place.message, said.place.thread, said.replies_to, "", "")
    if await context.work(ticket_desk.addressed, context.desk, written) is None:
        return False
    await _settle(context, origin, colleague, said.place, _slash)
    return True


async def is_for_member(context: Context, said: StaffSaid) -> bool:
    """Whether this answers a member: who has no role for it must be told that it goes nowhere."""
    return not said.edited and await context.work(ticket_desk.addressed, context.desk, _written(said)) is not None


async def noted(context: Context, origin: Origin, colleague: Colleague, said: StaffSaid) -> bool:
    """Everything else in a topic stays there, and is marked so. Asked last: others may wait for these words."""
    if said.edited or said.place.thread is None:
        return False
    if not await context.work(ticket_desk.is_topic, context.desk, said.place.thread):
        return False
    await _settle(context, origin, colleague, said.place, _note)
    return True


async def _edited(context: Context, origin: Origin, colleague: Colleague, said: StaffSaid, written: Written) -> bool:
    if not await context.work(ticket_desk.is_answer, context.desk, written.message):
        return False
    await _settle(context, origin, colleague, said.place, ticket_desk.edit, written=written)
    return True


def _written(said: StaffSaid) -> Written:
    media = said.media
    return Written(
        said.place.message,
        said.place.thread,
        said.replies_to,
        said.text,
        said.html,
        media.kind if media else "text",
        media.file if media else None,
    )


def _unsuited(_turn: StaffTurn, **_values: object) -> Unsuited:
    return Unsuited()


def _slash(_turn: StaffTurn) -> NoCommand:
    return NoCommand()


def _note(_turn: StaffTurn) -> Note:
    return Note()


async def changed(context: Context, origin: Origin, colleague: Colleague, change: TopicChanged) -> bool:
    """A topic that is closed or reopened by hand closes or reopens its ticket."""
    thread = change.place.thread
    if thread is None or not await context.work(ticket_desk.is_topic, context.desk, thread):
        return False
    use_case = ticket_desk.topic_changed
    await _settle(context, origin, colleague, change.place, use_case, topic=thread, closed=change.closed)
    return True


# ---- buttons


async def tapped(context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton) -> None:
    """One of the buttons in a topic. What the state of the ticket does not allow any more is told."""
    use_case, values = await _prepared(context, button)
    replies = replies_of(context)

    def compose(outcome: StaffOutcome | View | Silent) -> list[Reply]:
        if isinstance(outcome, Colleagues):
            return [Reply(Act.KEYBOARD, rows=replies.colleagues(outcome), target=tap.place.message)]
        if isinstance(outcome, Templates):
            return [Reply(Act.KEYBOARD, rows=replies.templates(outcome), target=tap.place.message)]
        if isinstance(outcome, View):
            return [Reply(Act.KEYBOARD, rows=replies.card_rows(outcome), target=tap.place.message)]
        told = _say(replies, tap.place, outcome)
        if not told and button.verb in ("seize", "again"):  # what it stands below is settled
            told = [Reply(Act.KEYBOARD, target=tap.place.message)]
        return told

    await _settle(context, origin, colleague, tap.place, use_case, compose, **values)


async def _prepared(context: Context, button: StaffButton) -> tuple[Callable[..., object], dict[str, Any]]:
    """The use case of a button, with what it needs from the matcher or the texts."""
    number, entry = button.number, context.desk.store.entries.get(button.word)
    if button.verb == "template":
        words = await context.work(ticket_desk.last_words, context.desk, number)
        reading = await context.read(words) if words else None
        matches = [match.entry for part in reading.parts for match in part.matches] if reading else []
        return ticket_desk.templates, {"number": number, "near": matches}
    if button.verb == "entry" and entry is not None:
        words_by = {language: context.texts.fill(entry.wording(language).answer, language) for language in LANGUAGES}
        return ticket_desk.send_entry, {"number": number, "entry": entry.id, "words": words_by}
    return _meant(button)


def _meant(button: StaffButton) -> tuple[Callable[..., object], dict[str, Any]]:
    """The use case of a button, and what it is given."""
    number = {"number": button.number}
    which = int(button.word) if button.word.isascii() and button.word.isdigit() else 0
    match button.verb:
        case "seize":
            return ticket_desk.take_over, number | {"version": which}
        case "give":
            return ticket_desk.hand, number | {"to": which}
        case "again":
            return ticket_desk.send_again, number | {"failed": which}
        case "back":
            return _head, number
    plain: dict[str, Callable[..., object]] = {
        "take": ticket_desk.take,
        "hand": ticket_desk.others,
        "free": ticket_desk.put_back,
        "close": ticket_desk.close,
        "reopen": ticket_desk.reopen,
    }
    return plain.get(button.verb, _unknown), number


def _head(turn: StaffTurn, number: int) -> View | NoTicket:
    return ticket_view.view(turn.session, turn.desk, number, turn.now) or NoTicket()


def _unknown(_turn: StaffTurn, number: int) -> NoTicket:
    del number
    return NoTicket()


# ---- both


def _say(replies: TopicReplies, place: Place, outcome: object) -> list[Reply]:
    """What whoever did it sees: words where something must be known, otherwise a sign at the message."""
    if isinstance(outcome, Passed):
        return [Reply(Act.REACT, SENT, target=outcome.message)]
    if isinstance(outcome, Note):
        return [Reply(Act.REACT, INTERNAL, target=place.message)]
    told = None if outcome is None or isinstance(outcome, Silent | View) else replies.told(outcome)  # type: ignore[arg-type]
    if told is None:
        return []
    quotes = None if isinstance(outcome, TakenBack) else place.message
    return [Reply(Act.SEND, told[0], told[1], thread=place.thread, quotes=quotes)]


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
    say = compose or (lambda outcome: _say(replies, place, outcome))
    await context.settle(origin, in_turn(use_case, colleague, place.thread), say, **values)
