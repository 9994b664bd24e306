"""The running program: built once, started, stopped."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

import checks
from adapters.mail import open_mail
from checks import open_library, texts_of
from config import Staff, StaffMember
from db import members, schema
from db.session import Database
from demo import make_demo
from demo_letters import make_demo_letters
from faq.history import History
from faq.library import Library, Shelf
from faq.loader import SHIPPED
from handlers import profile, reloading
from handlers.anchoring import anchoring, keep_erasures
from handlers.context import Context
from handlers.deliveries import DeliveryReplies
from handlers.outbox import Outbox
from handlers.request import AiohttpRequest
from handlers.updates import Polling
from services import clock, retention
from services.desk import Desk, Keys, Rules
from services.printrun import Press
from settings import Settings
from texts import Texts
from vault.keyring import Keyring, folder_of

log = logging.getLogger("auskunft")

LOCAL_TOKEN = "1000000001:LocalMessengerOnThisComputerOnly00001"  # noqa: S105  opens nothing but the local messenger
FINISH_SECONDS = 15.0
HISTORY = "faq-history"  # in the home folder
LANGUAGE = "de"  # of what operators and editors read
FORGET_EVERY_SECONDS = 3600.0


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


@contextlib.contextmanager
def only_one(home: Path, texts: Texts) -> Iterator[None]:
    """Holds the folder for this process. Raises CannotStart when another one has it."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(texts.say_plain("console.second-instance", LANGUAGE, home=home)) from error
        yield


def open_database(settings: Settings, texts: Texts) -> Database:
    """The database at the newest version. Raises CannotStart when it belongs to a newer program."""
    database = Database(settings.database_url.get_secret_value())
    match schema.version(database):
        case schema.Version.NEWER:
            database.close()
            raise CannotStart(texts.say_plain("check.database-new", LANGUAGE))
        case schema.Version.OLD:
            schema.upgrade(database)
    return database


def open_keys(settings: Settings, database: Database, texts: Texts, now: clock.Clock) -> Keyring:
    """The keys; made at the very first start. Raises `Problems` when they cannot be used.

    Keys that are damaged are never replaced, and missing ones only while nothing was sealed with them: raises
    CannotStart when the database holds members and the folder is not there.
    """
    folder = folder_of(settings.home, os.environ)
    if folder.exists():
        return Keyring.load(folder)
    if database.work(members.stamp)[0]:
        raise CannotStart(texts.say_plain("console.keys-missing", LANGUAGE, folder=folder))
    return Keyring.create(folder, today=now().date())


def rules_of(settings: Settings) -> Rules:
    config = settings.config
    return Rules(
        languages=config.languages,
        messages_per_minute=config.limits.questions_per_minute,
        questions_days=config.retention.questions_days,
        updates_days=config.retention.updates_days,
        entries=config.faq,
        editors=frozenset(member.id for member in config.staff.members),
        incidents=config.incidents,
        verification=config.verification,
    )


@contextlib.asynccontextmanager
async def build(
    settings: Settings, *, token: str, base_url: str, now: clock.Clock = clock.system
) -> AsyncIterator[Program]:
    """Builds the program around one bot and takes it apart in the end.

    Raises `strict_yaml.Problems` for FAQ files that cannot be used, `CannotStart` for a database or token that cannot.
    """
    texts = texts_of(settings)
    library = open_library(settings, texts)
    database = open_database(settings, texts)
    desk = Desk(Shelf(library), rules_of(settings), now, Keys(open_keys(settings, database, texts, now)))
    polling_request = AiohttpRequest(2)
    connections = settings.config.limits.chats_side_by_side + 8
    bot = Bot(token, base_url=base_url, request=AiohttpRequest(connections), get_updates_request=polling_request)
    try:
        await _connect(bot, texts)
        context = Context(desk, texts, database, bot, settings.config.limits)
        yield Program(settings, texts, database, context, Polling(context, polling_request))
        await context.courier.finish(FINISH_SECONDS)
        context.close()
    finally:
        await bot.shutdown()
        database.close()


async def _connect(bot: Bot, texts: Texts) -> None:
    """Waits for Telegram; a start while the network is down goes on when it is back."""
    wait = 0.2
    while True:
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


