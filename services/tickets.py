"""The member's side of a ticket: asking for a person, what then goes to staff, and taking it back.

A ticket begins with a message, never with a tap alone; only who was shown the words for a crisis may call for a person
with one. What staff get is redacted first, and what must never be sent does not reach them at all.
"""

from dataclasses import dataclass
from datetime import timedelta
from html import escape, unescape
from statistics import median

from db import chats, questions, tickets
from db.tickets import CLOSED, MEMBER, OPEN, TAKEN, THANKS, Message, Ticket
from services import expected, hours, links, redaction, ticket_deliveries, tone
from services.desk import Desk
from services.intents import CardsFrom, Intent, Number, Speak, Wish
from services.outcomes import Page, PageShown, Shown
from services.ticket_deliveries import LONGEST_WORDS
from services.ticket_outcomes import (
    AsideBegun,
    HandOffAsked,
    Line,
    Matter,
    MemberOutcome,
    NotPassedOn,
    Opening,
    PassedOn,
    TicketOpened,
    TicketShown,
    WithdrawAsked,
    Withdrawn,
)
from services.turn import Turn

ASK_FOR = timedelta(hours=1)  # the next message becomes the ticket
ASIDE_FOR = timedelta(minutes=15)
REOPEN_FOR = timedelta(days=7)
NOTE_AFTER = timedelta(hours=6)  # who writes again after so long is told where it goes
SUBJECT = 48  # characters
LONGEST_CAPTION = 900  # characters of a file's caption that staff see: the head above it needs some of Telegram's 1024
MEASURED, TOO_FEW = 30, 5  # tickets that the estimate is made of
STEP = 15  # minutes that it is rounded to
MEDIA = ("photo", "document")  # what is passed on besides text
EXPECTS = {
    Matter.QUESTION: "ticket",
    Matter.IMPOSTOR: "ticket-impostor",
    Matter.CRISIS: "ticket-crisis",
    Matter.THREAT: "ticket-threat",
}
_MATTERS = {what: matter for matter, what in EXPECTS.items()}
# What still is the bot's while a ticket is open; "ja", "2" or "mehr" are said to staff.
TO_THE_BOT = frozenset(
    {
        Wish.CARDS, Wish.HUMAN, Wish.CANCEL, Wish.NEW_QUESTION, Wish.TO_TICKET, Wish.WITHDRAW, Wish.MY_DATA, Wish.ERASE,
        Wish.SIGN_OFF, Wish.REPORT,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A member's message: text, or a file with its caption."""

    message: int
    text: str
    kind: str = "text"
    file: str | None = None
    file_name: str | None = None
    edited: bool = False


def has_desk(desk: Desk) -> bool:
    """Whether there is a staff group. Without one, who wants a person is told telephone and e-mail."""
    return desk.rules.staff.chat != 0


# ---- asking for a person


def ask(turn: Turn, matter: Matter = Matter.QUESTION) -> HandOffAsked | TicketShown:
    """What happens with the member's next message; or where the ticket stands that is open already."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is not None:
        return _shown(turn, ticket)
    chats.expect(turn.session, turn.chat, EXPECTS[matter], turn.now + ASK_FOR)
    question = turn.dialogue.offered_question if matter is Matter.QUESTION and turn.dialogue.misses else None
    if question is not None and not questions.words(turn.session, question):
        question = None
    return HandOffAsked(turn.language, matter, opening(turn), question)


def opening(turn: Turn) -> Opening:
    """When an answer can be expected, honestly: as long as it took lately, or as the alarm allows."""
    office, now = turn.desk.rules.office, turn.now
    closes_at = hours.closes_at(office, now)
    taken = [
        hours.minutes_open_between(office, opened, answered)
        for opened, answered in tickets.answered_after(turn.session, MEASURED)
    ]
    usual = median(taken) if len(taken) >= TOO_FEW else office.alarm_minutes
    minutes = max(STEP, -(-int(usual) // STEP) * STEP)
    if closes_at is not None and now + timedelta(minutes=minutes) <= closes_at:
        return Opening(minutes, None, now)
    return Opening(None, hours.next_opening(office, now), now)


def let_go(turn: Turn) -> None:
    """Who does something else does not want to write to staff just now."""
    if turn.dialogue.expects in _MATTERS:
        chats.expect(turn.session, turn.chat, None, None)


# ---- what the member says


def hear(turn: Turn, heard: Heard, wish: Intent | None, urgent: Shown | None) -> MemberOutcome | PageShown | None:
    """What becomes of a message that may be for staff; None for one that is the bot's.

    `urgent` is what must be shown first, whoever is spoken to.
    """
    if not has_desk(turn.desk):
        return None
    if heard.edited:
        return _edit(turn, heard, urgent)
    ticket = _listening(turn)
    matter = _MATTERS.get(turn.dialogue.expects or "")
    if ticket is None and matter is None:
        return _threatened(turn, heard) if tone.is_threat(heard.text) else None
    if isinstance(wish, Speak | CardsFrom) or wish in TO_THE_BOT:
        return None
    if ticket is None and isinstance(wish, Wish | Number):
        return _instead(turn, wish)
    if (kind := _never(heard)) is not None:
        return refused(turn, kind, urgent)
    if ticket is not None:
        return _add(turn, ticket, heard, urgent)
    assert matter is not None
    return _opened(turn, Matter.CRISIS if urgent else matter, heard, urgent)


def _instead(turn: Turn, wish: Wish | Number) -> MemberOutcome | PageShown | None:
    """What a typed button does while the member is asked to write to staff; None for those that are the bot's."""
    if wish is Wish.NONE:
        let_go(turn)
        return PageShown(turn.language, Page.CANCELLED)
    question = turn.dialogue.offered_question
    return refer(turn, question) if wish is Wish.YES and turn.dialogue.misses and question else None


def is_listening(turn: Turn) -> bool:
    """Whether the next message is for staff."""
    return has_desk(turn.desk) and (turn.dialogue.expects in _MATTERS or _listening(turn) is not None)


def refused(turn: Turn, kind: str, urgent: Shown | None) -> NotPassedOn:
    """The message holds what must never be sent here. That somebody is in a crisis staff learn all the same."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is not None and urgent:
        _make_urgent(turn, ticket, Line.CRISIS)
    return NotPassedOn(turn.language, ticket.id if ticket else None, kind, urgent)


def _listening(turn: Turn) -> Ticket | None:
    ticket = tickets.of_chat(turn.session, turn.chat)
    aside = ticket is not None and ticket.aside_until is not None and ticket.aside_until > turn.now
    return None if aside else ticket


def _never(heard: Heard) -> str | None:
    """Why a message cannot go to staff."""
    if heard.kind not in ("text", *MEDIA):
        return heard.kind
    named = heard.file_name.replace("_", " ").rpartition(".")[0] if heard.file_name else ""  # staff see it, too
    for words in (heard.text, named):
        if expected.looks_like_a_code(words):
            return "code"
        if (kind := redaction.sensitive(words, LONGEST_WORDS)) is not None:
            return kind
    return None


def refer(turn: Turn, question: str) -> MemberOutcome:
    """The question that was not understood is passed on as it was noted."""
    words = questions.words(turn.session, question)
    if not words:  # forgotten meanwhile
        return ask(turn)
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is not None:
        if not _has(turn, ticket, words):  # a second tap
            _added(turn, ticket, escape(words, quote=False), "text")
        return _shown(turn, ticket)
    made = _begin(turn, Matter.QUESTION, words)
    _added(turn, made, escape(words, quote=False), "text")
    return TicketOpened(turn.language, made.id, Matter.QUESTION, opening(turn))


def _has(turn: Turn, ticket: Ticket, words: str) -> bool:
    """Whether the member's newest message says just this."""
    said = [message for message in tickets.messages(turn.session, ticket.id) if message.author == MEMBER]
    return bool(said) and unescape(ticket_deliveries.words(turn.desk, said[-1])) == words


def call(turn: Turn) -> MemberOutcome:
    """Somebody in a crisis wants a person, now."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is not None:
        tickets.put(turn.session, ticket.id, aside_until=None)
        _make_urgent(turn, ticket, Line.CRISIS)
    else:
        ticket = _begin(turn, Matter.CRISIS, "")
        _added(turn, ticket, "", "call")
    return TicketOpened(turn.language, ticket.id, Matter.CRISIS, opening(turn))


def _opened(turn: Turn, matter: Matter, heard: Heard, urgent: Shown | None) -> MemberOutcome | None:
    if _never(heard) is not None:  # a threat with a number in it: the warning is said instead
        return None
    made = _begin(turn, matter, heard.text)
    _take_down(turn, made, heard, heard.kind)
    if matter is Matter.CRISIS and urgent:
        ticket_deliveries.line(turn.session, turn.desk, made.id, Line.CRISIS, f"crisis{heard.message}", turn.now)
    return TicketOpened(turn.language, made.id, matter, opening(turn), urgent)


def _threatened(turn: Turn, heard: Heard) -> MemberOutcome | None:
    """A threat reaches staff whoever it was said to, and the member is told so."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is None or _never(heard) is not None:
        return _opened(turn, Matter.THREAT, heard, None)
    _add(turn, ticket, heard, None)
    return TicketOpened(turn.language, ticket.id, Matter.THREAT, opening(turn))


def _begin(turn: Turn, matter: Matter, text: str) -> Ticket:
    session, dialogue = turn.session, turn.dialogue
    made = tickets.begin(
        session,
        chat=turn.chat,
        language=turn.language,
        kind=matter.value,
        urgent=matter is not Matter.QUESTION,
        verified=links.current(session, turn.desk, turn.chat, turn.now) is not None,
        subject=ticket_deliveries.seal_subject(turn.desk, _subject(turn, matter, text)),
        entries=[dialogue.last_entry] if dialogue.last_entry else [],
        now=turn.now,
    )
    ticket = made or tickets.of_chat(session, turn.chat)  # staff may have reopened one at this very moment
    assert ticket is not None
    chats.expect(session, turn.chat, None, None)
    ticket_deliveries.card(session, turn.desk, ticket, turn.now)
    return ticket


def _subject(turn: Turn, matter: Matter, text: str) -> str:
    """The title of the last answer, where the member speaks of it; otherwise the first words.

    How to reach somebody is on the way to every ticket and says nothing about this one.
    """
    if matter is not Matter.QUESTION:
        return ""
    last = turn.desk.store.entries.get(turn.dialogue.last_entry or "")
    on_the_way = (turn.desk.rules.entries.human, turn.desk.rules.entries.phone)
    if last is not None and not turn.dialogue.misses and last.id not in on_the_way:
        return last.de.button[:SUBJECT]
    return _headline(redaction.redact(text))


def _headline(words: str) -> str:
    return words if len(words) <= SUBJECT else words[: SUBJECT - 1].rsplit(" ", 1)[0] + "…"


def _add(turn: Turn, ticket: Ticket, heard: Heard, urgent: Shown | None) -> PassedOn:
    thanks = ticket.staff_at is not None and heard.kind == "text" and tone.is_thanks(heard.text)
    _take_down(turn, ticket, heard, THANKS if thanks else heard.kind)
    if urgent or tone.is_threat(heard.text):
        _make_urgent(turn, ticket, Line.CRISIS if urgent else Line.THREAT)
    noted = ticket.member_at <= turn.now - NOTE_AFTER
    return PassedOn(turn.language, ticket.id, heard.message, noted, urgent)


def _make_urgent(turn: Turn, ticket: Ticket, why: Line) -> None:
    tickets.put(turn.session, ticket.id, urgent=True)
    key = f"{why}{turn.now.timestamp():.0f}"
    ticket_deliveries.line(turn.session, turn.desk, ticket.id, why, key, turn.now)


def _take_down(turn: Turn, ticket: Ticket, heard: Heard, kind: str) -> Message:
    html = _html(heard)
    return _added(turn, ticket, html, kind, file=heard.file, member_message=heard.message)


def _html(heard: Heard) -> str:
    longest = LONGEST_WORDS if heard.kind == "text" else LONGEST_CAPTION
    return escape(redaction.redact(heard.text, longest), quote=False)


def _added(turn: Turn, ticket: Ticket, html: str, kind: str, **values: str | int | None) -> Message:
    session, now = turn.session, turn.now
    sealed = ticket_deliveries.seal(turn.desk, html)
    message = tickets.add_message(session, ticket.id, author=MEMBER, at=now, kind=kind, words=sealed, **values)
    tickets.put(session, ticket.id, member_at=now)
    ticket_deliveries.post(session, turn.desk, message, now)
    return message


def _edit(turn: Turn, heard: Heard, urgent: Shown | None) -> PassedOn | NotPassedOn | None:
    message = tickets.from_member(turn.session, turn.chat, heard.message)
    ticket = None if message is None else tickets.find(turn.session, message.ticket)
    if message is None or ticket is None:
        return None
    if (kind := _never(heard)) is not None:
        return NotPassedOn(turn.language, ticket.id, kind, urgent)
    html, before = _html(heard), unescape(ticket_deliveries.words(turn.desk, message))
    sealed = ticket_deliveries.seal(turn.desk, html)
    tickets.change_message(turn.session, message.id, words=sealed, edited_at=turn.now)
    if ticket.subject and ticket_deliveries.subject(turn.desk, ticket) == _headline(before):
        subject = ticket_deliveries.seal_subject(turn.desk, _headline(unescape(html)))
        tickets.put(turn.session, ticket.id, subject=subject)
        ticket_deliveries.renamed(turn.session, turn.desk, ticket, message, turn.now)
    ticket_deliveries.edit(turn.session, turn.desk, ticket, message, turn.now)
    if urgent and ticket.is_open:
        _make_urgent(turn, ticket, Line.CRISIS)
    return PassedOn(turn.language, ticket.id, heard.message, noted=False, urgent=urgent)


# ---- what the member does with a ticket


def withdraw(turn: Turn, number: int | None, *, whole: bool | None = None) -> MemberOutcome | PageShown:
    """Takes back the last message, or all; asks which, when `whole` is None and there are several."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is None or number not in (None, ticket.id):
        return PageShown(turn.language, Page.STALE)
    said = [message for message in tickets.messages(turn.session, ticket.id) if message.author == MEMBER]
    if whole is None and len(said) > 1:
        return WithdrawAsked(turn.language, ticket.id)
    if whole is False and len(said) > 1:
        _forget(turn, ticket, said[-1])
        return Withdrawn(turn.language, ticket.id, whole=False)
    for message in said:
        _forget(turn, ticket, message)
    closed = tickets.move(
        turn.session, ticket.id, CLOSED, among=(OPEN, TAKEN), closed_at=turn.now, closed_by=None, aside_until=None,
        subject=None,
    )  # fmt: skip
    if closed is not None:
        ticket_deliveries.card(turn.session, turn.desk, closed, turn.now, Line.WITHDRAWN)
    return Withdrawn(turn.language, ticket.id, whole=True)


def _forget(turn: Turn, ticket: Ticket, message: Message) -> None:
    """The words go at once; their copy in the group follows."""
    tickets.change_message(turn.session, message.id, deleted_at=turn.now, words=None, file=None)
    ticket_deliveries.edit(turn.session, turn.desk, ticket, message, turn.now)


def aside(turn: Turn) -> AsideBegun | None:
    """A new question in between: for a while the member talks to the bot; None without a ticket."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is None:
        return None
    tickets.put(turn.session, ticket.id, aside_until=turn.now + ASIDE_FOR)
    return AsideBegun(turn.language, ticket.id, int(ASIDE_FOR.total_seconds()) // 60)


def back(turn: Turn) -> TicketShown | None:
    """The member talks to staff again; None without a ticket."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    if ticket is None:
        return None
    tickets.put(turn.session, ticket.id, aside_until=None)
    return _shown(turn, ticket)


def show(turn: Turn) -> TicketShown | None:
    """Where the open ticket stands."""
    ticket = tickets.of_chat(turn.session, turn.chat)
    return _shown(turn, ticket) if ticket is not None else None


def reopen(turn: Turn, number: int) -> TicketShown | PageShown:
    """The member opens a ticket again that was closed some days ago."""
    ticket = tickets.find(turn.session, number)
    if ticket is None or ticket.chat != turn.chat:
        return PageShown(turn.language, Page.STALE)
    if ticket.closed_at is not None and ticket.closed_at > turn.now - REOPEN_FOR:
        reopened = tickets.reopen(turn.session, number, turn.now)
        if reopened is not None:
            ticket_deliveries.card(turn.session, turn.desk, reopened, turn.now, Line.REOPENED)
            return _shown(turn, reopened, reopened=True)
    current = tickets.of_chat(turn.session, turn.chat)
    return _shown(turn, current) if current is not None else PageShown(turn.language, Page.STALE)


def _shown(turn: Turn, ticket: Ticket, *, reopened: bool = False) -> TicketShown:
    return TicketShown(turn.language, ticket.id, ticket.taken_name, opening(turn), reopened)
