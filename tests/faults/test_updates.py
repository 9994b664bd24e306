"""Updates that come twice, in disorder, with ids that jump; clocks that are wrong; the nights when the clock changes."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from db import links
from db.models import Delivery, HandledUpdate, Question, Throttle
from db.session import Session
from handlers.updates import Intake
from services import deliveries
from services.deliveries import Kind
from tests.faults import scenario
from tests.faults.driver import Stable
from tests.faults.points import everybody, quiet_run
from tests.faults.stage import Stage
from tests.support.bot_api import BotApi
from tests.support.member import Member
from tests.support.register import enrol

pytestmark = pytest.mark.long

PEOPLE, EACH = 12, 5
ASKS = ("/hilfe", "/datenschutz", "pin sicher?", "/karte", "/sprache")


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_doubled_and_reordered(program, telegram, counted, seed):
    """As deliveries by webhook may come: each up to three times, two at once, in any order, at two intakes."""
    chance, told = random.Random(seed), {}
    for text in ASKS:
        (said,) = await Member(program, telegram).says(text)
        told[said.text] = text
    asked = [
        telegram.update(message=telegram.message(chat, text))
        for chat in range(8001, 8001 + PEOPLE)
        for text in chance.sample(ASKS, EACH)
    ]
    coming = [update for update in asked for _ in range(chance.choice((1, 2, 3)))]
    chance.shuffle(coming)
    before, known = len(telegram.of("sendMessage")), {row.update_id for row in rows(program, HandledUpdate)}
    intakes = Intake(program.context), Intake(program.context)
    for start in range(0, len(coming), 8):
        await asyncio.gather(*(chance.choice(intakes).take(update) for update in coming[start : start + 8]))
    await program.context.courier.idle()
    answers = [(int(one["chat_id"]), told[one["text"]]) for one in telegram.of("sendMessage")[before:]]
    wanted = [(one["message"]["chat"]["id"], one["message"]["text"]) for one in asked]
    assert {row.update_id for row in rows(program, HandledUpdate)} - known == {one["update_id"] for one in asked}
    assert sorted(answers) == sorted(wanted), "nothing is lost, nothing is doubled"
    assert len(rows(program, Question)) == PEOPLE + 1
    looked_up = {row.chat: row.count for row in rows(program, Throttle) if row.rule.startswith("look-up")}
    assert looked_up == dict.fromkeys([Member(program, telegram).chat, *range(8001, 8001 + PEOPLE)], 1)
    counted(sent=len(asked), came=len(coming), answered=len(answers), lost=0, doubled=0)


async def test_ids_that_jump(tmp_path, counted):
    """After a quiet week Telegram goes on with a random id, also with a lower one; across a kill, too."""
    stage, telegram = Stage(tmp_path / "stage"), BotApi()
    firsts = (500, 7, 2_000_000_000, 90, 1_999_999_000)
    async with Stable.open() as stable, stage.play(telegram=telegram) as play:
        await play.start(stable)
        for number, first in enumerate(firsts):
            telegram.jump(first)
            for chat in range(8001, 8004):
                update = telegram.put(telegram.update(message=telegram.message(chat, "/hilfe")))
                play.world.updates.append(update)
            if number == 2:
                await play.running.kill()
                await play.start(stable)
            await play.through(play.rest())
        assert await play.running.stop() == 0
        scenario.check_invariants(play.world, play.place)
        said = [telegram.said(chat) for chat in range(8001, 8004)]
        sent, doubled = 3 * len(firsts), sum(len(texts) for texts in said) - 3 * len(firsts)
        assert all(len(texts) >= len(firsts) for texts in said)
        assert doubled <= 3  # what was on its way at the kill
        counted(sent=sent, answered=sent, lost=0, doubled=doubled)


TEN = 600.0


@pytest.mark.parametrize(("before", "after"), [(TEN, 0.0), (-TEN, 0.0), (0.0, TEN), (0.0, -TEN)])
async def test_a_clock_that_is_set(tmp_path, counted, before, after):
    """The program's clock is ten minutes off; while it restarts somebody sets it."""
    stage = Stage(tmp_path / "stage", seeded_ago=timedelta(hours=1))
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
        async with stage.play() as play:
            half = len(quiet.points) // 2
            await play.start(stable, ahead=before, kill_at=half)
            rested = asyncio.create_task(everybody(play, claimed=False))
            try:
                assert await play.running.status() != 0
                doubtful, sending = scenario.in_doubt(play.engine)
                await play.start(stable, ahead=after)
                await play.through(asyncio.shield(rested))
            finally:
                rested.cancel()
            assert await play.running.stop() == 0
            lost, doubled = play.check(quiet)
            assert not lost or sending, lost
            assert not doubled - doubtful, doubled
            counted(sent=quiet.said.total(), lost=0, doubled=doubled.total())


NIGHTS = (datetime(2027, 3, 27, 22, tzinfo=UTC), datetime(2027, 10, 30, 22, tzinfo=UTC))


@pytest.mark.parametrize("night", NIGHTS, ids=["an hour is missing", "an hour comes twice"])
async def test_the_night_when_the_clock_changes(program, clock, counted, night):
    """Spans are spans: due after an hour is due after an hour, and nothing is sent twice or too early."""
    clock.now = night
    enrolled = enrol(program)
    work = program.database.work
    work(links.make, 7001, enrolled.member, clock(), clock())
    due = {}
    for number in range(24):  # every quarter of an hour, for six hours
        key, at = f"notice:{number}:x", night + timedelta(minutes=15 * number)
        values = {"key": key, "chat": 7001, "kind": Kind.NOTICE, "reply": {}, "member": enrolled.member}
        assert work(deliveries.queue, due_at=at, now=clock(), **values)
        due[key] = at
    claimed = {}
    while clock() < night + timedelta(hours=7):
        for one in work(deliveries.claim, clock(), 5):
            assert one.key not in claimed
            claimed[one.key] = clock()
            work(deliveries.settle, one.id, deliveries.State.DELIVERED, clock())
        clock.advance(minutes=5)
    assert claimed == due
    assert {row.state for row in rows(program, Delivery)} == {"delivered"}
    counted(due=len(due), delivered=len(claimed), early=0, late=0)
