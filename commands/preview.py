"""An answer on the console as it looks in Telegram: text, source, buttons, and what is behind "more"."""

from html.parser import HTMLParser

from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

import checks
from commands.shared import LANGUAGE
from faq.entry import LANGUAGES, Language, Store
from handlers.replies import Replies
from handlers.reply import Reply
from services import answers
from settings import Settings

_QUESTION = "preview-only"  # a question's id: with it there are the buttons "helpful" and "not helpful"
_WIDTH = 62  # of a message on the console, about a phone's

_STYLES = {"b": "bold", "i": "italic", "a": "underline"}


def show(store: Store, entry: str, settings: Settings, console: Console) -> None:
    """Prints an entry in every language of the store. Raises KeyError when there is no such entry."""
    texts = checks.texts_of(settings)
    config = settings.config
    name, days = (
        config.association.bot_name.removeprefix("@"),
        (config.retention.questions_days, config.office.keep_days),
    )
    replies = Replies(texts, name, config.faq, *days, has_desk=config.staff.chat != 0)
    for language in LANGUAGES:
        wording = store.entries[entry].wording(language)
        console.rule(Text(f"{entry} · {language} · {wording.title}"))
        _print(_reply(replies, store, entry, language, details=False), console)
        if wording.more:
            label = texts.label("buttons.more", language)
            console.print(texts.label("preview.details", LANGUAGE, label=label))
            _print(_reply(replies, store, entry, language, details=True), console)


def _reply(replies: Replies, store: Store, entry: str, language: Language, *, details: bool) -> Reply:
    reply = replies.compose(answers.shown(store, entry, language, question=_QUESTION, details=details))
    assert reply is not None  # an entry always has something to say
    return reply


def _print(reply: Reply, console: Console) -> None:
    console.print(Panel(styled(reply.html), width=_WIDTH))
    for row in reply.rows:
        width = max(_WIDTH // len(row), max(len(key.label) for key in row) + 4)
        console.print(Columns([Panel(Text(key.label, justify="center"), width=width) for key in row], padding=0))
    console.print()


def styled(html: str) -> Text:
    """Telegram's HTML as text with bold and italic, and the address behind each link."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text


class _Reader(HTMLParser):
    """Builds the text. Which tags there may be was checked when the file was loaded (`markup`)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = Text()
        self._styles: list[str] = []
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._styles.append(_STYLES.get(tag, ""))
        self._address = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if self._styles:
            self._styles.pop()
        if tag == "a" and self._address:
            self.text.append(f" ({self._address})", style="dim")

    def handle_data(self, data: str) -> None:
        self.text.append(data, style=" ".join(style for style in self._styles if style))
