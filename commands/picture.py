"""A picture of which entries are taken for which."""

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from commands.shared import LANGUAGE
from faq.entry import Language
from faq.trial import Trial
from texts import Texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".png", ".svg", ".pdf")
_CONFUSIONS = 30  # worst ones of a language: more cannot be read on one page
_INCHES = 9.5  # of one language
_LANGUAGES: Mapping[Language, str] = {"de": "buttons.german", "en": "buttons.english"}


def draw(trials: Mapping[Language, Trial], texts: Texts, path: Path) -> None:
    """Writes the picture, one field for each language. Raises OSError where that is not possible."""
    from matplotlib.figure import Figure  # noqa: PLC0415  half a second that no other command has to wait

    logging.getLogger("matplotlib").setLevel(logging.WARNING)  # it tells of its fonts
    figure = Figure(figsize=(_INCHES * len(trials), _INCHES), layout="constrained")
    for axes, (language, trial) in zip(figure.subplots(1, len(trials), squeeze=False)[0], trials.items(), strict=True):
        name = texts.label(_LANGUAGES[language], LANGUAGE)
        axes.set_title(texts.label("trial.picture-title", LANGUAGE, language=name))
        if counted := pairs(trial):
            _field(axes, counted, texts.label("trial.nothing", LANGUAGE))
        else:
            axes.set_axis_off()
            axes.text(0.5, 0.5, texts.label("trial.no-confusions", LANGUAGE), ha="center")
    figure.savefig(path, dpi=130)


def pairs(trial: Trial) -> Counter[tuple[str, str]]:
    """How often each entry was expected and found, for the entries of the worst confusions. "" stands for none."""
    worst = trial.confusions()[:_CONFUSIONS]
    counted = Counter({(one.expected or "", one.found or ""): len(one.tried) for one in worst})
    shown = {entry for pair in counted for entry in pair}
    for one in trial.tried:
        if one.among(1):
            found = next(entry for part in one.ranked for entry in part[:1] if entry in one.probe.expected)
            counted[found, found] += found in shown
    return +counted


def _field(axes: "Axes", counted: Mapping[tuple[str, str], int], nothing: str) -> None:
    rows = sorted({expected for expected, _ in counted})
    columns = sorted({found for _, found in counted})
    values = [[counted.get((row, column), 0) for column in columns] for row in rows]
    shades = [[0 if row == column else counted.get((row, column), 0) for column in columns] for row in rows]
    most = max((value for line in shades for value in line), default=0)
    axes.imshow(shades, cmap="Reds", vmin=0, vmax=2 * most + 1, aspect="auto")  # pale enough for a number on it
    for y, line in enumerate(values):
        for x, value in enumerate(line):
            if value:
                right = rows[y] == columns[x]
                axes.text(x, y, str(value), ha="center", va="center", fontsize=7, color="green" if right else "black")
    axes.set_xticks(range(len(columns)), [column or nothing for column in columns], rotation=90, fontsize=7)
    axes.set_yticks(range(len(rows)), [row or nothing for row in rows], fontsize=7)
