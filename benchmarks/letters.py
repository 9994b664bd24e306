"""How long a batch of letters takes, and how much memory: `python -m benchmarks.letters [--letters N] [--runs N]`.

Each run is a process of its own, so that its peak of memory is its own; people, addresses and codes are seeded.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from printing import Letter, Sender, render

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST = "Aylin Jürgen Marie-Luise Björn Zoë Ömer Katarzyna Søren François Željko Anna Paul Gerd Mai-Linh".split()
LAST = "Yılmaz Müller-Lüdenscheidt Groß Weiß Schäfer Kowalska Đorđević Nguyễn Þórsson von-der-Heide Öz".split()
STREETS = ("Lindenstraße", "Am Alten Güterbahnhof", "Straße des 17. Juni", "Königin-Luise-Allee", "Weg")
SENDER = Sender(
    name="Ärztekammer Musterland",
    address="Musterallee 1, 00000 Musterstadt",
    phone="0000 123456-0",
    hours="Mo–Fr 9–16 Uhr",
    hours_en="Mon–Fri 9 am–4 pm",
    email="ausweis@aerztekammer-musterland.example",
    website="https://www.aerztekammer-musterland.example",
    bot_page="https://www.aerztekammer-musterland.example/bot",
    bot_name="@auskunft_bot",
)


def letters(count: int, seed: int = 1) -> Iterator[Letter]:
    dice = random.Random(seed)
    for number in range(1, count + 1):
        code = "".join(dice.choices(ALPHABET, k=16))
        title = dice.choice(("", "Dr. med. ", "Prof. Dr. med. Dr. h. c. "))
        practice = ("Gemeinschaftspraxis am Markt",) if dice.random() < 0.3 else ()
        yield Letter(
            reference=f"B7-{number:05}",
            number=number,
            code_printed="-".join(code[place : place + 4] for place in range(0, 16, 4)),
            link=f"https://t.me/auskunft_bot?start={code}",
            name=f"{title}{dice.choice(FIRST)} {dice.choice(LAST)}",
            address=(
                *practice,
                f"{dice.choice(STREETS)} {dice.randint(1, 199)}",
                f"{dice.randint(1, 99999):05} Musterstadt",
            ),
            valid_until=date(2026, 12, 15),
            language="en" if dice.random() < 0.05 else "de",
        )


def once(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "letters.pdf"
        began, used = time.perf_counter(), time.process_time()
        manifest = render(letters(count), SENDER, out, batch="B7", day=date(2026, 11, 24))
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        assert manifest.pages == count
        size = out.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return {"seconds": seconds, "cpu": cpu, "peak_mb": peak, "pdf_mb": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    measured = []
    for run in range(asked.runs):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured.append(pool.apply(once, (asked.letters,)))
        print(
            f"run {run + 1}: " + json.dumps({key: round(value, 1) for key, value in measured[-1].items()}), flush=True
        )
    load = os.getloadavg()[0]
    print(f"{asked.letters} letters, {asked.runs} runs, {os.cpu_count()} cores, load {load:.1f}")
    for key in measured[0]:
        values = [run[key] for run in measured]
        print(f"  {key:8} median {statistics.median(values):8.1f}   from {min(values):.1f} to {max(values):.1f}")


if __name__ == "__main__":
    main()
