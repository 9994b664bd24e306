"""The running program: started, run until it is told to stop, stopped."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import checks
from adapters.systemd import Systemd
from building import LANGUAGE, CannotStart, Program, build, only_one
from demonstration import LOCAL_TOKEN, demonstrate, local_messenger, with_demo_staff
from handlers import profile
from handlers.anchoring import keep_erasures
from handlers.health import Health
from handlers.heartbeat import heartbeat
from handlers.leadership import Leadership
from handlers.machine import Machine
from handlers.pages import Pages
from handlers.registration import NotAccepted, Registration
from handlers.server import PortTaken, Server, listen
from handlers.sources import Asked, Brought, Source
from handlers.webhook import Webhook
from parts import parts_of
from settings import Settings

log = logging.getLogger("auskunft")

# Of the 20 seconds that a stop may take: for updates under way, then for replies and deliveries, then to stop itself.
INTAKE_SECONDS, FINISH_SECONDS = 8.0, 11.0


@dataclass(frozen=True)
class Orders:
    """What the process is told from outside, and whether it can heed it by itself already."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    heeds: asyncio.Event = field(default_factory=asyncio.Event)


async def run(settings: Settings, *, webhook: bool = False) -> None:
    """Runs until SIGINT or SIGTERM. Without a token the local messenger stands in for Telegram.

    Raises `CannotStart` and `strict_yaml.Problems`, with sentences for the operator.
    """
    orders, loop = Orders(), asyncio.get_running_loop()
    work = _task(_run(settings, orders, webhook=webhook))

    def halt() -> None:
        orders.stop.set()
        if not orders.heeds.is_set():
            work.cancel()  # it waits for the database or Telegram

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, halt)
    try:
        await work
    except asyncio.CancelledError:
        if not orders.stop.is_set():
            raise


async def _run(settings: Settings, orders: Orders, *, webhook: bool) -> None:
    texts = checks.texts_of(settings)
    if webhook and (missing := checks.webhook(settings, texts, LANGUAGE)):
        raise CannotStart("\n".join(missing))
    is_alone = settings.database_url.get_secret_value().startswith("sqlite")
    with only_one(settings.home, texts, shared=not is_alone):
        if settings.token is not None:
            token, address = settings.token.get_secret_value(), settings.telegram_base_url
            with _traces(settings) as was_killed:
                await _serve(settings, token, address, orders, webhook=webhook, was_killed=was_killed)
            return
        async with local_messenger(settings, texts) as url:
            await _serve(with_demo_staff(settings), LOCAL_TOKEN, f"{url}/bot", orders, url=url)


@contextlib.contextmanager
def _traces(settings: Settings) -> Iterator[bool]:
    """Whether the process before this one, at the same port, was killed."""
    trace = settings.home / f"begun-{settings.config.serving.port}"
    was_killed = trace.exists()
    trace.touch()
    yield was_killed
    trace.unlink(missing_ok=True)  # not after an exception


async def _serve(
    settings: Settings,
    token: str,
    base_url: str,
    orders: Orders,
    *,
    webhook: bool = False,
    was_killed: bool = False,
    url: str = "",
) -> None:
    """Runs the program until it is told to stop. Raises what a part of it raised: a half that works would hide it."""
    systemd = Systemd(os.environ)
    async with build(settings, token=token, base_url=base_url, patience=systemd.starting) as program:
        context = program.context
        if url:
            await asyncio.to_thread(demonstrate, program)
        context.when_erased = lambda: keep_erasures(context, settings.home)
        context.background(profile.present(context))
        leadership = Leadership(context)
        try:
            source: Source = Asked(context, program.polling, leadership.while_leading)
            if webhook:
                source = _brought(program, was_killed=was_killed)
            health = Health(context, settings.config.serving, leadership, lambda: source.heard_at, polls=not webhook)
            history = checks.history_of(settings)
            context.machine = Machine(settings.home, history, health, context.desk.clock())
            async with _pages(program, health, source):
                running = Running(program, leadership, source, health, systemd)
                orders.heeds.set()
                await running.until(orders.stop, url)
        except PortTaken as error:
            raise CannotStart(program.texts.say_plain("console.port-used", LANGUAGE, place=error)) from error
        except NotAccepted as error:
            raise CannotStart(program.texts.say_plain("console.webhook-refused", LANGUAGE, reason=error)) from error


