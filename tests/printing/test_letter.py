"""What may be printed, and what a letter keeps to itself."""

import dataclasses
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from printing import Sender, demo_letter, fault
from printing.letter import clean, window
from tests.support.paper import CODE, DAY, LINK, letter

NAMES = (
    "Dr. Zoë Đorđević-Straße",
    "Ömer Şahin",
    "Nguyễn Thị Hồng",
    "Þórður Ægisson",
    "Αλεξάνδρα Παπαδοπούλου",
    "Наталія Ґалаґан",
    "Դավիթ",
    "😀 Müller",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_many_languages_can_be_printed(name):
    assert fault(letter(name=name)) is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " \u200b "}, "letters.no-address"),
        ({"address": ()}, "letters.no-address"),
        ({"address": ("", " ")}, "letters.no-address"),
        ({"address": ("a", "b", "c", "d", "e", "f")}, "letters.too-many-lines"),
        ({"name": "x" * 81}, "letters.long-line"),
        ({"salutation": "x" * 81}, "letters.long-line"),
        ({"name": "王小明"}, "letters.character"),
        ({"address": ("Weg 1", "\U0001fae0")}, "letters.character"),
    ],
)
def test_what_cannot_be_printed_is_told_before(changed, code):
    assert fault(letter(**changed)).code == code


def test_the_character_is_named_by_number_so_that_it_can_be_said_anywhere():
    assert fault(letter(name="王")).values == {"character": "U+738B"}


@given(st.text())
def test_clean_text_has_no_character_that_moves_others(text):
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned)
    assert not set(cleaned) & set("\u202e\u2066\u200f\ufeff")
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


def test_a_line_end_in_a_field_does_not_make_a_line():
    assert window(letter(name="Dr.\r\nMarx\u2028", address=("", "Weg 1\t", "\u202e00000 Ort"))) == (
        "Dr. Marx",
        "Weg 1",
        "00000 Ort",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"code_printed": "K7QM2F9TXW3B8HRN"},
        {"code_printed": "K7QM-2F9T-XW3B-8HRU"},
        {"code_printed": "k7qm-2f9t-xw3b-8hrn"},
        {"link": "https://t.me/auskunft_bot?start=K7QM2F9TXW3B8HRM"},
        {"link": "https://t.me/auskunft_bot"},
    ],
)
def test_code_and_link_are_one_code_and_errors_do_not_show_it(changed):
    with pytest.raises(ValueError, match="letter B7-00001") as caught:
        letter(**changed)
    assert "K7" not in str(caught.value)


def test_a_letter_in_a_log_shows_neither_code_nor_person():
    shown = repr(letter())
    assert "B7-00001" in shown
    for secret in (CODE, LINK, "Aylin", "Lindenstraße", "Musterdorf"):
        assert secret not in shown


def test_a_letter_has_no_place_for_a_finding():
    """It cannot say whether somebody is affected: nothing tells it."""
    assert {item.name for item in dataclasses.fields(letter())} == {
        *("reference", "number", "code_printed", "link", "name", "address"),
        *("valid_until", "language", "salutation", "is_demo"),
    }


def test_the_sender_comes_from_the_settings():
    association = settings.load({}).config.association
    sender = Sender.of(association.model_dump(), second_check=False)
    assert (sender.bot_name, sender.hours_en) == (association.bot_name, association.hours_en)
    assert not sender.second_check


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_letter_of_the_demonstration_can_be_printed(language):
    shown = demo_letter(CODE, LINK, DAY, language=language)
    assert shown.is_demo
    assert fault(shown) is None
