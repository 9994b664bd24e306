"""/status and /version, for admins."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from db import schema
from handlers.at_desk import StaffCommand
from handlers.context import Context, Origin
from handlers.health import GOOD
from handlers.machine import VERSION, Machine
from handlers.reply import Reply
from handlers.status_replies import Facts, Process, StatusReplies
from services import status
from services.staff import Colleague, StaffTurn, in_turn

STATUS, VERSIONS = ("status",), ("version",)


async def command(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """How everything is, and this process."""
    facts, replies = await _facts(context), StatusReplies(context.texts, context.desk.rules.office.time_zone)
    look = partial(status.look, bot=context.bot_id)
    await settle(context, origin, colleague, said, look, lambda found: replies.status(found, facts))


async def version(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """What runs."""
    facts, replies = await _facts(context), StatusReplies(context.texts, context.desk.rules.office.time_zone)
    await settle(context, origin, colleague, said, status.allow, lambda allowed: replies.version(allowed, facts))


async def settle(
    context: Context,
    origin: Origin,
    colleague: Colleague,
    said: StaffCommand,
    use_case: Callable[[StaffTurn], object],
    compose: Callable[[Any], Reply | None],
) -> None:
    """One step of an admin, answered where the command was given."""

    def say(outcome: Any) -> list[Reply]:
        reply = compose(outcome)
        return [reply.in_thread(said.place.thread)] if reply else []

    await context.settle(origin, in_turn(use_case, colleague, said.place.thread), say)


async def _facts(context: Context) -> Facts:
    store, now = context.desk.store, context.desk.clock()
    machine = context.machine
    accepted = machine.history.find(store.digest) if machine else None
    return Facts(
        now=now,
        version=VERSION,
        database="SQLite" if context.database.is_sqlite else "PostgreSQL",
        schema=schema.newest(),
        faq=store.digest[:8],
        faq_at=accepted.at if accepted else None,
        entries=len(store.entries),
        phrasings=sum(len(entry.de.ask) + len(entry.en.ask) for entry in store.entries.values()),
        process=await _process(machine, now) if machine else None,
    )


async def _process(machine: Machine, now: datetime) -> Process:
    health = machine.health
    judged = await health.judge()
    return Process(
        runs_for=now - machine.begun_at,
        leads=health.leads,
        silent_for=health.silent_for,
        trouble=tuple(code for code in judged.items() if code[1] not in GOOD),
    )
