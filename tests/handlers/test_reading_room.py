"""Questions are read in a process of its own, and whatever becomes of that, they are read."""

import asyncio
import contextlib
import dataclasses
import os
import signal
import time
import weakref

import pytest

from faq import child, wire
from faq.library import Shelf
from handlers import reader, reading_room
from handlers.figures import Figures
from handlers.reading_room import ReadingRoom, Unreadable
from tests.support.readers import BROKEN, DEADLY, ENDLESS, children, harmful, is_there

BOUND = 5.0  # seconds
QUESTIONS = ["pin sicher?", "karte sperren", "Welche Daten sind weg?", "hotline", "Muss ich jetzt etwas tun?"]


class Forks:
    """The processes that were forked, and of what library."""

    def __init__(self):
        self.all, self._fork = [], child.fork

    def __call__(self, library):
        process, end = self._fork(library)
        self.all.append(process)
        return process, end


@pytest.fixture
def forks(monkeypatch):
    forks = Forks()
    monkeypatch.setattr(child, "fork", forks)
    return forks


@contextlib.asynccontextmanager
async def opened(shelf, figures=None):
    """A room with a reader, unless there cannot be one; in the end it must leave no process, dead or alive."""
    tidied = asyncio.Event()

    async def tidy():
        tidied.set()

    room = ReadingRoom(shelf, figures or Figures(), tidy)
    assert await room.read(shelf.library, "pin sicher?") is None  # not yet
    running = asyncio.create_task(room.run())
    await tidied.wait()
    await asyncio.sleep(0)
    try:
        yield room
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert children(os.getpid()) & set(getattr(child.fork, "all", ())) == set()


async def until(holds):
    async with asyncio.timeout(BOUND):
        while not holds():
            await asyncio.sleep(0.01)


async def test_it_reads_as_the_library_does(shipped, forks):
    async with opened(Shelf(shipped)) as room:
        read = await asyncio.gather(*(room.read(shipped, text) for text in QUESTIONS))
        assert read == [shipped.read(text) for text in QUESTIONS]
    assert len(forks.all) == 1


async def test_questions_under_way_are_read_by_the_library_they_were_asked_of(shipped, forks):
    """200 are under way when another library is put on the shelf, and 200 come then."""
    other = dataclasses.replace(shipped)
    shelf = Shelf(shipped)
    async with opened(shelf) as room:
        texts = QUESTIONS * 40
        before = [asyncio.create_task(room.read(shipped, text)) for text in texts]
        await asyncio.sleep(0)
        shelf.replace(other)
        room.renew()
        assert await room.read(other, "pin sicher?") is None  # by nobody, rather than by the old one
        await until(lambda: len(forks.all) == 2)
        after = [asyncio.create_task(room.read(other, text)) for text in texts]
        await asyncio.sleep(0)
        assert await room.read(shipped, "pin sicher?") is None
        old, new = forks.all
        assert await asyncio.gather(*before) == [shipped.read(text) for text in texts]
        assert None not in await asyncio.gather(*after)
        await until(lambda: not is_there(old))
        assert is_there(new)


async def test_a_library_that_was_replaced_does_not_stay_because_of_its_reader(shipped, forks):
    shelf = Shelf(dataclasses.replace(shipped))
    async with opened(shelf) as room:
        held = weakref.ref(shelf.library)
        shelf.replace(shipped)
        assert held() is None
        room.renew()
        await until(lambda: len(forks.all) == 2)


async def test_a_killed_one_is_followed_by_another(shipped, forks, monkeypatch):
    monkeypatch.setattr(reading_room, "PAUSE", 0.2)
    figures = Figures()
    async with opened(Shelf(shipped), figures) as room:
        await room.read(shipped, "hotline")
        os.kill(forks.all[0], signal.SIGKILL)
        await until(lambda: room._reader is None)
        assert await room.read(shipped, "hotline") is None  # this process reads it
        assert len(forks.all) == 1
        await until(lambda: len(forks.all) == 2)
        assert await room.read(shipped, "hotline") == shipped.read("hotline")
    assert figures.registry.get_sample_value("auskunft_reader_ended_total") == 1


