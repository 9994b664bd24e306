"""One message of a member, and what is to be said to it.

a flood?                  → slow down, once, then silence
a PIN, a number …?        → a warning, and the rest of the message is still answered
for staff?                → it becomes, or goes to, a ticket
a typed button?           → what the button does
an insult, nothing else?  → one calm line, then silence for a while
otherwise a question      → the decision of the matcher, for each question in the message
"""

import secrets
from datetime import datetime, timedelta

from db import chats, questions, throttles
from db.questions import Asked
from db.session import Session
from faq.match import Answer, DontKnow, Match, Part, Reading, Suggest
from services import (
    answers,
    cards,
    expected,
    intents,
    languages,
    privacy,
    redaction,
    subscriptions,
    tickets,
    tone,
    verification,
)
from services.desk import Desk
from services.intents import CardsFrom, Number, Speak, TheOneWith, Wish
from services.outcomes import (
    NotText,
    NotUnderstood,
    Outcome,
    Page,
    PageShown,
    Several,
    Shown,
    Silent,
    Suggested,
    Thanked,
    TopicsShown,
    Warned,
)
from services.ticket_outcomes import Matter
from services.tickets import Heard
from services.topics import topics
from services.turn import Turn, begin

QUIET_FOR = timedelta(minutes=15)  # after an insult that was answered
PERSONAL = frozenset(
    {
        Wish.MINE,
        Wish.CARDS,
        Wish.CODE,
        Wish.NEW_LETTER,
        Wish.SIGN_OFF,
        Wish.MY_DATA,
        Wish.ERASE,
        Wish.PAUSE,
        Wish.RESUME,
    }
)
OF_TICKETS = frozenset({Wish.HUMAN, Wish.REPORT, Wish.CALL, Wish.TO_TICKET, Wish.WITHDRAW, Wish.NEW_QUESTION})


def receive(
    session: Session,
    desk: Desk,
    *,
    chat: int,
    text: str,
    reading: Reading,
    client: str | None,
    now: datetime,
    may_verify: bool = True,
    message: int = 0,
    edited: bool = False,
) -> Outcome:
    """What a member wrote in this message of the chat, already read by the matcher.

    `may_verify` is False for what the member did not just write here: edits and forwarded messages redeem nothing and
    look up nothing.
    """
    no_language = expected.looks_like_a_code(text) or intents.tells_no_language(text)
    heard = None if no_language else reading.language
    turn = begin(session, desk, chat=chat, client=client, now=now, heard=heard)
    if (waits := flood(turn)) is not None:
        return waits
    step = expected.step(turn, text) if may_verify else expected.elsewhere(turn, text)
    if step is not None:
        return step
    if may_verify and (chosen := subscriptions.typed(turn, text)) is not None:
        return chosen
    listening = tickets.is_listening(turn)
    if kind := redaction.sensitive(text):
        urgent = show(turn, reading.urgent) if reading.urgent else None
        return tickets.refused(turn, kind, urgent) if listening else _warn(turn, kind, reading, urgent)
    wish = intents.typed(text)
    if not may_verify and (wish in PERSONAL or isinstance(wish, CardsFrom)):
        wish = None
    urgent = show(turn, reading.urgent) if reading.urgent and listening else None
    for_staff = tickets.hear(turn, Heard(message, text, edited=edited), wish, urgent)
    if for_staff is not None:
        return for_staff
    if tone.is_insult(text):
        return _calm(turn)
    outcome = _fulfil(turn, wish, reading) if wish else None
    return outcome or _answer(turn, reading)


def receive_other(
    session: Session,
    desk: Desk,
    *,
    chat: int,
    kind: str,
    client: str | None,
    now: datetime,
    heard: Heard,
    reading: Reading,
) -> Outcome:
    """A message that is no text: a photo, a voice message, a sticker …; staff get photos and documents.

    `reading` is that of its caption.
    """
    turn = begin(session, desk, chat=chat, client=client, now=now)
    if (waits := flood(turn)) is not None:
        return waits
    urgent = show(turn, reading.urgent) if reading.urgent else None
    for_staff = tickets.hear(turn, heard, None, urgent)
    return for_staff or (Silent() if heard.edited else urgent or NotText(turn.language, kind))


def _calm(turn: Turn) -> Shown | Silent:
    """One calm line to an insult; to more of them nothing, for a while."""
    count = throttles.count(turn.session, turn.chat, "insult", QUIET_FOR, turn.now)
    return show(turn, turn.desk.rules.entries.insult) if count == 1 else Silent()


def flood(turn: Turn) -> PageShown | Silent | None:
    """What is said, once, to a chat that sends too much in a minute; None for every other."""
    count, most = turn.dialogue.messages, turn.desk.rules.messages_per_minute
    if count <= most:
        return None
    return PageShown(turn.language, Page.SLOW_DOWN) if count == most + 1 else Silent(turn.dialogue.minute_until)


