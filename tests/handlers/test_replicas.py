"""Two processes on one PostgreSQL take the same updates: one effect, one reply, in the chat's order."""

import asyncio
import contextlib
import logging
import random
import threading
import time

import pytest
import sqlalchemy
from telegram.error import NetworkError

from db import chats, updates
from db.models import Chat, Delivery, HandledUpdate, Question
from db.session import Session, Unavailable
from db.troubles import Trouble
from db.updates import Owed
from handlers import context as context_module
from handlers import courier, ledger, outbox
from handlers.context import Origin
from handlers.outbox import Outbox
from handlers.reply import Act, Reply
from handlers.updates import Intake
from services import deliveries
from services.deliveries import Kind
from services.outcomes import Silent
from tests.support import replicas
from tests.support.program import program_with

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

CHAT = 7001


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(courier, "LOOK_AHEAD", 0.01)
    monkeypatch.setattr(ledger, "FIRST_WAIT", 0.01)


@pytest.fixture
async def other(telegram, shipped, program, database_url, tmp_path, clock):
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as running:
        yield running


@pytest.fixture
def both(program, other):
    return [Intake(program.context), Intake(other.context)]


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


def ask(telegram, text="pin sicher?", chat=CHAT):
    return telegram.update(message=telegram.message(chat, text))


def said(telegram, chat=CHAT):
    return [call["text"] for call in telegram.of("sendMessage") if int(call["chat_id"]) == chat]


async def idle(*programs):
    for one in programs:
        await one.context.courier.idle(20)


class Gate:
    """Lets no sendMessage of one process through until it opens."""

    def __init__(self, program):
        self.opened, self.tried = asyncio.Event(), asyncio.Event()
        sender = program.context.courier._sender
        say = sender.say

        async def gated(*args, **values):
            self.tried.set()
            await self.opened.wait()
            return await say(*args, **values)

        sender.say = gated


async def test_the_same_update_in_both_at_once(both, program, other, telegram):
    for number in range(10):
        update = ask(telegram, chat=CHAT + number)
        await asyncio.gather(*(intake.take(update) for intake in both for _ in range(2)))
    await idle(program, other)
    assert [len(said(telegram, CHAT + number)) for number in range(10)] == [1] * 10
    assert len(rows(program, Question)) == 10
    assert {row.fate for row in rows(program, HandledUpdate)} == {"sent"}


async def test_a_crowd_is_spread_over_both_and_each_update_comes_twice(both, program, other, telegram, caplog):
    chats, texts = range(1, 9), ["pin sicher?", "/hilfe", "/datenschutz", "/start"]
    chosen = random.Random(5)

    async def person(chat):
        for text in texts:
            update = ask(telegram, text, chat)
            first, second = chosen.sample(both, 2)
            await first.take(update)
            second_copy = asyncio.create_task(second.take(update))
            await asyncio.sleep(chosen.uniform(0, 0.01))
            await second_copy

    with caplog.at_level(logging.ERROR):
        await asyncio.gather(*(person(chat) for chat in chats))
        await idle(program, other)
    for chat in chats:
        answers = said(telegram, chat)
        assert [len(answers), "PIN" in answers[0], "/themen" in answers[1]] == [4, True, True]
        assert "Datenschutz" in answers[2]
        assert answers[3].startswith("Guten Tag")
    assert not caplog.messages


async def test_two_updates_of_one_chat_are_settled_one_after_the_other(program, other):
    """A message and a tap come in different queues of Telegram's, and so perhaps at once."""
    program.database.work(chats.enter, CHAT, program.desk.clock())

    def count(session, desk, *, now):
        misses = session.scalar(sqlalchemy.select(Chat.misses).where(Chat.id == CHAT))
        time.sleep(0.03)  # whoever else has read the same would write the same
        session.execute(sqlalchemy.update(Chat).where(Chat.id == CHAT).values(misses=misses + 1))
        return Silent()

    settling = [
        one.context.settle(Origin(number, CHAT, number), count)
        for number, one in enumerate((program, other, program, other))
    ]
    await asyncio.gather(*settling)
    assert rows(program, Chat)[0].misses == 4


@pytest.mark.long
async def test_a_chat_that_stays_locked_holds_up_nobody_else(both, program, telegram):
    """Another process hangs in the middle: the update stays with Telegram, which brings it again."""
    update = ask(telegram)
    with Session(program.database.engine) as hanging:
        updates._wait_for_turn(hanging, CHAT)
        waiting = asyncio.create_task(both[0].take(update))
        await both[0].take(ask(telegram, chat=CHAT + 1))
        await idle(program)
        assert len(said(telegram, CHAT + 1)) == 1
        with pytest.raises(Unavailable):
            await asyncio.wait_for(waiting, 8)
    await both[1].take(update)
    await program.context.finish(5)
    assert [row.chat for row in rows(program, HandledUpdate)].count(CHAT) == 1


