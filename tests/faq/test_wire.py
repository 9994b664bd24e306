"""Whatever a member writes, and whatever is read from it, comes over the socket as it went."""

from hypothesis import given
from hypothesis import strategies as st

from faq import wire
from faq.match import Answer, DontKnow, Match, Part, Reading, Suggest

anything = st.text(st.characters(codec=None))  # halves of pairs, too
languages = st.sampled_from(["de", "en"])
matches = st.builds(Match, anything, st.floats(0, 1), anything, languages)
few = st.lists(matches, max_size=3).map(tuple)
decisions = st.one_of(st.builds(Answer, matches), st.builds(Suggest, few), st.builds(DontKnow))
words = st.lists(anything, max_size=3).map(tuple)
corrections = st.lists(st.tuples(anything, anything), max_size=3).map(tuple)
parts = st.builds(Part, anything, few, decisions, corrections, words)
readings = st.builds(
    Reading, st.none() | languages, st.lists(parts, max_size=3).map(tuple), urgent=st.none() | anything
)


@given(anything)
def test_a_text_arrives_as_it_was(text):
    assert wire.to_text(wire.of_text(text)) == text


@given(st.none() | readings)
def test_a_reading_arrives_as_it_was(reading):
    assert wire.to_reading(wire.of_reading(reading)) == reading


def test_readings_of_the_shipped_faq_arrive_as_they_were(shipped):
    for text in ("", "?", "pin sicher?", "Welche Daten sind weg und muss ich jetzt die Karte sperren? " * 40):
        reading = shipped.read(text)
        assert wire.to_reading(wire.of_reading(reading)) == reading


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_frames_are_found_in_whatever_pieces_they_come(contents, size):
    stream, heard, found = b"".join(map(wire.framed, contents)), bytearray(), []
    for start in range(0, len(stream), size):
        heard += stream[start : start + size]
        found += wire.frames(heard)
    assert (found, bytes(heard)) == (contents, b"")
