"""What a short message asks for besides a question: every button also works as typed text."""

import re
from dataclasses import dataclass
from enum import StrEnum

from faq.entry import Language

LONGEST = 60  # characters; whoever writes more asks a question


class Wish(StrEnum):
    MORE = "more"
    AGAIN = "again"
    NONE = "none"
    YES = "yes"
    MINE = "mine"  # and in my case?
    CARDS = "cards"
    HUMAN = "human"
    TOPICS = "topics"
    HELP = "help"
    PRIVACY = "privacy"
    CANCEL = "cancel"
    LANGUAGE = "language"
    HELPFUL = "helpful"
    CODE = "code"
    CONFIRM = "confirm"
    DECLINE = "decline"
    NEW_LETTER = "new-letter"
    OBJECT = "object"
    SIGN_OFF = "sign-off"
    SIGN_OFF_YES = "sign-off-yes"
    MY_DATA = "my-data"
    MY_DATA_FILE = "my-data-file"
    ERASE = "erase"
    ERASE_YES = "erase-yes"
    PAUSE = "pause"
    RESUME = "resume"
    SUBSCRIPTIONS = "subscriptions"
    NOT_HELPFUL = "not-helpful"
    NEW_QUESTION = "new-question"
    TO_TICKET = "to-ticket"  # back from a question in between
    WITHDRAW = "withdraw"
    REPORT = "report"  # somebody poses as the association
    CALL = "call"  # somebody in a crisis wants a person


@dataclass(frozen=True, slots=True)
class Number:
    """The n-th of what was offered, from 1; -1 is the last."""

    value: int


@dataclass(frozen=True, slots=True)
class Speak:
    language: Language


@dataclass(frozen=True, slots=True)
class TheOneWith:
    """One of those offered, told by a word: 'die mit dem Chip'."""

    words: str


@dataclass(frozen=True, slots=True)
class CardsFrom:
    """The own cards, from the one with this number on."""

    first: int


Intent = Wish | Number | Speak | TheOneWith | CardsFrom

_WISHES: dict[Wish, str] = {
    Wish.MORE: "mehr|mehr dazu|mehr bitte|mehr infos|details|genauer|more|more info|more please|tell me more",
    Wish.AGAIN: "nochmal|noch einmal|noch mal|wiederholen|bitte wiederholen|vorschläge|again|repeat|once more",
    Wish.NONE: (
        "nichts davon|keine davon|keines davon|keins davon|keiner davon|keine|nein|nichts"
        "|none|none of these|none of them|no|neither"
    ),
    Wish.YES: "ja|jo|genau|ja genau|ja bitte|richtig|yes|yes please|yep|exactly",
    Wish.MINE: (
        "und bei mir|und ich|bei mir auch|und was ist mit mir|was ist mit mir|und meine karte|und meine"
        "|gilt das auch für mich|und in meinem fall|wie ist es bei mir|wie ist das bei mir|wie sieht es bei mir aus"
        "|und wie ist es bei mir|und wie sieht es bei mir aus|bin ich auch dabei"
        "|and me|and mine|what about me|and what about me|what about mine|and in my case|and my card|me too"
    ),
    Wish.CARDS: "meine karte prüfen|karte prüfen|meine karte|check my card|my card|karte|card|nachsehen|look it up",
    Wish.HUMAN: "mensch|mitarbeiter|human|agent|person|talk to a person|talk to a human",
    Wish.TOPICS: "themen|menü|menu|übersicht|alle themen|topics|all topics|zurück|back",
    Wish.HELP: "hilfe|help|anleitung",
    Wish.PRIVACY: "datenschutz|privacy|datenschutzhinweis|privacy notice",
    Wish.CANCEL: "abbrechen|abbruch|stopp|stop|cancel",
    Wish.NEW_QUESTION: "neue frage|new question|andere frage|another question|ask the bot|bot fragen",
    Wish.TO_TICKET: "zum fall|zurück zum fall|mein fall|back to my case|my case",
    Wish.WITHDRAW: "zurückziehen|fall zurückziehen|withdraw|withdraw my case",
    Wish.REPORT: "bot melden|vorfall melden|betrug melden|report this|report a bot|report fraud",
    Wish.LANGUAGE: "sprache|language|sprache wechseln|change language",
    Wish.CODE: "code eingeben|code|enter code|enter my code|enter the code",
    Wish.NEW_LETTER: "neuen brief anfordern|neuer brief|request a new letter|new letter",
    Wish.SIGN_OFF: "abmelden|sign off",
    Wish.MY_DATA: "meine daten|my data",
    Wish.ERASE: "alles löschen|erase everything|delete everything",
    Wish.PAUSE: "keine mitteilungen|mitteilungen aus|no notices",
    Wish.RESUME: "mitteilungen wieder an|notices on again",
    Wish.SUBSCRIPTIONS: "abo|abos|mitteilungen|abonnieren|subscriptions|subscribe|notices",
    Wish.HELPFUL: "hilfreich|helpful",
    Wish.NOT_HELPFUL: "nicht hilfreich|not helpful",
}
_BY_WORDS = {words: wish for wish, group in _WISHES.items() for words in group.split("|")}

