"""The FAQ that answers now: a store and its matcher, replaced together or not at all."""

from dataclasses import dataclass
from pathlib import Path

from faq.decision import Thresholds
from faq.entry import Store
from faq.loader import Fill, load
from faq.match import Reading
from faq.matcher import Matcher


@dataclass(frozen=True)
class Library:
    """A store with the matcher that was built for it."""

    store: Store
    matcher: Matcher

    @classmethod
    def open(cls, folder: Path, thresholds: Thresholds, fill: Fill | None = None) -> "Library":
        """Raises `strict_yaml.Problems` when the files in `folder` cannot be used."""
        store = load(folder, fill)
        return cls(store, Matcher.of(store, thresholds))

    def edited(self, store: Store) -> "Library":
        """The library of an edited store; what is as it was is not worked out again."""
        return Library(store, Matcher.of(store, self.matcher.thresholds, before=self.matcher))

    def read(self, text: str) -> Reading:
        return self.matcher.read(text)


class Shelf:
    """Where the library stands. Whoever took it goes on with it, also when a new one is put in its place."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def replace(self, library: Library) -> None:
        self.library = library
