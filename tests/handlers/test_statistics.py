"""/zahlen, its table, and the digests as the group reads them."""

import asyncio
import csv
import io
from datetime import timedelta

import aiohttp
import pytest
from telegram.error import TimedOut

from db import questions
from db.questions import Asked
from handlers import outbox
from handlers.outbox import Outbox
from handlers.statistics import StatisticsCarrier
from printing import chart
from services import digests
from tests.support.colleague import AGENT, GROUP, Colleague
from tests.support.outbox import calm

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.01)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)


@pytest.fixture
async def agent(program, telegram, tmp_path):
    carriers = StatisticsCarrier(program.context, tmp_path).carriers()
    task = asyncio.create_task(Outbox(program.context, carriers=carriers).run())
    yield Colleague(program, telegram, AGENT)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def asked(program):
    """Yesterday and a week before that."""

    def add(session):
        for number, back in enumerate((1, 1, 1, 8, 0)):
            at = program.desk.clock() - timedelta(days=back, minutes=1)
            decision = "dont_know" if number == 1 else "answer"
            questions.record(session, Asked(f"q{number}", "de", decision, "pin-safe", 0.9, "geheime Worte"), at)

    program.database.work(add)


@pytest.mark.usefixtures("asked")
async def test_figures_come_as_a_picture_with_the_numbers_below(program, telegram, agent):
    topic = 77
    telegram.topics[topic] = {"name": "x", "closed": False}
    assert await agent.says("/zahlen", thread=topic) == []
    await calm(program)
    (sent,) = telegram.of("sendPhoto")
    assert sent["photo"].startswith(b"\x89PNG")
    assert int(sent["message_thread_id"]) == topic
    assert "Fragen: <b>4</b>" in sent["caption"]
    assert "Beantwortet 3, zur Auswahl gestellt 0, nicht gewusst 1" in sent["caption"]
    assert len(sent["caption"]) < 1024


@pytest.mark.usefixtures("asked")
async def test_the_table_has_the_same_figures_and_no_formula(program, telegram, agent):
    await agent.says("/zahlen 30 Tage")
    await calm(program)
    await Colleague(program, telegram, AGENT).says("noch etwas")
    (said,) = await agent.taps("Als Tabelle")
    text = said.parameters["document"].decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))
    assert rows[0] == ["Von", "Bis", "Zahl", "Eintrag", "Wert"]
    assert sum(int(row[4]) for row in rows if row[2] == "Fragen beantwortet") == 4
    assert ["pin-safe", "4"] in [row[3:] for row in rows]
    assert len({row[0] for row in rows[1:]}) == 30
    assert "geheim" not in text


@pytest.mark.parametrize("words", ["0", "93", "-1", "abc", "1234567", "٣"])
async def test_other_days_are_explained(agent, words):
    (said,) = await agent.says(f"/zahlen {words}")
    assert "1 bis 92" in said.text


@pytest.mark.usefixtures("asked")
async def test_without_a_picture_the_figures_are_told_all_the_same(program, telegram, agent, monkeypatch):
    monkeypatch.setattr(chart, "SECONDS", 0.01)
    await agent.says("/zahlen 1")
    await calm(program)
    (sent,) = telegram.of("sendMessage")
    assert "ließ sich nicht zeichnen" in sent["text"]
    assert "Fragen: <b>1</b>" in sent["text"]


@pytest.fixture
def morning(program, asked):
    """Queues the digest of the day."""
    office = program.desk.rules.office
    local = program.desk.clock()
    object.__setattr__(
        program.desk.rules,
        "office",
        office.model_copy(update={"daily_digest": "08:00", "weekly_digest": ""}),
    )
    program.desk.clock.advance(hours=(24 + 9 - local.hour) % 24)
    return lambda: program.context.work(digests.queue_due, program.desk, now=program.desk.clock())


async def test_the_morning_has_yesterday_beside_the_week_before(program, telegram, agent, morning):
    await morning()
    await calm(program)
    (sent,) = telegram.of("sendMessage")
    assert int(sent["chat_id"]) == GROUP
    assert "Das war der gestrige Tag" in sent["text"]
    assert "Fragen: <b>" in sent["text"]
    assert "Offene Fälle: 0" in sent["text"]


async def test_a_digest_that_may_have_arrived_comes_once_more_and_says_so(program, telegram, agent, morning):
    lost = TimedOut()
    lost.__cause__ = aiohttp.ServerDisconnectedError()
    telegram.fail("sendMessage", lost)
    await morning()
    await calm(program)
    program.desk.clock.advance(minutes=11)
    await calm(program)
    first, second = (call["text"] for call in telegram.of("sendMessage"))
    assert "doppelt" not in first
    assert second == f"{first}\n<i>(evtl. doppelt)</i>"


async def test_forged_buttons_do_nothing(program, telegram, agent):
    await agent.says("/zahlen 1")
    await calm(program)
    (sent,) = telegram.of("sendPhoto")
    data = sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for forged in (data.rpartition(":")[0] + ":99999999999", "2statistics:csv:500:1", "2statistics:other:1:1"):
        sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = forged
        assert await agent.taps("Als Tabelle") == []
