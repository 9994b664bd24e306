"""Which language a message is in, and how much a word tells."""

import pytest

from faq.frequency import information, is_common
from faq.language import language_of
from faq.normalise import words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ist meine Karte betroffen?", "de"),
        ("is my card affected", "en"),
        ("karte sperren", "de"),
        ("lost my card", "en"),
        ("Muss ich das jetzt updaten?", "de"),
        ("Robert", None),
        ("12345", None),
        ("", None),
    ],
)
def test_language(text, language):
    assert language_of(word.plain for word in words(text)) == language


def test_function_words_tell_least_and_unlisted_words_most():
    assert information("die") == information("the") == 0.1
    assert 0.1 < information("karte") < information("heilberufsausweis") == 1.0


def test_right_words_of_both_languages_are_known_in_plain_spelling():
    assert is_common("straße".replace("ß", "s"))
    assert is_common("question")
    assert not is_common("kartenlesgerat")
