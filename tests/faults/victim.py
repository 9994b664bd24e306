"""The program, ready to be killed: each line on stdin starts one, in a process forked from this one.

Everything is imported and the FAQ is read before the fork, so that a start takes a twentieth of a second. What runs
then is `running.run` and all below it, with two differences: the clock may be ahead, and a counter stands before and
after every COMMIT and every HTTP call. At the point with the wanted number the process ends at once, as by `kill -9`.

A line is JSON: `environment` (of the program), `kill_at` (0: never), `ahead` (seconds), `points` (a file that gets a
line for each point), `log` (a file for what the program says). The answers are `started PID` and `ended STATUS`.
"""

import asyncio
import functools
import itertools
import json
import logging
import os
import sys
import threading
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services import clock

ahead = [timedelta(0)]  # of the computer's clock; set by the child


def _now():
    return datetime.now(UTC) + ahead[0]


clock.system = _now  # before it becomes the default of a parameter

import checks  # noqa: E402
import running  # noqa: E402
import settings  # noqa: E402
from tests.faults.driver import KILLED  # noqa: E402


class Points:
    """Counts the places where the process could be killed, and kills it at one of them."""

    def __init__(self, kill_at, path):
        self._numbers = itertools.count(1)
        self._kill_at, self._lock = kill_at, threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def reach(self, name):
        with self._lock:  # a commit is in a thread
            number = next(self._numbers)
            os.write(self._file, f"{number} {name}\n".encode())
            if number == self._kill_at:
                os._exit(KILLED)


def watch(points):
    """Puts a point before and after each commit and each call."""
    from sqlalchemy.engine.default import DefaultDialect

    from handlers.request import AiohttpRequest

    commit, call = DefaultDialect.do_commit, AiohttpRequest.do_request

    @functools.wraps(commit)
    def counted_commit(self, connection):
        points.reach("before COMMIT")
        commit(self, connection)
        points.reach("after COMMIT")

    @functools.wraps(call)
    async def counted_call(self, url, *arguments, **named):
        name = url.rpartition("/")[2].partition("?")[0]
        points.reach(f"before {name}")
        answer = await call(self, url, *arguments, **named)
        points.reach(f"after {name}")
        return answer

    DefaultDialect.do_commit = counted_commit
    AiohttpRequest.do_request = counted_call


def fill(marker):
    """While the file `marker` is there, the SQLite database cannot grow: as if its disk was full."""
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "begin", insert=True)
    def _limit(connection):
        if connection.dialect.name == "sqlite":
            pages = 1 if marker.exists() else 1_000_000  # never below what it has already
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    @event.listens_for(Engine, "commit")
    def _grow(connection):
        """What is free within the file would do for a few small rows: each transaction wants more than that."""
        if connection.dialect.name == "sqlite" and marker.exists():
            connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(1000000))")


def live(order):
    """The child's whole life."""
    ahead[0] = timedelta(seconds=order["ahead"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.update(order["environment"])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    for name in ("telegram", "aiohttp", "alembic", "watchfiles"):
        logging.getLogger(name).setLevel(logging.WARNING)
    watch(Points(order["kill_at"], order["points"]))
    fill(Path(order["points"]).with_name("full"))
    asyncio.run(running.run(settings.load()))


def read_once():
    """The FAQ's files are read here, and never again by a child that starts."""
    loaded = settings.load({})
    library = checks.open_library(loaded, checks.texts_of(loaded))
    original = checks.open_library

    def kept(settings, texts, *folder):
        return original(settings, texts, *folder) if folder else library

    for module in list(sys.modules.values()):
        if getattr(module, "open_library", None) is original:
            module.open_library = kept


def tell(*words):
    """A line to whoever started this process."""
    print(*words, flush=True)  # noqa: T201


def main():
    read_once()
    tell("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                live(json.loads(line))
                status = 0
            except BaseException:  # noqa: BLE001  it ends here, whatever it is
                traceback.print_exc()
            finally:
                os._exit(status)
        tell("started", child)
        _, status = os.waitpid(child, 0)
        tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