class Running:
    """One process between its start and its stop."""

    def __init__(
        self, program: Program, leadership: Leadership, source: Source, health: Health, systemd: Systemd
    ) -> None:
        self._program, self._leadership, self._source = program, leadership, source
        self._health, self._systemd = health, systemd

    async def until(self, stop: asyncio.Event, url: str) -> None:
        """Runs until `stop` is set or a part ends, which none should. Raises what it raised."""
        beating = heartbeat(self._program.context.figures, self._systemd, self._health.is_well)
        parts = [_task(part) for part in (*parts_of(self._program, self._leadership), beating)]
        taking, beginning, stopping = _task(self._source.run()), _task(self._begin(url)), _task(stop.wait())
        try:
            await asyncio.wait([stopping, beginning, taking, *parts], return_when=asyncio.FIRST_COMPLETED)
            if beginning.done() and not beginning.exception():
                await asyncio.wait([stopping, taking, *parts], return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in (beginning, taking, *parts) if task.done()]
        finally:
            stopping.cancel()
            beginning.cancel()
            await self._stop(taking, parts)
        for task in ended:
            task.result()

    async def _begin(self, url: str) -> None:
        await self._source.begin(self._systemd.starting)
        texts, bot = self._program.texts, self._program.context.bot.username
        key = "console.running-local" if url else "console.running"
        log.info("%s", texts.say_plain(key, LANGUAGE, url=url, bot=f"@{bot}"))
        self._health.is_started = True
        self._systemd.ready()

    async def _stop(self, taking: asyncio.Task[Any], parts: list[asyncio.Task[Any]]) -> None:
        """Within 20 seconds: not ready any more, no new updates, what is under way, the lead given up."""
        log.info("%s", self._program.texts.say_plain("console.stopping", LANGUAGE))
        self._health.is_draining = True
        self._systemd.stopping()
        self._source.stop()
        leads = self._leadership.is_leader
        await asyncio.wait([taking], timeout=INTAKE_SECONDS if leads or self._source.info else 0)
        for task in (taking, *parts):
            task.cancel()
        finishing = _task(self._program.context.finish(FINISH_SECONDS))
        await asyncio.wait([finishing, taking, *parts], timeout=FINISH_SECONDS)
        await self._leadership.release()


@contextlib.asynccontextmanager
async def _pages(program: Program, health: Health, source: Source) -> AsyncIterator[None]:
    """Tells how the program is, where the settings say so. Raises PortTaken."""
    serving = program.settings.config.serving
    if not serving.health_port:
        yield
        return
    pages = Pages(program.context, health, lambda: source.info)
    server = Server(pages.app, listen(serving.health_host, serving.health_port))
    telling = _task(server.run_until_stopped())
    try:
        yield
    finally:
        server.stop()
        await asyncio.wait([telling], timeout=1.0)
        telling.cancel()


def _brought(program: Program, *, was_killed: bool) -> Brought:
    """Updates that Telegram brings. Raises PortTaken."""
    settings, context = program.settings, program.context
    serving, secret = settings.config.serving, settings.webhook_secret
    assert secret is not None  # checks.webhook
    certificate, key = settings.beside(serving.certificate), settings.beside(serving.key)
    known = [given.get_secret_value() for given in (secret, settings.webhook_secret_old) if given is not None]
    brings = not program.database.is_sqlite
    place = listen(serving.host, serving.port)
    webhook = Webhook(context, program.intake, serving.path, known, brings=brings, careful=was_killed)
    own = certificate if key is not None else None
    server = Server(webhook.app, place, certificate=own, key=key)
    return Brought(
        Registration(context, serving, secret, certificate if serving.self_signed else None), webhook, server
    )


def _task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(work)
