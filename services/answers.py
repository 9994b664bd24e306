"""An entry of the FAQ as an answer, and as a choice."""

from collections.abc import Iterable

from faq.entry import Language, Store
from services.outcomes import Choice, Shown

SOURCES_SHOWN = 2
RELATED_SHOWN = 3


def shown(
    store: Store, entry_id: str, language: Language, *, question: str | None = None, details: bool = False
) -> Shown:
    """The entry with everything that stands around it; `details` adds what is behind "more".

    Raises KeyError when the store has no such entry.
    """
    entry = store.entries[entry_id]
    wording = entry.wording(language)
    sources = (store.sources[source].name.in_(language) for source in entry.sources[:SOURCES_SHOWN])
    return Shown(
        language=language,
        entry=entry.id,
        title=wording.title,
        html=f"{wording.answer}\n\n{wording.more}" if details and wording.more else wording.answer,
        has_more=bool(wording.more) and not details,
        sources=tuple(sources),
        as_of=None if entry.is_foreign else entry.as_of,
        related=choices(store, entry.related[:RELATED_SHOWN], language),
        actions=entry.actions,
        question=None if entry.is_foreign else question,
    )


def choices(store: Store, entry_ids: Iterable[str], language: Language) -> tuple[Choice, ...]:
    """The entries as labelled choices; those that the store no longer has are left out."""
    known = (store.entries[entry_id] for entry_id in entry_ids if entry_id in store.entries)
    return tuple(Choice(entry.id, entry.wording(language).button) for entry in known)