async def test_a_second_answer_waits_for_the_first_in_the_other_process(both, program, other, telegram):
    gate = Gate(program)
    await both[0].take(ask(telegram, "pin sicher?"))
    await both[1].take(ask(telegram, "/hilfe"))
    await both[0].take(ask(telegram, "/datenschutz"))
    await asyncio.sleep(0.3)
    assert said(telegram) == []
    gate.opened.set()
    await idle(program, other)
    first, second, third = said(telegram)
    assert ("PIN" in first, "/themen" in second, "Datenschutz" in third) == (True, True, True)


async def test_the_order_holds_although_a_clock_is_wrong(both, program, other, telegram, clock):
    gate = Gate(program)
    await both[0].take(ask(telegram, "pin sicher?"))
    clock.advance(seconds=-30)
    await both[1].take(ask(telegram, "/hilfe"))
    gate.opened.set()
    await idle(program, other)
    assert ["PIN" in said(telegram)[0], "/themen" in said(telegram)[1]] == [True, True]


async def test_what_a_living_process_owes_is_left_to_it(both, program, other, telegram):
    gate, update = Gate(program), ask(telegram)
    await both[0].take(update)
    await gate.tried.wait()
    await both[1].take(update)
    await other.context.take_over()
    await other.context.courier.idle(1)
    assert said(telegram) == []
    gate.opened.set()
    await idle(program, other)
    assert len(said(telegram)) == 1


async def test_what_a_dead_process_owed_comes_first(both, program, other, telegram):
    """Killed before it said a word; the other one has the next messages already."""
    gate = Gate(program)
    for text in ("pin sicher?", "/hilfe"):
        await both[0].take(ask(telegram, text))
    await both[1].take(ask(telegram, "/datenschutz"))
    await asyncio.sleep(0.1)
    assert said(telegram) == []
    for task in list(program.context.courier._tasks):  # killed
        task.cancel()
    replicas.expire(program.database)
    other.context.presence.renewed(0.0)
    await other.context._be_present()
    await idle(other)
    first, second, third = said(telegram)
    assert ("PIN" in first, "/themen" in second, "Datenschutz" in third) == (True, True, True)
    gate.opened.set()
    assert {row.carrier for row in rows(program, HandledUpdate)} == {other.context.presence.process}


@pytest.mark.parametrize("seed", range(3))
async def test_one_is_killed_in_the_middle_of_a_crowd(both, program, other, telegram, seed):
    """Telegram brings to the other one what it was not told of; each chat's answers come in order, none is missing."""
    chosen, chats = random.Random(seed), range(1, 9)
    signs = {"pin sicher?": "PIN", "/hilfe": "/themen", "/datenschutz": "Datenschutz", "/start": "Guten Tag"}
    killed = asyncio.Event()
    calls = program.context.courier._sender
    say = calls.say

    async def delayed(*args, **values):
        await asyncio.sleep(chosen.uniform(0, 0.03))
        return await say(*args, **values)

    calls.say = delayed

    async def person(chat):
        for text in signs:
            update, taken = ask(telegram, text, chat), False
            if not killed.is_set() and chosen.random() < 0.7:
                taking = asyncio.create_task(both[0].take(update))
                dying = asyncio.create_task(killed.wait())
                await asyncio.wait([taking, dying], return_when=asyncio.FIRST_COMPLETED)
                taken = taking.done()
                for task in (taking, dying):
                    task.cancel()
            if not taken:
                await both[1].take(update)

    people = [asyncio.create_task(person(chat)) for chat in chats]
    await asyncio.sleep(chosen.uniform(0.1, 0.3))
    killed.set()
    program.context.courier.post = lambda *args, **values: None
    dead = list(program.context.courier._tasks)
    for task in dead:
        task.cancel()
    await asyncio.gather(*people)
    await program.context.finish(5)  # its transactions may end: a commit that was sent is one
    replicas.expire(program.database)
    await other.context._be_present()
    await other.context.take_over()
    await idle(other)
    doubled = 0
    for chat in chats:
        answers, awaited = said(telegram, chat), list(signs.values())
        for answer in answers:
            if awaited and awaited[0] in answer:
                awaited.pop(0)
            else:
                doubled += 1
        assert not awaited, (chat, answers)
    assert doubled <= len(dead)


async def test_two_that_take_over_at_once_bring_it_once(
    program, other, telegram, shipped, database_url, tmp_path, clock
):
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as dead:
        Gate(dead)
        for chat in range(1, 9):
            await Intake(dead.context).take(ask(telegram, chat=chat))
        for task in list(dead.context.courier._tasks):
            task.cancel()
        await asyncio.sleep(0)
    replicas.expire(program.database)
    await asyncio.gather(*(one.context.take_over() for one in (program, other) for _ in range(3)))
    await idle(program, other)
    assert [len(said(telegram, chat)) for chat in range(1, 9)] == [1] * 8


async def test_a_process_that_was_asleep_asks_before_it_goes_on(both, program, other, telegram, caplog):
    """Stopped for a while, it wakes up with a reply that another one has brought meanwhile."""
    gate = Gate(program)
    await both[0].take(ask(telegram))
    await gate.tried.wait()
    program.context.presence.end()
    replicas.expire(program.database)
    await other.context._be_present()
    await other.context.take_over()
    await idle(other)
    telegram.fail("sendMessage", NetworkError("down"))  # the call that was under way; the next try asks first
    gate.opened.set()
    await idle(program)
    assert len(telegram.messages) == 1
    assert "another process brings it" in caplog.text


