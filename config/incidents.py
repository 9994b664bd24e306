"""`incidents`: what concerns cards."""

from config.base import EntryId, Identifier, Strict, Words


class DataKind(Words):
    """A kind of data that a list may name; `entry` says what to do about it."""

    id: Identifier
    entry: EntryId | None = None


class Step(Words):
    """One thing to do now; `kind`: only for those whose data of this kind are affected."""

    id: Identifier
    kind: Identifier | None = None
    entry: EntryId | None = None


class Incident(Strict):
    """Something that concerns cards."""

    id: Identifier
    title: Words
    card_note: Words
    kinds: tuple[DataKind, ...] = ()
    steps: tuple[Step, ...] = ()
