"""100,000 rows: memory and time."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tables.workbooks import pack, parts

ROOT = Path(__file__).parent.parent.parent
HEAD = ["Mitgliedsnummer", "E-Mail", "Sprache", "Name"]
# What one process needs, at most, to read a list: resident memory in MB, at the beginning and at the end.
READ = """
import resource, sys, time
from pathlib import Path
import tables
from tests.tables.conftest import COLUMNS
began = time.process_time()
count, memory = 0, []
with tables.read(Path(sys.argv[1]), COLUMNS) as table:
    for row in table:
        count += isinstance(row, tables.Row)
        if count in (1, 99_000):
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
child = resource.getrusage(resource.RUSAGE_CHILDREN)
print(count, *memory, child.ru_maxrss // 1024, time.process_time() - began + child.ru_utime + child.ru_stime)
"""


def rows(count):
    chance = random.Random(4)
    for at in range(count):
        yield [
            f"80276{chance.randrange(10**15):015}",
            f"arzt{at}@praxis-muster.de",
            chance.choice(["de", "en"]),
            f"Muster{at}",
        ]


def measured(path):
    said = subprocess.run([sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    count, first, last, child, cpu = (float(one) for one in said.stdout.split())
    return {"count": count, "first": first, "last": last, "child": child, "cpu": cpu}


def test_a_csv_of_100_000_rows(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text("\n".join(";".join(row) for row in [HEAD, *rows(100_000)]))
    found = measured(path)
    assert found["count"] == 100_000
    assert found["last"] - found["first"] < 5
    assert found["cpu"] < 10


@pytest.mark.long
def test_a_workbook_of_100_000_rows(tmp_path):
    path = tmp_path / "liste.xlsx"
    strings = {}
    lines = []
    for number, row in enumerate([HEAD, *rows(100_000)], 1):
        places = [strings.setdefault(text, len(strings)) for text in row]
        lines.append(
            f'<row r="{number}">'
            + "".join(
                f'<c r="{name}{number}" s="0" t="s"><v>{at}</v></c>' for name, at in zip("ABCD", places, strict=True)
            )
            + "</row>"
        )
    path.write_bytes(pack(parts(f"<sheetData>{''.join(lines)}</sheetData>", shared=list(strings))))
    found = measured(path)
    assert found["count"] == 100_000
    assert found["last"] - found["first"] < 5
    assert found["child"] < 150
    assert found["cpu"] < 20
