"""/trennen and /vergessen in the topic of a ticket: two admins end the links of its chat, or erase all about it."""

from collections.abc import Callable
from html import escape
from typing import Any

from handlers.approval_replies import ApprovalReplies
from handlers.at_desk import LANGUAGE, StaffCommand
from handlers.context import Context, Origin
from handlers.reply import Act, Reply
from services import partings
from services.approvals import Answered, NobodyElse
from services.partings import (
    AllErased,
    Closed,
    Elsewhere,
    EraseAsked,
    LinksEnded,
    NoReason,
    NotLinked,
    RevokeAsked,
    Unknown,
)
from services.staff import Colleague, NotAllowed, in_turn
from strict_yaml import Problem
from texts import Html, explain

REVOKE, ERASE = ("trennen", "unlink"), ("vergessen", "forget")


async def revoked(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """`/trennen GRUND` asks a second admin; without a link it says so at once."""
    await _settle(context, origin, colleague, said, partings.ask_revoke, reason=said.argument)


async def erased(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """`/vergessen` asks a second admin."""
    await _settle(context, origin, colleague, said, partings.ask_erase)


async def _settle(
    context: Context,
    origin: Origin,
    colleague: Colleague,
    said: StaffCommand,
    use_case: Callable[..., object],
    **values: str,
) -> None:
    def say(outcome: Any) -> list[Reply]:
        return [PartingReplies(context).compose(outcome).in_thread(said.place.thread)]

    await context.settle(origin, in_turn(use_case, colleague, said.place.thread), say, **values)


class PartingReplies:
    """What staff read about it: numbers of tickets and their own words, never the member. Pure."""

    def __init__(self, context: Context) -> None:
        self._texts, self._approvals = context.texts, ApprovalReplies(context.texts, context.desk)

    def compose(self, outcome: object) -> Reply:
        match outcome:
            case RevokeAsked(number, reason, asked):
                return self._approvals.card(asked, self._html("revoke", number=number, reason=reason))
            case EraseAsked(number, asked):
                return self._approvals.card(asked, self._html("erase", number=number))
            case NotAllowed() | NobodyElse():
                return self._approvals.refusal(outcome)
            case Elsewhere():
                return self._said("elsewhere")
            case NoReason(given):
                return self._said("other-reason" if given else "no-reason")
        return self._done(outcome)

    def answered(self, answered: Answered, outcome: object) -> Reply:
        """After a second admin allowed or refused it."""
        return self._said("refused", by=answered.answerer) if outcome is None else self.compose(outcome)

    def _done(self, outcome: object) -> Reply:
        match outcome:
            case NotLinked(number):
                return self._said("not-linked", number=number)
            case Closed(number):
                return self._said("closed", number=number)
            case Unknown(number):
                return self._said("unknown", number=number)
            case LinksEnded(number):
                return self._said("revoked", number=number)
            case AllErased(number):
                # Said or taken over, it makes the marks outside the database be written: see `Context.when_erased`.
                return Reply(Act.SEND, self._html("erased", number=number), forgets=True)
            case Problem():
                return Reply(Act.SEND, escape(explain(outcome, LANGUAGE), quote=False))
        raise TypeError(type(outcome).__name__)

    def _said(self, key: str, **values: object) -> Reply:
        return Reply(Act.SEND, self._html(key, **values))

    def _html(self, key: str, **values: object) -> Html:
        return self._texts.say(f"partings.{key}", LANGUAGE, **values)
