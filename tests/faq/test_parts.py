"""One question, several, or one hidden in a long message."""

import pytest

from faq.match import Answer, Match, Part
from faq.parts import MOST, split

KNOWN = {"pin": "pin", "datum": "when", "wann": "when", "klagen": "damages", "karte": "block", "presse": "press"}


def ask(text):
    """A matcher that knows an entry by a word, and is sure of what it knows."""
    if not text.strip(" .?!\n"):
        return None
    found = [entry for word, entry in KNOWN.items() if word in text.casefold()]
    match = Match(found[0] if found else "other", 0.9 if found else 0.05, text, "de")
    return Part(text, (match,), Answer(match))


def entries(text):
    return [part.matches[0].entry for part in split(text, ask)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ist meine PIN sicher?", ["pin"]),
        ("Ist meine PIN sicher? Kann ich klagen?", ["pin", "damages"]),
        ("Wie sicher ist die PIN und wann war das?", ["pin", "when"]),
        ("kann ich klagen\nwo sperre ich die karte", ["damages", "block"]),
        ("Is the pin safe, and can I ask the presse?", ["pin", "press"]),
        ("Zwei Dinge: 1. pin verloren 2. datum des Lecks", ["pin", "when"]),
        ("1) klagen 2) karte sperren", ["damages", "block"]),
        ("a) pin b) karte c) presse", ["pin", "block", "press"]),
        ("Hallo,\n- pin verloren\n- karte sperren\nDanke", ["pin", "block"]),
        ("• karte\n• presse", ["block", "press"]),
        ("Erstens: Ist die PIN weg, zweitens wäre da die Karte", ["pin", "block"]),
        ("karte sperren bitte\npin verloren", ["block", "pin"]),
    ],
)
def test_questions_are_told_apart_in_their_order(text, found):
    assert entries(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Guten Tag! Ich habe einen Brief bekommen. Ist meine PIN sicher?",  # small talk around it
        "Ist die PIN sicher? Ist die PIN wirklich sicher?",  # twice the same
        "Mir geht es schlecht. Die PIN ist weg. Was soll das?",  # only one is known
        "PIN und Karte",  # no questions
        "Seit dem 1. Mai ist die PIN und seit dem 2. Juni die Karte weg",  # days, no list
        "Liebe Presse,\nmeine PIN ist weg\nViele Grüße von der Karte",  # politeness around one line
        "2. die PIN 3. die Karte",  # counts nothing up from the first
    ],
)
def test_one_question_stays_whole(text):
    (part,) = split(text, ask)
    assert part.text == text


def test_at_most_three_are_answered():
    text = "Ist die PIN sicher? Wann war das? Kann ich klagen? Wo ist die Karte? Wer ist die Presse?"
    assert len(split(text, ask)) == MOST


def test_a_question_is_found_in_a_long_story():
    story = "Ich war gestern lange im Dienst und habe viel erlebt. " * 30
    (part,) = split(story + "Wo sperre ich denn nun die Karte? " + story, ask)
    assert part.text == "Wo sperre ich denn nun die Karte?"


def test_a_long_story_without_a_question_is_its_most_telling_sentence():
    story = "Das war so und das war gut. " * 30 + "Gestern verlor ich die Karte im Zug nach Lippstadt. "
    (part,) = split(story + story, ask)
    assert "Karte" in part.text


def test_no_word_no_question():
    assert split(" \n ?! ", ask) == ()