async def run(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM. Without a token the local messenger stands in for Telegram."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    texts = texts_of(settings)
    with only_one(settings.home, texts):
        if settings.token is not None:
            await _serve(settings, settings.token.get_secret_value(), settings.telegram_base_url, stop)
            return
        async with local_messenger(settings, texts) as url:
            await _serve(with_demo_staff(settings), LOCAL_TOKEN, f"{url}/bot", stop, url)


async def _serve(settings: Settings, token: str, base_url: str, stop: asyncio.Event, url: str = "") -> None:
    """Runs the program until `stop` is set. Raises what a part of it raised: a half that works would hide it."""
    async with build(settings, token=token, base_url=base_url) as program:
        texts, context = program.texts, program.context
        if url:
            await asyncio.to_thread(_demonstrate, program)
        context.when_erased = lambda: keep_erasures(context, settings.home)
        context.background(profile.present(context))
        parts = [asyncio.create_task(part) for part in _parts(program)]
        key = "console.running-local" if url else "console.running"
        log.info("%s", texts.say_plain(key, LANGUAGE, url=url, bot=f"@{context.bot.username}"))
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
        log.info("%s", texts.say_plain("console.stopping", LANGUAGE))
        for task in (stopping, *parts):
            task.cancel()
        await asyncio.gather(stopping, *parts, return_exceptions=True)
        for task in done - {stopping}:
            task.result()


def _demonstrate(program: Program) -> None:
    """The demonstration's members, lists and letters, at the first start; later they are kept."""
    settings, desk = program.settings, program.desk
    make_demo(program.database, desk)
    press = Press.of(settings.config, settings.config_path.parent)
    make_demo_letters(program.database, desk, press, settings.home / "demo", desk.clock())


def _parts(program: Program) -> list[Coroutine[Any, Any, None]]:
    """What runs side by side as long as the program does."""
    settings, texts, context = program.settings, program.texts, program.context
    mail = open_mail(settings, texts, lambda: program.desk.keys.ring)
    words = DeliveryReplies(texts, context.bot.username, program.desk.rules.entries)
    return [
        program.polling.run(),
        Outbox(context, mail, compose=words.compose).run(),
        _reloading(program).run(),
        anchoring(context, settings.home),
        _forget(context),
    ]


def _reloading(program: Program) -> reloading.Reloading:
    settings, texts, context = program.settings, program.texts, program.context
    staff_chat = settings.config.staff.chat

    def tell(result: reloading.Result) -> None:
        text = reloading.in_words(result, texts, LANGUAGE)
        log.log(logging.WARNING if isinstance(result, reloading.Refused) else logging.INFO, "%s", text)
        if staff_chat:
            context.background(reloading.inform(context, staff_chat, text))

    def open_edited(folder: Path) -> Library:
        desk = context.desk
        return checks.open_edited(settings, texts, folder, before=desk.store, today=desk.clock().date())

    return reloading.Reloading(context, SHIPPED, History(settings.home / HISTORY), open_edited, tell)


async def _forget(context: Context) -> None:
    while True:
        now: datetime = context.desk.clock()
        await context.work(retention.forget, context.desk, bot=context.bot_id, now=now)
        await asyncio.sleep(FORGET_EVERY_SECONDS)


def with_demo_staff(settings: Settings) -> Settings:
    """The settings with the local messenger's people as staff."""
    from messenger.people import KELLER, SOMMER, STAFF_GROUP  # noqa: PLC0415  with a token there is no messenger to load

    members = (StaffMember(id=SOMMER, role="admin"), StaffMember(id=KELLER, role="editor"))
    config = settings.config.model_copy(update={"staff": Staff(chat=STAFF_GROUP, members=members)})
    return settings.model_copy(update={"config": config})


@contextlib.asynccontextmanager
async def local_messenger(settings: Settings, texts: Texts) -> AsyncIterator[str]:
    """The messenger on this computer, at the address that comes back. Raises CannotStart when its port is taken."""
    from demo_handouts import handouts  # noqa: PLC0415  with a token there is no messenger to load
    from messenger import build_server, create_app  # noqa: PLC0415

    port = settings.config.messenger.port
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(texts.say_plain("console.port-taken", LANGUAGE, port=port)) from error
    letters = partial(handouts, settings.home / "demo", texts)
    app = create_app(token=LOCAL_TOKEN, folder=settings.home / "messenger", handouts=letters)
    server = build_server(app, port=port)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        if serving.done():
            await serving
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
