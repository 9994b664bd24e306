"""Alive asks nobody, ready asks everything, and the figures name nobody."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from config.serving import Serving
from db import deliveries
from db.deliveries import State
from handlers import health as module
from handlers.health import GOOD, Facts, Health, judge
from handlers.leadership import Leadership
from handlers.pages import Pages
from services import audit
from services.audit import Tag
from tests.support.web import served

SERVING = Serving(silence_seconds=120, outbox_seconds=600)
WELL = Facts(
    is_started=True,
    is_draining=False,
    has_database=True,
    has_keys=True,
    is_leader=True,
    has_leader=True,
    must_hear=True,
    silent_for=1.0,
    token_refused=False,
    due_for=0.0,
    idle_for=5000.0,
)


@pytest.mark.parametrize(
    ("change", "part", "code"),
    [
        ({"is_started": False}, "process", "starting"),
        ({"is_draining": True}, "process", "draining"),
        ({"has_database": False}, "database", "unreachable"),
        ({"has_keys": False}, "keys", "unusable"),
        ({"is_leader": False, "has_leader": False}, "leadership", "none"),
        ({"silent_for": 121.0}, "telegram", "silent"),
        ({"token_refused": True}, "token", "refused"),
        ({"due_for": 601.0, "idle_for": 601.0}, "outbox", "stuck"),
    ],
)
def test_one_part_that_is_not_well_is_enough(change, part, code):
    codes = judge(replace(WELL, **change), SERVING)
    assert codes[part] == code
    assert [name for name, found in codes.items() if found not in GOOD] == [part]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"is_leader": False},
        {"due_for": 5000.0, "idle_for": 3.0},  # a long queue that moves
        {"is_leader": False, "due_for": 5000.0},  # the leader's trouble
        {"is_leader": False, "must_hear": False, "silent_for": 5000.0},  # only the leader asks Telegram
        {"silent_for": 119.0},
    ],
)
def test_what_is_no_trouble(change):
    assert GOOD.issuperset(judge(replace(WELL, **change), SERVING).values())


@given(
    st.builds(Facts, **{name: st.booleans() for name in WELL.__slots__ if name.startswith(("is_", "has_", "must_"))})
)
def test_who_drains_is_never_ready(facts):
    assert not GOOD.issuperset(judge(replace(facts, is_draining=True), SERVING).values())


@pytest.fixture
async def health(program):
    program.polling.last_good_at = asyncio.get_running_loop().time()
    leadership = Leadership(program.context)
    running = asyncio.create_task(leadership.run())
    while not leadership.is_leader:
        await asyncio.sleep(0.01)
    found = Health(program.context, SERVING, leadership, lambda: program.polling.last_good_at, polls=True)
    found.is_started = True
    yield found
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await leadership.release()


@pytest.fixture
async def ask(program, health):
    async with served(Pages(program.context, health).app) as (client, _):
        yield client.get


async def test_ready_says_so_in_codes(ask):
    answer = await ask("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "process": "running",
        "database": "ok",
        "keys": "ok",
        "content": "ok",
        "leadership": "leader",
        "telegram": "ok",
        "token": "ok",
        "outbox": "ok",
    }


async def test_draining_is_alive_and_not_ready(ask, health):
    health.is_draining = True
    assert (await ask("/readyz")).status_code == 503
    assert (await ask("/livez")).status_code == 200


async def test_a_database_that_is_away_ends_readiness_and_not_life(ask, program, monkeypatch):
    def away(*_args, **_values):
        raise OSError("no route to host")

    with monkeypatch.context() as patch:
        patch.setattr(program.database, "work", away)
        answer = await ask("/readyz")
        assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
        assert (await ask("/livez")).text == "ok\n"
        assert (await ask("/metrics")).status_code == 200
    assert (await ask("/readyz")).status_code == 200


async def test_a_database_that_hangs_is_asked_once(ask, health, program, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    asked, answer = [], asyncio.Event()

    async def hangs(*_args, **_values):
        asked.append(1)
        await answer.wait()
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(program.context, "work", hangs)
        for _ in range(3):
            assert (await ask("/readyz")).json()["database"] == "unreachable"
        assert len(asked) == 1
        answer.set()
        await ask("/readyz")
    assert (await ask("/readyz")).status_code == 200


async def test_a_key_that_was_damaged_ends_readiness(ask, program):
    for path in (program.settings.home / "keys").rglob("*"):
        if path.is_file():
            path.write_text("nonsense")
    answer = await ask("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (503, "unusable")


async def test_a_token_that_telegram_refuses_ends_readiness_until_it_is_taken_again(ask, program, telegram, member):
    telegram.fail("sendMessage", (401, "Unauthorized"))
    await member.says("moin")
    assert (await ask("/metrics")).text.find('auskunft_messages_total{class="answer",fate="no-bot"} 1.0') > 0
    assert program.context.figures.token_refused is False  # it was said after all
    program.context.figures.token_refused = True
    assert (await ask("/readyz")).json()["token"] == "refused"


def test_silence_for_long_is_worth_a_new_start(health, program):
    assert health.is_well()
    health._begun_at -= 601
    program.polling.last_good_at -= 601
    assert not health.is_well()


def queue(session, key, due_at):
    deliveries.queue(session, key=key, chat=5, member=None, kind="notice", reply={}, due_at=due_at, now=due_at)


def in_doubt(session, desk, now):
    queue(session, "waits", now - timedelta(seconds=700))
    queue(session, "later", now + timedelta(hours=1))
    queue(session, "unsure", now - timedelta(seconds=900))
    (claimed,) = deliveries.claim(session, now, 1)
    deliveries.settle(session, claimed.id, State.UNKNOWN, now)
    for _ in range(3):
        audit.record(session, desk, Tag.CODE_FAILED, now=now, chat=5)
    audit.record(session, desk, Tag.CODE_FROZEN, now=now)
    audit.record(session, desk, Tag.CODE_FAILED, now=now - timedelta(hours=2), chat=5)
    audit.record(session, desk, Tag.BACKUP_MADE, now=now - timedelta(hours=3), file="x")


async def test_what_only_the_database_knows_is_in_the_figures(ask, program, clock, health):
    await program.context.work(in_doubt, program.desk, clock())
    found = samples((await ask("/metrics")).text)
    assert found["auskunft_outbox_due"] == 1
    assert found["auskunft_outbox_age_seconds"] == 700
    assert found["auskunft_outbox_unknown"] == 1
    assert found["auskunft_codes_wrong"] == 3
    assert found["auskunft_codes_frozen"] == 1
    assert found["auskunft_backup_age_seconds"] == 3 * 3600
    assert found["auskunft_owed"] == 0
    assert found["auskunft_leader"] == 1
    health._begun_at -= 1000  # nothing went out since
    assert (await ask("/readyz")).json()["outbox"] == "stuck"


def samples(text):
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


async def test_no_figure_names_a_person(ask, member, program):
    for text in ("pin sicher?", "/karte", "ABCD-EFGH", "/start"):
        await member.says(text)
    text = (await ask("/metrics")).text
    allowed = {"result", "outcome", "class", "fate", "status", "le", "version", "where"}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert set(sample.labels) <= allowed
            assert all(value == "+Inf" or len(value) <= 24 for value in sample.labels.values())
    assert not re.search(rf"(?<![\d.]){member.chat}(?![\d.])", text)  # not just the same digits in some figure
    found = samples(text)
    assert found["auskunft_update_age_seconds_count"] == 4
    assert found["auskunft_settle_seconds_count"] == 4
    assert "auskunft_faq_info" in found
    assert found["auskunft_faq_entries"] > 10


async def test_the_figures_of_two_programs_are_two(program):
    """A registry of one's own: nothing is shared through the library's global one."""
    from prometheus_client import REGISTRY

    assert not [name for name in REGISTRY._names_to_collectors if name.startswith("auskunft")]
