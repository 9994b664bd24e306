"""Rows of drafts: changed only as they were read, forgotten when nobody has touched them."""

from datetime import timedelta

from db import drafts
from db.drafts import Phase


def begin(session, clock, **values):
    given = {"entry": None, "content": {"title_de": "War mein Foto dabei?"}, "ticket": None, "thread": 7} | values
    return drafts.add(session, by=1, now=clock(), **given)


def ask(session, row, clock, step="title_de", user=1):
    return drafts.change(session, row, clock(), step=step, asked=user, asked_at=clock())


async def test_only_one_of_two_who_read_the_same_changes_it(program, clock):
    work = program.database.work
    row = work(begin, clock)
    clock.advance(seconds=1)
    assert work(ask, row, clock).step == "title_de"
    assert work(ask, row, clock, step="owner") is None
    assert work(drafts.find, row.id).step == "title_de"


async def test_the_last_one_that_somebody_was_asked_about_is_found_for_a_while(program, clock):
    work = program.database.work
    first, second = work(begin, clock), work(begin, clock)
    work(ask, second, clock)
    clock.advance(minutes=5)
    work(ask, first, clock)
    since = clock() - timedelta(hours=1)
    assert work(drafts.asked_of, 1, since).id == first.id
    assert work(drafts.asked_of, 2, since) is None
    assert work(drafts.asked_of, 1, clock() + timedelta(seconds=1)) is None
    assert work(drafts.change, work(drafts.find, first.id), clock(), state=Phase.READY.value) is not None
    assert work(drafts.asked_of, 1, since).id == second.id


async def test_what_nobody_touched_for_long_goes(program, clock):
    work = program.database.work
    old = work(begin, clock)
    clock.advance(days=91)
    young = work(begin, clock)
    assert work(drafts.forget, clock() - timedelta(days=90)) == 1
    assert work(drafts.find, old.id) is None
    assert [row.id for row in work(drafts.open_ones)] == [young.id]