async def test_nobody_is_left_when_it_is_killed_under_load(shipped, forks):
    async with opened(Shelf(shipped)) as room:
        asked = [asyncio.create_task(room.read(shipped, text)) for text in QUESTIONS * 20]
        await until(lambda: sum(one.done() for one in asked) > 10)
        os.kill(forks.all[0], signal.SIGKILL)
        assert await asyncio.gather(*asked) == [shipped.read(text) for text in QUESTIONS * 20]
    assert len(forks.all) == 3  # the one, one for the question that was being read, the next one


async def test_a_deadly_question_ends_two_and_never_this_process(shipped, forks, caplog):
    library = harmful(shipped)
    async with opened(Shelf(library)) as room:
        texts = [*QUESTIONS, DEADLY, *QUESTIONS, DEADLY, *QUESTIONS]
        read = await asyncio.gather(*(room.read(library, text) for text in texts), return_exceptions=True)
        assert [isinstance(one, Unreadable) for one in read] == [text == DEADLY for text in texts]
        assert None not in read
        with pytest.raises(Unreadable):  # at once, and nothing was read here meanwhile
            await room.read(library, DEADLY)
        assert await room.read(library, "hotline") == shipped.read("hotline")
    assert len(forks.all) == 1 + 3 * 2
    assert DEADLY not in caplog.text


async def test_an_endless_question_is_given_up(shipped, forks, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE", 0.3)
    library = harmful(shipped)
    async with opened(Shelf(library)) as room:
        waiting = asyncio.create_task(room.read(library, ENDLESS))
        await asyncio.sleep(0)
        assert await room.read(library, "hotline") == shipped.read("hotline")
        with pytest.raises(Unreadable):
            await waiting


async def test_a_broken_question_is_for_this_process_which_can_tell_where(shipped, forks):
    library = harmful(shipped)
    async with opened(Shelf(library)) as room:
        assert await room.read(library, BROKEN) is None
        assert await room.read(library, "hotline") == shipped.read("hotline")
    assert len(forks.all) == 1


async def test_readers_that_cannot_read_at_all_are_no_questions_fault(shipped, forks, monkeypatch):
    """As where the system forbids what a child needs."""
    monkeypatch.setattr(reading_room, "PAUSE", 0.3)

    def dies(_text):
        os.kill(os.getpid(), signal.SIGKILL)

    library = harmful(shipped, dies)
    async with opened(Shelf(library)) as room:
        assert await asyncio.gather(*(room.read(library, text) for text in QUESTIONS)) == [None] * 5
        await asyncio.sleep(0.1)
        assert len(forks.all) == 1
        await until(lambda: len(forks.all) == 2)  # and later another try


async def test_where_there_cannot_be_a_process_it_is_tried_again_later(shipped, forks, monkeypatch, caplog):
    monkeypatch.setattr(reading_room, "PAUSE", 0.1)
    tries = []

    def refuses(_library):
        tries.append(1)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child, "fork", refuses)
    async with opened(Shelf(shipped)) as room:
        assert await room.read(shipped, "hotline") is None
        await until(lambda: len(tries) == 2)
        assert caplog.text.count("temporarily unavailable") == 2
        monkeypatch.setattr(child, "fork", forks)
        await until(lambda: forks.all)
        assert await room.read(shipped, "hotline") == shipped.read("hotline")


async def test_the_pause_grows_and_the_library_is_tidied_once_until_one_is_proven(shipped, forks, monkeypatch):
    monkeypatch.setattr(reading_room, "PAUSE", 0.02)
    monkeypatch.setattr(reading_room, "LONGEST_PAUSE", 0.3)
    shelf, tries, tidied = Shelf(shipped), [], []

    def refuses(_library):
        tries.append(time.monotonic())
        raise BlockingIOError(11, "Resource temporarily unavailable")

    async def tidy():
        tidied.append(shelf.library)

    monkeypatch.setattr(child, "fork", refuses)
    room = ReadingRoom(shelf, Figures(), tidy)
    running = asyncio.create_task(room.run())
    await until(lambda: len(tries) == 5)
    assert tries[4] - tries[3] > 0.15
    assert room._pause == 0.3
    assert tidied == [shipped]
    monkeypatch.setattr(child, "fork", forks)
    await until(lambda: forks.all)
    assert await room.read(shipped, "hotline") is not None
    shelf.replace(dataclasses.replace(shipped))
    room.renew()
    await until(lambda: len(forks.all) == 2)
    assert room._pause == 0.02
    assert tidied == [shipped, shelf.library]
    running.cancel()
    await asyncio.wait([running])