def _warn(turn: Turn, kind: str, reading: Reading, urgent: Shown | None) -> Warned:
    if urgent:
        return Warned(turn.language, kind, urgent, is_urgent=True)
    sure = next((part.decision.match.entry for part in reading.parts if isinstance(part.decision, Answer)), None)
    return Warned(turn.language, kind, show(turn, sure) if sure else None)


# ---- typed buttons


def _fulfil(turn: Turn, wish: intents.Intent, reading: Reading) -> Outcome | None:
    """What a typed button does; None where it makes no sense here and the message is a question after all."""
    match wish:
        case Speak(language):
            return languages.choose(
                turn.session, turn.desk, dialogue=turn.dialogue, wanted=language, client=turn.client
            )
        case Number(value):
            return _numbered(turn, value)
        case TheOneWith():
            return _described(turn, reading)
        case CardsFrom(first):
            tickets.let_go(turn)
            return cards.look_up(turn, first)
        case Wish.NONE | Wish.YES | Wish.AGAIN:
            return _about_offer(turn, wish)
        case Wish.MORE | Wish.HELPFUL | Wish.NOT_HELPFUL:
            return _about_last(turn, wish)
    return page(turn, wish)


def page(turn: Turn, wish: Wish) -> Outcome | None:
    """What a button or command without further data does."""
    if wish in OF_TICKETS:
        return _ticket(turn, wish)
    tickets.let_go(turn)
    match wish:
        case Wish.MINE | Wish.CARDS:
            return cards.look_up(turn)
        case Wish.TOPICS:
            return topics(turn.desk, turn.language)
        case Wish.HELP:
            return PageShown(turn.language, Page.HELP)
        case Wish.PRIVACY:
            return PageShown(turn.language, Page.PRIVACY)
        case Wish.LANGUAGE:
            return PageShown(turn.language, Page.LANGUAGE)
        case Wish.CANCEL:
            chats.reset(turn.session, turn.chat)
            return tickets.show(turn) or PageShown(turn.language, Page.CANCELLED)
    return _own(turn, wish)


def _ticket(turn: Turn, wish: Wish) -> Outcome:
    """What leads to people. Without a staff group it is telephone and e-mail."""
    if not tickets.has_desk(turn.desk) and wish in (Wish.HUMAN, Wish.REPORT, Wish.CALL):
        return show(turn, turn.desk.rules.entries.human)
    match wish:
        case Wish.HUMAN:
            return tickets.ask(turn)
        case Wish.REPORT:
            return tickets.ask(turn, Matter.IMPOSTOR)
        case Wish.CALL:
            return tickets.call(turn)
        case Wish.TO_TICKET:
            return tickets.back(turn) or PageShown(turn.language, Page.STALE)
        case Wish.WITHDRAW:
            return tickets.withdraw(turn, None)
    tickets.let_go(turn)
    chats.reset(turn.session, turn.chat)
    return tickets.aside(turn) or PageShown(turn.language, Page.CANCELLED)


def _own(turn: Turn, wish: Wish) -> Outcome | None:
    """What concerns the member's own membership and data."""
    match wish:
        case Wish.CODE:
            return verification.ask_code(turn)
        case Wish.CONFIRM:
            return verification.confirm(turn)
        case Wish.DECLINE:
            waits = turn.dialogue.expects == "confirm"  # else it is an old button
            return verification.decline(turn) if waits else PageShown(turn.language, Page.STALE)
        case Wish.NEW_LETTER:
            return verification.ask_number(turn)
        case Wish.OBJECT:
            return verification.refuse_newer(turn)
        case Wish.SIGN_OFF:
            return privacy.ask_sign_off(turn)
        case Wish.SIGN_OFF_YES:
            return privacy.sign_off(turn)
        case Wish.MY_DATA | Wish.MY_DATA_FILE:
            return privacy.my_data(turn, as_file=wish is Wish.MY_DATA_FILE)
        case Wish.ERASE:
            return privacy.ask_erase(turn)
        case Wish.ERASE_YES:
            return privacy.erase(turn)
        case Wish.SUBSCRIPTIONS:
            return subscriptions.show(turn)
        case Wish.PAUSE | Wish.RESUME:
            return privacy.pause(turn, paused=wish is Wish.PAUSE)
    return None


def _numbered(turn: Turn, value: int) -> Outcome | None:
    offered = turn.dialogue.offered
    if value > len(offered) or value == 0 or not offered:  # offered or not: a number alone is no question
        return PageShown(turn.language, Page.NO_SUCH_CHOICE)
    return choose(turn, offered[value - 1] if value > 0 else offered[-1], turn.dialogue.offered_question)


