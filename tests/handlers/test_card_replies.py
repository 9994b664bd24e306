"""Own cards, as many as there may be: none is left out, and no message is longer than Telegram takes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checks
import settings as settings_file
from db import links
from handlers.buttons import Cards, unpack
from handlers.card_replies import CardReplies
from markup import plain
from services.outcomes import CardShown, CardsShown, Meaning, Status
from tests.support.register import enrol, give_card

LONGEST = 4096
LOADED = settings_file.load({})
REPLIES = CardReplies(checks.texts_of(LOADED), "auskunft_bot", LOADED.config.faq)


def card(number, note):
    affected = Meaning("breach-2025", "Datenvorfall", Status.AFFECTED, ("Name",), date(2025, 3, 14), "x" * note)
    other = Meaning("exchange-rsa", "Tausch", Status.NOT_LISTED, (), date(2025, 10, 1), "")
    return CardShown("SMC-B", f"{number:04}", (affected, other) if note else (other,))


def next_one(reply):
    buttons = (unpack(key.data) for row in reply.rows for key in row)
    return next((button.first for button in buttons if isinstance(button, Cards)), None)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1500), max_size=80), st.integers(0, 1200), st.sampled_from(["de", "en"]))
def test_every_card_is_shown_once(notes, above, language):
    cards = tuple(card(number, note) for number, note in enumerate(notes, 1))
    first, seen, messages = 1, [], 0
    while first is not None:
        shown = CardsShown(language, "42", cards, ("breach-2025",) if any(notes) else (), first=first)
        reply = REPLIES.cards(shown, "n" * above)
        text = plain(reply.html)
        assert len(text) <= LONGEST
        assert reply.protected
        assert text.startswith("n" * above)
        page = [number for number in range(1, len(cards) + 1) if f"SMC-B …{number:04}" in text]
        assert page or not cards
        seen += page
        first, messages = next_one(reply), messages + 1
        assert first is None or first == seen[-1] + 1
        assert (f" {len(cards)} " in text) or messages == 1
    assert seen == list(range(1, len(cards) + 1))


def test_few_cards_are_told_without_a_count():
    reply = REPLIES.cards(CardsShown("de", "42", tuple(card(number, 80) for number in range(1, 4)), ()))
    assert "von 3" not in reply.html
    assert next_one(reply) is None


def test_a_card_that_is_too_long_alone_stops_nothing():
    cards = (card(1, 5000), card(2, 0))
    assert next_one(REPLIES.cards(CardsShown("de", "42", cards, ()))) == 2


@pytest.fixture
def many(program, member):
    person = enrol(program)
    for number in range(30):
        give_card(
            program, person, "SMC-B", f"8027600108169990{number:04}", breach_2025=["name"] if number == 29 else None
        )
    program.database.work(links.make, member.chat, person.member, program.desk.clock(), program.desk.clock())
    return member


async def test_a_member_with_many_cards_reads_on(many):
    (said,) = await many.says("/karte")
    last = next_one_of(said) - 1
    assert f"Nummer 1 bis {last} von 30 Karten, betroffene zuerst." in said.text
    assert said.text.index("…0029") < said.text.index("…0000")
    assert f"Weitere zeigt „Karten ab {last + 1}“." in said.text
    assert said.parameters["protect_content"]
    (tapped,) = await many.taps(f"Karten ab {last + 1}")
    (typed,) = await many.says(f"karten ab {last + 1}")
    assert tapped.text == typed.text
    assert f"Nummer {last + 1} bis " in tapped.text
    (beyond,) = await many.says("karten ab 31")
    assert beyond.text == said.text


async def test_what_was_not_just_written_shows_no_cards(many):
    await many.says("hallo")
    (said,) = await many.edits("karten ab 2")
    assert "SMC-B" not in said.text


async def test_reading_on_is_the_bots_also_while_staff_have_a_question(many):
    await many.says("mensch")
    await many.says("Wann kommt meine neue Karte?")
    (said,) = await many.says("karten ab 2")
    assert "Nummer 2 bis " in said.text


async def test_only_who_is_verified_reads_on(member):
    (said,) = await member.says("karten ab 13")
    assert "Aktivierungscode" in said.text


def next_one_of(said):
    found = (unpack(key.get("callback_data")) for row in said.rows for key in row)
    return next(button.first for button in found if isinstance(button, Cards))
