"""The program as `building.build` builds it, with Telegram faked at the network and time in the test's hand."""

import contextlib
from datetime import UTC, datetime, timedelta

from telegram import Bot

import building
import checks
import settings
from db import schema
from db.session import Database
from faq.library import Shelf
from handlers.context import Context
from handlers.updates import Polling
from services.desk import Desk, Keys
from tests.support.colleague import STAFF
from tests.support.telegram import START, TOKEN
from vault.keyring import Keyring

TODAY = datetime.fromtimestamp(START, UTC)


class Clock:
    def __init__(self, now=TODAY):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, **span):
        self.now += timedelta(**span)


@contextlib.asynccontextmanager
async def program_with(telegram, library, database_url, home, clock):
    """A running program without its polling loop: updates are handed to it by `Member` or `Polling`."""
    environment = {"DATABASE_URL": database_url, "AUSKUNFT_HOME": str(home), "TELEGRAM_TOKEN": TOKEN}
    loaded = settings.load(environment)
    limits = loaded.config.limits.model_copy(update={"per_chat_per_second": 30.0, "overall_per_second": 1000.0})
    changed = {"limits": limits, "staff": STAFF}
    loaded = loaded.model_copy(update={"config": loaded.config.model_copy(update=changed)})
    texts = checks.texts_of(loaded)
    database = Database(database_url)
    if schema.version(database) is not schema.Version.CURRENT:
        schema.upgrade(database)
    keys = home / "keys"
    ring = Keyring.load(keys) if keys.exists() else Keyring.create(keys, today=clock().date())
    desk = Desk(Shelf(library), building.rules_of(loaded), clock, Keys(ring))
    bot = Bot(
        TOKEN, base_url="http://telegram.test/bot", request=telegram.request(), get_updates_request=telegram.request()
    )
    await bot.initialize()
    context = Context(desk, texts, database, bot, loaded.config.limits)
    try:
        yield building.Program(loaded, texts, database, context, Polling(context, telegram.request()))
        await context.courier.finish(5)
    finally:
        context.close()
        await bot.shutdown()
        database.close()
