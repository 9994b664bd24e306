"""A draft that is complete, checked before it can be published: what it is near to, and what the test questions say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faq.edition import Proof
from faq.match import Answer
from faq.writing import Change, MorePhrasings
from handlers.at_desk import Place
from handlers.context import Context
from handlers.editing import ByHand, Compared, NotTaken
from handlers.reply import Reply
from handlers.sending import Sender
from services import drafts
from services.drafts import View
from services.staff import Colleague, Role
from strict_yaml import Problem

# What the checks call it when a phrasing is like one of another entry, and which value names that entry.
LIKE = {"advice.phrasing-near": "other"}
SAME = {"faq.phrasing-twice": "other", "faq.duplicate-phrasing": "other", "faq.phrasing-elsewhere": "found"}


BEHIND_SECONDS = 60.0  # so long it is waited for the preview to be there


class Composer(Protocol):
    def compose(self, outcome: object) -> list[Reply]: ...


@dataclass(frozen=True, slots=True)
class Near:
    """A phrasing that is like one of another entry. `hard`: it would lead there."""

    phrasing: str
    entry: str
    hard: bool


@dataclass(frozen=True, slots=True)
class TooNear:
    view: View
    found: tuple[Near, ...]

    @property
    def is_hard(self) -> bool:
        return any(one.hard for one in self.found)

    @property
    def worst(self) -> tuple[Near, ...]:
        """Those that would lead elsewhere; if there are none, all."""
        return tuple(one for one in self.found if one.hard) or self.found


@dataclass(frozen=True, slots=True)
class Tested:
    view: View
    compared: Compared
    may_publish: bool


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Nothing was written."""

    view: View
    why: NotTaken | ByHand
    change: Change


async def run(
    context: Context, replies: Composer, colleague: Colleague, place: Place, number: int, update_id: int
) -> None:
    """What a complete draft is near to; if to nothing, what the test questions say.

    Told as messages of their own, behind what is said to the update. Nothing depends on it: what is lost with the
    process is asked for again by a button.
    """
    outcome: object = await found(context, number)
    if isinstance(outcome, View) and context.editing is not None:
        tried = await context.editing.try_out(drafts.change_of(outcome, context.desk, context.desk.clock()))
        if isinstance(tried, Proof) and tried.library is not None:
            compared = await context.editing.compare(tried.library)
            now_seen = await context.work(drafts.find, context.desk, number)
            if now_seen is None or now_seen.changed_at != outcome.changed_at:
                return  # it was changed meanwhile, and is checked anew
            outcome = Tested(outcome, compared, colleague.may(Role.EDITOR))
    if outcome is None or isinstance(outcome, View):
        return
    await context.courier.brought(update_id, BEHIND_SECONDS)
    sender = Sender(context.bot)
    for reply in replies.compose(outcome):
        await sender.say(place.group, reply.in_thread(place.thread))


async def found(context: Context, number: int) -> TooNear | NotPossible | View | None:
    """What stands against publishing a draft that is complete; the draft itself where nothing does."""
    seen = await context.work(drafts.find, context.desk, number)
    if seen is None or seen.step or not seen.is_complete or context.editing is None:
        return None
    change = drafts.change_of(seen, context.desk, context.desk.clock())
    tried = await context.editing.try_out(change)
    if isinstance(tried, ByHand):
        return NotPossible(seen, tried, change)
    mistakes = tried.mistakes if isinstance(tried, Proof) else list(tried.problems)
    if any(problem.code not in SAME for problem in mistakes):
        return NotPossible(seen, NotTaken(tuple(mistakes)), change)
    near = [one for one in map(_like, tried.problems) if one is not None]
    if not seen.anyway:
        near += await _answered(context, seen, change)
    wanted = [one for one in _each_once(near) if one.hard or not seen.anyway]
    return TooNear(seen, tuple(wanted)) if wanted else seen


def _like(problem: Problem) -> Near | None:
    """The other entry that a problem of a phrasing names."""
    values = problem.values
    for codes, hard in ((SAME, True), (LIKE, False)):
        if problem.code in codes and "phrasing" in values:
            return Near(values["phrasing"], values.get(codes[problem.code], ""), hard)
    return None


def _each_once(near: Sequence[Near]) -> list[Near]:
    return list({(one.phrasing, one.entry): one for one in sorted(near, key=lambda one: one.hard)}.values())


async def _answered(context: Context, seen: View, change: Change) -> list[Near]:
    """The phrasings to which another entry is a sure answer already."""
    found: list[Near] = []
    for _, text in seen.given.phrasings():
        reading = await context.read(text)
        sure = [part.decision.match.entry for part in reading.parts if isinstance(part.decision, Answer)]
        own = change.entry if isinstance(change, MorePhrasings) else change.entry.id
        found += [Near(text, entry, hard=False) for entry in sure if entry != own]
    return found
