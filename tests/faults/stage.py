"""Places where the scenario is played: a fresh home and database for each run, from one that was prepared once."""

import asyncio
import contextlib
import itertools
from collections import Counter
from datetime import timedelta

import sqlalchemy

from tests.faults import scenario
from tests.faults.scenario import World
from tests.support.bot_api import BotApi

_numbers = itertools.count(1)


class Stage:
    """Prepared once for each kind of database. `server` is the address of a PostgreSQL, or None for SQLite."""

    def __init__(self, folder, server=None, *, seeded_ago=timedelta(0)):
        self._folder, self._server = folder, server
        self._template = folder / "template" / "home"
        self._template.parent.mkdir(parents=True)
        self._name = f"faults_{next(_numbers)}"
        url = self._create(self._name, self._template)
        place = scenario.office(url, self._template, lambda: scenario.now() - seeded_ago)
        self.code = scenario.seed(place)
        place.database.close()
        self.config = scenario.write_config(folder / "config.yaml")

    def _create(self, name, home, template="template1"):
        if self._server is None:
            return f"sqlite:///{home / 'auskunft.sqlite'}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return sqlalchemy.make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement):
        url = self._server.replace("postgresql://", "postgresql+psycopg://", 1)
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(statement))
        engine.dispose()

    @contextlib.asynccontextmanager
    async def play(self, *, telegram=None, empty=False):
        """One run's `Play`. `empty`: nothing is there yet, as before the very first start."""
        number = next(_numbers)
        folder = self._folder / f"run-{number}"
        name = f"{self._name}_{number}"
        if empty:
            (folder / "home").mkdir(parents=True, mode=0o700)
            url = self._create(name, folder / "home")
        else:
            url = self._create(name, scenario.copy_of(self._template, folder), template=self._name)
        telegram = telegram or BotApi()
        try:
            async with telegram.run() as api:
                play = Play(self, World(telegram, folder / "home", url, self.code), api)
                try:
                    yield play
                except Exception as error:
                    error.add_note(play.log())
                    raise
                finally:
                    await play.end()
        finally:
            if self._server is not None:
                self._administer(f"DROP DATABASE {name} WITH (FORCE)")


class Play:
    """One run: the world, the program that is running, and the look into the database beside it."""

    def __init__(self, stage, world, api):
        self.stage, self.world, self.api = stage, world, api
        self.running = None
        self._place = None

    @property
    def place(self):
        if self._place is None:
            self._place = scenario.office(self.world.database_url, self.world.home)
        return self._place

    @property
    def engine(self):
        return self.place.database.engine

    async def start(self, stable, *, url=None, config=None, **options):
        url = url or self.world.database_url
        self.running = await stable.start(self.world.home, url, self.api, config=config or self.stage.config, **options)
        return self.running

    async def rest(self, **options):
        return await self.world.rest(self.engine, **options)

    async def through(self, work):
        """What the work gives; raises as soon as the program has ended instead."""
        doing, ended = asyncio.ensure_future(work), asyncio.ensure_future(self.running.status(None))
        try:
            await asyncio.wait([doing, ended], return_when=asyncio.FIRST_COMPLETED)
            assert doing.done(), f"the program ended with status {ended.result()}"
            return doing.result()
        finally:
            doing.cancel()
            ended.cancel()
            await asyncio.gather(doing, ended, return_exceptions=True)

    def log(self, lines=40):
        """The end of what the program said."""
        if self.running is None or not self.running.log.exists():
            return ""
        return "\n".join(self.running.log.read_text(encoding="utf-8").splitlines()[-lines:])

    async def end(self):
        if self.running is not None and not self.running.ended:
            await self.running.kill()
        if self._place is not None:
            self._place.database.close()

    def check(self, quiet):
        """All that must hold in the end, beside a run without trouble; what was lost and what came twice."""
        scenario.check_invariants(self.world, self.place)
        scenario.check_secrecy(self.world.telegram)
        found, wanted = scenario.effects(self.place), quiet.effects
        assert found == wanted, {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}
        said = said_by(self.world.telegram)
        lost, doubled = quiet.said - said, said - quiet.said
        # What came twice can be deleted twice, where the member tapped the first and the second was noted.
        assert quiet.deletions <= scenario.deletions(self.engine) <= quiet.deletions + doubled.total()
        return lost, doubled


class Quiet:
    """What a run without trouble left: every other one must leave the same."""

    def __init__(self, play):
        self.effects = scenario.effects(play.place)
        self.said = said_by(play.world.telegram)
        self.deletions = scenario.deletions(play.engine)
        self.points = play.running.points()


def said_by(telegram):
    return Counter((int(one["chat_id"]), one["text"]) for one in telegram.of("sendMessage"))
