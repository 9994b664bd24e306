"""What a delivery says: the words are chosen when it is sent, in the language of its chat. Pure."""

from db.deliveries import Due
from faq.entry import Language
from handlers.buttons import Ask
from handlers.reply import Act, Reply
from handlers.wording import Wording
from services.deliveries import Kind
from services.intents import Wish


class DeliveryReplies(Wording):
    """Deliveries, in words."""

    def compose(self, due: Due) -> Reply:
        """The reply of a delivery. A notice is neutral: details come after the tap, to whoever may see them."""
        language: Language = "en" if due.language == "en" else "de"
        match Kind(due.kind):
            case Kind.NOTICE:
                rows = ((self.key("show", language, Ask(Wish.CARDS)),),)
                return Reply(Act.SEND, self._texts.say("notice.new", language), rows)
            case Kind.OBJECTION:
                rows = ((self.key("object", language, Ask(Wish.OBJECT)),),)
                return Reply(Act.SEND, self._texts.say("link.objection", language), rows)
        return Reply.from_json(due.reply)
