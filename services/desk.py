"""All that the services need, built once in `bot.py`."""

from dataclasses import dataclass

from config.entries import Entries
from config.incidents import Incident
from config.office import Office
from config.staff import Staff
from config.verification import Verification
from faq.entry import Language, Store
from faq.library import Library, Shelf
from services.clock import Clock
from vault.keyring import Keyring


@dataclass(frozen=True)
class Rules:
    """The numbers and lists that services decide by."""

    languages: tuple[Language, ...]
    messages_per_minute: int
    questions_days: int
    updates_days: int
    entries: Entries  # of the FAQ that the program itself shows
    incidents: tuple[Incident, ...]
    verification: Verification
    staff: Staff
    office: Office
    addresses: tuple[str, ...] = ()  # the association's own on the web


class Keys:
    """The keys of this process; asked anew for each use case, because another process may have added one."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    @property
    def ring(self) -> Keyring:
        self._keyring = self._keyring.refreshed()
        return self._keyring


@dataclass(frozen=True)
class Desk:
    """The association's desk: its FAQ, its rules, its clock, its keys."""

    shelf: Shelf
    rules: Rules
    clock: Clock
    keys: Keys

    @property
    def library(self) -> Library:
        return self.shelf.library

    @property
    def store(self) -> Store:
        return self.shelf.library.store
