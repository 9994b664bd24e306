"""The schema beside the FAQ files says what the program accepts, and each file names it."""

import json

import jsonschema
import pytest
import yaml

from commands.faq import hints
from faq.check import LEAST_PHRASINGS
from faq.entry import ANSWER_MAX, BUTTON_MAX, LANGUAGES, MORE_MAX, TITLE_MAX
from faq.loader import SHIPPED, SOURCES, SYNONYMS
from faq.schema import FILE, MODELINE, schema
from texts import sentences

FILES = sorted(path for path in SHIPPED.glob("*.yaml") if path.name not in (SOURCES, SYNONYMS))


@pytest.fixture(scope="module")
def validator():
    written = json.loads((SHIPPED / FILE).read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(written)
    kind.check_schema(written)
    return kind(written)


def content(path):
    """A file as an editor reads it: all text but numbers."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return data | {"order": int(data["order"])} if "order" in data else data


def test_the_schema_is_current():
    """If not: `python bot.py faq schema`."""
    assert (SHIPPED / FILE).read_text(encoding="utf-8") == schema(hints())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_of_entries_names_the_schema_and_fits_it(path, validator):
    assert path.read_text(encoding="utf-8").startswith(f"{MODELINE}\n# ")
    validator.validate(content(path))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda data: data["entries"][0].update(answer="x"), "'answer' was unexpected"),
        (lambda data: data["entries"][0].update(category="x"), "'category' was unexpected"),
        (lambda data: data["entries"][0].pop("owner"), "'owner' is a required property"),
        (lambda data: data["entries"][0].update(id="Kein Name"), "does not match"),
        (lambda data: data["entries"][0]["de"].update(title="x" * 73), "too long"),
        (lambda data: data["entries"][0]["en"].update(more=None), "None is not of type 'string'"),
        (
            lambda data: data["entries"][0].update(actions=["card"]),
            "is not one of ['cards', 'human', 'report', 'call']",
        ),
    ],
)
def test_an_editor_underlines_what_the_program_refuses(spoil, told, validator):
    data = content(FILES[0])
    spoil(data)
    assert told in str(next(validator.iter_errors(data)))


def test_every_key_is_explained():
    whole = json.loads((SHIPPED / FILE).read_text(encoding="utf-8"))
    models = {"categoryfile": whole} | {name.lower(): model for name, model in whole["$defs"].items()}
    keys = {f"{name}.{key}" for name, model in models.items() if name != "name" for key in model.get("properties", ())}
    assert {key for key in hints() if "." in key} == keys


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("title", [TITLE_MAX]),
        ("button", [BUTTON_MAX]),
        ("ask", LEAST_PHRASINGS.values()),
        ("answer", [ANSWER_MAX]),
        ("more", [MORE_MAX]),
    ],
)
def test_hints_name_the_limits_that_are_kept(key, numbers):
    for language in LANGUAGES:
        assert all(str(number) in sentences(language)[f"hint.wording.{key}"] for number in numbers)
