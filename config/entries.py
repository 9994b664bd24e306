"""`faq`: entries of the FAQ that the program itself shows."""

from config.base import EntryId, Strict


class Entries(Strict):
    """Entries of the FAQ that the program itself shows."""

    greeting: EntryId
    human: EntryId
    phone: EntryId
    not_listed: EntryId
    affected: EntryId
    supplier_erasure: EntryId
    lost_card: EntryId
    insult: EntryId
    first: tuple[EntryId, ...]

    def all(self) -> tuple[str, ...]:
        named = (self.greeting, self.human, self.phone, self.not_listed, self.affected, self.supplier_erasure)
        return (*named, self.lost_card, self.insult, *self.first)
