"""What an FAQ file may hold: the schema, and nothing else.

The loader reads every value as text; this module turns text into dates and tuples and refuses what does not fit.
The rules that need more than one value (related entries that exist, phrasings that occur twice) are in `faq.loader`
and `faq.check`. `faq/content/schema.json` is made from `CategoryFile` (`python bot.py faq schema`).
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
ID_MAX = 48  # "f_" and the id must fit into the 64 characters of a Telegram deep link
ANSWER_MAX = 900  # characters a member sees: one phone screen
MORE_MAX = 2500
TITLE_MAX = 72
BUTTON_MAX = 32
PHRASING_MAX = 300


def _an_id(value: str) -> str:
    if len(value) > ID_MAX or not ID.fullmatch(value):
        message = f"„{value}“ ist keine Kennung: nur kleine Buchstaben, Ziffern und Bindestriche, höchstens {ID_MAX}."
        raise ValueError(message)
    return value


# The pattern stands in the JSON Schema only: here the sentence of `_an_id` says more than a pattern can.
EntryId = Annotated[
    str, AfterValidator(_an_id), Field(json_schema_extra={"pattern": f"^{ID.pattern}$", "maxLength": ID_MAX})
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Phrasing = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=PHRASING_MAX)]


FOREIGN = "other"  # the category of what the bot is not for


class Action(StrEnum):
    """A button below an answer that does something else than show an entry."""

    CARDS = "cards"
    HUMAN = "human"
    REPORT = "report"  # to staff: somebody poses as the association
    CALL = "call"  # to staff at once, in a crisis


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wording(_Strict):
    """One entry in one language."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=TITLE_MAX)]
    button: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=BUTTON_MAX)]
    ask: Annotated[tuple[Phrasing, ...], Field(min_length=1)]
    answer: Text
    more: Text | None = None
    urgent: tuple[Phrasing, ...] = ()


class Entry(_Strict):
    """An answer with its stable id, in every language of the store."""

    id: EntryId
    owner: Text
    as_of: date
    review_by: date
    sources: tuple[Text, ...] = ()
    keywords: tuple[Phrasing, ...] = ()
    related: tuple[EntryId, ...] = ()
    actions: tuple[Action, ...] = ()
    de: Wording
    en: Wording
    category: SkipJsonSchema[str] = ""  # set by the loader from the head of the file

    def wording(self, language: Language) -> Wording:
        return self.de if language == "de" else self.en

    @property
    def is_foreign(self) -> bool:
        """Whether the entry only names the right door: such entries are in no menu and show no source."""
        return self.category == FOREIGN


class Name(_Strict):
    """The same words in each language."""

    de: Text
    en: Text

    def in_(self, language: Language) -> str:
        return self.de if language == "de" else self.en


class CategoryFile(_Strict):
    """The content of one file of entries."""

    category: EntryId
    order: int = 100  # place of the category in the topic menu, small first
    title: Name
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]


class Source(_Strict):
    """Where a fact was published."""

    id: Text
    name: Name
    url: Text | None = None
    published: date | None = None


class SourcesFile(_Strict):
    sources: tuple[Source, ...]


class SynonymsFile(_Strict):
    """Groups of words that mean the same everywhere in the store; the first word of a group stands for all."""

    synonyms: tuple[Annotated[tuple[Text, ...], Field(min_length=2)], ...]


class Category(_Strict):
    id: str
    title: Name
    entries: tuple[EntryId, ...]


class Store(_Strict):
    """Everything that the FAQ files say, loaded and consistent."""

    categories: tuple[Category, ...]
    entries: Mapping[str, Entry]
    sources: Mapping[str, Source]
    synonyms: tuple[tuple[str, ...], ...]
    digest: str
