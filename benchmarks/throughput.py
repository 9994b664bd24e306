"""How many questions the whole bot answers, beside a bot that only echoes: `python -m benchmarks.throughput`.

Both run as programs of their own and talk to the same Telegram on this computer, which plays the people, too. The bot
does all it ever does: it finds the answer, commits what it owes, sends it, commits that it is sent. Only its limits for
chats and for Telegram are lifted. The questions are the test questions of the shipped FAQ, which all differ.

`--write` puts the figures into docs/benchmarks.md; `--quick` shows the order of things within a minute or two; `--only
WORD` measures the bots that have it in their name. Linux only: processor times are read from /proc.
"""

import argparse
import os
import platform
import re
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.bots import BOTS, ECHO, Bot, Server, running, server
from benchmarks.load import Heard, Load
from benchmarks.report import DOCUMENT
from faq.loader import SHIPPED, load
from faq.probes import read_probes
from services import tone

BEGIN, END = "<!-- throughput:begin -->", "<!-- throughput:end -->"
USERS = 100
RATE = 30.0
FAR = 0.05  # seconds
PERCENTILE = 0.99


@dataclass(frozen=True)
class Lengths:
    """How much is measured: seconds, and questions for the memory."""

    runs: int = 3
    settle: float = 4.0  # a bot that has just started clears up and forks its reader; nothing of that is measured
    warm: float = 1.5
    saturated: float = 4.0
    steady: float = 10.0
    memory: int = 10_000


QUICK = Lengths(runs=1, saturated=3.0, memory=2_000)


@dataclass
class Measured:
    """All runs of one bot: saturated with Telegram near and far, and at a fixed rate with Telegram far."""

    bot: Bot
    near: list[Heard] = field(default_factory=list)
    far: list[Heard] = field(default_factory=list)
    steady: list[Heard] = field(default_factory=list)


def questions() -> list[str]:
    """The test questions, without insults: the second of a person gets no answer."""
    return [probe.text for probe in read_probes(SHIPPED, load().entries) if not tone.is_insult(probe.text)]


def measure(measured: Measured, load: Load, postgres: Server | None, lengths: Lengths) -> None:
    """One run more."""
    for distance, heard in ((0.0, measured.near), (FAR, measured.far)):
        load.begin(distance)
        with running(measured.bot, load.port, postgres, load.reach) as run:
            load.steady(RATE, lengths.settle, run.groups)
            if distance:
                measured.steady.append(load.steady(RATE, lengths.steady, run.groups))
            heard.append(load.saturate(USERS, lengths.warm, lengths.saturated, run.groups))
    print(f"{measured.bot.name}: {_summary(measured)}", file=sys.stderr, flush=True)


def _summary(measured: Measured) -> str:
    near, far, steady = measured.near[-1], measured.far[-1], measured.steady[-1]
    quiet = f"{_at(steady.own, 0.5):.1f}/{_at(steady.own, PERCENTILE):.1f} ms, {steady.unanswered} unanswered"
    own = near.busy["telegram"] / near.seconds
    return f"{near.rate:.0f}/s, {_cpu(near):.2f} ms; far {far.rate:.0f}/s; steady {quiet}; telegram {own:.2f} cores"


def memory(load: Load, lengths: Lengths) -> tuple[float, float]:
    """Megabytes of the bot with its reader, before and after so many questions; a thousand were asked before."""
    bot = next(bot for bot in BOTS if bot.database == "sqlite")
    load.begin(0.0)
    with running(bot, load.port, None, load.reach) as run:
        load.ask(USERS, 1_000)
        before = run.memory()
        load.ask(USERS, lengths.memory)
        return before, run.memory()


# ---- the table


