"""Nothing is confirmed to Telegram before its effects are committed, and nothing stops the polling."""

import asyncio
import contextlib
import sqlite3

import pytest
import sqlalchemy
from telegram.error import NetworkError

from db import updates
from db.models import Fault, HandledUpdate
from db.session import Session, Unavailable
from db.troubles import Trouble
from handlers import updates as intake


async def poll(program, telegram, until, seconds=5):
    """Polls until a condition holds."""
    task = asyncio.create_task(program.polling.run())
    try:
        async with asyncio.timeout(seconds):
            while not until():
                await asyncio.sleep(0.005)
        await program.context.courier.idle()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def offsets(telegram):
    return [int(call["offset"]) for call in telegram.of("getUpdates")]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(intake, "LONGEST_WAIT", 0.03)


async def test_a_batch_is_confirmed_by_the_next_call(program, telegram):
    first = telegram.update(message=telegram.message(1, "pin sicher?"))
    second = telegram.update(message=telegram.message(2, "moin"))
    telegram.updates += [first, second]
    await poll(program, telegram, lambda: not telegram.updates)
    assert offsets(telegram)[0] == 0
    assert max(offsets(telegram)) == second["update_id"] + 1
    assert len(telegram.of("sendMessage")) == 2


async def test_what_the_database_cannot_take_is_not_confirmed(program, telegram, monkeypatch):
    telegram.updates.append(telegram.update(message=telegram.message(1, "pin sicher?")))
    work, failures = program.database.work, [0]

    def failing(use_case, *args, **values):
        if failures[0] < 6 and "settle" in use_case.__name__:
            failures[0] += 1
            raise OSError("disk full")
        return work(use_case, *args, **values)

    monkeypatch.setattr(program.database, "work", failing)
    await poll(program, telegram, lambda: not telegram.updates)
    assert failures[0] == 6
    assert offsets(telegram)[:3] == [0, 0, 0]
    assert len(telegram.of("sendMessage")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_locked_database_is_no_fault_of_the_update(program, telegram, caplog):
    program.database.work(lambda session: session.execute(sqlalchemy.text("PRAGMA busy_timeout=20")) and None)
    other = sqlite3.connect(program.database.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    telegram.updates.append(telegram.update(message=telegram.message(1, "pin sicher?")))
    asyncio.get_running_loop().call_later(0.5, other.execute, "ROLLBACK")
    await poll(program, telegram, lambda: not telegram.updates)
    other.close()
    assert ["PIN" in call["text"] for call in telegram.of("sendMessage")] == [True]
    assert "another program holds it locked" in caplog.text
    with Session(program.database.engine) as session:
        assert not session.scalars(sqlalchemy.select(Fault)).all()


async def test_an_update_that_makes_no_sense_is_set_aside(program, telegram):
    telegram.updates += [
        {"update_id": 900, "message": {"chat": "no chat at all"}},
        {"update_id": 901, "message": {"message_id": 1, "date": "yesterday", "chat": {"id": 5, "type": "private"}}},
        {"update_id": 902},
        {"update_id": 903, "poll": {"id": "1"}},
        telegram.update(message=telegram.message(1, "pin sicher?")) | {"update_id": 904},
    ]
    await poll(program, telegram, lambda: not telegram.updates)
    assert max(offsets(telegram)) == 905
    assert any("PIN" in call["text"] for call in telegram.of("sendMessage"))


@pytest.mark.parametrize(
    "fault",
    [
        (401, "Unauthorized"),
        (404, "Not Found"),
        (409, "Conflict: terminated by other getUpdates request"),
        (502, "Bad Gateway"),
        (429, "Too Many Requests", {"retry_after": 0.01}),
        NetworkError("broken"),
    ],
)
async def test_no_error_ends_the_polling(program, telegram, fault):
    telegram.fail("getUpdates", fault, fault, fault)
    telegram.updates.append(telegram.update(message=telegram.message(1, "pin sicher?")))
    await poll(program, telegram, lambda: not telegram.updates)
    assert len(telegram.of("sendMessage")) == 1


async def test_ids_that_jump_back_are_answered(program, telegram):
    """After a quiet week Telegram may choose the next id at random."""
    telegram.updates.append(telegram.update(message=telegram.message(1, "moin")) | {"update_id": 90_000})
    await poll(program, telegram, lambda: not telegram.updates)
    program.polling._offset = 0  # as after a restart
    telegram.updates.append(telegram.update(message=telegram.message(1, "pin sicher?")) | {"update_id": 12})
    await poll(program, telegram, lambda: not telegram.updates)
    assert len(telegram.of("sendMessage")) == 2


async def test_one_person_in_order_people_side_by_side(program, telegram):
    texts = ["pin sicher?", "/hilfe", "/datenschutz", "/start"]
    for text in texts:
        for chat in range(1, 6):
            telegram.updates.append(telegram.update(message=telegram.message(chat, text)))
    await poll(program, telegram, lambda: not telegram.updates)
    for chat in range(1, 6):
        said = [call["text"] for call in telegram.of("sendMessage") if int(call["chat_id"]) == chat]
        assert [len(said), "PIN" in said[0], "/themen" in said[1], "Datenschutz" in said[2]] == [4, True, True, True]
        assert said[3].startswith("Guten Tag")


async def test_what_the_database_could_not_take_did_not_stop_the_program(program, telegram, monkeypatch):
    """Right after a start updates are counted that may have stopped the one before; trouble of ours is none of theirs."""
    settle, failures = program.database.insist, [0]

    def full(*args, **values):
        failures[0] += 1
        if failures[0] <= intake.TIMES_BEFORE_ASIDE + 2:
            raise Unavailable(Trouble.FULL)
        return settle(*args, **values)

    monkeypatch.setattr(program.database, "insist", full)
    telegram.updates.append(telegram.update(message=telegram.message(1, "pin sicher?")))
    await poll(program, telegram, lambda: not telegram.updates)
    assert ["PIN" in call["text"] for call in telegram.of("sendMessage")] == [True]
    with Session(program.database.engine) as session:
        assert not session.scalars(sqlalchemy.select(Fault)).all()


async def test_what_stops_the_program_again_and_again_is_set_aside(program, telegram):
    raw = telegram.update(message=telegram.message(1, "pin sicher?"))
    for _ in range(intake.TIMES_BEFORE_ASIDE):  # begun, and killed before it was settled
        await program.context.work(updates.attempt, program.context.bot_id, raw["update_id"])
    telegram.updates.append(raw)
    await poll(program, telegram, lambda: not telegram.updates)
    with Session(program.database.engine) as session:
        assert session.scalars(sqlalchemy.select(Fault)).one().update_id == raw["update_id"]
        assert session.scalars(sqlalchemy.select(HandledUpdate)).one().fate == "sent"
    assert "schiefgegangen" in telegram.of("sendMessage")[0]["text"]
