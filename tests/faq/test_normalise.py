"""Spellings that meet, and texts that must not hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.normalise import LONGEST, LONGEST_WORD, plain, readable, words


@pytest.mark.parametrize(
    "spellings",
    [
        ("Straße", "Strasse", "STRASSE", "strase"),
        ("für", "fuer", "FÜR", "fur", "fu\u0308r"),
        ("Ärztekammer", "Aerztekammer", "arztekammer", "ＡＥＲＺＴＥＫＡＭＭＥＲ"),
        ("Café", "cafe", "CAFE\u0301"),
        ("Ausweis", "Aus\u00adweis", "Aus\u200bweis"),
    ],
)
def test_spellings_of_a_word_meet(spellings):
    assert len({words(spelling)[0].plain for spelling in spellings}) == 1


def test_u_after_q_is_no_umlaut():
    assert plain("Quelle") != plain("Qulle")
    assert plain("Quelle") == "quelle"


def test_words_keep_what_was_typed():
    assert [(word.typed, word.plain) for word in words("Größe: D-Trust!")] == [
        ("Größe", "grose"),
        ("D", "d"),
        ("Trust", "trust"),
    ]


def test_marks_upon_marks_do_not_tear_a_word_apart():
    assert [word.plain for word in words("K̶a̶r̶t̶e̶")] == ["karte"]


def test_one_character_that_becomes_eighteen_is_cut_again():
    assert len(readable("\ufdfa" * 4096)) <= LONGEST


@given(st.text(max_size=600))
def test_plain_words_are_short_and_whole(text):
    for word in words(text):
        assert 1 <= len(word.plain) <= 18 * LONGEST_WORD
        assert not word.plain.isspace()
        assert plain(word.typed) == plain(word.typed.upper()) or not word.typed.isascii()
