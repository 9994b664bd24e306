"""Telegram answers badly, or not at all, while the scenario is played: nothing is lost, nothing is stuck.

What was executed although no answer came may come twice; everything else exactly once.
"""

from collections import Counter

import pytest

from tests.faults.driver import Stable
from tests.faults.points import a_day_later, enumerate_points, everybody, quiet_run
from tests.faults.stage import Stage
from tests.support.bot_api import BotApi, Hit, Trouble

pytestmark = pytest.mark.long

CASES = {
    "429": Hit(Trouble.REFUSED, 429, retry_after=1),
    "500": Hit(Trouble.REFUSED, 500),
    "502": Hit(Trouble.REFUSED, 502),
    "reset": Hit(Trouble.RESET),
    "lost": Hit(Trouble.LOST),
    "half": Hit(Trouble.HALF),
    "garbage": Hit(Trouble.GARBAGE),
    "hangs": Hit(Trouble.HANGS),
}
# Which calls it hits: each True is one call of the method. A poll that hangs costs half a minute and is left out.
HITS = {
    "sendMessage": (True, False, False, True, True, False, True),
    "editMessageText": (True,),
    "deleteMessage": (True, False, True),
    "answerCallbackQuery": (True,),
    "getUpdates": (False, True, False, True),
}


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path / "stage")


def troubled(hit):
    telegram = BotApi()
    for method, places in HITS.items():
        if method == "getUpdates" and hit.trouble is Trouble.HANGS:
            continue
        telegram.hits[method].extend(hit if is_hit else None for is_hit in places)
    return telegram


async def troubled_run(stage, stable, quiet, name):
    telegram = troubled(CASES[name])
    async with stage.play(telegram=telegram) as play:
        await play.start(stable)
        await play.through(everybody(play))
        assert await play.running.stop() == 0
        await a_day_later(play, stable)
        lost, doubled = play.check(quiet)
        assert not lost, (name, lost)
        executed = sum(method == "sendMessage" and trouble.executed for method, trouble in telegram.suffered)
        assert doubled.total() <= executed, (name, doubled)
        return Counter({f"{name}_hits": len(telegram.suffered), f"{name}_doubled": doubled.total()})


async def test_bad_answers(stage, counted):
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
    counts = await enumerate_points(list(CASES), lambda stable, name: troubled_run(stage, stable, quiet, name))
    counted(sent=quiet.said.total() * len(CASES), lost=0, **counts)
    assert all(counts[f"{name}_hits"] >= 4 for name in CASES)
