"""The words of matching: what was asked, what was found, what to do about it. Plain data, made by `faq.matcher`."""

from dataclasses import dataclass

from faq.entry import Language


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may answer the question."""

    entry: str
    confidence: float  # 0 … 1, how probable it is that this entry is the right one
    phrasing: str  # the way of asking in the store that came nearest
    language: Language  # of that phrasing


@dataclass(frozen=True, slots=True)
class Answer:
    """Sure enough to answer."""

    match: Match


@dataclass(frozen=True, slots=True)
class Suggest:
    """Close: up to three entries to choose from, best first."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class DontKnow:
    """Nothing near enough to be shown."""


Decision = Answer | Suggest | DontKnow


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message."""

    text: str
    matches: tuple[Match, ...]  # best first, at most five
    decision: Decision
    corrected: tuple[tuple[str, str], ...] = ()  # words as typed and as understood
    unknown: tuple[str, ...] = ()  # content words that the store does not know


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the matcher understood it.

    `language` is None where the message does not tell (one name, a number). `urgent` names the entry whose urgent
    words occur in the message: it is to be shown before anything else. `parts` holds one to three questions, in the
    order of the message; it is empty when the message holds no word.
    """

    language: Language | None
    parts: tuple[Part, ...]
    urgent: str | None = None
