"""How long a batch takes from the register's file to valid codes: `python -m benchmarks.letters_command`.

All of what `letters create` and `letters dispatched` do, on SQLite: choosing the members, finding their addresses in a
register that holds more people than get a letter, printing, storing, making valid. Invented people, seeded.
"""

import argparse
import csv
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks.letters import FIRST, LAST, STREETS
from db.models import Member
from services import letters, printrun
from tests.support.printshop import HEADER, TWO, print_shop
from vault import index, sealing


def once(count: int, people: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        print_shop(f"sqlite:///{folder}/db.sqlite", Path(folder) / "h") as shop,
    ):
        path = _fill(shop, count, people)
        seconds, began, used = {}, time.perf_counter(), time.process_time()

        def lap(name: str) -> None:
            nonlocal began
            seconds[name], began = time.perf_counter() - began, time.perf_counter()

        choice = shop.work(letters.unreached, shop.desk, shop.now)
        lap("choose")
        merged = shop.merged(path, choice.addressees)
        lap("addresses")
        made = shop.work(letters.draft, shop.desk, merged.recipients, shop.today, shop.now)
        lap("codes")
        out = shop.home / "letters.pdf"
        manifest = printrun.run(shop.database, shop.desk, shop.press, made, out, TWO, now=shop.now)
        lap("print_and_store")
        assert manifest.letters == count == shop.dispatch(made).count
        lap("dispatch")
        cpu = time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return {**seconds, "whole": sum(seconds.values()), "cpu": cpu, "peak_mb": peak}


def _fill(shop, count: int, people: int) -> Path:
    """Members in the database, and the register's file: every so many of its people is one of them."""
    dice, ring = random.Random(1), shop.desk.keys.ring
    numbers = [f"{number:010}" for number in dice.sample(range(10**9, 10**10), people)]
    rows = [
        {
            "number_mark": index.mark(ring, number, kind="member"),
            "number_sealed": sealing.seal(ring, number, field="members.number"),
            "number_end": number[-2:],
            "language": "de",
            "imported_at": shop.now - timedelta(days=1),
        }
        for number in dice.sample(numbers, count)
    ]
    shop.work(lambda session: session.execute(insert(Member), rows) and None)
    path = shop.home / "register.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for number in numbers:
            last = dice.choice(LAST)
            street = f"{dice.choice(STREETS)} {dice.randint(1, 99)}"
            greeting = f"Sehr geehrte Frau {last}"
            writer.writerow(
                (number, greeting, "Dr. med.", dice.choice(FIRST), last, street, "01067", "Musterstadt", "")
            )
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=5000)
    parser.add_argument("--people", type=int, default=100_000, help="rows of the register")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    for run in range(asked.runs):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured = pool.apply(once, (asked.letters, asked.people))
        print(f"run {run + 1}: " + json.dumps({key: round(value, 1) for key, value in measured.items()}), flush=True)
    print(f"{asked.letters} letters, {asked.people} people, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
