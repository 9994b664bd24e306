"""What a delivery says: the words are chosen when it is sent, in the language of its chat. Pure."""

from config.entries import Entries
from db.deliveries import Due
from faq.entry import Language
from handlers.buttons import Ask
from handlers.notice_words import NoticeWords
from handlers.reply import Act, Reply
from handlers.wording import Wording
from services.deliveries import Kind
from services.intents import Wish
from texts import Texts


class DeliveryReplies(Wording):
    """Deliveries, in words. `notices` has those for what goes to many."""

    def __init__(self, texts: Texts, bot_name: str, entries: Entries, notices: NoticeWords | None = None) -> None:
        super().__init__(texts, bot_name, entries)
        self._notices = notices

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
            case Kind.FAREWELL:
                return self.erased(language)
            case Kind.NEWS | Kind.TRIAL:
                assert self._notices is not None
                return self._notices.message(due.reply, language)
        return Reply.from_json(due.reply)
