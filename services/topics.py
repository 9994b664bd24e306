"""The topic menu: categories, and the entries of each."""

from faq.entry import Language
from services import answers
from services.desk import Desk
from services.outcomes import Choice, TopicsShown


def topics(desk: Desk, language: Language, category: str | None = None) -> TopicsShown:
    """All categories, or the entries of one; all of them again where there is no such category."""
    found = next((known for known in desk.store.categories if known.id == category), None)
    if found is not None:
        return TopicsShown(language, answers.choices(desk.store, found.entries, language), found.title.in_(language))
    return TopicsShown(
        language,
        tuple(
            Choice(known.id, known.title.in_(language))
            for known in desk.store.categories
            if not all(desk.store.entries[entry].is_foreign for entry in known.entries)
        ),
    )
