"""All that the services need, built once in `bot.py`."""

from dataclasses import dataclass

from faq.entry import Language, Store
from faq.library import Library, Shelf
from services.clock import Clock


@dataclass(frozen=True)
class Rules:
    """The numbers and lists that services decide by."""

    languages: tuple[Language, ...]
    messages_per_minute: int
    questions_days: int
    updates_days: int


@dataclass(frozen=True)
class Desk:
    """The association's desk: its FAQ, its rules, its clock."""

    shelf: Shelf
    rules: Rules
    clock: Clock

    @property
    def library(self) -> Library:
        return self.shelf.library

    @property
    def store(self) -> Store:
        return self.shelf.library.store
