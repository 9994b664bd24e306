"""From an outcome to text and buttons. Pure: the same outcome gives the same reply."""

from dataclasses import replace
from html import escape

from config.entries import Entries
from faq.entry import Action, Language
from handlers.buttons import Ask, Button, Choose, More, Rate, Refuse, Show, Speak, Topics, pack
from handlers.own_replies import OwnReplies
from handlers.reply import Act, Key, Reply, Rows
from handlers.subscriptions import SubscriptionReplies
from handlers.ticket_replies import MEMBER_OUTCOMES, TicketReplies
from handlers.wording import Wording, pairs
from services.intents import Wish
from services.outcomes import (
    Broken,
    Choice,
    LanguageChanged,
    NotText,
    NotUnderstood,
    Outcome,
    Page,
    PageShown,
    PointedToPrivate,
    Several,
    Shown,
    Silent,
    SubscriptionsShown,
    Suggested,
    Thanked,
    TopicsShown,
    Warned,
)
from services.ticket_outcomes import MemberOutcome, NotPassedOn, PassedOn, TicketOpened
from texts import Html, Texts, day


class Replies(Wording):
    """Replies to questions, and the fixed texts."""

    def __init__(
        self,
        texts: Texts,
        bot_name: str,
        entries: Entries,
        questions_days: int,
        ticket_days: int,
        *,
        has_desk: bool = False,
    ) -> None:
        super().__init__(texts, bot_name, entries)
        self._has_desk = has_desk
        self._days = {"questions_days": questions_days, "ticket_days": ticket_days}
        self._own = OwnReplies(texts, bot_name, entries)
        self._tickets = TicketReplies(texts, bot_name, entries)
        self._subscriptions = SubscriptionReplies(texts, bot_name, entries)

    def compose(self, outcome: Outcome) -> Reply | None:
        """A new message for the outcome; None where nothing is said."""
        match outcome:
            case Shown():
                return self.message(self.answer(outcome), self._shown_rows(outcome))
            case Suggested():
                return self._suggested(outcome)
            case NotUnderstood():
                return self._not_understood(outcome)
            case Several():
                return self._several(outcome)
            case PageShown():
                return self._page(outcome)
            case TopicsShown():
                return self._topics(outcome)
            case SubscriptionsShown():
                return self._subscriptions.compose(outcome)
        return self._short(outcome)

    def _short(self, outcome: Outcome) -> Reply | None:
        say = self._texts.say
        match outcome:
            case LanguageChanged():
                return self._language_changed(outcome)
            case NotText(language, kind):
                return self.message(say(f"notext.{kind}", language), self.ways_out(language))
            case Warned():
                return self._warned(outcome)
            case Thanked(language, helpful):
                key = "feedback.yes" if helpful else "feedback.no"
                return self.message(say(key, language), () if helpful else self.ways_out(language))
            case PointedToPrivate(language):
                return self.message(say("group.private", language), (self._private(language),))
            case Broken(language, reference):
                return self.message(say("fault.text", language, reference=reference), self.ways_out(language))
            case Silent():
                return None
        if isinstance(outcome, MEMBER_OUTCOMES):
            return self._of_ticket(outcome)
        return self._own.compose(outcome)

    def _of_ticket(self, outcome: MemberOutcome) -> Reply:
        urgent = outcome.urgent if isinstance(outcome, TicketOpened | PassedOn | NotPassedOn) else None
        return self._tickets.compose(outcome, self.answer(urgent) if urgent else None)

    # ---- answers

    def answer(self, shown: Shown) -> Html:
        """An answer with its source and date below."""
        html = self._texts.fill(shown.html, shown.language)
        if shown.as_of is None:
            return html
        written = day(shown.as_of, shown.language)
        if shown.sources:
            key, values = "answer.source", {"sources": "; ".join(shown.sources), "date": written}
        else:
            key, values = "answer.as-of", {"date": written}
        return Html(f"{html}\n\n<i>{self._texts.say(key, shown.language, **values)}</i>")

    def in_group(self, shown: Shown) -> Reply:
        """An answer without any button that leads to something personal."""
        return self.message(self.answer(shown), (self._private(shown.language, f"f_{shown.entry}"),))

    def inline_text(self, shown: Shown) -> tuple[Html, Rows]:
        """An answer as it is sent from an inline search in any chat."""
        return self.answer(shown), (self._private(shown.language, f"f_{shown.entry}"),)

    def _shown_rows(self, shown: Shown) -> Rows:
        rows: list[tuple[Key, ...]] = []
        if shown.has_more:
            rows.append((self.key("more", shown.language, More(shown.question or "", shown.entry)),))
        rows += self._action_rows(shown)
        human = self._entries.human  # its button is below every answer but its own
        rows += pairs([Key(choice.label, pack(Show(choice.id))) for choice in shown.related if choice.id != human])
        if shown.question:
            helpful = self.key("helpful", shown.language, Rate(shown.question, helpful=True))
            rows.append((helpful, self.key("not-helpful", shown.language, Rate(shown.question, helpful=False))))
        human_below = Action.HUMAN not in shown.actions and shown.entry != human
        return (*rows, *self.ways_out(shown.language, human=human_below))

    def _action_rows(self, shown: Shown) -> list[tuple[Key, ...]]:
        actions = {
            Action.CARDS: ("cards", Wish.CARDS),
            Action.HUMAN: ("human", Wish.HUMAN),
            Action.REPORT: ("report", Wish.REPORT),
            Action.CALL: ("call", Wish.CALL),
        }
        circle = None if self._has_desk else (self._entries.human, Action.HUMAN)
        offered = [action for action in shown.actions if (shown.entry, action) != circle]
        return [(self.key(*self._labelled(actions[action], shown.language)),) for action in offered]

    @staticmethod
    def _labelled(action: tuple[str, Wish], language: Language) -> tuple[str, Language, Button]:
        label, wish = action
        return label, language, Ask(wish)

    def _several(self, several: Several) -> Reply:
        language = several.language
        blocks: list[str] = []
        if several.urgent:
            blocks.append(self.answer(several.urgent))
        elif len(several.parts) > 1:
            blocks.append(self._texts.say("answer.several", language))
        rows: list[tuple[Key, ...]] = []
        if several.urgent:
            rows += self._action_rows(several.urgent)
        for number, part in enumerate(several.parts, 1):
            title, text = self._part(part, number)
            blocks.append(f"<b>{title}</b>\n{text}")
            if isinstance(part, Suggested):
                rows += self._choices(part)
        shown = [part for part in several.parts if isinstance(part, Shown)]
        related = {choice.id: choice for part in shown for choice in part.related[:1]}
        rows += pairs([Key(choice.label, pack(Show(choice.id))) for choice in related.values()])
        return self.message("\n\n".join(blocks), (*rows, *self.ways_out(language)))

    def _part(self, part: Shown | Suggested | NotUnderstood, number: int) -> tuple[str, str]:
        if isinstance(part, Shown):
            return escape(part.title, quote=False), self.answer(part)
        key = "answer.part-unclear" if isinstance(part, Suggested) else "answer.part-unknown"
        return self._texts.say("answer.part-title", part.language, number=number), self._texts.say(key, part.language)

    # ---- when it is not clear what was meant

    def _suggested(self, suggested: Suggested) -> Reply:
        key = "suggest.again" if suggested.again else "suggest.one" if len(suggested.choices) == 1 else "suggest.text"
        text = self._texts.say(key, suggested.language)
        listed = (
            f"{number}  {escape(choice.label, quote=False)}" for number, choice in enumerate(suggested.choices, 1)
        )
        none = self.key("none", suggested.language, Refuse(suggested.question or ""))
        return self.message(f"{text}\n\n" + "\n".join(listed), (*self._choices(suggested), (none,)))

    @staticmethod
    def _choices(suggested: Suggested) -> list[tuple[Key, ...]]:
        question = suggested.question or ""
        return [
            (Key(f"{number}  {choice.label}", pack(Choose(question, choice.id))),)
            for number, choice in enumerate(suggested.choices, 1)
        ]

    def _not_understood(self, outcome: NotUnderstood) -> Reply:
        key = "unknown.none-of-these" if outcome.none_of_these else "unknown.again" if outcome.again else "unknown.text"
        noted = Html(f" {self._texts.say('unknown.noted', outcome.language)}" if outcome.noted else "")
        return self.message(self._texts.say(key, outcome.language, noted=noted), self.ways_out(outcome.language))

    def _warned(self, warned: Warned) -> Reply:
        text = self._texts.say(f"sensitive.{warned.kind}", warned.language)
        if warned.answer is None:
            return self.message(text, self.ways_out(warned.language))
        answer = self.answer(warned.answer)
        blocks = (answer, text) if warned.is_urgent else (text, answer)
        return self.message("\n\n".join(blocks), self._shown_rows(warned.answer))

    # ---- fixed texts and menus

    def _page(self, shown: PageShown) -> Reply:
        language = shown.language
        rows = {
            Page.GREETING: self._greeting_rows(language),
            Page.CARDS: self._cards_rows(language),
            Page.LANGUAGE: self._language_rows(language),
            Page.SLOW_DOWN: (),
        }.get(shown.page, self.ways_out(language))
        key = {
            Page.GREETING: "start.greeting",
            Page.HELP: "help.text",
            Page.PRIVACY: "privacy.text",
            Page.CARDS: "cards.text",
            Page.CANCELLED: "cancel.text",
            Page.LANGUAGE: "language.ask",
            Page.SLOW_DOWN: "limits.slow-down",
            Page.NO_SUCH_CHOICE: "suggest.none-left",
            Page.STALE: "stale.text",
        }[shown.page]
        return self.message(self._texts.say(key, language, **self._days), rows)

    def _greeting_rows(self, language: Language) -> Rows:
        other: Language = "en" if language == "de" else "de"
        happened = Key(self._texts.label("start.what-happened", language), pack(Show(self._entries.greeting)))
        return (
            (happened, self.key("cards", language, Ask(Wish.CARDS))),
            (self.key("topics", language, Topics()), self.key("human", language, Ask(Wish.HUMAN))),
            (
                self.key("privacy", language, Ask(Wish.PRIVACY)),
                self.key("english" if other == "en" else "german", language, Speak(other)),
            ),
        )

    def _cards_rows(self, language: Language) -> Rows:
        return (
            (self.key("code", language, Ask(Wish.CODE)),),
            (self.key("no-code", language, Ask(Wish.NEW_LETTER)),),
            (self.key("by-phone", language, Show(self._entries.phone)),),
        )

    def _language_rows(self, language: Language) -> Rows:
        return (
            (self.key("german", language, Speak("de")), self.key("english", language, Speak("en"))),
            (self.key("automatic", language, Speak("")),),
        )

    def _language_changed(self, changed: LanguageChanged) -> Reply:
        key = "language.automatic" if changed.automatic else "language.changed"
        text = self._texts.say(key, changed.language)
        if changed.shown is None:
            return self.message(text, self.ways_out(changed.language))
        return self.message(f"{text}\n\n{self.answer(changed.shown)}", self._shown_rows(changed.shown))

    def _topics(self, shown: TopicsShown) -> Reply:
        if shown.category is None:
            keys = [Key(choice.label, pack(Topics(choice.id))) for choice in shown.choices]
            return self.message(self._texts.say("topics.text", shown.language), tuple(pairs(keys)))
        rows = [(_entry_key(choice),) for choice in shown.choices]
        text = self._texts.say("topics.category", shown.language, title=shown.category)
        return self.message(text, (*rows, (self.key("back", shown.language, Topics()),)))


def _entry_key(choice: Choice) -> Key:
    return Key(choice.label, pack(Show(choice.id)))


def in_place(reply: Reply, act: Act, target: int) -> Reply:
    """The same words, but in place of something said before."""
    return replace(reply, act=act, target=target)


def with_floor(replies: list[Reply], seconds: float) -> list[Reply]:
    """The same replies, but not before so much time has passed since the update came."""
    return [replace(reply, floor=seconds) for reply in replies]


def without_rating(keyboard: tuple[tuple[tuple[str, str], ...], ...]) -> Rows:
    """The buttons of a message without 'helpful' and 'not helpful'."""
    rows = (tuple(Key(label, data) for label, data in row if not data.startswith("1h:")) for row in keyboard)
    return tuple(row for row in rows if row)
