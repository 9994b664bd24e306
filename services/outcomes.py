"""What a use case returns: plain facts for `handlers.replies` to put into words. None of them is an error."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from faq.entry import Action, Language


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen: an entry or a category, with its label."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as an answer. `html` still has its placeholders; `question` lets the member say whether it helped."""

    language: Language
    entry: str
    title: str
    html: str
    has_more: bool
    sources: tuple[str, ...]
    as_of: date | None  # None: an entry that only names the right door
    related: tuple[Choice, ...] = ()
    actions: tuple[Action, ...] = ()
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """Up to three entries to choose from."""

    language: Language
    choices: tuple[Choice, ...]
    question: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Nothing was near enough. `again`: the message before found nothing either."""

    language: Language
    again: bool = False
    none_of_these: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """One message with several questions, or with something urgent before the rest."""

    language: Language
    parts: "tuple[Shown | Suggested | NotUnderstood, ...]"
    urgent: Shown | None = None


class Page(StrEnum):
    """Texts that are the same for everybody."""

    GREETING = "greeting"
    HELP = "help"
    PRIVACY = "privacy"
    CARDS = "cards"
    CANCELLED = "cancelled"
    LANGUAGE = "language"
    SLOW_DOWN = "slow-down"
    NO_SUCH_CHOICE = "no-such-choice"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class PageShown:
    language: Language
    page: Page


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """From now on in this language. `automatic`: in that of each message. `shown` is the last answer, translated."""

    language: Language
    automatic: bool = False
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class TopicsShown:
    """The topic menu: all categories, or the entries of one."""

    language: Language
    choices: tuple[Choice, ...]
    category: str | None = None  # its title


@dataclass(frozen=True, slots=True)
class NotText:
    """A message without words that can be read: photo, voice, sticker, document, location, or empty."""

    language: Language
    kind: str


@dataclass(frozen=True, slots=True)
class Warned:
    """The message held something that must never be sent here; it is to be deleted. `answer` is to the rest of it."""

    language: Language
    kind: str  # pin, number, birth
    answer: Shown | None = None


@dataclass(frozen=True, slots=True)
class Thanked:
    """The member said whether an answer helped."""

    language: Language
    helpful: bool


@dataclass(frozen=True, slots=True)
class PointedToPrivate:
    """In a group: this is better said in private."""

    language: Language


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing is said."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Something of ours broke; the reference leads staff to it."""

    language: Language
    reference: str


Outcome = (
    Shown | Suggested | NotUnderstood | Several | PageShown | LanguageChanged | TopicsShown | NotText | Warned
    | Thanked | PointedToPrivate | Silent | Broken
)  # fmt: skip