_NUMBERS = {
    1: "1 eins erste erstes ersten erster one first 1st a",
    2: "2 zwei zwo zweite zweites zweiten zweiter two second 2nd b",
    3: "3 drei dritte drittes dritten dritter three third 3rd c",
    4: "4 vier vierte viertes vierten vierter four fourth 4th",
    5: "5 fünf fünfte fünftes fünften fünfter five fifth 5th",
    -1: "letzte letztes letzten letzter last",
}
_BY_NUMBER = {word: number for number, words in _NUMBERS.items() for word in words.split()}
_FILLERS = frozenset(
    "und bitte dann doch lieber ich meine meinte nehme möchte will wähle der die das den dem nummer nr antwort frage "
    "option vorschlag punkt ok okay ja "
    "and the one please then i mean meant take number no answer question choose want yes".split()
)
_ENGLISH = frozenset({"english", "englisch"})
_GERMAN = frozenset({"deutsch", "german"})
_AROUND_LANGUAGE = frozenset(
    "sorry hi hello ok okay is it possible the language we you i could would can do please speak reply switch to talk "
    "use in now rather prefer "
    "auf bitte sprechen wir können sie könnten antworten lieber jetzt weiter oder sprache".split()
)
# Who asks for a person in so many words; who only sounds as if one would help is shown the entry about it.
_A_PERSON = re.compile(
    r"\b(?:mit|an)\s+(?:\w+\s+){0,2}(?:jemand\w*|mensch\w*|mitarbeiter\w*|sachbearbeiter\w*)\b.*"
    r"\b(?:sprechen|reden|schreiben|telefonieren|chatten|wenden)\b"
    r"|\b(?:talk|speak|chat|write)\s+(?:to|with)\s+(?:an?\s+)?(?:real\s+)?(?:human|person|someone|somebody|agent|staff)\b"
)
_CARDS_FROM = re.compile(r"(?:karten? ab|cards? from) ([1-9][0-9]{0,3})")
_THE_ONE = re.compile(r"(?:und )?(?:die|der|das|den|the one|the) (?:mit|wegen|zum|zur|über|with|about|for)\b (.+)")


_IN_BOTH = frozenset("stop menu person agent code ok okay".split())


def tells_no_language(text: str) -> bool:
    """Whether these words are the same in both languages."""
    return text.strip().casefold().rstrip(".!?") in _IN_BOTH


def typed(text: str) -> Intent | None:
    """What a message asks for if it is one of these short wishes; None for everything else."""
    if len(text) > LONGEST:
        return None
    words = re.sub(r"[^\w\s]", " ", text.casefold()).split()
    if not words:
        return None
    line = " ".join(words)
    if wish := _BY_WORDS.get(line):
        return wish
    found = _language(words) or _cards_from(line) or _number(words) or _the_one(line)
    return found or (Wish.HUMAN if _A_PERSON.search(line) else None)


def _cards_from(line: str) -> CardsFrom | None:
    found = _CARDS_FROM.fullmatch(line)
    return CardsFrom(int(found.group(1))) if found else None


def _language(words: list[str]) -> Speak | None:
    said = frozenset(words)
    if said & _ENGLISH and said <= _ENGLISH | _AROUND_LANGUAGE:
        return Speak("en")
    if said & _GERMAN and said <= _GERMAN | _AROUND_LANGUAGE:
        return Speak("de")
    return None


def _number(words: list[str]) -> Number | None:
    meant = [word for word in words if word not in _FILLERS]
    if len(meant) == 1 and meant[0] in _BY_NUMBER:
        return Number(_BY_NUMBER[meant[0]])
    if len(meant) == 1 and re.fullmatch(r"[0-9]{1,2}", meant[0]):
        return Number(int(meant[0]))
    return None


def _the_one(line: str) -> TheOneWith | None:
    found = _THE_ONE.fullmatch(line)
    return TheOneWith(found.group(1)) if found else None
