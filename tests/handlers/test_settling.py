"""Effects, the handled update and the owed reply are one transaction; repetition is harmless."""

import asyncio

import pytest
import sqlalchemy
from telegram.error import NetworkError

from db.models import Chat, Fault, HandledUpdate, Question
from db.session import Session
from handlers import courier
from tests.support.member import Member
from tests.support.program import program_with
from tests.support.replicas import expire


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.001)


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


async def test_an_update_that_comes_twice_is_answered_once(member, program, telegram):
    update = telegram.update(message=telegram.message(member.chat, "pin sicher?"))
    await member.deliver(update)
    await member.deliver(update)
    assert len(telegram.of("sendMessage")) == 1
    assert len(rows(program, Question)) == 1


async def test_two_copies_at_the_same_moment_are_answered_once(member, program, telegram):
    update = telegram.update(message=telegram.message(member.chat, "pin sicher?"))
    await asyncio.gather(*(member.intake.take(update) for _ in range(5)))
    await program.context.courier.idle()
    assert len(telegram.of("sendMessage")) == 1


async def test_what_breaks_leaves_nothing_but_a_reference(member, program, telegram, monkeypatch):
    await member.says("/start")
    before = len(rows(program, Question))

    def broken(*args, **values):
        raise ValueError("Dr. Yilmaz fragt nach der PIN 4711")

    monkeypatch.setattr("services.conversation._answer", broken)
    (said,) = await member.says("Welche Daten sind weg?")
    assert len(rows(program, Question)) == before
    (fault,) = rows(program, Fault)
    assert fault.reference in said.text
    assert fault.kind == "ValueError"
    assert fault.place.startswith("services/conversation.py") or "test_settling" in fault.place
    assert "4711" not in repr(vars(fault))
    monkeypatch.undo()
    (said,) = await member.says("pin sicher?")  # the chat goes on
    assert "PIN" in said.text


async def test_a_failing_use_case_rolls_everything_back(member, program):
    await member.says("/start")

    def half(session, desk, *, now):
        session.get(Chat, member.chat).last_entry = "half"
        session.flush()
        raise RuntimeError

    from handlers.context import Origin

    with pytest.raises(RuntimeError):
        await program.context.settle(Origin(999_999, member.chat, 1), half)
    assert [chat.last_entry for chat in rows(program, Chat)] == [None]
    assert 999_999 not in [row.update_id for row in rows(program, HandledUpdate)]


async def test_what_is_owed_after_a_crash_is_brought_at_the_next_start(
    telegram, shipped, database_url, tmp_path, clock
):
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as first:
        telegram.fail("sendMessage", *[NetworkError("down")] * 50)
        member = Member(first, telegram)
        await member.intake.take(telegram.update(message=telegram.message(member.chat, "pin sicher?")))
        first.context.courier.finish = lambda seconds: asyncio.sleep(0)  # killed: nobody waits for the courier
        for task in list(first.context.courier._tasks):
            task.cancel()
    assert not telegram.messages
    telegram.faults.clear()
    async with program_with(telegram, shipped, database_url, tmp_path, clock) as second:
        expire(second.database)
        assert [row.owed is None for row in rows(second, HandledUpdate)] == [False]
        await second.context.take_over()
        await second.context.courier.idle()
        assert len(telegram.messages) == 1
        assert [row.fate for row in rows(second, HandledUpdate)] == ["sent"]
        last = telegram.of("sendMessage")[-1]
        assert last["reply_parameters"]["allow_sending_without_reply"]  # late, so it shows what it answers
        await second.context.take_over()
        await second.context.courier.idle()
        assert len(telegram.messages) == 1


async def test_a_member_who_blocked_the_bot_is_marked_and_comes_back(member, program, telegram):
    telegram.fail("sendMessage", (403, "Forbidden: bot was blocked by the user"))
    await member.says("pin sicher?")
    assert [row.fate for row in rows(program, HandledUpdate)] == ["refused"]
    assert rows(program, Chat)[0].blocked_at is not None
    (said,) = await member.says("und welche Daten?")
    assert said.text
    assert rows(program, Chat)[0].blocked_at is None


async def test_a_late_answer_quotes_the_question(member, clock):
    clock.advance(minutes=10)
    (said,) = await member.says("pin sicher?")
    assert said.parameters["reply_parameters"]["message_id"] == member.last_message["message_id"]


async def test_a_flood_is_asked_to_wait_once(member, program):
    most = program.desk.rules.messages_per_minute
    for _ in range(most):
        assert len(await member.says("moin")) == 1
    (said,) = await member.says("moin")
    assert "warten" in said.text
    assert await member.says("moin") == []
    program.desk.clock.advance(minutes=2)
    assert len(await member.says("moin")) == 1