async def test_who_comes_back_while_another_takes_over_says_nothing(both, program, other, telegram):
    """Both at the same moment: one has seen that the other is gone and has not written yet that the reply is its own."""
    Gate(program)
    update = ask(telegram)
    await both[0].take(update)
    program.context.presence.end()
    replicas.expire(program.database)
    bot, process = program.context.bot_id, other.context.presence.process
    loop, is_taking, may_go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def slowly(session):
        taken = updates.take_over(session, bot, process)
        loop.call_soon_threadsafe(is_taking.set)
        may_go_on.wait(1)
        return taken

    taking = asyncio.create_task(other.context.work(slowly))
    await is_taking.wait()
    (owed,) = [row for row in rows(program, HandledUpdate) if row.update_id == update["update_id"]]
    asking = asyncio.create_task(program.context._may_bring(Owed(owed.update_id, CHAT, 1, ())))
    await asyncio.wait([asking], timeout=0.3)
    may_go_on.set()
    assert len(await taking) == 1
    assert await asking is False


async def test_a_reply_that_came_back_is_brought(both, program, telegram):
    """Taken by another process that dies before it said it."""
    gate, update = Gate(program), ask(telegram)
    await both[0].take(update)
    await gate.tried.wait()
    stolen = sqlalchemy.update(HandledUpdate).values(carrier="gone")
    program.database.work(lambda session: session.execute(stolen) and None)
    program.context.presence.end()
    telegram.fail("sendMessage", NetworkError("down"))
    gate.opened.set()
    await idle(program)
    assert not telegram.messages
    await program.context.take_over()
    await idle(program)
    assert len(telegram.messages) == 1


async def test_who_is_stopped_while_it_settles_brings_it_all_the_same(program, telegram, monkeypatch):
    """A part is cancelled when the lead is lost; what was committed at this moment must not be forgotten."""
    settling, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    settle = context_module.Context._settle

    def slow(self, *args):
        loop.call_soon_threadsafe(settling.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(5)
        return settle(self, *args)

    monkeypatch.setattr(context_module.Context, "_settle", slow)
    task = asyncio.create_task(Intake(program.context).take(ask(telegram)))
    await settling.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    go_on.set()
    await program.context.finish(5)
    assert len(said(telegram)) == 1


async def test_a_commit_of_unknown_outcome_is_answered_once(program, telegram, monkeypatch):
    """The connection goes while the server commits: it did, and we were not told."""
    lost, record = [], updates.record

    def recorded(session, *args):
        record(session, *args)
        if not lost:
            lost.append(1)
            session.execute(sqlalchemy.text("SELECT 1"))

            @sqlalchemy.event.listens_for(session, "after_commit", once=True)
            def broken(_session):
                error = sqlalchemy.exc.OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)
                error.orig.sqlstate = "57P01"
                raise error

    monkeypatch.setattr(updates, "record", recorded)
    await Intake(program.context).take(ask(telegram))
    await idle(program)
    assert lost
    assert len(said(telegram)) == 1
    assert [row.fate for row in rows(program, HandledUpdate)] == ["sent"]
    assert len(rows(program, Question)) == 1


async def test_a_commit_that_nobody_could_ask_about_is_answered_soon(program, telegram, monkeypatch):
    """Committed, and then the database was away for longer than anybody tried."""
    update, insist = ask(telegram), program.database.insist

    def unlucky(*args, **values):
        insist(*args, **values)
        raise Unavailable(Trouble.LOST)

    monkeypatch.setattr(program.database, "insist", unlucky)
    with contextlib.suppress(Unavailable):
        await Intake(program.context).take(update)
    assert said(telegram) == []
    await program.context.take_over()
    await idle(program)
    assert len(said(telegram)) == 1


async def test_what_a_living_process_sends_is_not_rescued(program, other, monkeypatch):
    """The lead changes while calls are under way: the new leader leaves them to the one that makes them."""
    monkeypatch.setattr(outbox, "POLL", 0.02)
    now = program.desk.clock()
    deletion = Reply(Act.DELETE, target=5).to_json()
    for key in ("alive", "dead"):
        values = {"key": key, "chat": 5, "kind": Kind.DELETION, "reply": deletion, "due_at": now, "now": now}
        program.database.work(deliveries.queue, **values)
    await program.context._be_present()
    (first,) = program.database.work(deliveries.claim, now, 1, carrier=program.context.presence.process)
    (second,) = program.database.work(deliveries.claim, now, 1, carrier="gone")
    box = asyncio.create_task(Outbox(other.context).run())
    await asyncio.sleep(0.3)
    box.cancel()
    await asyncio.gather(box, return_exceptions=True)
    states = {row.key: row.state for row in rows(program, Delivery)}
    assert states == {first.key: "sending", second.key: "unknown", second.key + "+1": "queued"}
