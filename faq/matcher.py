"""Finds the entries that answer a message.

The way of a question: its words are read in the words of the store (`spelling`), the nearest phrasings are fetched from
the index (`index`), figures are worked out for each of their entries (`evidence`), and learnt weights turn the figures
into an order and a confidence (`confidence`). An entry wins because one of its phrasings is like the question in stems
and letters, and because the near phrasings together vote for it.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from faq import confidence, evidence, parts
from faq.built import Built, Phrasing, build
from faq.confidence import Weights
from faq.decision import Thresholds, decide
from faq.entry import LANGUAGES, Store
from faq.evidence import Evidence
from faq.index import Floats
from faq.language import language_of
from faq.match import Match, Part, Reading
from faq.normalise import Word, words
from faq.question import Question, read
from faq.urgent import Urgent

__all__ = ["MATCHES", "Matcher", "Phrasing", "phrasings_in"]

MATCHES = 5


class Matcher:
    """Immutable once built, and safe to use from several threads."""

    built: Built

    def __init__(
        self,
        phrasings: Sequence[Phrasing],
        thresholds: Thresholds,
        synonyms: Sequence[Sequence[str]] = (),
        urgent: Iterable[tuple[str, str]] = (),
        weights: Weights | None = None,
        before: "Matcher | None" = None,
    ) -> None:
        """`before` is the matcher before an edit: what it knows of texts that are still there is taken over."""
        self.thresholds = thresholds
        self._weights = weights or confidence.shipped()
        self._urgent = Urgent(urgent)
        self.built = build(phrasings, synonyms, before.built if before else None)

    @property
    def entries(self) -> list[str]:
        return self.built.entries

    @classmethod
    def of(cls, store: Store, thresholds: Thresholds, before: "Matcher | None" = None) -> "Matcher":
        """The matcher of a store: every title, way of asking and list of keywords leads to its entry.

        `before` is the matcher of the store before an edit.
        """
        urgent = [
            (entry.id, phrase)
            for entry in store.entries.values()
            for language in LANGUAGES
            for phrase in entry.wording(language).urgent
        ]
        return cls(list(phrasings_in(store)), thresholds, store.synonyms, urgent, before=before)

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
            corrected=question.corrected(self.built.vocabulary),
            unknown=question.unknown(),
        )

    def question(self, typed: Sequence[Word]) -> Question:
        """What these words ask, in the words of the store."""
        return read(typed, self.built.speller, self.built.synonyms)

    def examine(self, question: Question) -> Evidence | None:
        """The evidence for the entries near a question; None if nothing in the store is like it."""
        built = self.built
        if built.index is None or not (found := built.index.nearest(built.encoder.question(question))):
            return None
        return evidence.weigh(question, found, built.index, built.encoder, built.corpus.plain_texts)

    def signals(self, question: Question, found: Evidence, weights: Weights) -> tuple[Floats, Floats]:
        """The ranking's score of each candidate, and the signals of `confidence.SIGNALS`."""
        scores = found.figures @ weights.ranking
        nearest = self.built.corpus.plain_texts[found.nearest[int(np.argmax(scores))]]
        return scores, confidence.signals(question, found, scores, nearest, len(self.entries))

    def _matches(self, question: Question, found: Evidence) -> tuple[Match, ...]:
        scores, signals = self.signals(question, found, self._weights)
        chances = confidence.probabilities(scores)
        order = np.argsort(-scores, kind="stable")[:MATCHES]
        sure = confidence.guarded(confidence.logistic(float(signals @ self._weights.confidence)), question)
        if self.built.corpus.plain_texts[found.nearest[order[0]]] == question.plain:
            sure = max(sure, confidence.STATED)
        return tuple(self._match(found, place, sure * float(chances[place] / chances[order[0]])) for place in order)

    def _match(self, found: Evidence, place: int, sure: float) -> Match:
        phrasing = self.built.phrasings[found.nearest[place]]
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
