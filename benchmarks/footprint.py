"""How much memory a running bot takes and how fast it starts: `python -m benchmarks.footprint [--write]`.

A copy of the program runs as operators run it (`python bot.py run`), with 100,000 members in SQLite, the shipped FAQ
and a Telegram on this computer. Then questions are asked, and an entry is edited, again and again. Linux only: the
memory is read from /proc. `--write` puts the figures into docs/benchmarks.md.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks import imports, processes
from faq.decision import Thresholds
from faq.loader import SHIPPED, load
from faq.matcher import Matcher
from faq.probes import read_probes

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- footprint:begin -->", "<!-- footprint:end -->"
TOKEN = "1000000001:OnlyForMeasuringOnThisComputer0000001"
ME = {"id": 1000000001, "is_bot": True, "first_name": "Auskunft", "username": "measured_bot"}
WAIT = 60.0  # seconds until something is given up
MATCHERS = 15  # edits that are measured without the rest of the program
SETTLE = 3.0  # seconds of rest before memory is read
WATCH = 0.1  # seconds between two looks for the most of it
EDITED = "affected.yaml"  # its first entry gets another answer and another phrasing
ASKED = "bin ich dabei"  # finds this entry
IGNORED = shutil.ignore_patterns(".*", "var", "tests", "docs", "*.png")


class Telegram:
    """As much of Telegram's Bot API as a bot needs that answers questions."""

    def __init__(self) -> None:
        self._updates: deque[dict[str, Any]] = deque()
        self._ids = int(time.time()) * 100  # of messages, updates and people: each run has its own
        self._news = asyncio.Condition()
        self._replies: dict[int, str] = {}  # the first to each chat

    async def ask(self, text: str) -> str:
        """The first message that a new person gets who asks `text`."""
        async with self._news:
            self._ids += 1
            chat = self._ids
            person = {"id": chat, "is_bot": False, "first_name": "Aylin", "language_code": "de"}
            where = {"id": chat, "type": "private", "first_name": "Aylin"}
            message = {"message_id": self._ids, "date": int(time.time()), "chat": where, "from": person, "text": text}
            self._updates.append({"update_id": self._ids, "message": message})
            self._news.notify_all()
            async with asyncio.timeout(WAIT):
                await self._news.wait_for(lambda: chat in self._replies)
            return self._replies[chat]

    async def answer(self, request: web.Request) -> web.Response:
        is_json = request.content_type == "application/json"
        parameters = {**request.query, **(await request.json() if is_json else await request.post())}
        match request.match_info["method"]:
            case "getMe":
                result: Any = ME
            case "getMyName":
                result = {"name": "?"}
            case "getWebhookInfo":
                result = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
            case "getUpdates":
                result = await self._get_updates(int(str(parameters.get("offset", 0))))
            case "sendMessage":
                result = await self._sent(int(str(parameters["chat_id"])), str(parameters["text"]))
            case _:
                result = True
        return web.json_response({"ok": True, "result": result})

    async def _get_updates(self, offset: int) -> list[dict[str, Any]]:
        async with self._news:
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self._news.wait_for(lambda: self._updates)
            return list(self._updates)[:100]

    async def _sent(self, chat: int, text: str) -> dict[str, Any]:
        async with self._news:
            self._ids += 1
            self._replies.setdefault(chat, text)
            self._news.notify_all()
            return {"message_id": self._ids, "date": 0, "chat": {"id": chat, "type": "private"}, "text": text}


@dataclass
class Measured:
    """One run of the program."""

    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)  # moment → figure → megabytes


async def measure(program: Path, home: Path, questions: int, edits: int) -> Measured:
    """Starts the program in `program` once, asks, edits, and stops it."""
    telegram, measured = Telegram(), Measured()
    app = web.Application()
    app.router.add_route("*", f"/bot{TOKEN}/{{method}}", telegram.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    environment = os.environ | {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": f"http://127.0.0.1:{port}/bot",
        "AUSKUNFT_HOME": str(home),
    }
    waiting = asyncio.create_task(telegram.ask("Wie sperre ich meine Karte?"))
    await asyncio.sleep(0)
    began = time.perf_counter()
    bot = await asyncio.create_subprocess_exec(sys.executable, "bot.py", "run", cwd=program, env=environment)
    try:
        await waiting
        measured.seconds["start until first answer"] = time.perf_counter() - began
        measured.seconds["… of it processor time"] = processes.processor_seconds([bot.pid])
        await _exercise(telegram, measured, bot.pid, program, questions, edits)
    finally:
        if bot.returncode is None:
            bot.terminate()
        await bot.wait()
        await runner.cleanup()
    return measured


async def _exercise(
    telegram: Telegram, measured: Measured, pid: int, program: Path, questions: int, edits: int
) -> None:
    most = 0.0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, processes.memory([pid])["Pss"])
            await asyncio.sleep(WATCH)

    async def look(moment: str) -> None:
        await asyncio.sleep(SETTLE)
        measured.memory[moment] = processes.memory([pid]) | {"most": most}

    watching = asyncio.create_task(watch())
    await look("started")
    texts = [probe.text for probe in read_probes(SHIPPED, load().entries)]
    for text in random.Random(1).sample(texts, min(questions, len(texts))):
        await telegram.ask(text)
    await look(f"{questions} questions")
    path = program / "faq" / "content" / EDITED
    original = path.read_text(encoding="utf-8")
    live = []
    for number in range(1, edits + 1):
        live.append(await _edit(telegram, path, original, number))
        if number == 1:
            await look("1 edit")
    measured.seconds["saved until live"] = statistics.median(live)
    await look(f"{edits} edits")
    path.write_text(original, encoding="utf-8")
    watching.cancel()


