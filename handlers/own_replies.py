"""From an outcome about the own membership to text and buttons: verification, data. Pure."""

import json

from faq.entry import Language
from handlers.buttons import Ask, Show
from handlers.card_replies import CardReplies
from handlers.reply import Act, Key, Reply, Rows
from services.intents import Wish
from services.outcomes import (
    CardsShown,
    CodeAsked,
    CodeMistyped,
    CodePaused,
    CodeRefused,
    ConfirmAsked,
    DataShown,
    DigitsAsked,
    EraseAsked,
    Erased,
    LetterNoted,
    Linked,
    LinkRefused,
    NoticeRead,
    NoticesPaused,
    NumberAsked,
    Objected,
    Outcome,
    SignedOff,
    SignOffAsked,
    StepsShown,
)

# Whatever is said to a code says it after the same time, with the same calls.
CODE_STEPS = (CodeMistyped, CodeRefused, CodePaused, DigitsAsked, ConfirmAsked, Linked, LinkRefused, LetterNoted)


class OwnReplies(CardReplies):
    """Replies to one verified member, or on the way there."""

    def compose(self, outcome: Outcome) -> Reply:
        match outcome:
            case CardsShown():
                return self.cards(outcome)
            case NoticeRead(_, html, cards):
                return self.cards(cards, above=html)
            case StepsShown():
                return self.steps(outcome)
            case DataShown():
                return self._data(outcome)
        return self._verification(outcome) or self._rights(outcome)

    # ---- verification

    def _verification(self, outcome: Outcome) -> Reply | None:
        match outcome:
            case CodeAsked(language):
                return self._said("code.ask", language, self._code_rows(language))
            case CodeMistyped(language):
                return self._said("code.mistyped", language, self._code_rows(language))
            case CodeRefused(language):
                return self._said("code.refused", language, self._code_rows(language))
            case CodePaused(language):
                return self._said("code.paused", language, self._code_rows(language))
            case DigitsAsked(language, left):
                key = "code.digits" if left is None else "code.digits-wrong"
                return self._said(key, language, (self._cancel(language),), left=left)
            case ConfirmAsked(language, number_end):
                return self._said("code.confirm", language, (self._yes_no(language),), ending=number_end)
            case Linked(language, waits_until):
                return self._linked(language, waits_until is not None)
            case LinkRefused(language):
                return self._said("code.link-refused", language, self.ways_out(language))
            case Objected(language, done):
                return self._said(
                    "link.objected" if done else "link.nothing-to-object", language, self.ways_out(language)
                )
            case NumberAsked(language):
                return self._said("letter.ask", language, (self._cancel(language),))
            case LetterNoted(language):
                return self._said("letter.noted", language, self.ways_out(language))
        return None

    def _linked(self, language: Language, waits: bool) -> Reply:
        if waits:
            return self._said("link.waits", language, self.ways_out(language))
        return self._said("link.made", language, ((self.key("my-cards", language, Ask(Wish.CARDS)),),))

    def _code_rows(self, language: Language) -> Rows:
        return (
            (self.key("new-letter", language, Ask(Wish.NEW_LETTER)),),
            (self.key("by-phone", language, Show(self._entries.phone)), *self._cancel(language)),
        )

    def _yes_no(self, language: Language) -> tuple[Key, ...]:
        return (self.key("yes", language, Ask(Wish.CONFIRM)), self.key("no", language, Ask(Wish.DECLINE)))

    def _cancel(self, language: Language) -> tuple[Key, ...]:
        return (self.key("cancel", language, Ask(Wish.CANCEL)),)

    # ---- data

    def _data(self, shown: DataShown) -> Reply:
        language, is_linked = shown.language, shown.held["linked_since"] is not None
        if shown.as_file:
            text = json.dumps(shown.held, ensure_ascii=False, indent=2)
            caption = self._texts.say("data.file", language)
            return Reply(Act.FILE, caption, file=("meine-daten.json", text), protected=True, linked=is_linked)
        lines = (
            self._texts.say("data.line", language, name=self._texts.label(f"data.names.{name}", language), value=value)
            for name, value in ((name, self._value(value, language)) for name, value in shown.held.items())
            if value
        )
        html = "\n".join(
            [self._texts.say("data.heading", language), "", *lines, "", self._texts.say("data.footer", language)]
        )
        rows = (
            (self.key("my-data-file", language, Ask(Wish.MY_DATA_FILE)),),
            (self.key("erase", language, Ask(Wish.ERASE)),),
        )
        return Reply(Act.SEND, html, rows, protected=True, linked=is_linked)

    def _value(self, value: object, language: Language) -> str:
        if isinstance(value, bool):
            return self._texts.label("buttons.yes-word" if value else "buttons.no-word", language)
        if isinstance(value, list):
            return ", ".join(f"{card['kind']} …{card['ending']}" for card in value)
        return str(value) if value is not None else ""

    def _rights(self, outcome: Outcome) -> Reply:
        match outcome:
            case SignOffAsked(language):
                yes = (self.key("sign-off", language, Ask(Wish.SIGN_OFF_YES)),)
                return self._said("sign-off.ask", language, (yes, self._cancel(language)))
            case SignedOff(language, was_linked):
                key = "sign-off.done" if was_linked else "sign-off.not-linked"
                return self._said(key, language, self.ways_out(language))
            case EraseAsked(language):
                yes = (self.key("erase-yes", language, Ask(Wish.ERASE_YES)),)
                return self._said("erase.ask", language, (yes, self._cancel(language)))
            case Erased(language):
                return self.erased(language)
            case NoticesPaused(language, paused):
                wish = Wish.RESUME if paused else Wish.PAUSE
                other = (self.key(wish.value, language, Ask(wish)),)
                return self._said("notices.paused" if paused else "notices.resumed", language, (other,))
        raise TypeError(f"no words for {type(outcome).__name__}")

    def _said(self, key: str, language: Language, rows: Rows, **values: object) -> Reply:
        return Reply(Act.SEND, self._texts.say(key, language, **values), rows)
