"""The taps of a second person: what was asked for is done in the same transaction, or it is not.

What belongs to which kind stands in `CARRIERS`: a feature that needs two people asks with `services.approvals.ask`,
shows the card of `ApprovalReplies.card`, and enters here what happens then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.approvals import Request
from db.session import Session
from handlers.approval_replies import NOUN, ApprovalReplies
from handlers.at_desk import LANGUAGE, Place, StaffTapped
from handlers.attendance import is_colleague
from handlers.context import Context, Origin
from handlers.notice_replies import NoticeReplies
from handlers.notices import replies_of
from handlers.partings import PartingReplies
from handlers.reply import Act, Reply
from handlers.roles import RoleReplies
from handlers.staff_buttons import StaffButton
from services import approvals, notice_sending, notices, partings, roles
from services.approvals import Answered, Kind, Over
from services.desk import Desk
from services.notice_view import Progress, View
from services.outcomes import Silent
from services.staff import Colleague, StaffTurn

__all__ = ["CARRIERS", "NOUN", "Carrier", "tapped"]


@dataclass(frozen=True, slots=True)
class Carrier:
    """What an answer to one kind of request sets off, each in the transaction of the answer.

    `approved` and `refused` get the turn of whoever answered, the request and the card's message; what they return is
    put into words by `words`, which gets it with the answer and the card's place.
    """

    approved: Callable[[StaffTurn, Request, int], object]
    refused: Callable[[StaffTurn, Request, int], object]
    words: Callable[[Context, Answered, object, Place], list[Reply]]


@dataclass(frozen=True, slots=True)
class Carried:
    """An answer that counts, and what came of it."""

    answered: Answered
    outcome: object


async def tapped(context: Context, origin: Origin, colleague: Colleague, tap: StaffTapped, button: StaffButton) -> None:
    """Allow or refuse. Whoever has left the group cannot, though an old message may still show the buttons."""
    place = tap.place
    if not await is_colleague(context, colleague.user):
        gone = Reply(Act.SEND, context.texts.say("approval.gone", LANGUAGE), thread=place.thread)
        await context.settle(origin, _nothing, lambda _: [gone])
        return

    def act(session: Session, desk: Desk, *, now: datetime) -> object:
        turn = StaffTurn(session, desk, colleague, place.thread, now)
        answered = approvals.answer(turn, button.number, approved=button.verb == "yes")
        if not isinstance(answered, Answered):
            return answered
        carrier = CARRIERS[Kind(answered.request.kind)]
        carry = carrier.approved if answered.approved else carrier.refused
        return Carried(answered, carry(turn, answered.request, place.message))

    def say(outcome: Any) -> list[Reply]:
        if isinstance(outcome, Carried):
            kind = Kind(outcome.answered.request.kind)
            replies = CARRIERS[kind].words(context, outcome.answered, outcome.outcome, place)
        else:
            refusal = ApprovalReplies(context.texts, context.desk).refusal(outcome)
            replies = _for_good(refusal, place) if _is_over(outcome) else [refusal]
        return [reply.in_thread(place.thread) for reply in replies]

    await context.settle(origin, act, say)


def _nothing(_session: Session, _desk: Desk, **_values: object) -> Silent:
    return Silent()


def _for_good(reply: Reply, place: Place) -> list[Reply]:
    """What is said once nothing is left to be answered: the card loses its buttons."""
    return [reply, Reply(Act.KEYBOARD, target=place.message)]


def _is_over(outcome: object) -> bool:
    """Whether the card's buttons lead nowhere; that of a notice becomes another one, which has buttons of its own."""
    return isinstance(outcome, Over) and (outcome.request is None or outcome.request.kind != Kind.NOTICE)


# ---- notices


def _notice_refused(turn: StaffTurn, request: Request, _message: int) -> object:
    return notices.not_approved(turn.session, turn.desk, request, turn.now)


def _notice_words(context: Context, answered: Answered, outcome: object, place: Place) -> list[Reply]:
    replies: NoticeReplies = replies_of(context)
    match outcome:
        case Progress():
            return [replies.progress(outcome, place.message)]
        case View():
            return [replies.refused(outcome, answered.answerer, place.message)]
    return replies.compose(outcome, place)


# ---- roles


def _stays(_turn: StaffTurn, _request: Request, _message: int) -> None:
    return None


def _role_words(context: Context, answered: Answered, outcome: object, place: Place) -> list[Reply]:
    return _for_good(RoleReplies(context).answered(answered, outcome), place)


# ---- links and data of a member


def _parting_words(context: Context, answered: Answered, outcome: object, place: Place) -> list[Reply]:
    return _for_good(PartingReplies(context).answered(answered, outcome), place)


CARRIERS = {
    Kind.NOTICE: Carrier(notice_sending.begin, _notice_refused, _notice_words),
    Kind.ROLE: Carrier(roles.approved, _stays, _role_words),
    Kind.REVOKE: Carrier(partings.revoke, _stays, _parting_words),
    Kind.ERASE: Carrier(partings.erase, _stays, _parting_words),
}
