"""`python bot.py check`: everything that must be right before a start, all problems at once."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from config import DataKind, Step
from db import schema
from db.session import Database, DatabaseError
from faq import check as faq_check
from faq.decision import Thresholds
from faq.difference import difference
from faq.entry import Store
from faq.library import Library
from faq.loader import SHIPPED, read_files
from handlers.request import AiohttpRequest
from settings import Settings
from strict_yaml import Problems
from texts import LANGUAGES, Texts, explain, placeholders, sentences

CONNECT_SECONDS = 10


def texts_of(settings: Settings) -> Texts:
    config = settings.config
    return Texts(config.association.model_dump(), config.policies.model_dump())


def thresholds_of(settings: Settings) -> Thresholds:
    matching = settings.config.matching
    return Thresholds(answer_at=matching.answer_at, suggest_at=matching.suggest_at, lead=matching.lead)


def open_library(settings: Settings, texts: Texts, folder: Path = SHIPPED) -> Library:
    """Raises `strict_yaml.Problems` when the FAQ files in `folder` cannot be used."""
    return Library.open(folder, thresholds_of(settings), texts.fill)


def open_edited(settings: Settings, texts: Texts, folder: Path, *, before: Store, today: date) -> Library:
    """The library after an edit. What is new or changed since `before` must also find its own entry.

    Raises `strict_yaml.Problems` when the files cannot be used, or a changed entry would give members a wrong answer.
    """
    library = open_library(settings, texts, folder)
    edit = difference(before, library.store)
    touched = {*edit.added, *edit.changed}
    found = faq_check.check(read_files(folder), library.matcher, today=today, fill=texts.fill, only=touched)
    mistakes = [problem for problem in found if not faq_check.is_advice(problem)]
    if mistakes:
        raise Problems(mistakes)
    return library


def all_good(store: Store, texts: Texts, language: str) -> str:
    """The sentence for a store without a mistake."""
    phrasings = sum(len(entry.de.ask) + len(entry.en.ask) for entry in store.entries.values())
    return texts.say_plain("check.good", language, entries=len(store.entries), phrasings=phrasings)


def check(settings: Settings, *, language: str = "de") -> list[str]:
    """What is wrong, as sentences; empty when everything is right."""
    texts = texts_of(settings)
    found = [*_texts(texts, language), *_content(settings, texts, language), *_database(settings, texts, language)]
    return found + asyncio.run(_token(settings, texts, language))


def _content(settings: Settings, texts: Texts, language: str) -> list[str]:
    try:
        store = open_library(settings, texts).store
    except Problems as problems:
        return [explain(problem, language) for problem in problems.problems]
    config = settings.config
    parts: list[DataKind | Step] = []
    for incident in config.incidents:
        parts += [*incident.kinds, *incident.steps]
    named = {*config.faq.all(), *(part.entry for part in parts)}
    missing = sorted(entry for entry in named if entry and entry not in store.entries)
    return [texts.say_plain("check.entry-missing", language, entry=entry) for entry in missing]


def _texts(texts: Texts, language: str) -> Iterator[str]:
    """Sentences that one language lacks, or that want other values there."""
    every = {key for known in LANGUAGES for key in sentences(known)}
    for key in sorted(every):
        wanted = [placeholders(sentences(known)[key]) for known in LANGUAGES if key in sentences(known)]
        for known in LANGUAGES:
            if key not in sentences(known):
                yield texts.say_plain("check.text-missing", language, language=known, key=key)
        if len({frozenset(names - texts.names()) for names in wanted}) > 1:
            yield texts.say_plain("check.text-values", language, language=LANGUAGES[1], key=key)


def _database(settings: Settings, texts: Texts, language: str) -> list[str]:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url.get_secret_value())
    try:
        version = schema.version(database)
    except (DatabaseError, OSError) as error:
        return [texts.say_plain("check.database-reach", language, reason=type(error).__name__)]
    finally:
        database.close()
    if version is schema.Version.NEWER:
        return [texts.say_plain("check.database-new", language)]
    return []  # an old one is brought up to date at the start


async def _token(settings: Settings, texts: Texts, language: str) -> list[str]:
    if settings.token is None:
        return []
    bot = Bot(settings.token.get_secret_value(), base_url=settings.telegram_base_url, request=AiohttpRequest(1))
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await bot.initialize()
    except InvalidToken:
        return [texts.say_plain("check.token-refused", language)]
    except (TelegramError, TimeoutError) as error:
        return [texts.say_plain("check.token-unreachable", language, reason=type(error).__name__)]
    finally:
        await bot.shutdown()
    return []