def markdown(all_measured: Sequence[Measured], held: tuple[float, float] | None, lengths: Lengths) -> str:
    runs = len(all_measured[0].near)
    command = " ".join(["python -m benchmarks.throughput", *sys.argv[1:]])
    made = (
        f"Made by `{command}` on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores, {platform.system()}, Python "
        f"{platform.python_version()}, load of the machine at the end {os.getloadavg()[0]:.1f} (about 2 is this "
        f"benchmark alone). Runs of each: {runs}, in turn. Each cell: median (from – to)."
    )
    rows = [
        made,
        "",
        f"{USERS} people who ask again at once, Telegram 0 ms away:",
        "",
        "| bot | answers a second | CPU a question, ms | database, ms | p50, ms | p99, ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(one.bot, one.near, _rate, _cpu, _database, _whole(0.5), _whole(PERCENTILE)) for one in all_measured),
        "",
        f"The same, Telegram {FAR * 1000:.0f} ms away:",
        "",
        "| bot | answers a second | CPU a question, ms | database, ms | p50, ms | p99, ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_row(one.bot, one.far, _rate, _cpu, _database, _whole(0.5), _whole(PERCENTILE)) for one in all_measured),
        "",
        f"{RATE:.0f} questions a second at random moments, Telegram {FAR * 1000:.0f} ms away:",
        "",
        "| bot | own delay p50, ms | own delay p99, ms | since asked p50, ms | cores | unanswered in time |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            _row(one.bot, one.steady, _own(0.5), _own(PERCENTILE), _whole(0.5), _cores, lambda heard: heard.unanswered)
            for one in all_measured
        ),
    ]
    if held:
        rows += ["", f"Memory: {held[0]:.0f} MB after 1,000 questions, {held[1]:.0f} MB after {lengths.memory:,} more."]
    return "\n".join(rows)


def _row(bot: Bot, runs: Sequence[Heard], *figures: Callable[[Heard], float | None]) -> str:
    name = bot.name if bot.database else f"*{bot.name}*"
    return " | ".join(["| " + name, *(_cell([figure(heard) for heard in runs]) for figure in figures)]) + " |"


def _cell(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle, least, most = (_number(value) for value in (statistics.median(known), min(known), max(known)))
    return middle if least == most else f"{middle} ({least} – {most})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == 0 or value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _rate(heard: Heard) -> float:
    return heard.rate


def _cpu(heard: Heard) -> float:
    return 1000 * heard.busy["bot"] / max(1, len(heard.own))


def _database(heard: Heard) -> float | None:
    return 1000 * heard.busy["database"] / max(1, len(heard.own)) if "database" in heard.busy else None


def _cores(heard: Heard) -> float:
    return (heard.busy["bot"] + heard.busy.get("database", 0.0)) / heard.seconds


def _own(share: float) -> Callable[[Heard], float]:
    return lambda heard: _at(heard.own, share)


def _whole(share: float) -> Callable[[Heard], float]:
    return lambda heard: _at(heard.whole, share)


def _at(delays: Sequence[float], share: float) -> float:
    """So large a share of the delays is at most as long, in ms."""
    return 1000 * sorted(delays)[min(len(delays) - 1, int(share * len(delays)))] if delays else 0.0


def write(text: str) -> None:
    inside = f"{BEGIN}\n{text}\n{END}"
    before = DOCUMENT.read_text(encoding="utf-8")
    changed, times = re.subn(f"{BEGIN}.*{END}", lambda _: inside, before, flags=re.DOTALL)
    if times != 1:
        raise SystemExit(f"{DOCUMENT.name} needs {BEGIN} and {END}, once")
    DOCUMENT.write_text(changed, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short run")
    parser.add_argument("--only", default="", help="only bots with this in their name, and the stock echo")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    asked = parser.parse_args()
    lengths = QUICK if asked.quick else Lengths()
    runs = asked.runs or lengths.runs
    all_measured = [Measured(bot) for bot in BOTS if asked.only in bot.name or bot is ECHO]
    with Load(questions()) as load, server() as postgres:
        for _ in range(runs):
            for measured in all_measured:
                measure(measured, load, postgres, lengths)
        held = memory(load, lengths) if not asked.only else None
    text = markdown(all_measured, held, lengths)
    print(text)
    if asked.write:
        write(text)


if __name__ == "__main__":
    main()
