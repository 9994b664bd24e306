"""Replies that were said are struck off before anything else, and together."""

import asyncio
import contextlib
import threading

import pytest
import sqlalchemy

from db.models import HandledUpdate
from db.session import Session, Unavailable
from db.troubles import Trouble
from db.updates import Owed
from handlers.closing import Closing, Said
from handlers.sending import Fate


def said(number):
    return Said(Owed(number, 7, number, ()), Fate.SENT, 100 + number, blocked=False)


class Book:
    """Notes what is struck off, in which transaction; may be told to fail."""

    def __init__(self, database):
        self.struck, self.troubles = [], {}
        self.closing = Closing(database, self.strike)
        self._gate, self._database = threading.Event(), database

    def strike(self, session, said):
        number = said.owed.update_id
        if (trouble := self.troubles.get(number)) is not None:
            raise trouble
        self.struck.append((number, id(session.connection())))

    def busy(self):
        """All threads of the database have something to do until `free`."""
        for _ in range(self._database.executor._max_workers):
            self._database.executor.submit(self._gate.wait, 5)

    def free(self):
        self._gate.set()

    async def close(self, *numbers):
        tasks = [asyncio.create_task(self.closing.close(said(number))) for number in numbers]
        await asyncio.sleep(0.01)
        return tasks


@pytest.fixture
def book(program):
    return Book(program.database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # one thread, so that there is one order
async def test_it_goes_before_what_waits_already(program, book):
    program.context._closing = book.closing
    book.busy()
    work = program.context.work
    waiting = [asyncio.create_task(work(lambda _, n=n: book.struck.append((n, None)))) for n in range(100, 140)]
    await asyncio.sleep(0.01)
    tasks = await book.close(1)
    book.free()
    await asyncio.gather(*waiting, *tasks)
    assert [number for number, _ in book.struck].index(1) < program.database.executor._max_workers


async def test_all_that_wait_are_one_transaction(book):
    book.busy()
    tasks = await book.close(*range(30))
    book.free()
    await asyncio.gather(*tasks)
    assert [number for number, _ in book.struck] == list(range(30))
    assert len({transaction for _, transaction in book.struck}) == 1


async def test_one_that_cannot_be_struck_off_keeps_no_other(book):
    book.troubles[2] = KeyError("ours")
    book.busy()
    tasks = await book.close(1, 2, 3)
    book.free()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), KeyError, type(None)]
    assert {number for number, _ in book.struck} >= {1, 3}


async def test_all_hear_of_a_database_that_is_away(book):
    book.troubles[2] = Unavailable(Trouble.FULL)
    book.busy()
    tasks = await book.close(1, 2, 3)
    book.free()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3


async def test_who_is_stopped_meanwhile_has_it_struck_off_all_the_same(book):
    book.busy()
    stopped, other = await book.close(1, 2)
    stopped.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await stopped
    book.free()
    await other
    assert [number for number, _ in book.struck] == [1, 2]


async def test_a_crowd_is_struck_off(program, telegram):
    for chat in range(1, 41):
        await program.intake.take(telegram.update(message=telegram.message(chat, "pin sicher?")))
    await program.context.courier.idle()
    with Session(program.database.engine) as session:
        rows = session.scalars(sqlalchemy.select(HandledUpdate)).all()
    assert [(row.owed, row.fate) for row in rows] == [(None, "sent")] * 40
