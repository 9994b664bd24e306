"""The demo letters lie on the right people's tables, as soon as they are written."""

import json
from dataclasses import asdict

import pytest

import checks
import settings
from demo import people
from demo_handouts import PEOPLE, handouts
from demo_letters import INDEX, DemoLetter
from messenger.people import AYLIN_YILMAZ, EMMA_CLARKE


@pytest.fixture(scope="module")
def texts():
    return checks.texts_of(settings.load({}))


def write(folder):
    letters = [
        {"number": person.number}
        | asdict(
            DemoLetter(person.name, "letter.pdf", "K7QM-2XRD", person.digits, person.language, "D-1", "2026-12-31")
        )
        for person in people()
    ]
    (folder / INDEX).write_text(json.dumps(letters), encoding="utf-8")


def test_each_demo_member_finds_the_own_letter(tmp_path, texts):
    assert handouts(tmp_path, texts) == ()
    write(tmp_path)
    found = {handout.person: handout for handout in handouts(tmp_path, texts)}
    assert set(found) == set(PEOPLE.values())
    yilmaz, clarke = found[AYLIN_YILMAZ], found[EMMA_CLARKE]
    assert yilmaz.start == "K7QM2XRD"
    assert yilmaz.title_in("de") == "Brief der Kammer"
    assert yilmaz.file == tmp_path / "letter.pdf"
    assert "4566" in yilmaz.note
    assert "EFN-Endziffern" in yilmaz.note
    assert clarke.title_in("en").startswith("Letter")
    assert "7781" in clarke.note
    assert "check" in clarke.note


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "[1]", '[{"name": "Yilmaz"}]', "null"])
def test_a_damaged_index_is_no_letter(tmp_path, texts, content):
    (tmp_path / INDEX).write_text(content)
    assert handouts(tmp_path, texts) == ()
