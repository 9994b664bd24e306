"""The connection to PostgreSQL is cut at each COMMIT of a scenario; the program goes on without a restart.

Cut before the server hears of it, everything is undone. Cut after it has committed, only the answer is missing, and
nobody on our side can know (SQLSTATE 08007): what was written must not be written twice.
"""

from collections import Counter

import pytest

from tests.faults.driver import Stable
from tests.faults.points import a_day_later, enumerate_points, everybody, quiet_run
from tests.faults.stage import Stage
from tests.support.cutting import Cut, CuttingProxy

pytestmark = pytest.mark.long

EACH = 6  # every so many commits are cut; all of them with AUSKUNFT_FAULTS=all


@pytest.fixture
def stage(tmp_path, postgres):
    return Stage(tmp_path / "stage", postgres)


async def cut_run(stage, stable, quiet, at, cut):
    """One run with one cut; `at` 0 only counts the commits."""
    async with stage.play() as play:
        proxy = CuttingProxy(play.world.database_url)
        async with proxy.run() as url:
            proxy.count_from_now(at, cut)
            await play.start(stable, url=url)
            await play.through(everybody(play, claimed=False))
            assert await play.running.stop() == 0
        await a_day_later(play, stable)  # a notice whose claim was in doubt is brought by then
        lost, doubled = play.check(quiet)
        told = f"cut {cut} COMMIT {at}"
        assert not lost, (told, lost)
        assert doubled.total() <= 1, (told, doubled)
        return Counter(runs=1, cuts=proxy.cuts, commits=proxy.commits, doubled=doubled.total())


@pytest.mark.parametrize("cut", list(Cut))
async def test_cut_at_each_commit(stage, counted, deep, cut):
    async with Stable.open() as stable:
        quiet = await quiet_run(stage, stable)
        total = (await cut_run(stage, stable, quiet, 0, cut))["commits"]
    points = range(1, total + 1, 1 if deep else EACH)
    counts = await enumerate_points(points, lambda stable, at: cut_run(stage, stable, quiet, at, cut))
    counted(commits=total, tried=len(points), cut=counts["cuts"], lost=0, doubled=counts["doubled"])
    assert counts["cuts"] >= len(points) * 0.8