def _described(turn: Turn, reading: Reading) -> Outcome | None:
    found = (match.entry for part in reading.parts for match in part.matches if match.entry in turn.dialogue.offered)
    entry = next(found, None)
    return choose(turn, entry, turn.dialogue.offered_question) if entry else None


def _about_offer(turn: Turn, wish: Wish) -> Outcome | None:
    offered, question = turn.dialogue.offered, turn.dialogue.offered_question
    if not offered:
        return None
    if wish is Wish.NONE:
        return refuse(turn, question)
    if wish is Wish.YES:
        return choose(turn, offered[0], question) if len(offered) == 1 else None
    choices = answers.choices(turn.desk.store, offered, turn.language)
    return Suggested(turn.language, choices, question, again=True) if choices else None


def _about_last(turn: Turn, wish: Wish) -> Outcome | None:
    last = turn.dialogue.last_entry
    if last is None or last not in turn.desk.store.entries:
        return None
    if wish is Wish.MORE:
        return answers.shown(turn.desk.store, last, turn.language, details=True)
    return Thanked(turn.language, helpful=wish is Wish.HELPFUL)


# ---- what buttons and typed buttons do alike


def show(turn: Turn, entry: str, *, question: str | None = None, details: bool = False) -> Shown:
    """Shows an entry and remembers it as the last one. Raises KeyError when there is no such entry."""
    shown = answers.shown(turn.desk.store, entry, turn.language, question=question, details=details)
    chats.showed(turn.session, turn.chat, entry)
    subscriptions.remember(turn, entry)
    return shown


def choose(turn: Turn, entry: str, question: str | None) -> Outcome:
    """One of the suggestions was meant."""
    if entry not in turn.desk.store.entries:
        return PageShown(turn.language, Page.STALE)
    if question:
        questions.choose(turn.session, question, entry)
    return show(turn, entry, question=question)


def refuse(turn: Turn, question: str | None) -> NotUnderstood:
    """None of the suggestions was meant."""
    if question:
        questions.refuse(turn.session, question)
    chats.missed(turn.session, turn.chat, question)
    noted = bool(question and questions.words(turn.session, question))
    return NotUnderstood(turn.language, none_of_these=True, noted=noted)


# ---- questions


def _answer(turn: Turn, reading: Reading) -> Outcome:
    urgent = show(turn, reading.urgent) if reading.urgent else None
    if not reading.parts:
        return urgent or NotText(turn.language, "empty")
    parts = tuple(_part(turn, part) for part in reading.parts if not _is(part, reading.urgent))
    if urgent:
        sure = tuple(part for part in parts if isinstance(part, Shown) and part.as_of)
        return Several(turn.language, sure, urgent) if sure else urgent
    return parts[0] if len(parts) == 1 else Several(turn.language, parts)


def _is(part: Part, entry: str | None) -> bool:
    return isinstance(part.decision, Answer) and part.decision.match.entry == entry


def _part(turn: Turn, part: Part) -> Shown | Suggested | NotUnderstood:
    question = secrets.token_urlsafe(9)
    best = part.matches[0] if part.matches else None
    match part.decision:
        case Answer(match):
            _record(turn, question, "answer", match)
            return show(turn, match.entry, question=question)
        case Suggest(matches):
            _record(turn, question, "suggest", best, part.text)
            entries = tuple(match.entry for match in matches)
            chats.offered(turn.session, turn.chat, entries, question)
            return Suggested(turn.language, answers.choices(turn.desk.store, entries, turn.language), question)
        case DontKnow():
            noted = _record(turn, question, "dont_know", best, part.text)
            chats.missed(turn.session, turn.chat, question)
            return NotUnderstood(turn.language, again=turn.dialogue.misses > 0, noted=noted)


def _record(turn: Turn, question: str, decision: str, best: Match | None, words: str | None = None) -> bool:
    """Whether the words are kept, redacted, for staff to read."""
    asked = Asked(
        id=question,
        language=turn.language,
        decision=decision,
        entry=best.entry if best else None,
        confidence=best.confidence if best else None,
        words=None if words is None or expected.looks_like_a_code(words) else redaction.redact(words),
    )
    questions.record(turn.session, asked, turn.now)
    return bool(asked.words)


def rate(turn: Turn, question: str, *, helpful: bool) -> Thanked:
    questions.rate(turn.session, question, helpful=helpful)
    return Thanked(turn.language, helpful)


def blocked(session: Session, desk: Desk, *, chat: int, now: datetime) -> Silent:
    """The member blocked the bot, or the account is gone."""
    del desk
    chats.block(session, chat, now)
    return Silent()


def menu(turn: Turn, category: str | None = None) -> TopicsShown:
    return topics(turn.desk, turn.language, category)
