"""Activation codes: what the letters carry, what people type, what is stored."""

import itertools
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import unhurried
from vault.codes import (
    LENGTH,
    SYMBOLS,
    CheckFails,
    Code,
    NotACode,
    Typed,
    digest,
    digests,
    judge,
    new_code,
    normalise,
    printed,
)
from vault.plain import plain

CODES = [new_code() for _ in range(3000)]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
codes = st.integers(0, len(CODES) - 1).map(CODES.__getitem__)


def test_new_codes_have_the_form_that_letters_and_links_need():
    for code in CODES:
        assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", code.symbols)
        assert re.search("[2-9]", code.symbols)
        assert normalise(code.symbols) == Typed(code)
    assert len(set(CODES)) == len(CODES)


def test_every_symbol_is_drawn_at_every_place_about_as_often():
    for place in range(LENGTH):
        counts = [sum(code.symbols[place] == symbol for code in CODES) for symbol in SYMBOLS]
        # 3000 / 32 = 94 each; six standard deviations around
        assert min(counts) > 36, place
        assert max(counts) < 152, place


def test_the_check_symbol_is_crockfords():
    """The published example of the alphabet: 32 ** k mod 37; computed here a second way."""
    for code in CODES[:200]:
        assert int(
            code.symbols[:15].translate(str.maketrans(SYMBOLS, "0123456789ABCDEFGHIJKLMNOPQRSTUV")), 32
        ) % 37 == (SYMBOLS.index(code.symbols[15]))


def test_every_single_wrong_symbol_is_noticed():
    for code in CODES[:150]:
        for place, right in enumerate(code.symbols):
            for wrong in SYMBOLS:
                if wrong != right:
                    typed = code.symbols[:place] + wrong + code.symbols[place + 1 :]
                    assert judge(typed) == CheckFails()


def test_every_swap_of_neighbours_and_next_but_one_is_noticed():
    for code, distance in itertools.product(CODES, (1, 2)):
        for place in range(LENGTH - distance):
            typed = list(code.symbols)
            typed[place], typed[place + distance] = typed[place + distance], typed[place]
            assert "".join(typed) == code.symbols or judge("".join(typed)) == CheckFails()


def test_random_symbols_pass_once_in_thirty_seven():
    chance = random.Random(1)
    passed = sum(isinstance(judge("".join(chance.choices(SYMBOLS, k=16))), Typed) for _ in range(20_000))
    assert 400 < passed < 680  # 20,000 / 37 = 541


@unhurried
@given(code=codes, data=st.data())
def test_what_people_do_to_a_code_while_typing(code, data):
    """Lower case, letters for digits, any dash, any space, other scripts' digits, invisible characters."""
    noise = st.text("- \u00a0\u202f\t\n‐‑‒–—−－\u00ad\u200b\u200d\u2060\ufeff\u202e\ufe0f", max_size=3)
    alike = {"1": "1IilL", "0": "0oO"}
    typed = data.draw(noise)
    for symbol in code.symbols:
        forms = alike.get(symbol, symbol + symbol.lower()) + chr(ord(symbol) + 0xFEE0)  # full width
        if symbol.isdigit():
            forms += chr(0x660 + int(symbol)) + chr(0x966 + int(symbol)) + chr(0x1D7D8 + int(symbol))
        typed += data.draw(st.sampled_from(forms)) + data.draw(noise)
    assert normalise(typed) == Typed(code)


@pytest.mark.parametrize("code", CODES[:50])
def test_the_printed_form_has_four_groups_and_reads_back(code):
    assert re.fullmatch("(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", printed(code))
    assert normalise(printed(code)) == Typed(code)


@unhurried
@given(text=ANY_TEXT)
def test_reading_twice_is_reading_once(text):
    """What was taken for a code is the same code when it is read again, in whichever form."""
    verdict = normalise(text)
    if isinstance(verdict, Typed):
        assert normalise(verdict.code.symbols) == normalise(printed(verdict.code)) == verdict
    assert normalise(plain(text)) == verdict or not plain(text).isascii()


@unhurried
@given(text=st.text(st.sampled_from(SYMBOLS + "ILOilo -–\u200b٣３"), max_size=24))
def test_reading_twice_is_reading_once_near_codes(text):
    verdict = normalise(text)
    assert normalise(plain(text)) == verdict
    if isinstance(verdict, Typed):
        assert normalise(printed(verdict.code)) == verdict


@unhurried
@given(text=ANY_TEXT)
def test_only_sixteen_symbols_are_a_code(text):
    verdict = normalise(text)
    if not isinstance(verdict, NotACode):
        assert len(re.sub("[- ]", "", plain(text))) == LENGTH


@pytest.mark.parametrize(
    ("typed", "symbols"),
    [
        ("", 0),
        ("K7QM-2F9T-XW3B-8HR", 15),
        ("K7QM-2F9T-XW3B-8HRN2", 17),
        ("K7QM-2F9T-XW3B-8HRU", 0),  # U is none of the symbols
        ("K7QM-2F9T-XW3B-8HR*", 0),
        ("K7QM.2F9T.XW3B.8HRN", 0),
        ("K7QM-2F9T-XW3B-8HRß", 0),
        ("K7QM_2F9T_XW3B_8HRN", 0),
        ("Ist meine PIN sicher?", 0),
        ("К7QМ-2F9Т-XW3В-8НRN", 0),  # Cyrillic letters
    ],
)
def test_what_is_no_code(typed, symbols):
    assert normalise(typed) == NotACode(symbols)


def test_a_typing_error_is_told_from_no_code():
    code = CODES[0].symbols
    wrong = code[:-1] + SYMBOLS[(SYMBOLS.index(code[-1]) + 1) % 32]
    assert normalise(wrong.lower()) == CheckFails()


@pytest.mark.parametrize(
    "hostile",
    [
        "\ufdfa" * 4096,
        "\u0300" * 4096,
        "K7QM-" * 1000,
        "-" * 4096,
        "\u200b" * 4096,
        "٣" * 4096,
        "\U0001f468\u200d" * 2048,
    ],
)
def test_hostile_text_costs_little(hostile):
    started = time.process_time()
    for _ in range(10):
        normalise(hostile)
    assert (time.process_time() - started) / 10 < 0.02


def test_what_is_stored_needs_the_key(keyring, rotating):
    code, other = CODES[:2]
    stored = digest(keyring, code)
    assert stored == digest(keyring, Code(code.symbols))
    assert stored not in {digest(keyring, other), digest(rotating[0], code)}
    assert code.symbols not in stored
    assert stored.startswith("k1:")


def test_codes_of_before_a_rotation_are_still_found(rotating):
    before, after = rotating
    code = CODES[0]
    assert digests(after, code) == [digest(after, code), digest(before, code)]
