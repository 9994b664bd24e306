"""Updates that are asked for or brought: when Telegram was heard of, and that nothing beside it ends unnoticed."""

import asyncio

import pytest

from handlers import sources as module
from handlers.sources import Asked, Brought


def now():
    return asyncio.get_running_loop().time()


async def test_who_begins_to_ask_was_not_silent_before(program, telegram, monkeypatch):
    """A process that takes over the lead after hours has heard nothing of Telegram, and nothing is wrong with it."""
    leads = asyncio.Event()

    async def while_leading(part):
        await leads.wait()
        await part()

    source = Asked(program.context, program.polling, while_leading)
    running = asyncio.create_task(source.run())
    await asyncio.sleep(0.01)
    assert source.heard_at is None
    monkeypatch.setattr(program.polling, "run", asyncio.Event().wait)  # the first question is not answered yet
    begun_at = now()
    leads.set()
    await asyncio.sleep(0.01)
    assert source.heard_at >= begun_at
    program.polling.last_good_at = now() + 5
    assert source.heard_at == program.polling.last_good_at
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Service:
    """A server and a webhook's registration that run until they are told otherwise."""

    last_good_at = last_taken_at = info = None
    is_stopping = False

    def __init__(self):
        self.stopped, self.renewals = asyncio.Event(), []

    async def run(self):
        await asyncio.Event().wait()

    async def run_until_stopped(self):
        await self.stopped.wait()

    def stop(self):
        self.stopped.set()

    def renew(self):
        self.renewals.append(1)
        raise ValueError("ours")


async def test_a_stop_ends_all_of_it():
    service = Service()
    source = Brought(service, service, service)
    running = asyncio.create_task(source.run())
    await asyncio.sleep(0.01)
    source.stop()
    async with asyncio.timeout(1):
        await running
    assert len(asyncio.all_tasks()) == 1


async def test_what_ends_beside_the_server_is_not_hidden(monkeypatch):
    monkeypatch.setattr(module, "RENEW_EVERY", 0.01)
    service = Service()
    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(1):
            await Brought(service, service, service).run()
    assert raised.group_contains(ValueError, match="ours")