async def test_where_a_fork_is_not_safe_there_is_none(shipped, forks, monkeypatch, caplog):
    monkeypatch.setattr(child, "IS_POSSIBLE", False)
    async with opened(Shelf(shipped)) as room:
        assert await room.read(shipped, "hotline") is None
    assert not forks.all
    assert not caplog.text


async def test_a_reader_that_cannot_be_joined_keeps_nobody_waiting(shipped, forks, monkeypatch):
    async def fails(*_args, **_kwargs):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_unix_connection", fails)
    async with opened(Shelf(shipped)) as room, asyncio.timeout(BOUND):
        assert await room.read(shipped, "hotline") is None
    assert len(forks.all) == 1


async def test_an_answer_that_cannot_be_understood_keeps_nobody_waiting(shipped, forks, monkeypatch, caplog):
    def of_reading(reading):
        return b'{"Nothing":[]}' if reading == shipped.read("hotline") else real(reading)

    real = wire.of_reading
    monkeypatch.setattr(wire, "of_reading", of_reading)
    async with opened(Shelf(shipped)) as room, asyncio.timeout(BOUND):
        texts = ["pin sicher?", "hotline", "karte sperren"]
        read = await asyncio.gather(*(room.read(shipped, text) for text in texts), return_exceptions=True)
        assert isinstance(read[1], Unreadable)
        assert [read[0], read[2]] == [shipped.read("pin sicher?"), shipped.read("karte sperren")]
    assert "Nothing" not in caplog.text


async def test_it_closes_when_everything_is_answered(shipped, forks):
    async with opened(Shelf(shipped)) as room:
        asked = [asyncio.create_task(room.read(shipped, text)) for text in QUESTIONS * 10]
        await asyncio.sleep(0)
    assert await asyncio.gather(*asked) == [shipped.read(text) for text in QUESTIONS * 10]
    assert await room.read(shipped, "hotline") is None


async def test_who_does_not_wait_any_more_disturbs_nobody(shipped, forks):
    async with opened(Shelf(shipped)) as room:
        asked = [asyncio.create_task(room.read(shipped, text)) for text in QUESTIONS]
        await asyncio.sleep(0)
        asked[1].cancel()
        read = await asyncio.gather(*asked, return_exceptions=True)
        wanted = [shipped.read(text) for text in QUESTIONS]
        assert [*read[:1], *read[2:]] == [*wanted[:1], *wanted[2:]]


async def test_a_member_is_answered_with_and_without_one(member, program, forks):
    context, places = program.context, []
    context.reading_room = ReadingRoom(program.desk.shelf, context.figures, lambda: asyncio.sleep(0))
    running = asyncio.create_task(context.reading_room.run())
    await until(lambda: forks.all)
    (aside,) = await member.says("pin sicher?")
    running.cancel()
    await asyncio.wait([running])
    (here,) = await member.says("pin sicher?")
    assert aside.text == here.text
    for where in ("aside", "here"):
        places.append(context.figures.registry.get_sample_value("auskunft_readings_total", {"where": where}))
    assert places == [1, 1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_deadly_question_gets_a_calm_sentence(member, program, forks):
    program.desk.shelf.replace(harmful(program.desk.library))
    program.context.reading_room = ReadingRoom(program.desk.shelf, program.context.figures, lambda: asyncio.sleep(0))
    running = asyncio.create_task(program.context.reading_room.run())
    await until(lambda: forks.all)
    (said,) = await member.says(f"{DEADLY} 4711")
    assert "F-" in said.text
    (said,) = await member.says("pin sicher?")
    assert "PIN" in said.text
    running.cancel()
    await asyncio.wait([running])
