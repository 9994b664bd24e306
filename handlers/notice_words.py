"""A notice as its readers see it: the same for the preview, the test and everybody who gets it. Pure."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from db.audiences import SAW, SUBSCRIBERS, Audience
from db.subscriptions import ANSWERS
from faq.entry import Language
from handlers.buttons import Ask, Read, Show, Subscribe, pack
from handlers.reply import Act, Key, Reply
from services.desk import Desk
from services.intents import Wish
from texts import Texts, day


class NoticeWords:
    """Notices, in words. `desk` gives the titles of subjects and entries as they are at the moment."""

    def __init__(self, texts: Texts, desk: Desk) -> None:
        self._texts, self._desk = texts, desk

    def message(self, content: dict[str, Any], language: Language) -> Reply:
        """The message of `services.notice_content`, with why it came and one tap to have no more of it."""
        audience = Audience.of(content["audience"])
        rows: list[tuple[Key, ...]] = []
        if content["neutral"]:
            html: str = self._texts.say("notice.new", language)
            rows.append((self._key("news.look", language, pack(Read(content["notice"]))),))
        else:
            html = self._text(content, language)
            if (entry := self._desk.store.entries.get(content["entry"] or "")) is not None:
                rows.append((Key(entry.wording(language).button, pack(Show(entry.id))),))
        if audience.kind in (SUBSCRIBERS, SAW):
            subject = ANSWERS if audience.kind == SAW else audience.name
            why = self._texts.say("news.why-subscribed", language, title=self._title(subject, language))
            rows.append((self._key("news.no-more", language, pack(Subscribe(subject, on=False))),))
        else:
            why = self._texts.say("news.why-linked", language)
            rows.append((self._key("buttons.pause", language, pack(Ask(Wish.PAUSE))),))
        return Reply(Act.SEND, f"{html}\n\n<i>{why}</i>", tuple(rows))

    def _text(self, content: dict[str, Any], language: Language) -> str:
        if content["corrects"] is None:
            return str(content["html"])
        here = ZoneInfo(self._desk.rules.office.time_zone)
        sent_on = datetime.fromisoformat(content["corrects"]).astimezone(here).date()
        heading = self._texts.say("news.corrects", language, date=day(sent_on, language))
        return f"<b>{heading}</b>\n\n{content['html']}"

    def _title(self, subject: str, language: Language) -> str:
        for one in self._desk.rules.office.subjects:
            if one.id == subject:
                return one.de if language == "de" else one.en
        return subject

    def _key(self, label: str, language: Language, data: str) -> Key:
        return Key(self._texts.label(label, language), data)
