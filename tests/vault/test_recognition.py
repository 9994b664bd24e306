"""A code inside a message, and everything that looks a little like one."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import unhurried
from vault.codes import SYMBOLS, CheckFails, NotACode, Typed, mixed, new_code, printed
from vault.recognition import recognise


def clear_code():
    """A code whose groups all mix letters and digits: one in three."""
    while mixed((code := new_code()).symbols) < 4:
        pass
    return code


CODES = [new_code() for _ in range(300)]
CLEAR = [clear_code() for _ in range(40)]


def wrong(code):
    """The code with one wrong symbol at the end."""
    return code.symbols[:-1] + SYMBOLS[(SYMBOLS.index(code.symbols[-1]) + 1) % 32]


def grouped(symbols, by, parted):
    return parted.join(symbols[start : start + by] for start in range(0, 16, by))


@pytest.mark.parametrize(
    "sentence",
    [
        "{}",
        "mein code ist {}",
        "Hier mein Code: {}",
        "Hier mein Code – {} – bitte prüfen",
        "({}).",
        "„{}“",
        "Guten Tag,\n\n{}\n\nMfG Dr. Weber",
        "https://t.me/auskunft_bot?start={}",
        "Code {}, Karte gilt bis 2027",
        "ich habe den Brief vom 24.11.2026 bekommen, code {} danke",
        "/start {}",
    ],
)
@pytest.mark.parametrize(
    ("by", "parted"), [(4, "-"), (4, " "), (4, " - "), (16, ""), (8, " "), (4, "–"), (2, " "), (1, " ")]
)
def test_a_code_in_a_sentence(sentence, by, parted):
    for code in CLEAR:
        assert recognise(sentence.format(grouped(code.symbols, by, parted))) == Typed(code)
        assert recognise(sentence.format(grouped(code.symbols.lower(), by, parted))) == Typed(code)


def test_a_four_letter_word_beside_the_code_does_not_hide_it():
    found = 0
    for code in CODES:
        for sentence in ("code {} geht nicht", "EHBA {} PIN2", "mein code {} bitte"):
            found += recognise(sentence.format(grouped(code.symbols, 4, " "))) == Typed(code)
    assert found >= 0.98 * 3 * len(CODES)  # word and three groups may, rarely, pass the check as well


@pytest.mark.parametrize("sentence", ["{}", "mein Code ist {}", "Code: {} danke"])
def test_a_typing_error_in_a_sentence(sentence):
    codes = [code for code in CODES if mixed(wrong(code)) >= 2][:100]
    for code in codes:
        for by, parted in ((4, "-"), (4, " "), (16, "")):
            typed = sentence.format(grouped(wrong(code), by, parted))
            assert not isinstance(recognise(typed), NotACode), typed
    assert len(codes) == 100


@pytest.mark.parametrize(
    "message",
    [
        "Ist meine PIN sicher?",
        "wird mein Fall hier",
        "Arbeitgeberdaten",
        "am 24 mai 2026 haben",
        "seit 2024 oder seit 2025 betroffen",
        "4111 1111 1111 1111",
        "80276 0010 8169 9900 578",
        "8027600108169990",
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "550e8400-e29b-41d4-a716-446655440000",
        "A000500015",
        "0800 1234 5678 9999",
        "https://www.example.org/wiki/Datenleck_2025",
        "",
        "\u200b\ufdfa",
    ],
)
def test_what_is_no_code(message):
    assert recognise(message) == NotACode()


def test_dictionary_words_are_never_taken_for_a_code():
    """Random sentences of words, years and house numbers of lengths that come to sixteen."""
    chance = random.Random(7)
    words = (
        "karte brief code pin ehba wird mein fall hier 2025 2026 12 24 mai arzt praxis am im seit weg 0800 acht".split()
    )
    for _ in range(3000):
        message = " ".join(chance.choices(words, k=chance.randint(1, 9)))
        assert recognise(message) == NotACode(), message


@unhurried
@given(text=st.text(st.characters(exclude_categories=()), max_size=200), after=st.text(max_size=50))
def test_any_text_around_a_code_on_its_own_line_is_survived(text, after):
    """It never raises; and a lone code is always found."""
    assert isinstance(recognise(text), NotACode | CheckFails | Typed)
    assert recognise(printed(CODES[0])) == Typed(CODES[0])


@pytest.mark.parametrize(
    "hostile",
    [
        "A1 " * 1400,
        "A1B2 " * 800,
        "A1B2-" * 800,
        "- " * 2000,
        "A" * 4096,
        "\ufdfa" * 4096,
        "A1B2C3D4E5F6G7H8" * 256,
        "a " * 2048,
        "_" * 4096,
    ],
)
def test_hostile_text_costs_little(hostile):
    started = time.process_time()
    for _ in range(5):
        recognise(hostile)
    assert (time.process_time() - started) / 5 < 0.05


def test_every_code_that_is_drawn_is_recognised():
    codes_drawn = [printed(new_code()) for _ in range(5000)]
    assert [code for code in codes_drawn if not isinstance(recognise(f"mein code ist {code}"), Typed)] == []
