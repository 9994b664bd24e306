"""From the own cards to text and buttons: what each incident means for each of them, and what to do now. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from telegram.constants import MessageLimit

from faq.entry import Language
from handlers.buttons import Cards, Show, Steps, pack
from handlers.reply import Act, Key, Reply, Rows
from handlers.wording import Wording, pairs
from markup import plain
from services.outcomes import CardShown, CardsShown, Meaning, StepsShown
from texts import Html, day

DONE, OPEN = "☑", "☐"
GAP = "\n\n"


class CardReplies(Wording):
    """Replies to one verified member about the own cards."""

    def cards(self, shown: CardsShown, above: str = "") -> Reply:
        """As many as one message holds, below what else it says (`above`); a button leads to the next ones."""
        language = shown.language
        heading = self._texts.say("own-cards.heading", language, ending=shown.number_end)
        footer = self._texts.say("own-cards.footer", language)
        none = self._texts.say("own-cards.none", language)
        cards: list[str] = [self._card(card, language) for card in shown.cards] or [none]
        frame: list[str] = [above, heading] if above else [heading]
        html, more = GAP.join([*frame, *cards, footer]), None
        if shown.first > 1 or len(plain(html)) > MessageLimit.MAX_TEXT_LENGTH:
            html, more = self._part(shown, cards, frame, footer)
        return _personal(html, self._card_rows(shown, more))

    def _part(self, shown: CardsShown, cards: list[str], frame: list[str], footer: str) -> tuple[str, int | None]:
        """Text from the card `shown.first` on, and the number of the first one for which there was no room."""
        language, count = shown.language, len(cards)
        first = shown.first if shown.first <= count else 1

        def text(last: int, held: Sequence[str]) -> str:
            several = self._texts.label("own-cards.span", language, first=first, last=last)
            span = several if last > first else str(first)
            lines = [*frame, self._texts.say("own-cards.part", language, span=span, count=count), *held]
            lines += [self._texts.say("own-cards.next", language, first=last + 1)] if last < count else []
            return GAP.join([*lines, footer])

        room = MessageLimit.MAX_TEXT_LENGTH - len(plain(text(count - 1, ())))  # its numbers are as long as any
        lengths = accumulate(len(GAP) + len(plain(card)) for card in cards[first - 1 :])
        last = first - 1 + max(1, sum(length <= room for length in lengths))
        return text(last, cards[first - 1 : last]), last + 1 if last < count else None

    def _card_rows(self, shown: CardsShown, more: int | None) -> Rows:
        language = shown.language
        titles = {meaning.incident: meaning.title for card in shown.cards for meaning in card.meanings}
        rows = [(Key(self._step_label(titles[name], language), pack(Steps(name))),) for name in shown.affected]
        if more is not None:
            rows.insert(0, (Key(self._texts.label("buttons.cards-from", language, first=more), pack(Cards(more))),))
        guides = [Key(choice.label, pack(Show(choice.id))) for choice in shown.guides]
        if shown.affected:
            guides.append(self.key("affected", language, Show(self._entries.affected)))
        else:
            guides.append(self.key("not-affected", language, Show(self._entries.not_listed)))
        return (*rows, *pairs(guides), *self.ways_out(language))

    def _step_label(self, title: str, language: Language) -> str:
        label = self._texts.label("buttons.steps", language)
        return f"{label}: {title}"[:60]

    def _card(self, card: CardShown, language: Language) -> str:
        title = self._texts.say("own-cards.card", language, kind=card.kind, ending=card.number_end)
        return "\n".join([title, *(self._meaning(meaning, language) for meaning in card.meanings)])

    def _meaning(self, meaning: Meaning, language: Language) -> Html:
        values = {
            "title": meaning.title,
            "date": day(meaning.as_of, language) if meaning.as_of else "",
            "kinds": ", ".join(meaning.kinds),
            "note": meaning.note,
        }
        key = f"own-cards.{meaning.status.value}"
        if meaning.kinds:
            key = "own-cards.affected-kinds"
        return self._texts.say(key, language, **values)

    def steps(self, shown: StepsShown) -> Reply:
        """What to do now, to be ticked off."""
        language = shown.language
        done = sum(step.is_done for step in shown.steps)
        html = self._texts.say("steps.text", language, title=shown.title, done=done, all=len(shown.steps))
        rows = [
            (Key(f"{DONE if step.is_done else OPEN} {step.text}"[:64], pack(Steps(shown.incident, step.id))),)
            for step in shown.steps
        ]
        reading = pairs([Key(choice.label, pack(Show(choice.id))) for choice in shown.guides])
        return _personal(html, (*rows, *reading, *self.ways_out(language)))


def _personal(html: str, rows: Rows) -> Reply:
    return Reply(Act.SEND, html, rows, protected=True, linked=True)
