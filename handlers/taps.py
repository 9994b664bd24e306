"""Taps on our buttons. The query is answered at once; answers are new messages, menus change in place."""

from contextlib import suppress
from datetime import datetime

from telegram.error import TelegramError

from db.session import Session
from handlers import buttons
from handlers.buttons import (
    Ask,
    Button,
    Cards,
    Case,
    Choose,
    More,
    Rate,
    Read,
    Refer,
    Refuse,
    Show,
    Speak,
    Steps,
    Subscribe,
    Topics,
)
from handlers.context import Context, Origin
from handlers.incoming import Tapped
from handlers.own_replies import CODE_STEPS
from handlers.replies import in_place, with_floor, without_rating
from handlers.reply import Act, Reply
from handlers.subscriptions import is_list
from services import cards, conversation, languages, notice_reading, subscriptions, tickets
from services.desk import Desk
from services.outcomes import Outcome, Page, PageShown, SubscriptionsShown, Thanked, TopicsShown
from services.turn import begin


async def tapped(context: Context, update_id: int, tap: Tapped) -> None:
    button = buttons.unpack(tap.data)
    context.background(_acknowledge(context, tap, button))

    def compose(outcome: Outcome) -> list[Reply]:
        if isinstance(outcome, CODE_STEPS):
            return with_floor(context.plainly(outcome), context.desk.rules.verification.floor_seconds)
        if isinstance(outcome, PageShown) and outcome.page is Page.SLOW_DOWN:
            return context.plainly(outcome)
        if isinstance(outcome, Thanked):
            return [Reply(Act.KEYBOARD, rows=without_rating(tap.keyboard), target=tap.message)]
        replies = context.plainly(outcome)
        if isinstance(outcome, TopicsShown) and isinstance(button, Topics) and _is_menu(tap):
            return [in_place(reply, Act.EDIT, tap.message) for reply in replies]
        if isinstance(outcome, SubscriptionsShown) and is_list(tap.keyboard):
            return [in_place(reply, Act.EDIT, tap.message) for reply in replies]
        if isinstance(button, More) or (isinstance(button, Steps) and button.tick):
            return [in_place(reply, Act.EDIT, tap.message) for reply in replies]
        return replies

    origin = Origin(update_id, tap.chat, tap.message)
    await context.settle(origin, act, compose, chat=tap.chat, client=tap.client, button=button)


async def _acknowledge(context: Context, tap: Tapped, button: Button | None) -> None:
    """Ends the button's spinner, with a word where the message itself does not change."""
    language = languages.outside(None, tap.client, context.desk.rules.languages)
    key = "stale.toast" if button is None else None
    if isinstance(button, Rate):
        key = "feedback.yes" if button.helpful else "feedback.no"
    text = context.texts.label(key, language) if key else None
    with suppress(TelegramError):  # too old to be answered: the tap itself still counts
        await context.bot.answer_callback_query(tap.query, text)


def act(
    session: Session, desk: Desk, *, chat: int, client: str | None, button: Button | None, now: datetime
) -> Outcome:
    """What a button does."""
    turn = begin(session, desk, chat=chat, client=client, now=now)
    if (waits := conversation.flood(turn)) is not None:
        return waits
    stale = PageShown(turn.language, Page.STALE)
    if not isinstance(button, Ask | Rate | Refer | Case):
        tickets.let_go(turn)
    match button:
        case Show(entry) if entry in desk.store.entries:
            return conversation.show(turn, entry)
        case More(question, entry) if entry in desk.store.entries:
            return conversation.show(turn, entry, question=question or None, details=True)
        case Choose(question, entry):
            return conversation.choose(turn, entry, question or None)
        case Refuse(question):
            return conversation.refuse(turn, question or None)
        case Rate(question, helpful):
            return conversation.rate(turn, question, helpful=helpful)
        case Topics(category):
            return conversation.menu(turn, category or None)
        case Ask(wish):
            return conversation.page(turn, wish) or stale
        case Cards(first):
            return cards.look_up(turn, first)
        case Steps(incident, tick):
            return cards.steps(turn, incident, tick or None)
        case Refer(question):
            return tickets.refer(turn, question) if tickets.has_desk(desk) else stale
        case Case("reopen", number):
            return tickets.reopen(turn, number)
        case Case(verb, number):
            return tickets.withdraw(turn, number, whole={"last": False, "whole": True}.get(verb))
        case Subscribe(subject, on):
            return subscriptions.choose(turn, subject, on=on) or stale
        case Read(notice):
            return notice_reading.read(turn, notice)
        case Speak(language):
            wanted = languages.known(language)
            return languages.choose(session, desk, dialogue=turn.dialogue, wanted=wanted, client=client)
    return stale


def _is_menu(tap: Tapped) -> bool:
    """Whether the tapped message is the topic menu itself, and not an answer that should stay."""
    listed = (buttons.unpack(data) for row in tap.keyboard for _, data in row)
    return all(isinstance(button, Topics | Show) for button in listed)
