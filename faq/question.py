"""A question in the words of the store: what was typed, what it stands for, and what the store does not know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from faq.frequency import information, is_common
from faq.normalise import Word, words
from faq.spelling import Speller, Understood
from faq.vocabulary import Vocabulary

_TELLING = 0.45  # information from which an unknown word is worth naming: "ransomware", not "eigentlich"


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a question with what each stands for."""

    words: tuple[Word, ...]
    understood: tuple[Understood, ...]

    @property
    def plain(self) -> str:
        """What was typed, as plain words."""
        return " ".join(word.plain for word in self.words)

    @property
    def best(self) -> tuple[str, ...]:
        """The plain words with each typo replaced by the likeliest word of the store."""
        return tuple(
            meaning.words[0][0] if meaning.is_typo else word.plain
            for word, meaning in zip(self.words, self.understood, strict=True)
        )

    def corrected(self, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
        """Words as typed, and the words of the store as which they were read."""
        return tuple(
            (word.typed, vocabulary.typed(best) if (best := meaning.words[0][0]) in vocabulary else best)
            for word, meaning in zip(self.words, self.understood, strict=True)
            if meaning.is_typo
        )

    def riddle(self) -> float:
        """Share of the question, by information, in words that neither the store nor its language knows (0 … 1).

        A word that is read as a typo counts in part, the more the less it is like the word of the store.
        """
        total = riddle = 0.0
        for word, meaning in zip(self.words, self.understood, strict=True):
            total += (tells := information(word.plain))
            if (meaning.is_typo or not meaning.words) and not is_common(word.plain):
                riddle += tells * (1 - (meaning.words[0][1] if meaning.words else 0))
        return riddle / total if total else 0.0

    def unknown(self) -> tuple[str, ...]:
        """Words that tell something, but nothing to this store."""
        return tuple(
            word.typed
            for word, meaning in zip(self.words, self.understood, strict=True)
            if meaning.is_unknown and information(word.plain) >= _TELLING
        )


class Synonyms:
    """Groups of words that mean the same: whoever writes one of them has also written the first."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._first: dict[tuple[str, ...], tuple[Word, ...]] = {}
        for first, *others in groups:
            self._first.update(dict.fromkeys(map(_plain, others), tuple(words(first))))
        self._longest = max(map(len, self._first), default=0)

    def of(self, plain: Sequence[str]) -> list[Word]:
        """The words that the plain words of a text also count as."""
        return [word for _, also in self.within(plain) for word in also]

    def within(self, plain: Sequence[str]) -> Iterator[tuple[range, tuple[Word, ...]]]:
        """Where words of a text stand that also count as others, and as which."""
        for start in range(len(plain)):
            for end in range(start + 1, min(start + self._longest, len(plain)) + 1):
                if also := self._first.get(tuple(plain[start:end])):
                    yield range(start, end), also


def _plain(text: str) -> tuple[str, ...]:
    return tuple(word.plain for word in words(text))


def read(typed: Sequence[Word], speller: Speller, synonyms: Synonyms) -> Question:
    """The question that `typed` asks."""
    understood = [speller.read(word.plain) for word in typed]
    question = Question(tuple(typed), tuple(understood))
    for places, also in synonyms.within(question.best):
        for place in places:
            understood[place] = replace(understood[place], synonyms=tuple(word.plain for word in also))
    return Question(question.words, tuple(understood))
