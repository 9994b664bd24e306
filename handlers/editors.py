"""Commands for those who write the FAQ: why the bot answers as it does, and how an entry looks."""

from datetime import datetime

from db.session import Session
from handlers.at_desk import LANGUAGE, StaffCommand
from handlers.context import Context, Origin
from handlers.incoming import Command
from handlers.reasons import reasons
from handlers.reply import Act, Reply
from services import answers, languages
from services.desk import Desk
from services.outcomes import Silent
from services.staff import Colleague

WHY = ("warum", "why")
COMMANDS = (*WHY, "vorschau", "preview")


async def said(context: Context, command: Command) -> list[Reply]:
    """What an editor is told. Whether somebody is one is for the caller to look up."""
    language = languages.outside(None, command.client, context.desk.rules.languages)
    if command.name in WHY:
        return await _why(context, command.argument, language)
    return _preview(context, command.argument, language)


async def why_in_group(context: Context, origin: Origin, _colleague: Colleague, said: StaffCommand) -> None:
    """The same in the staff group, for everybody with a role, as in the private chat."""
    told = await _why(context, said.argument, LANGUAGE)
    await context.settle(origin, _nothing, lambda _: [reply.in_thread(said.place.thread) for reply in told])


def _nothing(_session: Session, _desk: Desk, *, now: datetime) -> Silent:
    del now
    return Silent()


async def _why(context: Context, question: str, language: str) -> list[Reply]:
    if not question:
        return [Reply(Act.SEND, context.texts.say("why.usage", language))]
    reading = await context.read(question)
    return [Reply(Act.SEND, "\n".join(reasons(reading, context.texts, language)))]


def _preview(context: Context, entry: str, language: str) -> list[Reply]:
    """The entry in every language, exactly as a member gets it."""
    if entry not in context.desk.store.entries:
        return [Reply(Act.SEND, context.texts.say("why.no-entry", language))]
    shown = (answers.shown(context.desk.store, entry, one) for one in context.desk.rules.languages)
    return [reply for one in shown if (reply := context.replies.compose(one))]
