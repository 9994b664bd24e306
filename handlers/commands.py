"""Commands in the private chat. German and English names do the same; the menu shows those of the language."""

import re
from collections.abc import Callable
from datetime import datetime

from db.session import Session
from faq.entry import ID
from handlers import editors
from handlers.attendance import is_colleague
from handlers.context import Context, Origin
from handlers.incoming import Command
from handlers.own_replies import CODE_STEPS
from handlers.replies import with_floor
from handlers.reply import Act, Reply
from services import conversation, verification
from services.desk import Desk
from services.intents import Wish
from services.outcomes import Outcome, Page, PageShown
from services.turn import begin
from vault import codes
from vault.codes import NotACode

WISHES = {
    "hilfe": Wish.HELP, "help": Wish.HELP,
    "themen": Wish.TOPICS, "topics": Wish.TOPICS,
    "karte": Wish.CARDS, "card": Wish.CARDS,
    "mensch": Wish.HUMAN, "human": Wish.HUMAN,
    "sprache": Wish.LANGUAGE, "language": Wish.LANGUAGE, "settings": Wish.LANGUAGE,
    "datenschutz": Wish.PRIVACY, "privacy": Wish.PRIVACY,
    "abbrechen": Wish.CANCEL, "cancel": Wish.CANCEL,
    "meinedaten": Wish.MY_DATA, "mydata": Wish.MY_DATA,
    "loeschen": Wish.ERASE, "delete": Wish.ERASE,
    "abmelden": Wish.SIGN_OFF, "signoff": Wish.SIGN_OFF,
    "pause": Wish.PAUSE,
    "abo": Wish.SUBSCRIPTIONS, "subscribe": Wish.SUBSCRIPTIONS,
}  # fmt: skip
MENU = {
    "de": ("themen", "karte", "mensch", "abo", "sprache", "datenschutz", "hilfe", "abbrechen"),
    "en": ("topics", "card", "human", "subscribe", "language", "privacy", "help", "cancel"),
}
LINK = re.compile(r"f_(.+)")


async def command(context: Context, update_id: int, command: Command) -> None:
    origin = Origin(update_id, command.chat, command.message)
    if command.name == "id":
        own_id = _unless_flood(context, [_own_id(context, command)])
        await context.settle(origin, fulfil, own_id, chat=command.chat, client=command.client, wish=Wish.HELP)
        return
    if command.name in editors.COMMANDS and await is_colleague(context, command.chat):
        told = await editors.said(context, command)
        await context.settle(origin, fulfil, lambda _: told, chat=command.chat, client=command.client, wish=Wish.HELP)
        return
    if command.name == "start":
        values = {"chat": command.chat, "client": command.client, "payload": command.argument}
        await context.settle(origin, start, lambda outcome: _after_start(context, command, outcome), **values)
        return
    wish = WISHES.get(command.name, Wish.HELP)
    await context.settle(origin, fulfil, chat=command.chat, client=command.client, wish=wish)


def start(session: Session, desk: Desk, *, chat: int, client: str | None, payload: str, now: datetime) -> Outcome:
    """The greeting, the entry that a deep link names, or the code that it carries: the same way as a typed code."""
    turn = begin(session, desk, chat=chat, client=client, now=now)
    if (waits := conversation.flood(turn)) is not None:
        return waits
    given = codes.normalise(payload)
    if not isinstance(given, NotACode):
        return verification.submit(turn, given)
    link = LINK.fullmatch(payload)
    if link and ID.fullmatch(link.group(1)) and link.group(1) in desk.store.entries:
        return conversation.show(turn, link.group(1))
    return PageShown(turn.language, Page.GREETING)


def _after_start(context: Context, command: Command, outcome: Outcome) -> list[Reply]:
    replies = context.plainly(outcome)
    if isinstance(outcome, CODE_STEPS):
        replies = with_floor(replies, context.desk.rules.verification.floor_seconds)
        replies.append(Reply(Act.DELETE, target=command.message))
    return replies


def fulfil(session: Session, desk: Desk, *, chat: int, client: str | None, wish: Wish, now: datetime) -> Outcome:
    turn = begin(session, desk, chat=chat, client=client, now=now)
    return conversation.flood(turn) or conversation.page(turn, wish) or PageShown(turn.language, Page.HELP)


def _unless_flood(context: Context, replies: list[Reply]) -> Callable[[Outcome], list[Reply]]:
    """These replies, in place of the help page that is looked up beside them."""

    def compose(outcome: Outcome) -> list[Reply]:
        is_help = isinstance(outcome, PageShown) and outcome.page is Page.HELP
        return replies if is_help else context.plainly(outcome)

    return compose


def _own_id(context: Context, command: Command) -> Reply:
    language = "en" if (command.client or "").startswith("en") else "de"
    return Reply(Act.SEND, context.texts.say("chat-id.text", language, id=command.chat))
