"""A picture of figures for the staff group, drawn in a process of its own: its memory does not stay with the bot.

`python -m printing.chart` reads a `Chart` as JSON and writes a PNG. Its labels are said by whoever asks for it.
"""

import asyncio
import io
import json
import os
import sys
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60.0  # the first picture of all looks for fonts
SIDES = 10.8, 13.5  # inches at 100 dots each: a phone held upright
COLOURS = ("#2f6c9e", "#e0a526", "#b3423a")  # told apart by whoever sees no red or no green, too
INK, PALE, BAR = "#1d2730", "#5d6a75", "#7f97a8"
TITLE_CHARACTERS = 54
TICKS = 8  # labels below the days


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the bars: a value for each day."""

    label: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that stands alone."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars by day, the most frequent entries, six tiles; all labels in the reader's language."""

    title: str
    subtitle: str
    days: tuple[str, ...]
    series: tuple[Series, ...]
    entries_title: str
    entries: tuple[tuple[str, int], ...]
    tiles: tuple[Tile, ...]
    empty: str  # where there is nothing to be drawn

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Chart":
        values = data | {
            "days": tuple(data["days"]),
            "series": tuple(Series(one["label"], tuple(one["values"])) for one in data["series"]),
            "entries": tuple((title, count) for title, count in data["entries"]),
            "tiles": tuple(Tile(**one) for one in data["tiles"]),
        }
        return cls(**values)


async def drawn(chart: Chart, folder: Path) -> bytes | None:
    """The PNG; None when it could not be drawn. `folder` is made: what matplotlib knows of the fonts."""
    environment = {"MPLCONFIGDIR": str(folder), "OPENBLAS_NUM_THREADS": "1"}  # and nothing secret
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-m", "printing.chart", cwd=_ROOT, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            png, _ = await process.communicate(json.dumps(asdict(chart)).encode())
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return png if process.returncode == 0 and png else None


def draw(chart: Chart) -> bytes:
    """The PNG, 1080 by 1350 dots."""
    import matplotlib as mpl  # noqa: PLC0415  tens of megabytes, and half a second
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams.update({"font.size": 21, "text.parse_math": False, "text.color": INK, "axes.edgecolor": PALE})
    mpl.rcParams.update(
        {"xtick.color": PALE, "ytick.color": PALE, "axes.spines.top": False, "axes.spines.right": False}
    )
    figure = Figure(figsize=SIDES, facecolor="white")
    figure.text(0.06, 0.955, chart.title, fontsize=30, weight="bold")
    figure.text(0.06, 0.922, chart.subtitle, color=PALE)
    _bars(figure.add_axes((0.1, 0.585, 0.85, 0.27)), chart)
    _entries(figure.add_axes((0.06, 0.275, 0.89, 0.215)), chart)
    figure.text(0.06, 0.505, chart.entries_title, weight="bold")
    _tiles(figure.add_axes((0.06, 0.02, 0.89, 0.235)), chart)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def _bars(axes: "Axes", chart: Chart) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    below = [0] * len(chart.days)
    for series, colour in zip(chart.series, COLOURS, strict=True):
        axes.bar(range(len(below)), series.values, bottom=below, color=colour, width=0.8, label=series.label)
        below = [low + value for low, value in zip(below, series.values, strict=True)]
    step = -(-len(chart.days) // TICKS)
    shown = [number for number in range(len(chart.days)) if (len(chart.days) - 1 - number) % step == 0]
    axes.set_xticks(shown, [chart.days[number] for number in shown], fontsize=18)
    axes.set_ylim(0, max(*below, 1) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(length=0)
    axes.grid(axis="y", color="#dfe4e8")
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.06, 1.0), ncols=3, frameon=False, handlelength=1.0)
    if not any(below):
        axes.text(0.5, 0.5, chart.empty, ha="center", transform=axes.transAxes, color=PALE)


def _entries(axes: "Axes", chart: Chart) -> None:
    """Each title stands above its bar, so that it may be long."""
    axes.set_axis_off()
    axes.set_ylim(5, 0)
    if not chart.entries:
        axes.text(0.0, 0.6, chart.empty, color=PALE, transform=axes.transData)
        return
    most = max(count for _, count in chart.entries)
    axes.set_xlim(0, most)
    for row, (title, count) in enumerate(chart.entries):
        axes.barh(row + 0.75, count, height=0.24, color=BAR)
        axes.text(0, row + 0.5, textwrap.shorten(title, TITLE_CHARACTERS, placeholder=" …"), fontsize=20, va="bottom")
        axes.text(most, row + 0.5, str(count), fontsize=20, va="bottom", ha="right", weight="bold")


def _tiles(axes: "Axes", chart: Chart) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 3)
    axes.set_ylim(2, 0)
    for number, tile in enumerate(chart.tiles):
        row, column = divmod(number, 3)
        axes.text(column, row + 0.52, tile.value, fontsize=34, weight="bold", va="bottom")
        axes.text(column, row + 0.58, textwrap.fill(tile.label, 22), fontsize=18, color=PALE, va="top", linespacing=1.1)


def main() -> None:
    png = draw(Chart.from_json(json.load(sys.stdin)))
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(png)


if __name__ == "__main__":
    main()
