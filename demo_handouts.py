"""The demonstration's letters, as the local messenger shows them to its people."""

import json
from pathlib import Path
from typing import Final

from demo_letters import INDEX, DemoLetter
from messenger.handouts import Handout
from messenger.people import AYLIN_YILMAZ, EMMA_CLARKE, HEINZ_BRANDT
from texts import LANGUAGES, Texts

PEOPLE: Final = {"Yilmaz": AYLIN_YILMAZ, "Brandt": HEINZ_BRANDT, "Clarke": EMMA_CLARKE}


def handouts(folder: Path, texts: Texts) -> tuple[Handout, ...]:
    """The letters that lie in `folder` by now; none before the program has written them, or when they are damaged."""
    try:
        listed = json.loads((folder / INDEX).read_bytes())
        letters = [DemoLetter(**{key: value for key, value in entry.items() if key != "number"}) for entry in listed]
        return tuple(_handout(letter, folder, texts) for letter in letters if _last_name(letter) in PEOPLE)
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return ()


def _last_name(letter: DemoLetter) -> str:
    return letter.name.split()[-1]


def _handout(letter: DemoLetter, folder: Path, texts: Texts) -> Handout:
    return Handout(
        person=PEOPLE[_last_name(letter)],
        title={language: texts.say_plain("console.letter", language) for language in LANGUAGES},
        file=folder / Path(letter.pdf).name,
        note=texts.say_plain("console.letter-digits", letter.language, digits=letter.digits),
        start=letter.code.replace("-", ""),
    )
