"""What a member reads about a ticket: outcomes and deliveries in words, with their buttons. Pure."""

from datetime import datetime, timedelta

from faq.entry import Language
from handlers.buttons import Ask, Case, Refer, Show
from handlers.reply import Act, Key, Reply, Rows
from handlers.wording import Wording
from services.intents import Wish
from services.ticket_outcomes import (
    AsideBegun,
    HandOffAsked,
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
from services.ticket_view import Post, View
from services.tickets import REOPEN_FOR
from texts import Html

RECEIVED = "👀"  # at a member's message: it went to staff
HOUR = 60  # minutes
MEMBER_OUTCOMES = (
    HandOffAsked, TicketOpened, TicketShown, PassedOn, NotPassedOn, WithdrawAsked, Withdrawn, AsideBegun,
)  # fmt: skip


class TicketReplies(Wording):
    """To the member."""

    def compose(self, outcome: MemberOutcome, urgent: Html | None = None) -> Reply:
        """`urgent` is what must be read first, in words."""
        match outcome:
            case HandOffAsked():
                return self._asked(outcome)
            case TicketOpened():
                return self._opened(outcome, urgent)
            case TicketShown():
                return self._shown(outcome)
            case PassedOn():
                return self._passed_on(outcome, urgent)
            case NotPassedOn():
                return self._not_passed_on(outcome, urgent)
        return self._changed(outcome)

    def _asked(self, asked: HandOffAsked) -> Reply:
        language, opening = asked.language, asked.opening
        is_open = opening.minutes is not None
        if asked.matter is Matter.IMPOSTOR:
            key = "tickets.ask.impostor"
        else:
            key = "tickets.ask.open" if is_open else "tickets.ask.closed"
        blocks = [self._texts.say(key, language, when=self._when(opening, language))]
        rows: list[tuple[Key, ...]] = []
        if asked.question is not None:
            blocks.append(self._texts.say("tickets.ask.question", language))
            rows.append((self.key("refer", language, Refer(asked.question)),))
        if not is_open or asked.matter is Matter.IMPOSTOR:
            rows.append((self.key("lost-card", language, Show(self._entries.lost_card)),))
        rows.append((self.key("by-phone", language, Show(self._entries.phone)), self._cancel(language)))
        return self.message("\n\n".join(blocks), tuple(rows))

    def _opened(self, opened: TicketOpened, urgent: Html | None) -> Reply:
        language = opened.language
        when = self._when(opened.opening, language)
        key = {
            Matter.QUESTION: "tickets.opened.question",
            Matter.IMPOSTOR: "tickets.opened.impostor",
            Matter.CRISIS: "tickets.opened.crisis",
            Matter.THREAT: "tickets.opened.threat",
        }[opened.matter]
        text = self._texts.say(key, language, number=opened.number, when=when)
        return self.message(_below(urgent, text), self._rows(language, opened.number))

    def _shown(self, shown: TicketShown) -> Reply:
        key = "tickets.shown.taken" if shown.taken_name else "tickets.shown.open"
        if shown.reopened:
            key = "tickets.shown.reopened"
        when = self._when(shown.opening, shown.language)
        text = self._texts.say(key, shown.language, number=shown.number, person=shown.taken_name, when=when)
        return self.message(text, self._rows(shown.language, shown.number))

    def _passed_on(self, passed: PassedOn, urgent: Html | None) -> Reply:
        if urgent is None and not passed.noted:
            return Reply(Act.REACT, RECEIVED, target=passed.message)
        text = self._texts.say("tickets.passed-on", passed.language, number=passed.number)
        return self.message(_below(urgent, text), self._rows(passed.language, passed.number))

    def _not_passed_on(self, refused: NotPassedOn, urgent: Html | None) -> Reply:
        language = refused.language
        if refused.kind == "code":
            text = self._texts.say("tickets.not-passed.code", language)
        elif refused.is_secret:
            warning = self._texts.say(f"sensitive.{refused.kind}", language)
            text = Html(f"{warning}\n\n{self._texts.say('tickets.not-passed.secret', language)}")
        else:
            text = self._texts.say("tickets.not-passed.media", language)
        return self.message(_below(urgent, text), self._rows(language, refused.number) if refused.number else ())

    def _changed(self, outcome: MemberOutcome) -> Reply:
        say = self._texts.say
        match outcome:
            case WithdrawAsked(language, number):
                keys = [("withdraw-last", Case("last", number)), ("withdraw-whole", Case("whole", number))]
                rows = [(self.key(label, language, button),) for label, button in keys]
                keep = (self.key("keep", language, Ask(Wish.TO_TICKET)),)
                return self.message(say("tickets.withdraw-ask", language, number=number), (*rows, keep))
            case Withdrawn(language, number, whole):
                key = "tickets.withdrawn.whole" if whole else "tickets.withdrawn.last"
                rows_below = self.ways_out(language) if whole else self._rows(language, number)
                return self.message(say(key, language, number=number), rows_below)
            case AsideBegun(language, number, minutes):
                back = ((self.key("to-ticket", language, Ask(Wish.TO_TICKET)),),)
                return self.message(say("tickets.aside", language, number=number, minutes=minutes), back)
        raise AssertionError(outcome)

    # ---- deliveries

    def answer(self, view: View, post: Post, language: str) -> Reply:
        """A message of staff: that a person says it, and who."""
        head = self._texts.say("tickets.answer", language, person=post.name or view.ticket.taken_name or "–")
        html = f"{head}\n\n{post.html}" if post.html else head
        if post.file is None:
            return Reply(Act.SEND, html)
        return Reply(Act.MEDIA, html, media=(post.kind, post.file))

    def state(self, view: View, language: str) -> Reply:
        """The ticket's new state."""
        ticket, spoken = view.ticket, _spoken(language)
        values = {"number": ticket.id, "person": ticket.taken_name, "days": REOPEN_FOR // timedelta(days=1)}
        if ticket.state == "closed":
            rows: Rows = ((self.key("reopen", spoken, Case("reopen", ticket.id)),), *self.ways_out(spoken))
            return self.message(self._texts.say("tickets.state.closed", language, **values), rows)
        key = "tickets.state.taken" if ticket.state == "taken" else "tickets.state.open"
        return self.message(self._texts.say(key, language, **values), ())

    # ---- pieces

    def _rows(self, language: Language, number: int) -> Rows:
        withdraw = self.key("withdraw", language, Case("withdraw", number))
        return ((withdraw, self.key("new-question", language, Ask(Wish.NEW_QUESTION))),)

    def _cancel(self, language: Language) -> Key:
        return self.key("cancel", language, Ask(Wish.CANCEL))

    def _when(self, opening: Opening, language: Language) -> Html:
        if opening.minutes is not None:
            return self._texts.say("tickets.when.open", language, span=self._span(opening.minutes, language))
        if opening.opens_at is None:
            return self._texts.say("tickets.when.never", language)
        return self._texts.say("tickets.when.closed", language, moment=self._moment(opening, language))

    def _span(self, minutes: int, language: Language) -> Html:
        """Roughly: nobody keeps a promise to the minute."""
        if minutes <= HOUR:
            key = "tickets.span.hour" if minutes == HOUR else "tickets.span.minutes"
            return self._texts.say(key, language, minutes=minutes)
        return self._texts.say("tickets.span.hours", language, hours=-(-minutes // HOUR))

    def _moment(self, opening: Opening, language: Language) -> Html:
        assert opening.opens_at is not None
        at, say = opening.opens_at, self._texts.say
        key = "tickets.moment.minute" if at.minute else "tickets.moment.hour"
        time = say(key, language, hour=at.hour, minute=f"{at:%M}")
        days = (at.date() - opening.asked_at.astimezone(at.tzinfo).date()).days
        if days == 0:
            return say("tickets.moment.today", language, time=time)
        weekday = self._texts.label("tickets.weekdays", language).split()[at.weekday()]
        key = "tickets.moment.soon" if days < len(_WEEK) else "tickets.moment.later"
        return say(key, language, weekday=weekday, time=time, day=_day(at, language))


_WEEK = range(7)


def _day(at: datetime, language: str) -> str:
    return f"{at.day}.{at.month}." if language == "de" else f"{at.day} {at:%B}"


def _spoken(language: str) -> Language:
    return "en" if language == "en" else "de"


def _below(first: Html | None, text: Html) -> str:
    return f"{first}\n\n{text}" if first else text
