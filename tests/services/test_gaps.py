"""Gaps: what was not answered well, grouped; nothing of who asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from db import chats
from db.gaps import Gap
from db.models import Question
from faq.match import DontKnow, Match, Part, Reading, Suggest
from services import gaps
from tests.services.test_retention import rows


@pytest.fixture
def find(program):
    def find(**span):
        now = program.desk.clock()
        since = now - timedelta(**(span or {"weeks": 4}))
        return program.database.work(gaps.find, since=since, now=now, read=program.desk.library.read)

    return find


async def test_questions_without_an_answer_are_grouped_and_counted(member, find):
    for text in (
        "gibt es den ausweis auch in blindenschrift",
        "Gibt es den Ausweis auch in Blindenschrift?",
        "welche winterreifen für golf 7",
    ):
        await member.says(text)
    found = find()
    braille = next(group for group in found.groups if "lindenschrift" in group.questions[0])
    assert braille.count == 2
    assert found.groups[0] is braille


async def test_words_are_redacted_and_old_ones_are_left_out(member, find, clock):
    await member.says("frau dr. aylin yilmaz will den ausweis in blindenschrift unter 0171 2345678")
    text = repr(find())
    assert "2345678" not in text
    assert "yilmaz" not in text.casefold()
    clock.advance(days=40)
    assert find().groups == ()


async def test_not_helpful_answers_are_counted_by_entry(member, find):
    await member.says("pin sicher?")
    await member.taps("Nicht hilfreich")
    await member.says("pin sicher?")
    await member.taps("Hilfreich")
    (rated,) = find().rated
    assert (rated.entry, rated.not_helpful, rated.rated) == ("pin-safe", 1, 2)


def test_the_snippet_is_yaml_that_fits_into_an_entry():
    import yaml

    import checks
    import settings
    from commands.gaps import snippet
    from services.gaps import Group

    group = Group(("wie: geht das", 'mit "Zeichen"'), "de", 0, ("pin-safe",))
    text = snippet(group, checks.texts_of(settings.load({})))
    assert yaml.safe_load(text) == {"ask": ["wie: geht das", 'mit "Zeichen"']}
    assert "„pin-safe“" in text
    assert "Kein Eintrag" in snippet(replace(group, nearest=()), checks.texts_of(settings.load({})))


def test_only_entries_that_members_might_be_shown_are_near(clock):
    near, far = Match("near", 0.5, "x", "de"), Match("far", 0.01, "x", "de")
    gap = Gap("1", clock(), "wie geht das", "de", entry=None, helpful=None, chosen=False, settled=None)
    nearest = []
    for decision in (Suggest((near,)), DontKnow()):
        reading = Reading("de", (Part("wie geht das", (near, far), decision),))
        (group,) = gaps.sort([gap], [], read=lambda text, read=reading: read, now=clock()).groups
        nearest.append(group.nearest)
    assert nearest == [("near",), ()]


async def test_what_members_chose_is_the_nearest_unless_it_did_not_help(member, find, program):
    chosen = []
    for helpful in (None, "Nicht hilfreich"):
        await member.says("karte pin daten")
        offered = program.database.work(chats.enter, member.chat, program.desk.clock()).offered
        await member.says("2")
        chosen.append(offered[1])
        if helpful:
            await member.taps(helpful)
    (group,) = find().groups
    assert (group.chosen, group.not_helpful) == (2, 1)
    assert group.nearest[0] == chosen[0]


async def test_the_trend_counts_this_week_and_the_last_one(member, find, clock):
    for days in (3, 8, 1):
        await member.says("gibt es den ausweis auch in blindenschrift")
        clock.advance(days=days)
    (group,) = find().groups
    assert (group.count, group.this_week, group.last_week) == (3, 1, 2)


async def test_it_is_only_said_that_a_question_is_noted_if_it_is(member, program):
    (said,) = await member.says("gelbe gummistiefel")
    assert "notiert" in said.text
    assert [row.words for row in rows(program, Question)] == ["gelbe gummistiefel"]
    await member.says("karte pin daten")
    with program.database.engine.begin() as connection:
        connection.execute(sqlalchemy.update(Question).values(words=None))
    (said,) = await member.taps("Nichts davon")
    assert "notiert" not in said.text