async def _edit(telegram: Telegram, path: Path, original: str, number: int) -> float:
    """Seconds from saving an edit of one entry until its new answer comes."""
    text = original.replace("      ask:\n", f"      ask:\n        - betroffen? Messung {number}\n", 1)
    text = text.replace("      answer: |\n", f"      answer: |\n        Messung {number}.\n", 1)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)  # as most editors save
    began = time.perf_counter()
    while f"Messung {number}." not in await telegram.ask(ASKED):
        if time.perf_counter() - began > WAIT:
            raise SystemExit("an edit did not become live")
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


def matcher_seconds() -> dict[str, float]:
    """Processor time for building the shipped matcher: from nothing, and after one entry got a phrasing more."""
    store = load(SHIPPED)
    before = Matcher.of(store, Thresholds())
    figures: dict[str, list[float]] = {"matcher from nothing": [], "matcher after an edit": []}
    for number in range(MATCHERS):
        name, entry = random.Random(number).choice(list(store.entries.items()))
        asks = (*entry.de.ask, f"betroffen? Messung {number}")
        edited = entry.model_copy(update={"de": entry.de.model_copy(update={"ask": asks})})
        after = store.model_copy(update={"entries": {**store.entries, name: edited}})
        for what, known in zip(figures, (None, before), strict=True):
            began = time.process_time()
            Matcher.of(after, Thresholds(), before=known)
            figures[what].append(time.process_time() - began)
    return {what: statistics.median(times) for what, times in figures.items()}


def prepare(home: Path, members: int) -> None:
    """Registers members, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(imports.once, ("register new", str(home), f"sqlite:///{home}/auskunft.sqlite", members))


def markdown(runs: Sequence[Measured], command: str, members: int) -> str:
    """The figures of all runs."""
    first = (
        f"Made by `{command}` on {datetime.now(UTC):%d %B %Y}: {len(runs)} runs with {members:,} members, "
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, load of the machine at the "
        f"end {os.getloadavg()[0]:.1f} (1 is this benchmark alone). Median (from – to)."
    )
    rows = [
        first,
        "",
        "| memory, MB | together | of it the program's own | most seen |",
        "| --- | ---: | ---: | ---: |",
    ]
    for moment in runs[0].memory:
        cells = (_cell([run.memory[moment][key] for run in runs], 0) for key in ("Pss", "Own", "most"))
        rows.append(f"| {moment} | {' | '.join(cells)} |")
    rows += ["", "| | seconds |", "| --- | ---: |"]
    rows += [f"| {what} | {_cell([run.seconds[what] for run in runs], 2)} |" for what in runs[0].seconds]
    return "\n".join(rows)


def _cell(values: Sequence[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} – {max(values):.{digits}f})"


def write(text: str) -> None:
    """Puts the figures between the markers of the document."""
    document = DOCUMENT.read_text(encoding="utf-8")
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{DOCUMENT.name} needs {BEGIN} and {END}")
    DOCUMENT.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--edits", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, program = Path(folder) / "home", Path(folder) / "program"
        home.mkdir()
        prepare(home, asked.members)
        shutil.copytree(ROOT, program, ignore=IGNORED)
        shutil.copytree(ROOT / "faq" / "tests", program / "faq" / "tests")
        runs = [asyncio.run(measure(program, home, asked.questions, asked.edits)) for _ in range(asked.runs)]
    for run in runs:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            run.seconds |= pool.apply(matcher_seconds)
    command = " ".join(["python -m benchmarks.footprint", *sys.argv[1:]])
    text = markdown(runs, command, asked.members)
    print(text)
    if asked.write:
        write(text)


if __name__ == "__main__":
    main()
