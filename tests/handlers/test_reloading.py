"""A saved file is live; a bad one changes nothing and somebody is told."""

import asyncio
import contextlib
import shutil

import pytest

import checks
from faq.history import History
from handlers import reloading
from handlers.reloading import Refused, Reloaded, Reloading, Unchanged
from tests.faq.test_loader import GOOD, SOURCES


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'one.sqlite'}"


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "card.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return folder


@pytest.fixture
def told():
    return []


@pytest.fixture
def reloader(program, content, told, tmp_path):
    def open_edited(folder):
        desk = program.desk
        return checks.open_edited(program.texts, folder, before=desk.library, today=desk.clock().date())

    program.desk.shelf.replace(checks.open_library(program.settings, program.texts, content))
    return Reloading(program.context, content, History(tmp_path / "history"), open_edited, told.append)


def change(content, old, new):
    text = (content / "card.yaml").read_text(encoding="utf-8")
    assert old in text
    (content / "card.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")


async def test_a_good_change_is_live(reloader, program, content, told):
    assert await reloader.reload() == Unchanged()
    change(content, "Etwa 500 Euro.", "Etwa 510 Euro.")
    result = await reloader.reload()
    assert isinstance(result, Reloaded)
    assert result.difference.changed == ("card-cost",)
    assert program.desk.store.entries["card-cost"].de.answer == "Etwa 510 Euro."
    assert told == [result]
    assert "geändert: card-cost" in reloading.in_words(result, program.texts, "de")


async def test_a_bad_change_is_refused_once_and_told(reloader, program, content, told):
    await reloader.reload()
    before = program.desk.library
    change(content, "owner: Redaktion", "besitzer: Redaktion")
    result = await reloader.reload()
    assert isinstance(result, Refused)
    assert program.desk.library is before
    words = reloading.in_words(result, program.texts, "de")
    assert "card.yaml, Zeile" in words
    assert "letzte gute Fassung" in words
    assert await reloader.reload() == Unchanged()  # not told again and again
    assert told == [result]
    change(content, "besitzer: Redaktion", "owner: Redaktion")
    assert await reloader.reload() == Unchanged()  # as it was


async def test_an_edit_that_would_answer_wrongly_is_refused(reloader, program, content):
    await reloader.reload()
    change(content, "[was kostet die karte]", "[was kostet die karte, Pin - sicher!]")
    result = await reloader.reload()
    assert isinstance(result, Refused)
    assert "pin-safe" in reloading.in_words(result, program.texts, "de")


async def test_every_accepted_version_is_kept(reloader, content, tmp_path):
    await reloader.reload()
    change(content, "Etwa 500 Euro.", "Etwa 510 Euro.")
    await reloader.reload()
    change(content, "owner: Redaktion", "besitzer: Redaktion")
    await reloader.reload()
    assert len(History(tmp_path / "history").versions()) == 2


async def test_a_saved_file_is_live_within_two_seconds(reloader, program, content):
    task = asyncio.create_task(reloader.run())
    await asyncio.sleep(1)
    temporary = content.parent / "card.part"
    shutil.copy(content / "card.yaml", temporary)
    temporary.write_text(temporary.read_text(encoding="utf-8").replace("500", "520"), encoding="utf-8")
    temporary.replace(content / "card.yaml")  # as most editors save
    try:
        async with asyncio.timeout(2):
            while "520" not in program.desk.store.entries["card-cost"].de.answer:
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_messages_in_flight_keep_the_library_they_began_with(reloader, program, content):
    """While files are saved again and again, every question is read by one whole library."""
    stop = False

    async def ask():
        while not stop:
            reading = await program.context.read("was kostet die karte")
            assert [part.decision.match.entry for part in reading.parts] == ["card-cost"]

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for price in range(500, 506):
        change(content, str(price), str(price + 1))
        assert isinstance(await reloader.reload(), Reloaded)
    stop = True
    await asyncio.gather(*asking)


async def test_the_staff_group_is_told(program, telegram):
    await reloading.inform(program.context, -100, "Die FAQ ist neu geladen.")
    assert telegram.of("sendMessage")[0]["chat_id"] == "-100"
    telegram.fail("sendMessage", (400, "Bad Request: chat not found"))
    await reloading.inform(program.context, -100, "noch einmal")  # no reason to stop
