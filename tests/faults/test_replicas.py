"""Two whole processes on one PostgreSQL: the one that leads is killed while people ask; the other goes on."""

import asyncio
import os
import signal
import sys
import time

import pytest

from messenger.people import AYLIN_YILMAZ, EMMA_CLARKE, HEINZ_BRANDT
from tests.faults.test_kills import ROOT, TOKEN, messenger, of_bot, shown

pytestmark = pytest.mark.long

PEOPLE = (AYLIN_YILMAZ, HEINZ_BRANDT, EMMA_CLARKE)
WITHIN = 20.0  # seconds until somebody answers again: the lease, the other's next look, the answer


async def start(url, home, database_url, log):
    environment = os.environ | {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": url,
        "AUSKUNFT_HOME": str(home),
        "DATABASE_URL": database_url,
    }
    with log.open("ab") as out:
        command = (sys.executable, "bot.py")
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=out, stderr=out)


async def ask(web, text):
    for person in PEOPLE:
        sent = await web.post("/page/act/send", json={"person": person, "chat": person, "text": text})
        sent.raise_for_status()


async def answered(web, times, seconds):
    """Waits until everybody was answered so often; the seconds that took."""
    begun = time.monotonic()
    async with asyncio.timeout(seconds):
        while True:
            said = [of_bot(await shown(web, person), person) for person in PEOPLE]
            if all(len(texts) >= times for texts in said):
                return time.monotonic() - begun
            await asyncio.sleep(0.1)


async def test_the_other_process_goes_on(tmp_path, postgres_url):
    log = tmp_path / "log"
    async with messenger(tmp_path / "messenger") as (web, url):
        home = tmp_path / "home"
        first = await start(url, home, postgres_url, log)
        for person in PEOPLE:
            (await web.post("/page/act/start", json={"person": person})).raise_for_status()
        await answered(web, 1, 30)
        second = await start(url, home, postgres_url, log)
        try:
            await ask(web, "/hilfe")
            await answered(web, 2, 10)
            await asyncio.sleep(5)  # the second has started, too
            first.kill()
            await first.wait()
            await ask(web, "/datenschutz")
            after_kill = await answered(web, 3, WITHIN)
            first = await start(url, home, postgres_url, log)
            await asyncio.sleep(5)
            second.send_signal(signal.SIGTERM)
            await ask(web, "/sprache")
            after_stop = await answered(web, 4, WITHIN)
            assert await asyncio.wait_for(second.wait(), 20) == 0
        finally:
            for process in (first, second):
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        await asyncio.sleep(0.5)
        counts = [len(of_bot(await shown(web, person), person)) for person in PEOPLE]
    print(f"answered {after_kill:.1f} s after a kill, {after_stop:.1f} s after a stop; {counts}")  # noqa: T201
    assert counts == [4, 4, 4], log.read_text()
    assert after_stop < 8
