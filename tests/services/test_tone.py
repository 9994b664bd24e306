"""Insults, threats and thanks: told plainly, and nothing else is taken for one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import tone


@pytest.mark.parametrize("text", ["Idioten", "ihr seid doch alle unfähig!!!", "you are all morons", "Scheißverein"])
def test_insults(text):
    assert tone.is_insult(text)


@pytest.mark.parametrize(
    "text",
    [
        "ich bin wütend",
        "ihr seid unfähig, wer haftet jetzt dafür",
        "ist das nicht dumm gelaufen mit meiner PIN?",
        "alles",
        "",
        "this is a stupid question but is my pin safe",
    ],
)
def test_no_insults(text):
    assert not tone.is_insult(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ich bring euch um!",
        "ich stech dich ab",
        "ich zünde eure Kammer an",
        "Ich weiß, wo ihr wohnt.",
        "I'll kill you",
        "i will burn your office down",
        "man sollte euch alle umbringen",
    ],
)
def test_threats(text):
    assert tone.is_threat(text)


@pytest.mark.parametrize(
    "text",
    [
        "die Betrüger drohen mir",
        "ich will mich umbringen",
        "ich mache euch keinen Vorwurf",
        "ich verklage euch",
        "ich mache Sie darauf aufmerksam",
        "der Akku bringt mich um den Verstand",
        "I will report you to the authority",
    ],
)
def test_no_threats(text):
    assert not tone.is_threat(text)


@pytest.mark.parametrize("text", ["super danke", "Vielen Dank!", "thanks so much"])
def test_thanks(text):
    assert tone.is_thanks(text)


@pytest.mark.parametrize("text", ["danke, und wie geht das?", "ok", "danke aber die Karte ist noch gesperrt"])
def test_no_thanks(text):
    assert not tone.is_thanks(text)


@given(st.text(max_size=4096))
def test_any_text_is_looked_at_quickly(text):
    begin = time.perf_counter()
    tone.is_insult(text), tone.is_threat(text), tone.is_thanks(text)
    assert time.perf_counter() - begin < 0.2
