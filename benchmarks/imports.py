"""How long imports take, and how much memory: `python -m benchmarks.imports [--rows N] [--database URL]`.

Each step is a process of its own, so that its peak of memory is its own; numbers are seeded. `wait` is the longest time
that a bot beside it would wait for the database: the one transaction that writes; `wait_cpu` is its share of work.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

STEPS = ("register new", "register same", "register changed", "list new", "list same", "list changed")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def write_register(path: Path, rows: int, changed: int = 0) -> None:
    dice = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("Mitgliedsnummer;Name;E-Mail;EFN-Endziffern;Sprache\n")
        for row in range(rows):
            number, digits = dice.randrange(10**12), dice.randrange(10**4)
            email = f"neu{row}@praxis.example" if row < changed else f"arzt{row}@praxis.example"
            file.write(f"{number:012};Dr. Muster {row};{email};{digits:04};{'en' if row % 20 == 0 else 'de'}\n")


def write_list(path: Path, rows: int, changed: int = 0) -> None:
    dice = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("Mitgliedsnummer;Kartenart;Kartennummer;Betroffen;Datenarten\n")
        for row in range(rows):
            number, _ = dice.randrange(10**12), dice.randrange(10**4)
            affected = row % 10 == 0 or row < changed
            kinds = '"Name, E-Mail-Adresse"' if affected else ""
            file.write(f"{number:012};eHBA;80276{row:015};{'ja' if affected else 'nein'};{kinds}\n")


def once(step: str, home: str, url: str, rows: int) -> dict[str, float]:
    import building
    import settings
    import tables
    from db import schema
    from db.session import Database
    from faq.library import Shelf
    from services import lists, register
    from services.desk import Desk, Keys
    from services.imports import Order
    from vault.keyring import Keyring

    folder, loaded = Path(home), settings.load({})
    what, kind = step.split()
    path = folder / f"{step}.csv"
    (write_register if what == "register" else write_list)(path, rows, rows // 10 if kind == "changed" else 0)
    keys = folder / "keys"
    ring = Keyring.load(keys) if keys.exists() else Keyring.create(keys, today=NOW.date())
    database = Database(url)
    schema.upgrade(database)
    desk = Desk(Shelf.__new__(Shelf), building.rules_of(loaded), lambda: NOW, Keys(ring))
    rules, order, incident = loaded.config.imports, Order("anna", "bernd"), loaded.config.incidents[0]
    before, began, used = _peak(), time.perf_counter(), time.process_time()
    columns = register.columns(rules) if what == "register" else lists.columns(rules)
    with tables.read(path, columns) as table:
        if what == "register":
            plan = register.plan(database, desk, rules, table)
        else:
            plan = lists.plan(database, desk, rules, table, incident, date(2026, 11, 20))
        planned, planned_cpu = time.perf_counter(), time.process_time()
        apply = register.apply if what == "register" else lists.apply
        verdict = database.work(apply, desk, plan, order, now=NOW)
        assert verdict == ("unchanged" if kind == "same" else "applied"), (verdict, plan.counts)
        plan.close()
    ended, ended_cpu = time.perf_counter(), time.process_time()
    database.close()
    times = {
        "plan": planned - began,
        "wait": ended - planned,
        "wait_cpu": ended_cpu - planned_cpu,
        "seconds": ended - began,
    }
    return times | {"cpu": ended_cpu - used, "start_mb": before, "peak_mb": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database", help="the address of an empty PostgreSQL database; SQLite if left out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        url = asked.database or f"sqlite:///{home}/bench.sqlite"
        for step in STEPS:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                measured = pool.apply(once, (step, home, url, asked.rows))
            print(f"{step:17}", json.dumps({key: round(value, 1) for key, value in measured.items()}), flush=True)
    print(f"{asked.rows} rows, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
