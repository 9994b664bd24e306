"""What staff read about a ticket in its topic: head, messages, lines, and what became of their own doing. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from db.tickets import STAFF, THANKS
from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Key, Reply, Rows
from handlers.staff_buttons import StaffButton, pack
from handlers.topics import Look
from services.staff import NotAllowed
from services.ticket_outcomes import (
    Colleagues,
    FileStays,
    IsClosed,
    Line,
    Matter,
    NoCommand,
    NoTicket,
    OpenTickets,
    StaffOutcome,
    TakenBack,
    TakenBy,
    Templates,
    TooLong,
    Unsuited,
    Waiting,
)
from services.ticket_view import Post, View
from texts import Html, Texts

ARRIVED, SENT, INTERNAL = "👍", "👀", "✍"  # signs at a colleague's message
SIGNS = {"open": "❓", "taken": "💬", "closed": "✅"}
URGENT = "‼️"
LISTED = 30
HOUR, DAY = 60, 24 * 60  # minutes


class TopicReplies:
    """To the staff group."""

    def __init__(self, texts: Texts, time_zone: str) -> None:
        self._texts, self._zone = texts, ZoneInfo(time_zone)

    def _say(self, key: str, **values: object) -> Html:
        return self._texts.say(f"ticket-desk.{key}", LANGUAGE, **values)

    def _key(self, label: str, verb: str, number: int, word: str = "", noun: str = "ticket") -> Key:
        text = self._texts.label(f"ticket-desk.buttons.{label}", LANGUAGE)
        return Key(text, pack(StaffButton(noun, verb, number, word)))

    # ---- the topic

    def look(self, view: View) -> Look:
        """Number and subject, and a sign for the state."""
        ticket = view.ticket
        sign = URGENT if ticket.state == "open" and ticket.urgent else SIGNS[ticket.state]
        return Look(
            sign, self._texts.label("ticket-desk.name", LANGUAGE, number=ticket.id, subject=self._subject(view))
        )

    def card(self, view: View, now: datetime) -> Reply:
        """The head: facts, and what can be done."""
        ticket = view.ticket
        facts = [self._say("card.head", number=ticket.id, subject=self._subject(view))]
        if ticket.urgent:
            facts.append(self._say("card.urgent"))
        verified = self._say("card.verified" if ticket.verified else "card.not-verified")
        spoken = self._say("card.english" if ticket.language == "en" else "card.german")
        facts.append(Html(f"{verified} · {spoken}"))
        if view.titles:
            facts.append(self._say("card.topics", titles=", ".join(view.titles)))
        facts.append(self._state(view))
        if ticket.is_open:
            since = view.since
            facts.append(
                self._say("card.waits", since=self._clock(since, now)) if since else self._say("card.answered")
            )
        if view.matter is Matter.IMPOSTOR and view.reports > 1:
            facts.append(self._say("card.reports", count=view.reports))
        text = "\n".join([*facts, *([f"\n{self._say('card.how')}"] if ticket.is_open else [])])
        return Reply(Act.SEND, text, self.card_rows(view))

    def card_rows(self, view: View) -> Rows:
        number, state = view.ticket.id, view.ticket.state
        if state == "closed":
            again = self._key("reopen", "reopen", number)
            return ((again, self._draft(number)),) if view.ticket.chat is not None else ()
        hand, close = self._key("hand", "hand", number), self._key("close", "close", number)
        template = self._key("template", "template", number)
        if state == "open":
            return ((self._key("take", "take", number), hand), (template, close))
        return ((hand, template), (close, self._draft(number)))

    def _draft(self, number: int) -> Key:
        """Makes the last answer, or the question, a draft of a FAQ entry."""
        return self._key("draft", "ticket", number, noun="draft")

    def _state(self, view: View) -> Html:
        if view.ticket.state == "taken":
            return self._say("card.taken", person=view.ticket.taken_name)
        return self._say(f"card.{view.ticket.state}")

    def _subject(self, view: View) -> str:
        return view.subject or self._texts.label(f"ticket-desk.subject.{view.matter.value}", LANGUAGE)

    def post(self, view: View, post: Post, *, twice: bool = False) -> Reply:
        """A message of the ticket, by whom it is told above it."""
        head = self._say("post.staff", person=post.name or "–") if post.author == STAFF else self._say("post.member")
        html = f"{head}\n{post.html}" if post.html else head
        rows: Rows = ()
        if post.withdrawn:
            html = f"{head}\n{self._say('post.withdrawn')}"
        elif post.kind == "call":
            html = str(self._say("post.call"))
        elif post.kind == THANKS:
            html = f"{html}\n{self._say('post.thanks')}"
            rows = ((self._key("close", "close", view.ticket.id),),)
        if twice:
            html = f"{html}\n{self._say('post.twice')}"
        if post.file is None:
            return Reply(Act.SEND, html, rows)
        return Reply(Act.MEDIA, html, rows, media=(post.kind, post.file))

    def without_file(self, reply: Reply) -> Reply:
        """The same where Telegram does not take the file."""
        return replace(reply, act=Act.SEND, media=None, html=f"{reply.html}\n{self._say('post.no-file')}")

    def line(self, view: View, values: Mapping[str, object], *, twice: bool) -> Reply:
        """What staff must know, and what to do."""
        said, ticket = Line(str(values["line"])), view.ticket
        rows: Rows = ()
        text = self._alarm(view, values) if said is Line.ALARM else self._say(f"line.{said.value}")
        if said in (Line.BLOCKED, Line.REFUSED, Line.FAILED, Line.UNKNOWN):
            again = self._key("again", "again", int(str(values["message"])), str(values["delivery"]))
            rows = ((again,),)
        elif said is Line.ALARM and ticket.state == "open":
            rows = ((self._key("take", "take", ticket.id),),)
        return Reply(Act.SEND, f"{text}\n{self._say('post.twice')}" if twice else str(text), rows)

    def _alarm(self, view: View, values: Mapping[str, object]) -> Html:
        span, ticket = self._span(int(str(values["minutes"]))), view.ticket
        if ticket.taken_by is None:
            return self._say("line.alarm", span=span)
        name = escape(ticket.taken_name or "–", quote=False)
        person = Html(f'<a href="tg://user?id={ticket.taken_by}">{name}</a>')
        return self._say("line.alarm-mention", person=person, span=span)

    # ---- what became of something that was done

    def told(self, outcome: StaffOutcome) -> tuple[Html, Rows] | None:
        """What whoever did it must read; None where the topic shows it by itself."""
        match outcome:
            case NotAllowed(role):
                return self._say("told.not-allowed", role=role.value), ()
            case NoTicket():
                return self._say("told.no-ticket"), ()
            case TakenBy(number, name, version, was_answer):
                key = "told.taken-by-answer" if was_answer else "told.taken-by"
                take_over = self._key("take-over", "seize", number, str(version))
                return self._say(key, number=number, person=name), ((take_over,),)
            case IsClosed(number, may_reopen):
                rows: Rows = ((self._key("reopen", "reopen", number),),) if may_reopen else ()
                key = "told.is-closed" if may_reopen else "told.is-closed-for-good"
                return self._say(key, number=number), rows
            case TooLong(most):
                return self._say("told.too-long", most=most), ()
            case Unsuited():
                return self._say("told.unsuited"), ()
            case NoCommand():
                return self._say("told.no-command"), ()
            case FileStays():
                return self._say("told.file-stays"), ()
            case TakenBack(done, sure):
                key = "taken-back" if sure else "taken-back-unsure"
                return self._say(f"told.{key if done else 'not-taken-back'}"), ()
            case OpenTickets():
                return self._open(outcome), ()
        return None

    def colleagues(self, outcome: Colleagues) -> Rows:
        """To whom a ticket can be handed, in place of the head's buttons."""
        number = outcome.number
        found = [(Key(name, pack(StaffButton("ticket", "give", number, str(user)))),) for user, name in outcome.found]
        return (*found, (self._key("put-back", "free", number), self._key("back", "back", number)))

    def templates(self, outcome: Templates) -> Rows:
        """Entries that could be sent, in place of the head's buttons."""
        number = outcome.number
        found = [(Key(label, data),) for entry, label in outcome.found if (data := _entry(number, entry))]
        return (*found, (self._key("back", "back", number),))

    def moved(self, group: int) -> Html:
        return self._say("told.moved", id=group)

    def _open(self, listed: OpenTickets) -> Html:
        if not listed.found:
            return self._say("told.none-open")
        lines = [self._say("told.open", count=len(listed.found))]
        lines += [self._open_line(one, listed.now) for one in listed.found[:LISTED]]
        if len(listed.found) > LISTED:
            lines.append(self._say("told.open-more", count=len(listed.found) - LISTED))
        return Html("\n".join(lines))

    def _open_line(self, one: Waiting, now: datetime) -> Html:
        link = Html(f"<b>#{one.number}</b>")
        if one.thread and one.address:
            link = Html(f'<a href="https://t.me/c/{one.address}/{one.thread}">#{one.number}</a>')
        waiting = self._say("told.nobody-waits")
        if one.since is not None:
            waiting = self._say("told.waiting", span=self._span(int((now - one.since).total_seconds()) // 60))
        person = one.taken_name or self._say("card.open")
        subject = one.subject or self._texts.label(f"ticket-desk.subject.{one.matter.value}", LANGUAGE)
        sign = URGENT if one.urgent else SIGNS["taken" if one.taken_name else "open"]
        return self._say("told.open-line", sign=sign, link=link, subject=subject, person=person, waiting=waiting)

    def _span(self, minutes: int) -> Html:
        if minutes < HOUR:
            return self._say("span.minutes", minutes=minutes)
        if minutes < 2 * DAY:
            return self._say("span.hours", hours=minutes // HOUR, minutes=minutes % HOUR)
        return self._say("span.days", days=minutes // DAY, hours=minutes % DAY // HOUR)

    def _clock(self, at: datetime, now: datetime) -> str:
        local = at.astimezone(self._zone)
        same_day = local.date() == now.astimezone(self._zone).date()
        return f"{local:%H:%M}" if same_day else f"{local:%d.%m. %H:%M}"


def _entry(number: int, entry: str) -> str | None:
    """The data of a button that sends an entry; None where its name is too long for one."""
    try:
        return pack(StaffButton("ticket", "entry", number, entry))
    except ValueError:
        return None
