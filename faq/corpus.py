"""The words of all phrasings as numbers, so that a whole store can be worked on at once.

What the words of a text are depends on nothing but the text and the synonyms. So a corpus takes from the one before an
edit what both have, and only new texts are read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.entry import LANGUAGES, Language
from faq.frequency import information
from faq.normalise import Word, words
from faq.ragged import Array, Ints, spans, starts_of

Also = Callable[[Sequence[str]], Iterable[Word]]  # the words that the plain words of a text count as, too
Read = tuple[list[int], list[int]]  # a text's own words, and those that it counts as


def telling(word: str) -> float:
    """Weight of a stem by how common the word is in the language: a small store cannot know that "gerne" is filler."""
    return 0.5 + 0.5 * information(word)


class Corpus:
    """The texts of a store that hold a word. Immutable once built.

    Words are numbered as they came, also in earlier corpora: the numbers mean nothing, and some may be unused.
    """

    texts: list[str]
    plain_texts: list[str]
    words: list[str]  # plain words by their numbers
    places: Ints  # of the texts, among those that were given
    # For each text its row in the corpus before. New ones come after those rows, one after the other.
    sources: Ints
    numbers: Array  # of the words of all texts; after a text's own words those that it counts as
    starts: Ints  # where each text begins there, and where the last ends
    own: Ints  # how many words are the text's own
    tells: NDArray[np.float64]  # of each word, how much it tells

    def __init__(
        self, texts: Sequence[str], languages: Sequence[Language], also: Also, before: "Corpus | None" = None
    ) -> None:
        """`before` is an earlier corpus with the same `also`."""
        self._also = also
        numbers = {word: number for number, word in enumerate(before.words)} if before else {}
        kept = len(before.texts) if before else 0
        known: dict[str, int] = {text: row for row, text in enumerate(before.texts)} if before else {}
        places: list[int] = []
        sources: list[int] = []
        fresh: list[Read] = []
        for place, text in enumerate(texts):
            source = known.get(text, -1)
            if source < 0 and (read := self._read(text, numbers)):
                source = kept + len(fresh)
                fresh.append(read)
            if source >= 0:
                places.append(place)
                sources.append(source)
        self.places = np.array(places, np.int64)
        self.texts = [texts[place] for place in places]
        self._languages = np.array([LANGUAGES.index(languages[place]) for place in places], np.int8)
        self.sources = np.array(sources, np.int64)
        self.words = list(numbers)
        known_words = before.tells if before else np.empty(0)
        self.tells = np.append(known_words, [telling(word) for word in self.words[len(known_words) :]])
        self._lay_out(fresh, before)

    def _read(self, text: str, numbers: dict[str, int]) -> Read | None:
        """The words of a text by their `numbers`, which grow by the new ones; None for a text without a word."""
        plain = [word.plain for word in words(text)]
        also = [word.plain for word in self._also(plain)]
        own, more = ([numbers.setdefault(word, len(numbers)) for word in part] for part in (plain, also))
        return (own, more) if own else None

    def _lay_out(self, fresh: Sequence[Read], before: "Corpus | None") -> None:
        numbers = np.array([number for plain, also in fresh for number in (*plain, *also)], np.int32)
        lengths = np.array([len(plain) + len(also) for plain, also in fresh], np.int64)
        own = np.array([len(plain) for plain, _ in fresh], np.int64)
        plain_texts = [" ".join([self.words[number] for number in plain]) for plain, _ in fresh]
        if before:
            numbers = np.concatenate([before.numbers, numbers])
            lengths = np.concatenate([np.diff(before.starts), lengths])
            own = np.concatenate([before.own, own])
            plain_texts = [*before.plain_texts, *plain_texts]
        places, self.starts = spans(starts_of(lengths), self.sources)
        self.numbers = numbers[places]
        self.own = own[self.sources]
        self.plain_texts = [plain_texts[source] for source in self.sources.tolist()]

    def plain(self, rows: Array) -> tuple[Array, Ints]:
        """The own words of some texts, and where each of these texts begins among them."""
        places, starts = spans(self.starts, rows, self.own)
        return self.numbers[places], starts

    def spoken(self, language: Language) -> dict[str, int]:
        """How often the words come in the texts of a language, in the order in which they come first."""
        chosen = np.repeat(self._languages == LANGUAGES.index(language), np.diff(self.starts))
        numbers = self.numbers[chosen]
        counts = np.bincount(numbers, minlength=len(self.words))
        first = np.full(len(self.words), len(numbers))
        first[numbers[::-1]] = np.arange(len(numbers))[::-1]  # of several values for one place the last one stays
        order = np.argsort(first)[: np.count_nonzero(counts)]
        return {self.words[number]: count for number, count in zip(order.tolist(), counts[order].tolist(), strict=True)}

    def typed(self, word: str) -> str:
        """A plain word as it is written where it comes first."""
        row = int(np.searchsorted(self.starts, np.flatnonzero(self.numbers == self.words.index(word))[0], "right")) - 1
        return next(found.typed for found in self._words_of(self.texts[row]) if found.plain == word)

    def _words_of(self, text: str) -> Iterator[Word]:
        own = words(text)
        yield from own
        yield from self._also([word.plain for word in own])
