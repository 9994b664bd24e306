"""What is worked out of a store's phrasings before the first question: their words, stems, terms and the index.

After an edit it is worked out anew, but not from nothing: what follows from texts that are still there is taken over.
The result is the same as without.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from faq.corpus import Corpus
from faq.encoder import Encoder
from faq.entry import Language
from faq.index import Index
from faq.normalise import plain
from faq.question import Synonyms
from faq.ragged import starts_of
from faq.spelling import Speller
from faq.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way of asking for an entry."""

    entry: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Built:
    """Immutable, and safe to use from several threads."""

    phrasings: list[Phrasing]  # those of an entry stand together
    groups: Sequence[Sequence[str]]  # of synonyms
    synonyms: Synonyms
    entries: list[str]
    corpus: Corpus
    vocabulary: Vocabulary
    speller: Speller
    encoder: Encoder
    index: Index | None  # None without phrasings


def build(phrasings: Sequence[Phrasing], groups: Sequence[Sequence[str]], before: Built | None = None) -> Built:
    """Phrasings without a word are left out. `before` is what was built before an edit."""
    if before and before.groups != groups:
        before = None
    order = {entry: number for number, entry in enumerate(dict.fromkeys(phrasing.entry for phrasing in phrasings))}
    together = sorted(phrasings, key=lambda phrasing: order[phrasing.entry])
    if before and before.phrasings == together:
        return before
    synonyms = Synonyms(groups)
    texts, languages = [phrasing.text for phrasing in together], [phrasing.language for phrasing in together]
    corpus = Corpus(texts, languages, synonyms.of, before.corpus if before else None)
    chosen = [together[place] for place in corpus.places.tolist()]
    sizes = Counter(phrasing.entry for phrasing in chosen)
    vocabulary = Vocabulary(corpus)
    speller = Speller(vocabulary)
    encoder = Encoder(vocabulary, speller, before.encoder if before else None)
    plain.cache_clear()  # it holds the words of the store now; its place belongs to those of messages
    terms = encoder.phrasings(corpus, before.index.terms[-1] if before and before.index else None)
    index = Index(terms, starts_of(list(sizes.values()))) if chosen else None
    return Built(chosen, groups, synonyms, list(sizes), corpus, vocabulary, speller, encoder, index)
