"""Short wishes are understood; whoever writes more asks a question."""

import pytest

from services.intents import CardsFrom, Number, Speak, TheOneWith, Wish, typed


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("2", Number(2)),
        ("2.", Number(2)),
        ("die zweite", Number(2)),
        ("Und die zweite?", Number(2)),
        ("das dritte bitte", Number(3)),
        ("the last one", Number(-1)),
        ("die letzte", Number(-1)),
        ("Nummer 1", Number(1)),
        ("ich nehme die 3", Number(3)),
        ("the second one please", Number(2)),
        ("9", Number(9)),
        ("Nichts davon", Wish.NONE),
        ("none of these", Wish.NONE),
        ("und bei mir?", Wish.MINE),
        ("And me?", Wish.MINE),
        ("mehr", Wish.MORE),
        ("Mensch", Wish.HUMAN),
        ("Datenschutz", Wish.PRIVACY),
        ("Meine Karte prüfen", Wish.CARDS),
        ("sorry can we do english", Speak("en")),
        ("English please", Speak("en")),
        ("auf deutsch bitte", Speak("de")),
        ("Karten ab 13", CardsFrom(13)),
        ("cards from 7!", CardsFrom(7)),
        ("die mit dem Chip", TheOneWith("dem chip")),
        ("the one about the chip", TheOneWith("the chip")),
    ],
)
def test_a_wish(text, intent):
    assert typed(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "pin sicher?",
        "ist mein english certificate gültig",
        "2 karten verloren",
        "der zweite Brief ist nicht angekommen",
        "mehr als 10000 betroffen?",
        "ich will mit einem Menschen über meine Karte und den Tausch sprechen, und zwar heute noch",
        "",
        "???",
        "🙏",
    ],
)
def test_a_question_is_no_wish(text):
    assert typed(text) is None
