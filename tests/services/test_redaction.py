"""What must not be kept is hidden, whatever it is wrapped in, and quickly."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.redaction import redact, sensitive

ICCSN = "80276001081699900578"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (f"meine karte {ICCSN} geht nicht", ICCSN),
        ("80276 00108 16999 00578", "16999"),
        ("８０２７６００１０８１６９９９００５７８", "８０２７"),
        ("meine pin ist 482913", "482913"),
        ("PIN: 482913", "482913"),
        ("geb. 03.04.1979", "1979"),
        ("mail an a.yilmaz@praxis-mitte.de bitte", "yilmaz"),
        ("ruf an 0171 2345678", "2345678"),
        ("+49 (0) 30 2598-0", "2598"),
        ("DE89 3704 0044 0532 0130 00", "3704"),
        ("mein code K7QM-2F9T-XW3B-8HRN geht nicht", "K7QM"),
        ("Frau Dr. Aylin Yilmaz fragt", "Yilmaz"),
        ("ich heiße Aylin Yilmaz und", "Yilmaz"),
        ("token 123456789:AAFakeTelegramTokenForTestsOnly_00000000", "AAFake"),
        ("passwort: Sommer!2024", "Sommer"),
    ],
)
def test_it_is_hidden(text, gone):
    assert gone not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "ist meine pin sicher?",
        "was geschah im januar 2025",
        "pin 2025 gestohlen?",
        "frist 30.06. verpasst",
        "eHBA G2.1",
    ],
)
def test_harmless_words_stay(text):
    assert redact(text) == text
    assert sensitive(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("meine pin ist 482913", "pin"),
        ("482913 ist meine pin", "pin"),
        ("my password is Summer!24", "pin"),
        ("puk 12345678", "pin"),
        (ICCSN, "number"),
        ("IBAN DE89370400440532013000", "number"),
        ("Dr. Yilmaz, geb. 03.04.1979", "birth"),
        ("born on 3 April 1979", "birth"),
        ("geboren am 3. März 1944", "birth"),
    ],
)
def test_what_must_not_be_sent_is_told_apart(text, kind):
    assert sensitive(text) == kind


@given(st.text(max_size=600))
def test_no_long_number_survives(text):
    digits = "".join(str(unicodedata.decimal(char, "")) for char in redact(text))
    runs = re.findall(r"[0-9]{5,}", redact(text))
    assert not runs, digits


@given(st.text(alphabet="0123456789 .-/٠١٢³²𝟘１", min_size=5, max_size=200))
def test_digits_of_any_script_in_any_grouping(text):
    assert not re.search(r"[0-9](?:[ .\-/]?[0-9]){4,}", redact(text))


@pytest.mark.parametrize("piece", ["ﷺ", ".", "1.", "a@", "8 0 2 7 6 ", "passwort ist ", "geb ", "ich heiße ", "A1B2-"])
def test_hostile_text_costs_little(piece):
    text = (piece * 4096)[:4096]
    begin = time.perf_counter()
    redact(text)
    sensitive(text)
    assert time.perf_counter() - begin < 0.1
