"""`python bot.py members …`: what staff do about one member's connection with the bot."""

from typing import Annotated

import typer

import checks
from commands import imports, made
from commands.imports import By, ConfirmBy, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings, refuse, tell
from services import links, throttles
from services.links import Whose
from strict_yaml import Problem, Problems

app = typer.Typer(help="Members: end the connection with a chat, lift a chat's pause.")

Chat = Annotated[int, typer.Option("--chat", metavar="ID", help="the chat's number, as /id tells it", min=1)]
MaybeChat = Annotated[int | None, typer.Option("--chat", metavar="ID", help="of this chat, as /id tells it", min=1)]


@app.command()
def revoke(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="for the audit log; names nobody")],
    number: Annotated[str | None, typer.Option("--member", metavar="NUMBER", help="of this member")] = None,
    chat: MaybeChat = None,
    by: By = None,
    confirm_by: ConfirmBy = None,
    yes: Yes = False,
) -> None:
    """End every connection of a member or of a chat, at once. Takes two people.

    Exit status 0 when some ended, 1 when there were none, 2 when it cannot be done so.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    if (number is None) is (chat is None):
        refuse(texts.say_plain("connection.one", LANGUAGE))
    order = imports.wishes(texts, apply=True, yes=yes, by=by, confirm_by=confirm_by, rejects=None).order
    if problem := links.revocation_problem(reason, order):
        tell(Problems([problem]))
    if not yes and not typer.confirm(texts.say_plain("connection.ask", LANGUAGE)):
        made.fail(texts.say_plain("connection.declined", LANGUAGE))
    whose = Whose(number, chat)
    with office(settings) as (database, desk):
        ended = database.work(links.revoke, desk, whose, reason=reason, order=order, now=desk.clock())
    if isinstance(ended, Problem):
        tell(Problems([ended]))
    if not ended:
        made.fail(texts.say_plain("connection.none", LANGUAGE))
    typer.echo(texts.say_plain("connection.revoked", LANGUAGE, count=ended))


@app.command()
def unlock(chat: Chat, by: By = None) -> None:
    """Lift the pause of a chat that tried too many codes. Exit status 1 when it has none."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    order = imports.wishes(texts, apply=True, yes=True, by=by, confirm_by=None, rejects=None).order
    with office(settings) as (database, desk):
        was_paused = database.work(throttles.unlock, desk, chat, by=order.by, now=desk.clock())
    if not was_paused:
        made.fail(texts.say_plain("connection.not-paused", LANGUAGE))
    typer.echo(texts.say_plain("connection.unlocked", LANGUAGE))
