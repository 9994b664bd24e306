"""`python bot.py check`: everything that must be right before a start, all problems at once."""

import asyncio
import os
import ssl
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from telegram import Bot, ChatMemberOwner
from telegram.error import InvalidToken, TelegramError

from adapters.mail import open_mail
from config.incidents import DataKind, Step
from db import schema
from db.session import Database, DatabaseError
from faq.decision import Thresholds
from faq.edition import prove
from faq.ending import Stops, stops_at_start
from faq.entry import Store
from faq.history import History
from faq.library import Library
from faq.loader import SHIPPED
from handlers.request import AiohttpRequest
from settings import Settings
from strict_yaml import Problem, Problems
from texts import LANGUAGES, Texts, explain, placeholders, sentences
from vault.keyring import Keyring, folder_of

CONNECT_SECONDS = 10
HISTORY = "faq-history"  # in the home folder


def texts_of(settings: Settings) -> Texts:
    config = settings.config
    return Texts(config.association.model_dump(), config.policies.model_dump())


def thresholds_of(settings: Settings) -> Thresholds:
    matching = settings.config.matching
    return Thresholds(answer_at=matching.answer_at, suggest_at=matching.suggest_at, lead=matching.lead)


def open_library(settings: Settings, texts: Texts, folder: Path = SHIPPED) -> Library:
    """Raises `strict_yaml.Problems` when the FAQ files in `folder` cannot be used."""
    return Library.open(folder, thresholds_of(settings), texts.fill)


def history_of(settings: Settings) -> History:
    """The accepted versions of the FAQ files."""
    return History(settings.home / HISTORY)


def readable_history(settings: Settings) -> History:
    """The accepted versions. Raises `Problems` when this user may not read them."""
    history = history_of(settings)
    try:
        history.versions()
    except OSError as error:
        values = {"folder": str(settings.home / HISTORY), "reason": type(error).__name__}
        raise Problems([Problem(HISTORY, 0, "", "faq.history-unreadable", values)]) from error
    return history


def open_shipped(settings: Settings, texts: Texts) -> Library:
    """The library that a start begins with. Raises `Problems` also when a file was only half saved before."""
    if half_saved := stops(settings).half_saved:
        raise Problems(half_saved)
    return open_library(settings, texts, SHIPPED)


def stops(settings: Settings) -> Stops:
    """The FAQ files that stop where the newest version goes on. Raises `Problems` when that cannot be read."""
    return stops_at_start(SHIPPED, readable_history(settings))


def doubts(settings: Settings, *, language: str = "de") -> list[str]:
    """What an operator should look at and what is no reason not to start, as sentences."""
    return [explain(problem, language) for problem in stops(settings).doubtful]


def open_edited(texts: Texts, folder: Path, *, before: Library, today: date) -> Library:
    """The library after an edit. What is new or changed since `before` must also find its own entry.

    Raises `strict_yaml.Problems` when the files cannot be used, or a changed entry would give members a wrong answer.
    """
    proof = prove(folder, before=before, today=today, fill=texts.fill)
    if proof.library is None or proof.mistakes:
        raise Problems(proof.mistakes)
    return proof.library


def all_good(store: Store, texts: Texts, language: str) -> str:
    """The sentence for a store without a mistake."""
    phrasings = sum(len(entry.de.ask) + len(entry.en.ask) for entry in store.entries.values())
    return texts.say_plain("check.good", language, entries=len(store.entries), phrasings=phrasings)


def check(settings: Settings, *, language: str = "de") -> list[str]:
    """What is wrong, as sentences; empty when everything is right."""
    texts = texts_of(settings)
    found = [*_texts(texts, language), *_content(settings, texts, language), *_database(settings, texts, language)]
    found += [*_keys(settings, language), *_mail(settings, texts, language), *_desk(settings, texts, language)]
    if settings.config.serving.address or settings.webhook_secret:
        found += webhook(settings, texts, language)
    return found + asyncio.run(_token(settings, texts, language))


def webhook(settings: Settings, texts: Texts, language: str) -> list[str]:
    """What is missing for `run --webhook`."""
    serving, found = settings.config.serving, []
    if settings.is_local:
        found.append(texts.say_plain("check.webhook-token", language))
    if not serving.address:
        found.append(texts.say_plain("check.webhook-address", language))
    if settings.webhook_secret is None:
        found.append(texts.say_plain("check.webhook-secret", language))
    certificate, key = settings.beside(serving.certificate), settings.beside(serving.key)
    try:
        if certificate is not None and key is not None:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        elif certificate is not None:
            ssl.create_default_context(cafile=certificate)
    except OSError as error:  # ssl.SSLError is one
        reason = type(error).__name__
        found.append(texts.say_plain("check.certificate", language, path=certificate, reason=reason))
    return found


def _keys(settings: Settings, language: str) -> list[str]:
    folder = folder_of(settings.home, os.environ)
    try:
        is_there = folder.exists()
    except OSError:
        is_there = True  # and closed to this user: loading says so
    try:
        if is_there:
            Keyring.load(folder)
    except Problems as problems:
        return [explain(problem, language) for problem in problems.problems]
    return []  # they are made at the first start


def _desk(settings: Settings, texts: Texts, language: str) -> list[str]:
    """A staff group in which nobody can answer members by name."""
    staff = settings.config.staff
    answering = any(member.role in ("agent", "admin") and member.name for member in staff.members)
    return [] if answering or not staff.chat else [texts.say_plain("check.staff-agents", language)]


def _mail(settings: Settings, texts: Texts, language: str) -> list[str]:
    mail = open_mail(settings, texts, lambda: Keyring.load(folder_of(settings.home, os.environ)))
    reason = mail.try_out() if mail is not None else None
    return [texts.say_plain("check.mail", language, reason=reason)] if reason else []


def _content(settings: Settings, texts: Texts, language: str) -> list[str]:
    try:
        store = open_shipped(settings, texts).store
    except Problems as problems:
        return [explain(problem, language) for problem in problems.problems]
    return entries_missing(settings, texts, store, language)


def entries_missing(settings: Settings, texts: Texts, store: Store, language: str) -> list[str]:
    """Entries that the settings name and the FAQ does not have, as sentences."""
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
            return await _group(bot, settings, texts, language)
    except InvalidToken:
        return [texts.say_plain("check.token-refused", language)]
    except (TelegramError, TimeoutError) as error:
        return [texts.say_plain("check.token-unreachable", language, reason=type(error).__name__)]
    finally:
        await bot.shutdown()


async def _group(bot: Bot, settings: Settings, texts: Texts, language: str) -> list[str]:
    """A staff group in which the bot cannot make topics or delete words, or that everybody can read."""
    group = settings.config.staff.chat
    if not group:
        return []
    try:
        chat, own = await bot.get_chat(group), await bot.get_chat_member(group, bot.id)
    except TelegramError:
        return [texts.say_plain("check.staff-chat", language, id=group)]
    rights = ("can_manage_topics", "can_delete_messages")
    may = isinstance(own, ChatMemberOwner) or all(getattr(own, right, None) for right in rights)
    found = [] if chat.is_forum and may else [texts.say_plain("check.staff-topics", language)]
    return [*found, *([texts.say_plain("check.staff-public", language)] if chat.username else [])]
