"""What may be answered to each question of a draft, and what becomes of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.entry import Entry
from faq.loader import load
from services import draft_fields
from services.draft_fields import STEPS, Fields, Ground, Mistake
from tests.support.faq_files import FaqFiles

TODAY = date(2026, 11, 24)
WHOLE = Fields(
    "War mein Foto dabei?", "Foto?", "card", ("war mein foto dabei",), "Nein.", "Was my photo included?", "Photo?",
    ("was my photo included",), "No.", (), "Datenschutz", date(2027, 5, 31),
)  # fmt: skip


def fill(html, language):
    del language
    return html.format_map({"phone": "0000 1234"})


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    return Ground(load(FaqFiles(tmp_path_factory.mktemp("faq")).write()), fill, TODAY)


@pytest.mark.parametrize(
    ("step", "text", "code"),
    [
        ("title_de", "x", "length"),
        ("title_de", "geb. 03.04.1979", "personal"),
        ("button_de", "ist die pin SICHER?", "button-twice"),
        ("ask_de", " \n - \n", "phrasings"),
        ("ask_de", "???", "phrasing"),
        ("ask_de", "\n".join(f"frage {number}" for number in range(61)), "phrasings"),
        ("answer_de", "{fax}", "placeholder"),
        ("answer_de", "{", "brace"),
        ("answer_en", "x" * 901, "length"),
        ("category", "Auto", "category"),
        ("sources", "S02, S77", "source"),
        ("owner", "", "length"),
        ("review_by", "31.02.2027", "date"),
        ("review_by", "24.11.2026", "date-far"),
        ("review_by", "24.11.2036", "date-far"),
        ("id", "Foto", "id"),
        ("id", "pin-safe", "id-twice"),
    ],
)
def test_what_cannot_be_taken_is_told(ground, step, text, code):
    found = draft_fields.read(step, text, text, ground)
    assert isinstance(found, Mistake)
    assert found.code == code


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("title_de", "  War mein\nFoto dabei? ", "War mein Foto dabei?"),
        ("ask_de", "- eins zwei\n• drei\nEins  Zwei", ("Eins Zwei", "drei")),
        ("answer_de", "Ja.\u2028Rufen Sie {phone} an.  \n\n", "Ja.\nRufen Sie {phone} an."),
        ("answer_de", "5 < 6 & mehr", "5 &lt; 6 &amp; mehr"),
        ("category", "karte", "card"),
        ("sources", "s02", ("S02",)),
        ("sources", "keine", ()),
        ("review_by", "31.05.2027", date(2027, 5, 31)),
        ("review_by", "2027-05-31", date(2027, 5, 31)),
        ("id", "photo-2", "photo-2"),
    ],
)
def test_what_is_taken_stands_as_it_will_in_the_file(ground, step, text, value):
    assert draft_fields.read(step, text, text, ground) == value


def test_nothing_missing_makes_an_entry_and_json_keeps_it(ground):
    assert draft_fields.missing(WHOLE, adds=False) == ()
    assert Fields.from_json(WHOLE.to_json()) == WHOLE
    entry = draft_fields.entry_of(WHOLE, ground.store, TODAY)
    assert isinstance(entry, Entry)
    assert entry.id == "was-photo-included"
    assert draft_fields.missing(Fields(), adds=False) == STEPS


@given(st.text(max_size=80))
def test_any_title_makes_an_id(title):
    import re

    from faq.entry import ID, ID_MAX, Store

    store = Store(categories=(), entries={}, sources={}, synonyms=(), digest="")
    found = draft_fields.identifier(Fields(title_en=title), store)
    assert re.fullmatch(ID, found)
    assert len(found) <= ID_MAX


def test_an_id_that_is_taken_gets_a_number(ground):
    assert draft_fields.identifier(Fields(title_en="PIN safe"), ground.store) == "pin-safe-2"
