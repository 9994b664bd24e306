"""One whole process, `python bot.py`: how it starts, how it is watched, how it stops."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from pathlib import Path

import httpx
import pytest

from handlers.webhook import HEADER
from tests.support.bot_api import BotApi, Hit, Trouble
from tests.support.readers import children, is_there
from tests.support.telegram import TOKEN

ROOT = Path(__file__).parent.parent
SECRET = "secret-of-the-webhook-000000001"
BOUND = 20  # seconds; more than a start, and as long as a stop may take


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """The program with its own Telegram, systemd and folder."""

    def __init__(self, home, api_url, database_url):
        self.home, self.health, self.hook = home, free_port(), free_port()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.notify.bind(str(home / "notify"))
        config = (ROOT / "config.yaml").read_text(encoding="utf-8")
        config = config.replace('  address: "" ', f"  address: http://127.0.0.1:{self.hook}/telegram ")
        (home / "config.yaml").write_text(config, encoding="utf-8")
        self.environment = {
            **os.environ,
            "AUSKUNFT_CONFIG": str(home / "config.yaml"),
            "AUSKUNFT_HEALTH": str(self.health),
            "AUSKUNFT_HOME": str(home / "home"),
            "AUSKUNFT_LISTEN": str(self.hook),
            "AUSKUNFT_WEBHOOK_SECRET": SECRET,
            "DATABASE_URL": database_url,
            "NOTIFY_SOCKET": str(home / "notify"),
            "TELEGRAM_BASE_URL": api_url,
            "TELEGRAM_TOKEN": TOKEN,
            "WATCHDOG_USEC": "1000000",
        }

    async def start(self, *arguments, **environment):
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "bot.py",
            "run",
            *arguments,
            cwd=ROOT,
            env=self.environment | environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )

    async def ended(self):
        """Its exit status and what it said."""
        _, said = await asyncio.wait_for(self.process.communicate(), BOUND)
        return self.process.returncode, said.decode()

    async def hears(self, state):
        """Waits until systemd would have heard this; everything that it heard until then."""
        heard, loop = [], asyncio.get_running_loop()
        async with asyncio.timeout(BOUND):
            while state not in heard:
                heard.append((await loop.sock_recv(self.notify, 200)).decode())
        return heard

    async def ready(self):
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{self.health}/readyz")
            return answer.status_code, answer.json()

    async def bring(self, update, secret=SECRET):
        async with httpx.AsyncClient(timeout=BOUND) as client:
            headers = {HEADER: secret, "content-type": "application/json"}
            body = json.dumps(update)
            answer = await client.post(f"http://127.0.0.1:{self.hook}/telegram", content=body, headers=headers)
            return answer.status_code


@pytest.fixture
async def api():
    api = BotApi()
    async with api.run() as url:
        api.url = url
        yield api


@pytest.fixture
async def process(tmp_path, api, database_url):
    made = Process(tmp_path, api.url, database_url)
    yield made
    with contextlib.suppress(ProcessLookupError, AttributeError):
        made.process.kill()
        await made.process.communicate()
    made.notify.close()


async def until(holds):
    async with asyncio.timeout(BOUND):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.mark.long
async def test_it_is_watched_and_stops_with_everything_done(process, api):
    await process.start()
    heard = await process.hears("READY=1")
    assert heard[0].startswith("EXTEND_TIMEOUT_USEC=")
    for _ in range(3):
        await process.hears("WATCHDOG=1")
    await until(lambda: api.polls)
    assert await process.ready() == (200, (await process.ready())[1] | {"ready": True, "leadership": "leader"})

    said, slow = asyncio.Event(), api.on_sendMessage

    async def saying(parameters):
        await said.wait()
        return await slow(parameters)

    api.on_sendMessage = saying
    update = api.update(message=api.message(1, "pin sicher?"))
    api.put(update)
    await until(lambda: api.of("sendMessage"))
    process.process.terminate()
    await process.hears("STOPPING=1")
    status, codes = await process.ready()
    assert (status, codes["process"]) == (503, "draining")
    said.set()
    status, said_by_it = await process.ended()
    assert status == 0
    assert "beendet sich" in said_by_it
    assert "Traceback" not in said_by_it
    assert len(api.messages) == 1
    assert not list((process.home / "home").glob("begun-*"))


@pytest.mark.long
async def test_telegram_brings_and_a_stop_finishes_what_it_brought(process, api):
    await process.start("--webhook")
    await process.hears("READY=1")
    told = api.of("setWebhook")[0]
    assert (told["url"], told["secret_token"]) == (f"http://127.0.0.1:{process.hook}/telegram", SECRET)
    assert "drop_pending_updates" not in told
    assert await process.bring(api.update(message=api.message(1, "moin")), secret="x" * 32) == 403
    assert await process.bring(api.update(message=api.message(1, "pin sicher?"))) == 200
    assert (await process.ready())[0] == 200

    api.hits["sendMessage"].append(Hit(Trouble.REFUSED, status=429, retry_after=2))
    bringing = asyncio.create_task(process.bring(api.update(message=api.message(2, "pin sicher?"))))
    await until(lambda: not api.hits["sendMessage"])
    process.process.terminate()
    await process.hears("STOPPING=1")
    assert await bringing == 200
    status, said = await process.ended()
    assert status == 0
    assert SECRET not in said
    assert TOKEN not in said
    assert len(api.messages) == 2


@pytest.mark.long
async def test_after_a_kill_it_goes_on(process, api):
    await process.start("--webhook")
    await process.hears("READY=1")
    process.process.kill()
    assert (await process.ended())[0] == -9
    assert list((process.home / "home").glob("begun-*"))
    await process.start("--webhook")
    await process.hears("READY=1")
    assert await process.bring(api.update(message=api.message(1, "pin sicher?"))) == 200
    process.process.terminate()
    assert (await process.ended())[0] == 0


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_kill_leaves_no_reader_and_a_stop_neither(process, api):
    for end, status in (("kill", -9), ("terminate", 0)):
        await process.start()
        await process.hears("READY=1")
        await until(lambda: children(process.process.pid))
        (reader,) = children(process.process.pid)
        getattr(process.process, end)()
        assert (await process.ended())[0] == status
        await until(lambda reader=reader: not is_there(reader))


@pytest.mark.long
async def test_asking_takes_a_webhook_away(process, api):
    api.webhook = {"url": "https://elsewhere.example.org/telegram"}
    await process.start()
    await until(lambda: api.polls)
    assert api.of("deleteWebhook")[0].get("drop_pending_updates") in (None, "false", False)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"AUSKUNFT_WEBHOOK_SECRET": ""}, "AUSKUNFT_WEBHOOK_SECRET"),
        ({"AUSKUNFT_WEBHOOK_SECRET": "short"}, "24 bis 256 Zeichen"),
        ({"TELEGRAM_TOKEN": ""}, "TELEGRAM_TOKEN"),
        ({"AUSKUNFT_CONFIG": ""}, "serving › address"),
    ],
)
async def test_what_a_webhook_lacks_stops_the_start_in_words(process, api, change, words):
    await process.start("--webhook", **change)
    status, said = await process.ended()
    assert status == 2
    assert words in said
    assert "Traceback" not in said
    assert api.of("setWebhook") == []


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_port_that_is_taken_and_a_webhook_that_is_refused_stop_the_start_in_words(process, api):
    with socket.create_server(("127.0.0.1", process.health)):
        await process.start()
        status, said = await process.ended()
    assert (status, f"127.0.0.1:{process.health}" in said, "Traceback" in said) == (2, True, False)
    api.fail("setWebhook", (400, "Bad Request: bad webhook: failed to resolve host"))
    await process.start("--webhook")
    status, said = await process.ended()
    assert (status, "failed to resolve host" in said, "Traceback" in said) == (2, True, False)


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_start_that_waits_can_be_stopped(process):
    await process.start(TELEGRAM_BASE_URL=f"http://127.0.0.1:{free_port()}/bot")
    for _ in range(3):
        assert await process.hears("EXTEND_TIMEOUT_USEC=90000000")
    process.process.terminate()
    status, said = await process.ended()
    assert (status, "not reachable yet" in said, "Traceback" in said) == (0, True, False)


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_server_of_the_database_that_is_not_there_yet_is_waited_for(process, database_url):
    nobody = f"postgresql://auskunft:secret-of-the-database@127.0.0.1:{free_port()}/auskunft"
    await process.start(DATABASE_URL=nobody)
    for _ in range(3):
        await process.hears("EXTEND_TIMEOUT_USEC=90000000")
    process.process.terminate()
    status, said = await process.ended()
    assert (status, "the database is not reachable yet" in said, "Traceback" in said) == (0, True, False)
    assert "secret-of-the-database" not in said
    await process.start(DATABASE_URL=database_url.replace("/test_", "/no_such_test_"))
    status, said = await process.ended()
    assert (status, "Prüfen Sie DATABASE_URL" in said, "Traceback" in said) == (2, True, False)
