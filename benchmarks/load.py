"""Asks a bot as many questions as it answers, or so many a second, from a process of its own."""

import asyncio
import contextlib
import multiprocessing
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

from benchmarks.busy_telegram import CONNECTIONS, Calls, Carrier, Telegram
from benchmarks.processes import processor_seconds

PATIENCE = 8.0  # seconds that the last answers are waited for
REACH_SECONDS = 40.0
OPEN_PEOPLE = 1000  # who ask at a fixed rate, so that nobody is in a hurry


@dataclass(frozen=True)
class Heard:
    """What one measurement gave. Delays in seconds."""

    seconds: float
    own: list[float] = field(repr=False)  # from the moment when the bot had the update until its call arrived
    whole: list[float] = field(repr=False)  # from the moment when it was asked
    unanswered: int
    refused: int
    busy: dict[str, float]  # who → seconds of processor time; "telegram" is this process

    @property
    def rate(self) -> float:
        return len(self.own) / self.seconds


class Load:
    """The process that asks; a context manager. `questions` are asked in turn, shuffled."""

    def __init__(self, questions: Sequence[str]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, questions), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self.port: int = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def begin(self, distance: float) -> None:
        """A new bot comes; Telegram is `distance` seconds away."""
        self._ask("begin", distance)

    def reach(self, ports: Sequence[int] = ()) -> None:
        """Waits until the bot, or its webhook at each of these ports, answers. Raises TimeoutError."""
        self._ask("reach", tuple(ports))

    def saturate(self, users: int, warm: float, seconds: float, groups: Mapping[str, Sequence[int]]) -> Heard:
        """Each of `users` asks the next question as soon as the last one is answered."""
        return self._ask("saturate", users, warm, seconds, dict(groups))  # type: ignore[no-any-return]

    def steady(self, rate: float, seconds: float, groups: Mapping[str, Sequence[int]]) -> Heard:
        """So many questions a second, at random moments."""
        return self._ask("steady", rate, seconds, dict(groups))  # type: ignore[no-any-return]

    def ask(self, users: int, questions: int) -> None:
        """So many people ask so many questions, as fast as they are answered."""
        self._ask("ask", users, questions)

    def _ask(self, what: str, *values: Any) -> Any:
        self._pipe.send((what, values))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(pipe: Connection, questions: Sequence[str]) -> None:
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        asyncio.run(_obey(pipe, questions))


async def _obey(pipe: Connection, questions: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    asking = _Asking(questions)
    server = await loop.create_server(lambda: Calls(asking.telegram), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    while True:
        what, values = await loop.run_in_executor(None, pipe.recv)
        try:
            pipe.send(await getattr(asking, what)(*values))
        except (TimeoutError, OSError) as error:
            pipe.send(error)


class _Asking:
    def __init__(self, questions: Sequence[str]) -> None:
        self._questions = questions
        self.telegram = Telegram(questions)
        self._dice = random.Random(3)

    async def begin(self, distance: float) -> None:
        for carrier in self.telegram.carriers:
            carrier.close()
        self.telegram = Telegram(self._questions, distance)

    async def reach(self, ports: Sequence[int]) -> None:
        async with asyncio.timeout(REACH_SECONDS):
            if ports:
                await self._connect(ports)
            self.telegram.ask(-1)
            await self.telegram.all_answered.wait()

    async def _connect(self, ports: Sequence[int]) -> None:
        address, secret = await self.telegram.registered()
        path, loop = "/" + address.split("/", 3)[3], asyncio.get_running_loop()
        for number in range(CONNECTIONS):
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    port = ports[number % len(ports)]
                    made = await loop.create_connection(lambda: Carrier(self.telegram, path, secret), "127.0.0.1", port)
                    break
                await asyncio.sleep(0.02)
            self.telegram.carriers.append(made[1])

    async def saturate(self, users: int, warm: float, seconds: float, groups: Mapping[str, Sequence[int]]) -> Heard:
        self.telegram.on_answer = lambda person, _now: self.telegram.ask(person) if person < users else None
        for person in range(users):
            self.telegram.ask(person)
        await asyncio.sleep(warm)
        measured = await self._measure(seconds, groups, drain=False)
        self.telegram.on_answer = None
        await self._drain()
        return measured

    async def ask(self, users: int, questions: int) -> None:
        left = questions - users

        def again(person: int, _now: float) -> None:
            nonlocal left
            left -= 1
            if left >= 0:
                self.telegram.ask(person)

        self.telegram.on_answer = again
        for person in range(users):
            self.telegram.ask(person)
        await self.telegram.all_answered.wait()
        self.telegram.on_answer = None

    async def steady(self, rate: float, seconds: float, groups: Mapping[str, Sequence[int]]) -> Heard:
        asking = asyncio.create_task(self._ask_steadily(rate, seconds))
        measured = await self._measure(seconds, groups, drain=True)
        await asking
        return measured

    async def _ask_steadily(self, rate: float, seconds: float) -> None:
        began, due, person = time.monotonic(), 0.0, 0
        while (due := due + self._dice.expovariate(rate)) < seconds:
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            self.telegram.ask(100_000 + person % OPEN_PEOPLE)
            person += 1

    async def _measure(self, seconds: float, groups: Mapping[str, Sequence[int]], *, drain: bool) -> Heard:
        telegram = self.telegram
        first, refused, before, began = len(telegram.answers), telegram.refused, _busy(groups), time.monotonic()
        await asyncio.sleep(seconds)
        after, took = _busy(groups), time.monotonic() - began
        if drain:
            await self._drain()
        answers = telegram.answers[first:]
        return Heard(
            seconds=took,
            own=[arrived - handed for _, handed, arrived in answers],
            whole=[arrived - asked for asked, _, arrived in answers],
            unanswered=len(telegram.open) if drain else 0,
            refused=telegram.refused - refused,
            busy={who: after[who] - before[who] for who in after},
        )

    async def _drain(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.telegram.all_answered.wait(), PATIENCE)


def _busy(groups: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Processor time of each group's processes and of those that they have begun, and of this one."""
    return {name: processor_seconds(of) for name, of in groups.items()} | {"telegram": time.process_time()}
