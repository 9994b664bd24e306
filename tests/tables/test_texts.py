"""Each thing that can be wrong with a list has a sentence, and no sentence is left over."""

import re
from pathlib import Path

import pytest

import tables
from texts import LANGUAGES, sentences

SOURCE = Path(tables.__file__).parent
CODE = re.compile(r'"(tables\.[a-z0-9]+(?:-[a-z0-9]+)*)"')


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence(language):
    codes = {code for path in SOURCE.glob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}
    codes.remove("tables.sandbox")  # the process
    assert codes == {key.removeprefix("problem.") for key in sentences(language) if key.startswith("problem.tables.")}
