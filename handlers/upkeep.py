"""/neuladen and /sicherung, for admins: begun at once, told when it is over.

Neither is part of handling the command, so that no member waits for it; what came of it comes through the outbox.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from backup import shelf
from db.session import Session
from handlers import reloading, status
from handlers.at_desk import LANGUAGE, StaffCommand
from handlers.context import Context, Origin
from handlers.editing import Editing
from handlers.machine import Machine, aside
from handlers.reloading import Refused, Result, Unchanged
from handlers.reply import Act, Reply
from handlers.status_replies import MEGABYTE, StatusReplies
from services import backups
from services import status as services
from services.backups import Made
from services.desk import Desk
from services.staff import Colleague, NotAllowed
from services.status import Allowed
from texts import Html

log = logging.getLogger(__name__)

RELOAD, BACKUP = ("neuladen", "reload"), ("sicherung", "backup")


async def reloaded(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/neuladen: the FAQ files are looked at now, also those that were refused before."""
    editing = context.editing
    if await _begun(context, origin, colleague, said, "reload-begun" if editing else "not-here") and editing:
        context.background(_reload(context, editing, colleague, origin, said.place.thread))


async def backed_up(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """/sicherung: a backup in the folder of backups, one at a time."""
    machine = context.machine
    is_busy = machine is not None and machine.backing_up.locked()
    key = "not-here" if machine is None else "backup-runs" if is_busy else "backup-begun"
    if await _begun(context, origin, colleague, said, key) and machine is not None and not is_busy:
        context.background(_back_up(context, machine, colleague, origin, said.place.thread))


async def _begun(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand, key: str) -> bool:
    """Says that it begins; False when that is not allowed, or was said before."""
    replies = StatusReplies(context.texts, context.desk.rules.office.time_zone)
    allowed = []

    def compose(outcome: Any) -> Reply:
        if isinstance(outcome, NotAllowed):
            return replies.not_allowed(outcome)
        allowed.append(outcome)
        return Reply(Act.SEND, context.texts.say(f"status.{key}", LANGUAGE))

    await status.settle(context, origin, colleague, said, services.allow, compose)
    return any(isinstance(outcome, Allowed) for outcome in allowed)


async def _reload(context: Context, editing: Editing, colleague: Colleague, origin: Origin, thread: int | None) -> None:
    result = await editing.read_anew()
    log.info("the FAQ files were read anew: %s", type(result).__name__)
    mistakes = len(result.problems) if isinstance(result, Refused) else 0
    reply = Reply(Act.SEND, _result(context, result), thread=thread)

    def note(session: Session, desk: Desk, *, now: datetime) -> None:
        services.reloaded(session, desk, colleague, refused=mistakes, now=now)
        services.tell(session, desk, f"reload:{origin.update_id}", reply.to_json(), now=now)

    await context.work(note, context.desk, now=context.desk.clock())


def _result(context: Context, result: Result) -> Html:
    texts = context.texts
    if isinstance(result, Unchanged):
        store = context.desk.store
        return texts.say("status.reload-same", LANGUAGE, version=store.digest[:8], entries=len(store.entries))
    return texts.say("status.reload-done", LANGUAGE, text=reloading.in_words(result, texts, LANGUAGE)[:LONGEST])


async def _back_up(
    context: Context, machine: Machine, colleague: Colleague, origin: Origin, thread: int | None
) -> None:
    async with machine.backing_up:
        make = partial(
            backups.make,
            context.database,
            context.desk.keys.ring,
            home=machine.home,
            folder=machine.home / shelf.FOLDER,
            now=context.desk.clock(),
            actor=colleague.actor,
        )
        made = await aside(make)
    reply = Reply(Act.SEND, _made(context, made), thread=thread)

    def note(session: Session, desk: Desk, *, now: datetime) -> None:
        services.tell(session, desk, f"backup:{origin.update_id}", reply.to_json(), now=now)

    await context.work(note, context.desk, now=context.desk.clock())


def _made(context: Context, made: Made | backups.Refused) -> Html:
    say = context.texts.say
    if isinstance(made, backups.Refused):
        return say("status.backup-failed", LANGUAGE, why=say(f"backup.{made.why}", LANGUAGE, what=made.what))
    size = f"{made.size / MEGABYTE:.1f}".replace(".", ",")
    return say("status.backup-made", LANGUAGE, name=made.path.name, size=size, rows=made.rows)


LONGEST = 3500  # characters of the problems: with the rest they fit into one message
