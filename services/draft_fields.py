"""What a draft must say before it can be an entry: the questions, in order, and what may be answered to each. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from html import escape
from typing import Any, Self

import markup
from faq.entry import (
    ANSWER_MAX,
    BUTTON_MAX,
    ID,
    ID_MAX,
    LANGUAGES,
    PHRASING_MAX,
    TITLE_MAX,
    Entry,
    Language,
    Store,
    Wording,
)
from faq.loader import Fill
from faq.normalise import words
from services import redaction

CATEGORY, SOURCES, OWNER, REVIEW, IDENTIFIER = "category", "sources", "owner", "review_by", "id"
STEPS = (
    "title_de", "button_de", CATEGORY, "ask_de", "answer_de",
    "title_en", "button_en", "ask_en", "answer_en", SOURCES, OWNER, REVIEW,
)  # fmt: skip
MORE_STEPS = ("ask_de", "ask_en")  # of phrasings for an entry that exists
LONGEST = {"title": TITLE_MAX, "button": BUTTON_MAX, "owner": 64}
LEAST_LETTERS = 2
MOST_PHRASINGS = 60
LATEST_REVIEW = timedelta(days=3 * 366)
NOTHING = frozenset({"-", "–", "keine", "keine quelle", "none"})
_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLUG_WORDS = 5
_SMALL = frozenset({"the", "a", "an", "is", "are", "my", "do", "does", "i", "to", "of", "der", "die", "das", "ist"})


@dataclass(frozen=True, slots=True)
class Fields:
    """What was given so far; empty or None: not yet. Texts are as they will stand in the file."""

    title_de: str = ""
    button_de: str = ""
    category: str = ""
    ask_de: tuple[str, ...] = ()
    answer_de: str = ""
    title_en: str = ""
    button_en: str = ""
    ask_en: tuple[str, ...] = ()
    answer_en: str = ""
    sources: tuple[str, ...] | None = None  # empty: it needs none
    owner: str = ""
    review_by: date | None = None
    id: str = ""  # chosen by somebody; otherwise made from the title

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        values = {one.name: data[one.name] for one in fields(cls) if one.name in data}
        for name in ("ask_de", "ask_en", SOURCES):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        if values.get(REVIEW):
            values[REVIEW] = date.fromisoformat(values[REVIEW])
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in given.items()
            if value not in ("", None) and (value != () or name == SOURCES)
        }

    def has(self, step: str) -> bool:
        value = getattr(self, step)
        return value is not None if step == SOURCES else bool(value)

    def filled(self, step: str, value: Any) -> Self:
        return replace(self, **{step: value})

    def phrasings(self) -> tuple[tuple[Language, str], ...]:
        asked: dict[Language, tuple[str, ...]] = {"de": self.ask_de, "en": self.ask_en}
        return tuple((language, text) for language in LANGUAGES for text in asked[language])


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why an answer cannot be taken."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """What answers are measured by."""

    store: Store
    fill: Fill
    today: date


def missing(given: Fields, *, adds: bool) -> tuple[str, ...]:
    """The steps without an answer; `adds`: only phrasings are wanted, in any language."""
    if adds:
        return () if given.phrasings() else ("ask_de",)
    return tuple(step for step in STEPS if not given.has(step))


def following(step: str, given: Fields, *, adds: bool) -> str:
    """The next step that has no answer; empty behind the last one."""
    if adds:
        return ""
    later = STEPS[STEPS.index(step) + 1 :] if step in STEPS else ()
    return next((one for one in later if not given.has(one)), "")


def before(step: str, *, adds: bool) -> str:
    """The step before; the first one has none before it."""
    steps = MORE_STEPS if adds else STEPS
    return steps[max(0, steps.index(step) - 1)] if step in steps else steps[0]


def read(step: str, text: str, html: str, ground: Ground) -> Any | Mistake:
    """The value of an answer. `html` is what was written with its formatting."""
    if redaction.sensitive(text, len(text)):
        return Mistake("personal")
    kind, _, language = step.partition("_")
    match kind:
        case "title" | "button" | "owner":
            return _line(kind, language, text, ground.store)
        case "ask":
            return _phrasings(text)
        case "answer":
            return _answer(html, text, language, ground.fill)
        case "category":
            return _category(text, ground.store)
        case "sources":
            return _sources(text, ground.store)
        case "review":
            return _review(text, ground.today)
    return _identifier(text, ground.store)


def _line(kind: str, language: str, text: str, store: Store) -> str | Mistake:
    line = _clean(text)
    if not LEAST_LETTERS <= len(line) <= LONGEST[kind]:
        return Mistake("length", {"length": len(line), "most": LONGEST[kind]})
    if kind == "button":
        labels = {
            entry.wording("en" if language == "en" else "de").button.casefold(): entry
            for entry in store.entries.values()
        }
        if (other := labels.get(line.casefold())) is not None:
            return Mistake("button-twice", {"other": other.id})
    return line


def _phrasings(text: str) -> tuple[str, ...] | Mistake:
    lines = [_clean(line.strip().lstrip("-–• ")) for line in text.splitlines()]
    found = list({line.casefold(): line for line in lines if line}.values())
    if not found or len(found) > MOST_PHRASINGS:
        return Mistake("phrasings", {"most": MOST_PHRASINGS})
    for line in found:
        if not LEAST_LETTERS <= len(line) <= PHRASING_MAX or not words(line):
            return Mistake("phrasing", {"phrasing": line[:60], "most": PHRASING_MAX})
    return tuple(found)


def _answer(html: str, text: str, language: str, fill: Fill) -> str | Mistake:
    answer = clean_answer(html if not markup.mistakes(html) else escape(text, quote=False))
    try:
        filled = fill(answer, language)
    except KeyError as unknown:
        return Mistake("placeholder", {"name": str(unknown.args[0])})
    except (ValueError, IndexError, AttributeError):
        return Mistake("brace")
    length = len(markup.plain(filled).strip())
    if not LEAST_LETTERS <= length <= ANSWER_MAX:
        return Mistake("length", {"length": length, "most": ANSWER_MAX})
    return answer


def clean_answer(html: str) -> str:
    """Line by line as it can stand in a file."""
    return "\n".join(_clean(line) for line in html.splitlines()).strip()


def _clean(line: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in line).split())


def _category(text: str, store: Store) -> str | Mistake:
    wanted = text.strip().casefold()
    for known in store.categories:
        if wanted in (known.id, known.title.de.casefold()):
            return known.id
    return Mistake("category")


def _sources(text: str, store: Store) -> tuple[str, ...] | Mistake:
    if text.strip().casefold() in NOTHING:
        return ()
    by_id = {known.casefold(): known for known in store.sources}
    given = [one for one in re.split(r"[\s,;]+", text) if one]
    unknown = next((one for one in given if one.casefold() not in by_id), None)
    if unknown is not None or not given:
        return Mistake("source", {"name": (unknown or text.strip())[:40]})
    return tuple(dict.fromkeys(by_id[one.casefold()] for one in given))


def _review(text: str, today: date) -> date | Mistake:
    try:
        if found := _DATE.search(text):
            day = date(int(found[3]), int(found[2]), int(found[1]))
        else:
            day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return Mistake("date")
    return day if today < day <= today + LATEST_REVIEW else Mistake("date-far")


def _identifier(text: str, store: Store) -> str | Mistake:
    wanted = text.strip()
    if len(wanted) > ID_MAX or not ID.fullmatch(wanted):
        return Mistake("id", {"most": ID_MAX})
    return Mistake("id-twice", {"name": wanted}) if wanted in store.entries else wanted


def identifier(given: Fields, store: Store) -> str:
    """The id of the entry: as somebody chose, or made from its title."""
    if given.id:
        return given.id
    said = [word.plain for word in words(given.title_en or given.title_de)]
    chosen = [word for word in said if word not in _SMALL and len(word) > 1][:_SLUG_WORDS] or said
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(chosen).encode("ascii", "ignore").decode()).strip("-")
    slug = slug[: ID_MAX - 4].strip("-")
    if not slug or not slug[0].isalpha():
        slug = f"entry-{slug}".strip("-")
    names = (slug, *(f"{slug}-{number}" for number in range(2, 100)))
    return next(name for name in names if name not in store.entries)


def entry_of(given: Fields, store: Store, today: date) -> Entry:
    """The entry, once nothing is missing. Raises ValueError otherwise."""
    return Entry(
        id=identifier(given, store),
        owner=given.owner,
        as_of=today,
        review_by=given.review_by or today,
        sources=given.sources or (),
        de=_wording(given, "de"),
        en=_wording(given, "en"),
        category=given.category,
    )


def entry_in(given: Fields, language: Language, store: Store, today: date) -> Entry | None:
    """The entry as far as it is written in one language, to be looked at; None while that is too little."""
    if not (given.has(f"title_{language}") and given.has(f"answer_{language}")):
        return None
    button, ask = getattr(given, f"button_{language}"), getattr(given, f"ask_{language}")
    title, answer = getattr(given, f"title_{language}"), getattr(given, f"answer_{language}")
    wording = Wording(title=title, button=button or title[:BUTTON_MAX], ask=ask or (title,), answer=answer)
    return Entry(
        id=identifier(given, store), owner=given.owner or "–", as_of=today, review_by=given.review_by or today,
        sources=given.sources or (), de=wording, en=wording, category=given.category,
    )  # fmt: skip


def _wording(given: Fields, language: Language) -> Wording:
    if language == "de":
        return Wording(title=given.title_de, button=given.button_de, ask=given.ask_de, answer=given.answer_de)
    return Wording(title=given.title_en, button=given.button_en, ask=given.ask_en, answer=given.answer_en)
