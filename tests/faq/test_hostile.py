"""Texts that somebody sends to do harm, or a cat that walks over the keyboard."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.decision import Thresholds
from faq.matcher import Matcher, phrasings_in

LENGTH = 4096  # characters of a Telegram message
ALLOWED = 0.1  # seconds of computing

HOSTILE = {
    "grows eighteenfold": "\ufdfa" * LENGTH,
    "combining marks": "a" + "\u0301" * LENGTH,
    "marks on every letter": "k\u0336a\u0336r\u0336t\u0336e\u0336 " * 370,
    "emoji": "🙏🏽👩‍👩‍👧❤️" * 400,
    "one letter": "a" * LENGTH,
    "single letters": "a " * (LENGTH // 2),
    "one word": "datenleckkarte" * 290,
    "Arabic digits": "٣" * LENGTH,
    "groups of digits": "١٢٣ 456 " * 500,
    "zero width": "\u200b" * LENGTH,
    "zero width between": "\u200b".join("karte sperren " * 140),
    "bidi": "\u202e\u202dabc " * 680,
    "spaces": " " * LENGTH,
    "tabs and lines": " \t\n" * 1300,
    "line separators": "\u2028\u3000" * 2000,
    "punctuation": "?!.;" * 1000,
    "questions": "was ist? " * 450,
    "real questions": "ist meine karte betroffen? " * 150,
    "conjunctions": "und wie " * 500,
    "unknown words": " ".join(f"xqz{number}karte" for number in range(400)),
    "sharp s": "ßäöü" * 1000,
    "half characters": "\ud800" * LENGTH,
    "zero bytes": "\0" * LENGTH,
    "Han": "".join(chr(0x4E00 + number) for number in range(LENGTH)),
    "mathematical letters": "𝕜𝕒𝕣𝕥𝕖 " * 680,
}


@pytest.fixture(scope="module")
def matcher(shipped):
    return Matcher(list(phrasings_in(shipped.store)), Thresholds(), shipped.store.synonyms, [("a", "brust schmerz")])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_quickly(matcher, text):
    matcher.read("warm")
    started = time.thread_time()
    reading = matcher.read(text)
    assert time.thread_time() - started < ALLOWED
    assert len(reading.parts) <= 3


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_read(matcher, text):
    for part in matcher.read(text).parts:
        assert all(0 <= match.confidence <= 1 for match in part.matches)


@given(
    st.lists(
        st.sampled_from(["karte", "?", "\n", "wie", " und ", "pin", "\u0301", "ß", ". ", "what", "𝕜"]), max_size=60
    )
)
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_pieces_can_be_read(matcher, pieces):
    assert len(matcher.read("".join(pieces)).parts) <= 3
