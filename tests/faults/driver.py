"""Starts the program in processes of its own, kills it, starts it again."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from tests.support.telegram import TOKEN

ROOT = Path(__file__).parent.parent.parent
KILLED = 77  # the exit status of a program that ended at its point
START_SECONDS = 120  # of the one process that the others are forked from, on a busy machine


class Stable:
    """A process that forks programs, one at a time."""

    def __init__(self, process):
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.victim",
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        stable = cls(process)
        try:
            await stable.hear("ready")
            yield stable
        finally:
            process.stdin.close()
            await process.wait()

    async def hear(self, word):
        line = (await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)).decode().split()
        assert line[:1] == [word], line
        return line[1:]

    async def start(self, home, database_url, api_url, *, config=None, kill_at=0, ahead=0.0, environment=None):
        """A running program; wait for what it does by what it says to Telegram."""
        values = {
            "AUSKUNFT_HOME": str(home),
            "DATABASE_URL": database_url,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_BASE_URL": api_url,
            **({"AUSKUNFT_CONFIG": str(config)} if config else {}),
            **(environment or {}),
        }
        points, log = home.parent / "points.txt", home.parent / "log.txt"
        points.unlink(missing_ok=True)
        order = {"environment": values, "kill_at": kill_at, "ahead": ahead, "points": str(points), "log": str(log)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        (pid,) = await self.hear("started")
        return Running(self, int(pid), points, log)


class Running:
    """One program that was started."""

    def __init__(self, stable, pid, points, log):
        self.pid, self.log, self._points = pid, log, points
        self._ended = asyncio.ensure_future(self._end(stable))

    async def _end(self, stable):
        while True:
            line = await stable._process.stdout.readline()
            word, status = line.decode().split()
            assert word == "ended"
            return int(status)

    @property
    def ended(self):
        return self._ended.done()

    @property
    def was_killed(self):
        return self.ended and self._ended.result() == KILLED

    async def status(self, seconds=60):
        """Its exit status, once it has ended."""
        return await asyncio.wait_for(asyncio.shield(self._ended), seconds)

    async def stop(self, seconds=25):
        """Ends it as an operator would."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        return await self.status(seconds)

    async def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return await self.status()

    def points(self):
        """What it could have been killed at so far, in order."""
        with contextlib.suppress(FileNotFoundError):
            return [line.partition(" ")[2] for line in self._points.read_text(encoding="utf-8").splitlines()]
        return []
