"""/luecken: what nobody answered, and what staff make of it."""

import pytest
import sqlalchemy

from db import drafts as rows
from db.models import Question
from db.session import Session
from faq.loader import load
from tests.support.colleague import AGENT, EDITOR, GROUP, Colleague
from tests.support.editing import settled, watch
from tests.support.member import Member

BRAILLE = "gibt es den ausweis auch in blindenschrift"


@pytest.fixture
def folder(program, tmp_path):
    return watch(program, tmp_path)


@pytest.fixture
def colleague(program, telegram, folder):
    return Colleague(program, telegram, EDITOR)


@pytest.fixture
async def asked(program, telegram, folder, clock):
    member = Member(program, telegram)
    await member.says("Gibt es den Ausweis auch in Blindenschrift?")
    clock.advance(days=8)
    for _ in range(2):
        await member.says(BRAILLE)
        clock.advance(minutes=2)
    await member.says("quitten einkochen rezept")
    return member


def how(program):
    with Session(program.database.engine) as session:
        return {row.words: row.settled for row in session.scalars(sqlalchemy.select(Question)) if row.words}


def last(telegram):
    return [call for call in telegram.of("sendMessage") if str(call["chat_id"]) == str(GROUP)][-1]


async def test_groups_come_with_counts_and_trend(asked, colleague, program):
    (listed,) = await colleague.says("/luecken")
    assert "vier Wochen</b>: 4." in listed.text
    assert f"1 · 3× „{BRAILLE}“ ▲ (2, 1)" in listed.text
    (shown,) = await colleague.taps("1 ansehen")
    assert "3× in vier Wochen ▲" in shown.text
    assert shown.labels[-3:] == ["Neuer Entwurf", "Nicht unser Thema", "Ignorieren"]
    assert set(how(program).values()) == {None}


@pytest.mark.parametrize(("label", "settled_as"), [("Nicht unser Thema", "foreign"), ("Ignorieren", "ignored")])
async def test_what_is_settled_leaves_the_list_for_good(asked, colleague, program, label, settled_as):
    await colleague.says("/luecken")
    await colleague.taps("1 ansehen")
    told, cleared = await colleague.taps(label)
    assert "Liste genommen: 3." in told.text
    assert cleared.method == "editMessageReplyMarkup"
    assert how(program)[BRAILLE] == settled_as
    await asked.says(BRAILLE)
    (listed,) = await colleague.says("/luecken")
    assert "Quitten" in listed.text.title()
    assert "Blindenschrift" not in listed.text.title()
    (told,) = await colleague.taps(label)
    assert "nicht mehr auf der Liste" in told.text


async def test_a_question_becomes_a_phrasing_of_an_entry(asked, colleague, program, telegram, folder):
    await colleague.says("/luecken")
    (shown,) = await colleague.taps("1 ansehen")
    label = next(label for label in shown.labels if label.startswith("Zu „"))
    card, *_ = await colleague.taps(label)
    assert BRAILLE in card.text
    assert how(program)[BRAILLE] == "drafted"
    await settled(program)
    if "Trotzdem hinzufügen" in str(last(telegram)):
        await colleague.taps("Trotzdem hinzufügen")
        await settled(program)
    (told,) = await colleague.taps("Veröffentlichen")
    assert "Formulierungen stehen jetzt" in told.text
    entry = program.database.work(rows.find, 1).entry
    assert BRAILLE in load(folder).entries[entry].de.ask
    assert how(program)[BRAILLE] == "added"
    (said,) = await asked.says(BRAILLE)
    assert program.texts.fill(load(folder).entries[entry].de.answer, "de").split("\n")[0] in said.text


async def test_a_question_becomes_a_draft_and_is_open_again_when_that_is_discarded(asked, colleague, program):
    await colleague.says("/luecken")
    await colleague.taps("1 ansehen")
    (first,) = await colleague.taps("Neuer Entwurf")
    assert "Vorschlag: Gibt es den Ausweis auch in Blindenschrift?" in first.text
    (told,) = await colleague.says("/luecken")
    assert "Blindenschrift" not in told.text.title()
    await colleague.taps("Vorschlag übernehmen")
    await colleague.taps("Abbrechen")
    (told,) = await colleague.says("/luecken")
    assert "Blindenschrift" in told.text.title()


async def test_bad_ratings_are_told_by_entry(program, telegram, folder):
    member, agent = Member(program, telegram), Colleague(program, telegram, AGENT)
    await member.says("ist meine pin sicher")
    await member.taps("Nicht hilfreich")
    (listed,) = await agent.says("/luecken")
    assert "pin-safe" in listed.text
    assert "1 von 1" in listed.text


async def test_an_entry_that_has_nothing_to_do_with_it_is_not_offered(program, telegram):
    await Member(program, telegram).says("gelbe gummistiefel")
    editor = Colleague(program, telegram, EDITOR)
    await editor.says("/luecken")
    (shown,) = await editor.taps("1 ansehen")
    assert "Kein Eintrag kommt dem nahe" in shown.text
    assert shown.labels == ["Neuer Entwurf", "Nicht unser Thema", "Ignorieren"]


async def test_without_a_gap_it_says_so(colleague):
    (told,) = await colleague.says("/luecken")
    assert "keine Frage" in told.text
