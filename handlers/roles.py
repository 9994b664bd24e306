"""/rollen: who has a role, and giving and taking one."""

import re
from collections.abc import Callable
from typing import Any

from telegram.error import TelegramError

from db import staff_roles
from handlers.approval_replies import ApprovalReplies
from handlers.at_desk import LANGUAGE, StaffCommand
from handlers.attendance import is_present
from handlers.context import Context, Origin
from handlers.reply import Act, Reply
from services import roles
from services.approvals import Answered, NobodyElse
from services.roles import AskedForAdmin, Fixed, Given, NoRole, Roles, Taken
from services.staff import Colleague, NotAllowed, Role, StaffTurn, in_turn
from texts import Html

NAMES = ("rollen", "roles")
_ID = re.compile(r"[0-9]{1,16}")
TAKES = ("weg", "keine", "none")


async def command(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """Alone it lists; `/rollen 123456789 agent` gives, `/rollen 123456789 weg` takes."""
    words = said.argument.casefold().split()
    act, refusal = await _meant(context, words)
    names = await _names(context, {int(words[0])} if act else await _known(context))

    def say(outcome: Any) -> list[Reply]:
        reply = Reply(Act.SEND, refusal) if refusal else RoleReplies(context).compose(outcome, names)
        return [reply.in_thread(said.place.thread)]

    await context.settle(origin, in_turn(act or roles.every, colleague, said.place.thread), say)


async def _meant(context: Context, words: list[str]) -> tuple[Callable[[StaffTurn], object] | None, Html | None]:
    """The use case, or why there is none; neither for the list."""
    if not words:
        return None, None
    match words:
        case [number, role] if _ID.fullmatch(number) and role in TAKES:
            return (lambda turn: roles.take(turn, int(number))), None
        case [number, role] if _ID.fullmatch(number) and role in set(Role):
            if not await is_present(context, int(number)):
                return None, context.texts.say("roles.not-here", LANGUAGE, user=number)
            return (lambda turn: roles.give(turn, int(number), Role(role))), None
    return None, context.texts.say("roles.usage", LANGUAGE)


async def _known(context: Context) -> set[int]:
    """Those with a role whose name does not stand in config.yaml."""
    given = await context.work(staff_roles.every)
    return {*given, *(member.id for member in context.desk.rules.staff.members if not member.name)}


async def _names(context: Context, users: set[int]) -> dict[int, str]:
    """As Telegram knows them."""
    names = {}
    for user in users:
        try:
            names[user] = (await context.bot.get_chat_member(context.desk.rules.staff.chat, user)).user.full_name
        except TelegramError:
            continue
    return names


class RoleReplies:
    """What is said about roles. Pure."""

    def __init__(self, context: Context) -> None:
        self._texts, self._approvals = context.texts, ApprovalReplies(context.texts, context.desk)

    def compose(self, outcome: object, names: dict[int, str]) -> Reply:
        match outcome:
            case Roles():
                return Reply(Act.SEND, self._list(outcome, names))
            case AskedForAdmin(user, asked):
                return self._approvals.card(asked, self._texts.say("roles.admin", LANGUAGE, user=_who(user, names)))
            case NotAllowed() | NobodyElse():
                return self._approvals.refusal(outcome)
            case Given(user, role):
                return self._said("given", user=_who(user, names), role=role.value)
            case Taken(user):
                return self._said("taken", user=_who(user, names))
            case Fixed(user):
                return self._said("fixed", user=_who(user, names))
            case NoRole(user):
                return self._said("none", user=_who(user, names))
        raise TypeError(type(outcome).__name__)

    def answered(self, answered: Answered, outcome: object) -> Reply:
        """After a second admin allowed or refused it."""
        if outcome is None:
            return self._said("refused", by=answered.answerer)
        return self.compose(outcome, {})

    def _said(self, key: str, **values: object) -> Reply:
        return Reply(Act.SEND, self._texts.say(f"roles.{key}", LANGUAGE, **values))

    def _list(self, listed: Roles, names: dict[int, str]) -> Html:
        lines = [self._texts.say("roles.heading", LANGUAGE)]
        for held in listed.held:
            name = held.name or names.get(held.user, "?")
            key = "line-fixed" if held.fixed else "line"
            lines.append(self._texts.say(f"roles.{key}", LANGUAGE, name=name, user=held.user, role=held.role.value))
        lines.append(self._texts.say("roles.usage", LANGUAGE))
        return Html("\n".join(lines))


def _who(user: int, names: dict[int, str]) -> str:
    """The number decides; with the name whoever approves sees a person."""
    return f"{names[user]} ({user})" if user in names else str(user)
