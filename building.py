"""How the program is built: database, keys, FAQ and the bot, around one token. Nothing runs yet."""

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from checks import entries_missing, open_shipped, stops, texts_of
from db import members, schema
from db.session import Database, DatabaseError
from db.troubles import may_come_back, reason
from faq.library import Shelf
from handlers.context import Context
from handlers.request import AiohttpRequest
from handlers.updates import Intake, Polling
from services import clock
from services.desk import Desk, Keys, Rules
from settings import Settings
from texts import Texts
from vault.keyfolder import is_begun
from vault.keyring import Keyring, folder_of

log = logging.getLogger("auskunft")

CONNECT_SECONDS = 90.0  # one try to reach Telegram, and the pause before the next
LANGUAGE = "de"  # of what operators and editors read


class CannotStart(Exception):  # noqa: N818  a reason, told to the operator
    """Why the program does not start, in words for the operator."""


@dataclass
class Program:
    """The parts of a running program."""

    settings: Settings
    texts: Texts
    database: Database
    context: Context
    polling: Polling

    @property
    def desk(self) -> Desk:
        return self.context.desk

    @property
    def intake(self) -> Intake:
        return self.polling.intake


@contextlib.contextmanager
def only_one(home: Path, texts: Texts, *, shared: bool = False, file: Path | None = None) -> Iterator[None]:
    """Holds the folder for this process, or with others that share it, and the database's file if there is one.

    Raises CannotStart when that cannot be.
    """
    wanted = [(home / "lock", fcntl.LOCK_SH if shared else fcntl.LOCK_EX)]
    if file is not None and file.parent != home:  # another folder may name the same database
        wanted.append((file.with_name(f"{file.name}.lock"), fcntl.LOCK_EX))
    with contextlib.ExitStack() as stack:
        for path, kind in wanted:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                fcntl.flock(stack.enter_context(path.open("w")), kind | fcntl.LOCK_NB)
            except OSError as error:
                raise CannotStart(texts.say_plain("console.second-instance", LANGUAGE, home=path.parent)) from error
        yield


def open_database(settings: Settings, texts: Texts) -> Database:
    """The database at the newest version. Raises CannotStart when it belongs to a newer program."""
    database = Database(settings.database_url.get_secret_value())
    with contextlib.ExitStack() as otherwise:
        otherwise.callback(database.close)
        match schema.version(database):
            case schema.Version.NEWER:
                raise CannotStart(texts.say_plain("check.database-new", LANGUAGE))
            case schema.Version.OLD:
                schema.upgrade(database)
        otherwise.pop_all()
    return database


def open_keys(settings: Settings, database: Database, texts: Texts, now: clock.Clock) -> Keyring:
    """The keys; made at the very first start. Raises `Problems` when they cannot be used.

    Keys that are damaged are never replaced, and missing ones only while nothing was sealed with them: raises
    CannotStart when the database holds members and the folder is not there.
    """
    folder = folder_of(settings.home, os.environ)
    if _is_made(folder):
        return Keyring.load(folder)
    if database.work(members.stamp)[0]:
        raise CannotStart(texts.say_plain("console.keys-missing", LANGUAGE, folder=folder))
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # several processes may begin at the same moment
        return Keyring.load(folder) if _is_made(folder) else Keyring.create(folder, today=now().date())


def _is_made(folder: Path) -> bool:
    """Whether there is a folder of keys; one whose making was cut off by a crash is made anew."""
    return folder.exists() and not is_begun(folder)


def rules_of(settings: Settings) -> Rules:
    config = settings.config
    return Rules(
        languages=config.languages,
        messages_per_minute=config.limits.questions_per_minute,
        questions_days=config.retention.questions_days,
        updates_days=config.retention.updates_days,
        entries=config.faq,
        incidents=config.incidents,
        verification=config.verification,
        staff=config.staff,
        office=config.office,
        addresses=config.association.addresses,
    )


@contextlib.asynccontextmanager
async def build(
    settings: Settings,
    *,
    token: str,
    base_url: str,
    now: clock.Clock = clock.system,
    patience: Callable[[float], None] = lambda _: None,
) -> AsyncIterator[Program]:
    """Builds the program around one bot and takes it apart in the end.

    `patience` hears how many seconds the start may take again, while database and Telegram are waited for. Raises
    `strict_yaml.Problems` for FAQ files that cannot be used, `CannotStart` for settings, a database or a token.
    """
    texts = texts_of(settings)
    shelf = Shelf(open_shipped(settings, texts))  # nothing else may hold the library, or it stays after an edit
    if missing := entries_missing(settings, texts, shelf.library.store, LANGUAGE):
        raise CannotStart("\n".join(missing))
    for found in stops(settings).doubtful:
        log.warning("%s stops at line %d, the version before went on: meant so? (bot.py check)", found.file, found.line)
    database = await _reach_database(settings, texts, patience)
    desk = Desk(shelf, rules_of(settings), now, Keys(open_keys(settings, database, texts, now)))
    polling_request = AiohttpRequest(2)
    connections = settings.config.limits.chats_side_by_side + 8
    bot = Bot(token, base_url=base_url, request=AiohttpRequest(connections), get_updates_request=polling_request)
    try:
        await _connect(bot, texts, patience)
        context = Context(desk, texts, database, bot, settings.config.limits)
        try:
            yield Program(settings, texts, database, context, Polling(context, polling_request))
        finally:
            context.close()
    finally:
        await bot.shutdown()
        database.close()


async def _reach_database(settings: Settings, texts: Texts, patience: Callable[[float], None]) -> Database:
    """Waits for a server that is not there yet; what waiting does not cure ends the start."""
    wait = 0.2
    while True:
        patience(CONNECT_SECONDS)
        try:
            return await asyncio.to_thread(open_database, settings, texts)
        except DatabaseError as error:
            if not may_come_back(error):
                why = reason(error)
                raise CannotStart(texts.say_plain("check.database-reach", LANGUAGE, reason=why)) from error
            log.warning("the database is not reachable yet (%s)", reason(error))
        await asyncio.sleep(wait)
        wait = min(wait * 2, 30.0)


async def _connect(bot: Bot, texts: Texts, patience: Callable[[float], None]) -> None:
    """Waits for Telegram; a start while the network is down goes on when it is back."""
    wait = 0.2
    while True:
        patience(CONNECT_SECONDS)
        try:
            await bot.initialize()
        except InvalidToken as error:
            raise CannotStart(texts.say_plain("check.token-refused", LANGUAGE)) from error
        except TelegramError as error:
            log.warning("Telegram is not reachable yet (%s)", type(error.__cause__ or error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 30.0)
        else:
            return
