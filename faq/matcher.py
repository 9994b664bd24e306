"""Finds the entries that answer a message.

The way of a question: its words are read in the words of the store (`spelling`), the nearest phrasings are fetched from
the index (`index`), figures are worked out for each of their entries (`evidence`), and learnt weights turn the figures
into an order and a confidence (`confidence`). An entry wins because one of its phrasings is like the question in stems
and letters, and because the near phrasings together vote for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from faq import confidence, evidence, parts
from faq.confidence import Weights
from faq.decision import Thresholds, decide
from faq.encoder import Encoder
from faq.entry import LANGUAGES, Language, Store
from faq.evidence import Evidence
from faq.index import Floats, Index
from faq.language import language_of
from faq.match import Match, Part, Reading
from faq.normalise import Word, words
from faq.question import Question, Synonyms, read
from faq.spelling import Speller
from faq.urgent import Urgent
from faq.vocabulary import Vocabulary

MATCHES = 5


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way of asking for an entry."""

    entry: str
    language: Language
    text: str


class Matcher:
    """Immutable once built, and safe to use from several threads."""

    def __init__(
        self,
        phrasings: Sequence[Phrasing],
        thresholds: Thresholds,
        synonyms: Sequence[Sequence[str]] = (),
        urgent: Iterable[tuple[str, str]] = (),
        weights: Weights | None = None,
    ) -> None:
        self.thresholds = thresholds
        self._weights = weights or confidence.shipped()
        self._synonyms = Synonyms(synonyms)
        self._phrasings = [phrasing for phrasing in phrasings if words(phrasing.text)]
        typed = [words(phrasing.text) for phrasing in self._phrasings]
        plain = [[word.plain for word in text] for text in typed]
        also = [self._synonyms.of(text) for text in plain]
        self._texts = [" ".join(text) for text in plain]
        self.entries = list(dict.fromkeys(phrasing.entry for phrasing in self._phrasings))
        numbers = {entry: number for number, entry in enumerate(self.entries)}
        entry_of = np.array([numbers[phrasing.entry] for phrasing in self._phrasings], np.int64)
        languages = (phrasing.language for phrasing in self._phrasings)
        self._vocabulary = Vocabulary(zip(languages, map(list.__add__, typed, also), strict=True))
        self._speller = Speller(self._vocabulary)
        self._encoder = Encoder(self._vocabulary, self._speller)
        terms = self._encoder.phrasings(plain, [[word.plain for word in text] for text in also])
        self._index = Index(terms, entry_of) if self._phrasings else None
        self._urgent = Urgent(urgent)

    @classmethod
    def of(cls, store: Store, thresholds: Thresholds) -> "Matcher":
        """The matcher of a store: every title, way of asking and list of keywords leads to its entry."""
        urgent = [
            (entry.id, phrase)
            for entry in store.entries.values()
            for language in LANGUAGES
            for phrase in entry.wording(language).urgent
        ]
        return cls(list(phrasings_in(store)), thresholds, store.synonyms, urgent)

    @classmethod
    def of_phrasings(
        cls, phrasings: Sequence[Phrasing], thresholds: Thresholds, synonyms: Sequence[Sequence[str]] = ()
    ) -> "Matcher":
        """The matcher of a bare list of phrasings."""
        return cls(phrasings, thresholds, synonyms)

    def read(self, text: str) -> Reading:
        """What a message of any length and content asks for."""
        asked = parts.split(text, self._part)
        return Reading(
            language=language_of(word.plain for word in words(text)),
            parts=asked,
            urgent=self._urgent.entry_in(text),
        )

    def _part(self, text: str) -> Part | None:
        """The matches of one question; None for a text without words."""
        typed = words(text)
        if not typed:
            return None
        question = self.question(typed)
        found = self.examine(question)
        matches = self._matches(question, found) if found else ()
        return Part(
            text=text.strip(),
            matches=matches,
            decision=decide(matches, self.thresholds),
            corrected=question.corrected(self._vocabulary),
            unknown=question.unknown(),
        )

    def question(self, typed: Sequence[Word]) -> Question:
        """What these words ask, in the words of the store."""
        return read(typed, self._speller, self._synonyms)

    def examine(self, question: Question) -> Evidence | None:
        """The evidence for the entries near a question; None if nothing in the store is like it."""
        if self._index is None or not (found := self._index.nearest(self._encoder.question(question))):
            return None
        return evidence.weigh(question, found, self._index, self._encoder, self._texts)

    def signals(self, question: Question, found: Evidence, weights: Weights) -> tuple[Floats, Floats]:
        """The ranking's score of each candidate, and the signals of `confidence.SIGNALS`."""
        scores = found.figures @ weights.ranking
        nearest = self._texts[found.nearest[int(np.argmax(scores))]]
        return scores, confidence.signals(question, found, scores, nearest, len(self.entries))

    def _matches(self, question: Question, found: Evidence) -> tuple[Match, ...]:
        scores, signals = self.signals(question, found, self._weights)
        sure = confidence.logistic(float(signals @ self._weights.confidence))
        chances = confidence.probabilities(scores)
        order = np.argsort(-scores, kind="stable")[:MATCHES]
        return tuple(self._match(found, place, sure * float(chances[place] / chances[order[0]])) for place in order)

    def _match(self, found: Evidence, place: int, sure: float) -> Match:
        phrasing = self._phrasings[found.nearest[place]]
        return Match(self.entries[found.entries[place]], round(sure, 4), phrasing.text, phrasing.language)


def phrasings_in(store: Store) -> Iterable[Phrasing]:
    """Every title, way of asking and list of keywords."""
    for entry in store.entries.values():
        for language in LANGUAGES:
            wording = entry.wording(language)
            for text in (wording.title, *wording.ask):
                yield Phrasing(entry.id, language, text)
        if entry.keywords:
            yield Phrasing(entry.id, "de", " ".join(entry.keywords))
