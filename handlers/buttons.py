"""What a tap carries: typed, at most 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton), and never trusted.

A client may send data that was on no button, and a button may be older than the FAQ. `unpack` gives None for both,
and whoever acts on a button checks again that what it names exists. The first character is the format's version.
"""

import re
from dataclasses import dataclass

from faq.entry import ID, ID_MAX
from services.intents import Wish

VERSION = "1"
LONGEST = 64
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_QUESTION = re.compile(r"[A-Za-z0-9_-]{12}|")


@dataclass(frozen=True, slots=True)
class Show:
    """Show an entry."""

    entry: str


@dataclass(frozen=True, slots=True)
class Choose:
    """One of the suggestions to a question."""

    question: str
    entry: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """None of the suggestions to a question."""

    question: str


@dataclass(frozen=True, slots=True)
class More:
    """The details of an entry, in the same message."""

    question: str
    entry: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Whether the answer to a question helped."""

    question: str
    helpful: bool


@dataclass(frozen=True, slots=True)
class Topics:
    """The topic menu; an empty category is all of it."""

    category: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fixed text."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Speak:
    """A language; empty goes back to that of each message."""

    language: str


@dataclass(frozen=True, slots=True)
class Cards:
    """The own cards, from the one with this number on."""

    first: int


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do now about an incident; `tick` is ticked on or off first."""

    incident: str
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Refer:
    """A question that was not understood goes to staff."""

    question: str


@dataclass(frozen=True, slots=True)
class Case:
    """Something with a ticket of the own chat: withdraw, last, whole, reopen."""

    verb: str
    number: int


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe to a subject, or end that."""

    subject: str
    on: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Look up what a neutral notice is about."""

    notice: int


Button = Show | Choose | Refuse | More | Rate | Topics | Ask | Speak | Cards | Steps | Refer | Case | Subscribe | Read


def pack(button: Button) -> str:
    """The callback data of a button. Raises ValueError when it would not fit."""
    match button:
        case Show(entry):
            fields = ["s", entry]
        case Choose(question, entry):
            fields = ["c", question, entry]
        case Refuse(question):
            fields = ["n", question]
        case More(question, entry):
            fields = ["m", question, entry]
        case Rate(question, helpful):
            fields = ["h", question, "1" if helpful else "0"]
        case Topics(category):
            fields = ["t", category]
        case Ask(wish):
            fields = ["a", wish.value]
        case Speak(language):
            fields = ["l", language]
        case Cards(first):
            fields = ["g", str(first)]
        case Steps(incident, tick):
            fields = ["k", incident, tick]
        case Refer(question):
            fields = ["q", question]
        case Case(verb, number):
            fields = ["f", verb, str(number)]
        case Subscribe(subject, on):
            fields = ["b", subject, "1" if on else "0"]
        case Read(notice):
            fields = ["w", str(notice)]
    data = VERSION + ":".join(fields)
    if len(data.encode()) > LONGEST:
        raise ValueError(f"callback data over {LONGEST} bytes: {data}")
    return data


def unpack(data: str | None) -> Button | None:
    """The button that was tapped; None for one that is stale, forged or not ours."""
    if not data or data[0] != VERSION or len(data) > LONGEST:
        return None
    match data[1:].split(":"):
        case ["s", entry] if _is_id(entry):
            return Show(entry)
        case ["c", question, entry] if _QUESTION.fullmatch(question) and _is_id(entry):
            return Choose(question, entry)
        case ["n", question] if _QUESTION.fullmatch(question):
            return Refuse(question)
        case ["m", question, entry] if _QUESTION.fullmatch(question) and _is_id(entry):
            return More(question, entry)
        case ["h", question, ("0" | "1") as yes] if question and _QUESTION.fullmatch(question):
            return Rate(question, yes == "1")
        case ["t", category] if not category or _is_id(category):
            return Topics(category)
        case ["a", wish] if wish in set(Wish):
            return Ask(Wish(wish))
        case ["l", ("de" | "en" | "") as language]:
            return Speak(language)
        case ["g", first] if _NUMBER.fullmatch(first):
            return Cards(int(first))
        case ["k", incident, tick] if _is_id(incident) and (not tick or _is_id(tick)):
            return Steps(incident, tick)
        case ["q", question] if question and _QUESTION.fullmatch(question):
            return Refer(question)
        case ["f", ("withdraw" | "last" | "whole" | "reopen") as verb, number] if _NUMBER.fullmatch(number):
            return Case(verb, int(number))
        case ["b", subject, ("0" | "1") as on] if _is_id(subject):
            return Subscribe(subject, on == "1")
        case ["w", notice] if _NUMBER.fullmatch(notice):
            return Read(int(notice))
    return None


def _is_id(text: str) -> bool:
    return len(text) <= ID_MAX and ID.fullmatch(text) is not None
