"""Every problem with keys can be said in both languages, and says what to do next."""

import re
from pathlib import Path

import pytest

import vault
from texts import placeholders, sentences

SOURCES = [path.read_text(encoding="utf-8") for path in Path(vault.__file__).parent.glob("*.py")]
CODES = {
    code.removeprefix("vault.")
    for source in SOURCES
    for code in re.findall(r'"(vault\.[a-z-]+)"', source) + re.findall(r'problem\([a-z/ ]+, "([a-z-]+)"', source)
}


def test_the_codes_are_found():
    assert {"open", "line", "twin", "exists", "unfinished", "stray"} <= CODES
    assert len(CODES) > 20


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_has_a_sentence_and_none_is_left_over(language):
    said = {key.removeprefix("problem.vault.") for key in sentences(language) if key.startswith("problem.vault.")}
    assert said == CODES


def test_the_sentences_want_values_that_the_problems_have():
    given = set(re.findall(r"(\w+)=", " ".join(SOURCES))) | {"key", "other"}
    for language in ("de", "en"):
        for code in CODES:
            assert placeholders(sentences(language)[f"problem.vault.{code}"]) <= given, code
