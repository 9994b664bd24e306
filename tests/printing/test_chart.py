"""A picture is drawn by another process, for whatever figures."""

import io
import subprocess
import sys

import pytest
from PIL import Image

from printing import chart
from printing.chart import Chart, Series, Tile

TILES = tuple(Tile("12", "Verknüpfungen") for _ in range(6))


def figures(days, value, entries=(("Was kostet das ($5 & <b>)?" * 9, 3),)):
    series = tuple(Series(name, (value,) * days) for name in ("a", "b", "c"))
    return Chart("Zahlen", "heute", ("Mo\n1.1.",) * days, series, "Oft", entries, TILES, "keine Fragen")


@pytest.mark.parametrize(
    "drawn", [figures(1, 1), figures(92, 1000), figures(7, 0, ()), figures(30, 10**6, (("x", 1),) * 5)]
)
async def test_it_is_a_picture_for_a_phone(drawn, tmp_path):
    png = await chart.drawn(drawn, tmp_path / "fonts")
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (1080, 1350)
        assert len(picture.convert("RGB").getcolors(2**21)) > 50


async def test_what_cannot_be_drawn_is_no_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(chart.sys, "executable", "/bin/false")
    assert await chart.drawn(figures(1, 1), tmp_path) is None


async def test_it_does_not_take_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(chart, "SECONDS", 0.01)
    assert await chart.drawn(figures(1, 1), tmp_path) is None


def test_the_bot_does_not_load_what_draws():
    script = "import sys, running; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
