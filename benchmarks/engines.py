"""The matcher and the usual ways of matching, under one roof: each is built of phrasings and finds entries for a text.

`best` is what a bot would call, in the cheapest way that the library offers: it is timed. `top` gives up to five
entries with a score that rises with confidence: its quality is measured.
"""

import logging
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from faq.matcher import MATCHES, Phrasing

Scored = list[tuple[str, float]]
_POOL = 60  # phrasings looked at to find five entries


class Engine(Protocol):
    def best(self, text: str) -> str | None: ...
    def top(self, text: str) -> Scored: ...


class Auskunft:
    """This project's matcher, all of `read`: several questions in a message, urgent words, the decision."""

    def __init__(self, phrasings: Sequence[Phrasing]) -> None:
        from faq.decision import Thresholds
        from faq.matcher import Matcher

        self.matcher = Matcher.of_phrasings(phrasings, Thresholds())

    def best(self, text: str) -> str | None:
        return next((part.matches[0].entry for part in self.matcher.read(text).parts if part.matches), None)

    def top(self, text: str) -> Scored:
        return self.examine(text)[0]

    def examine(self, text: str) -> tuple[Scored, tuple[str, ...]]:
        """The entries found, and those of them that the shipped thresholds answer with."""
        from faq.match import Answer

        reading = self.matcher.read(text)
        matches = sorted((match for part in reading.parts for match in part.matches), key=lambda m: -m.confidence)
        answered = [part.decision.match.entry for part in reading.parts if isinstance(part.decision, Answer)]
        scored = [(match.entry, match.confidence) for match in matches]
        if reading.urgent:
            scored.insert(0, (reading.urgent, 1.0))
            answered.insert(0, reading.urgent)
        return _distinct(scored), tuple(answered)


class _Rapidfuzz:
    def __init__(self, phrasings: Sequence[Phrasing], scorer: Callable[..., float]) -> None:
        from rapidfuzz import process, utils

        self._process, self._plain, self._scorer = process, utils.default_process, scorer
        self._entries = [phrasing.entry for phrasing in phrasings]
        self._texts = [self._plain(phrasing.text) for phrasing in phrasings]

    def best(self, text: str) -> str | None:
        found = self._process.extractOne(self._plain(text), self._texts, scorer=self._scorer)
        return self._entries[found[2]] if found else None

    def top(self, text: str) -> Scored:
        found = self._process.extract(self._plain(text), self._texts, scorer=self._scorer, limit=_POOL)
        return _distinct((self._entries[place], score) for _, score, place in found)


def _wratio(phrasings: Sequence[Phrasing]) -> Engine:
    from rapidfuzz import fuzz

    return _Rapidfuzz(phrasings, fuzz.WRatio)


def _token_set(phrasings: Sequence[Phrasing]) -> Engine:
    from rapidfuzz import fuzz

    return _Rapidfuzz(phrasings, fuzz.token_set_ratio)


class _Scores:
    """An engine that has a score for every phrasing; an entry scores as its best phrasing."""

    def __init__(self, phrasings: Sequence[Phrasing]) -> None:
        self._entries = [phrasing.entry for phrasing in phrasings]

    def scores(self, text: str) -> np.ndarray | None:
        raise NotImplementedError

    def best(self, text: str) -> str | None:
        scores = self.scores(text)
        return None if scores is None else self._entries[int(np.argmax(scores))]

    def top(self, text: str) -> Scored:
        scores = self.scores(text)
        if scores is None:
            return []
        pool = min(_POOL, len(scores))
        places = np.argpartition(-scores, pool - 1)[:pool]
        places = places[np.argsort(-scores[places], kind="stable")]
        return _distinct((self._entries[place], float(scores[place])) for place in places)


class Bm25(_Scores):
    def __init__(self, phrasings: Sequence[Phrasing]) -> None:
        import bm25s

        super().__init__(phrasings)
        logging.getLogger("bm25s").setLevel(logging.ERROR)
        self._model = bm25s.BM25()
        self._model.index([_tokens(phrasing.text) or ["_"] for phrasing in phrasings], show_progress=False)

    def scores(self, text: str) -> np.ndarray | None:
        known = [token for token in _tokens(text) if token in self._model.vocab_dict]
        return self._model.get_scores(known) if known else None


class Cosine(_Scores):
    """TF-IDF of letters within words (2 to 5) and of words (1 to 2), compared by cosine."""

    def __init__(self, phrasings: Sequence[Phrasing]) -> None:
        super().__init__(phrasings)
        self._features = _features()
        self._known = self._features.fit_transform([phrasing.text for phrasing in phrasings]).T.tocsr()

    def scores(self, text: str) -> np.ndarray | None:
        return (self._features.transform([text]) @ self._known).toarray()[0]


class Regression:
    """The classic classifier of intents: logistic regression on the same features."""

    def __init__(self, phrasings: Sequence[Phrasing]) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self._model = make_pipeline(_features(), LogisticRegression(C=20, max_iter=300))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # nearly as many entries as phrasings are meant
            self._model.fit([phrasing.text for phrasing in phrasings], [phrasing.entry for phrasing in phrasings])

    def best(self, text: str) -> str | None:
        return str(self._model.predict([text])[0])

    def top(self, text: str) -> Scored:
        chances = self._model.predict_proba([text])[0]
        return [(str(self._model.classes_[place]), float(chances[place])) for place in np.argsort(-chances)[:MATCHES]]


def _features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    return make_union(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b"),
    )


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def _distinct(found: Iterable[tuple[str, float]]) -> Scored:
    """The first five different entries."""
    scores: dict[str, float] = {}
    for entry, score in found:
        scores.setdefault(entry, score)
        if len(scores) == MATCHES:
            break
    return list(scores.items())


OURS = "auskunft"
REGRESSION = "TF-IDF, logistic regression"
ENGINES: dict[str, Callable[[Sequence[Phrasing]], Engine]] = {
    OURS: Auskunft,
    "rapidfuzz WRatio": _wratio,
    "rapidfuzz token_set_ratio": _token_set,
    "bm25s": Bm25,
    "TF-IDF, cosine": Cosine,
    REGRESSION: Regression,
}
