"""What a chat wants to hear about, in words and buttons. Pure."""

from faq.entry import Language
from handlers import buttons
from handlers.buttons import Ask, Subscribe, pack
from handlers.reply import Act, Key, Reply
from handlers.wording import Wording
from services.intents import Wish
from services.outcomes import SubscriptionsShown

ON, OFF = "☑", "☐"


class SubscriptionReplies(Wording):
    """The list of subjects, each to be switched on and off."""

    def compose(self, shown: SubscriptionsShown) -> Reply:
        language = shown.language
        listed = "\n".join(
            self._texts.say("subscriptions.line", language, number=number, mark=ON if one.on else OFF, title=one.title)
            for number, one in enumerate(shown.subjects, 1)
        )
        parts = [self._changed(shown), self._texts.say("subscriptions.text", language), listed]
        parts.append(self._texts.say("subscriptions.paused" if shown.paused else "subscriptions.how", language))
        html = "\n\n".join(part for part in parts if part)
        rows = [
            (Key(f"{ON if one.on else OFF} {one.title}"[:64], pack(Subscribe(one.id, not one.on))),)
            for one in shown.subjects
        ]
        return Reply(Act.SEND, html, (*rows, self._pause(language, paused=shown.paused)))

    def _changed(self, shown: SubscriptionsShown) -> str:
        """What was just switched, first of all; a subject that config.yaml has no more is not named."""
        title = next((one.title for one in shown.subjects if one.id == shown.changed), None)
        if shown.changed is None:
            return ""
        if title is None:
            return self._texts.say("subscriptions.ended", shown.language)
        return self._texts.say("subscriptions.on" if shown.on else "subscriptions.off", shown.language, title=title)

    def _pause(self, language: Language, *, paused: bool) -> tuple[Key, ...]:
        wish = Wish.RESUME if paused else Wish.PAUSE
        return (self.key(wish.value, language, Ask(wish)),)


def is_list(keyboard: tuple[tuple[tuple[str, str], ...], ...]) -> bool:
    """Whether the message that was tapped is the list itself, and not a notice that should stay."""
    listed = [buttons.unpack(data) for row in keyboard for _, data in row]
    return any(isinstance(one, Subscribe) for one in listed) and any(isinstance(one, Ask) for one in listed)
