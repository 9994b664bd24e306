"""What a use case returns: plain facts for `handlers.replies` to put into words. None of them is an error."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from faq.entry import Action, Language
from services.ticket_outcomes import MemberOutcome


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
    """Nothing was near enough. `again`: nor was it for the message before. `noted`: staff can read the question."""

    language: Language
    again: bool = False
    none_of_these: bool = False
    noted: bool = False


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
    is_urgent: bool = False  # the answer must be read first


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
    """Nothing is said. `until`: nor will it be before then, whatever this chat writes."""

    until: datetime | None = None


# ---- verification and look-up


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """The next message should be the code from the letter."""

    language: Language


@dataclass(frozen=True, slots=True)
class CodeMistyped:
    """The check symbol does not fit: a typing error, which anybody can compute."""

    language: Language


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """The one outcome of every code that does not work, whatever the reason."""

    language: Language


@dataclass(frozen=True, slots=True)
class CodePaused:
    """Too many tries of this chat; the same for verified and unverified people."""

    language: Language


@dataclass(frozen=True, slots=True)
class DigitsAsked:
    """The second check. `left` tries, when the last one was wrong."""

    language: Language
    left: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmAsked:
    """Link this chat with the membership that ends so? No name is shown."""

    language: Language
    number_end: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The chat is verified; at once, or from a time on when an older chat may still object."""

    language: Language
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class LinkRefused:
    """The chat belongs to another membership already."""

    language: Language


@dataclass(frozen=True, slots=True)
class Objected:
    """The older chat refused a newer one. `done` is False when there was nothing to refuse any more."""

    language: Language
    done: bool


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """For a new letter: the member number. The letter goes to the address in the register only."""

    language: Language


@dataclass(frozen=True, slots=True)
class LetterNoted:
    """The same for a number that is in the register and for one that is not."""

    language: Language


@dataclass(frozen=True, slots=True)
class SignOffAsked:
    language: Language


@dataclass(frozen=True, slots=True)
class SignedOff:
    """`was_linked` is the chat's own affair."""

    language: Language
    was_linked: bool


@dataclass(frozen=True, slots=True)
class DataShown:
    """What is stored about a chat, by name; `as_file` as JSON."""

    language: Language
    held: dict[str, object]
    as_file: bool


@dataclass(frozen=True, slots=True)
class EraseAsked:
    language: Language


@dataclass(frozen=True, slots=True)
class Erased:
    """All of the chat is erased. `messages` are our personal ones in it, which are to be deleted."""

    language: Language
    messages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticesPaused:
    language: Language
    paused: bool


@dataclass(frozen=True, slots=True)
class SubjectShown:
    """A subject that can be subscribed to."""

    id: str
    title: str
    on: bool


@dataclass(frozen=True, slots=True)
class SubscriptionsShown:
    """What the chat wants to hear about. `changed` is the subject that was just switched `on` or off."""

    language: Language
    subjects: tuple[SubjectShown, ...]
    paused: bool
    changed: str | None = None
    on: bool | None = None


class Status(StrEnum):
    """What an incident means for a card. "Not listed" is never worded as safe."""

    AFFECTED = "affected"
    NOT_LISTED = "not-listed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One incident and one card."""

    incident: str
    title: str
    status: Status
    kinds: tuple[str, ...]
    as_of: date | None
    note: str


@dataclass(frozen=True, slots=True)
class CardShown:
    kind: str
    number_end: str
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class CardsShown:
    """A member's own cards. `affected` names the incidents that ask for something to be done.

    They are told from the one with the number `first` on, as many as one message holds.
    """

    language: Language
    number_end: str
    cards: tuple[CardShown, ...]
    affected: tuple[str, ...]
    guides: tuple[Choice, ...] = ()  # entries about the kinds of data that are affected
    first: int = 1


@dataclass(frozen=True, slots=True)
class StepShown:
    id: str
    text: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class StepsShown:
    """What to do now, to be ticked off."""

    language: Language
    incident: str
    title: str
    steps: tuple[StepShown, ...]
    guides: tuple[Choice, ...] = ()  # entries about the steps that are not done yet


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """What a neutral notice was about, to one whom it concerns, above the own cards."""

    language: Language
    html: str
    cards: CardsShown


@dataclass(frozen=True, slots=True)
class Broken:
    """Something of ours broke; the reference leads staff to it."""

    language: Language
    reference: str


Outcome = (
    Shown | Suggested | NotUnderstood | Several | PageShown | LanguageChanged | TopicsShown | NotText | Warned
    | Thanked | PointedToPrivate | Silent | Broken
    | CodeAsked | CodeMistyped | CodeRefused | CodePaused | DigitsAsked | ConfirmAsked | Linked | LinkRefused | Objected
    | NumberAsked | LetterNoted | SignOffAsked | SignedOff | CardsShown | StepsShown | NoticeRead | SubscriptionsShown
    | DataShown | EraseAsked | Erased | NoticesPaused | MemberOutcome
)  # fmt: skip
