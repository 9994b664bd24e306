"""Gaps: what was not answered well, grouped; nothing of who asked."""

import pytest

from services import gaps


@pytest.fixture
def find(program):
    def find(**span):
        from datetime import timedelta

        since = program.desk.clock() - timedelta(**(span or {"weeks": 4}))
        return program.database.work(gaps.find, since=since, read=program.desk.library.read)

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
