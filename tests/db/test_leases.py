"""Leases go by the database's clock, and of several that want one, one gets it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from db import leases, schema
from db.session import Database
from tests.support import replicas

LEASE = timedelta(seconds=10)


@pytest.fixture
def database(postgres_url):
    database = Database(postgres_url)
    schema.upgrade(database)
    yield database
    database.close()


def keep(database, process, lease=LEASE):
    return database.work(leases.keep, process, lease)


def test_the_first_leads_and_keeps_the_lead(database):
    assert keep(database, "a").leads
    assert not keep(database, "b").leads
    assert keep(database, "a").leads
    assert keep(database, "b").has_leader


def test_when_the_lease_is_over_another_leads(database):
    keep(database, "a")
    replicas.expire(database)
    assert keep(database, "b").leads
    standing = keep(database, "a")
    assert (standing.leads, standing.has_leader) == (False, True)


def test_who_leaves_holds_nothing_any_more(database):
    keep(database, "a")
    keep(database, "b")
    database.work(leases.leave, "a")
    assert database.work(leases.living) == {"b"}
    assert keep(database, "b").leads


def test_living_is_who_said_so_lately(database):
    database.work(leases.live, "a", LEASE)
    database.work(leases.live, "b", timedelta(0))
    assert database.work(leases.living) == {"a"}
    replicas.expire(database)
    assert database.work(leases.living) == set()


def test_of_many_at_once_one_leads(database):
    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            replicas.expire(database)
            standings = list(threads.map(lambda number: keep(database, str(number)), range(8)))
            assert sum(standing.leads for standing in standings) == 1


def test_the_time_is_the_databases(database):
    now = keep(database, "a").now
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=2)


def test_rows_of_the_dead_go_in_the_end(database):
    database.work(leases.live, "old", timedelta(hours=-2))
    database.work(leases.live, "lately", timedelta(minutes=-2))
    keep(database, "a")
    assert set(replicas.leases(database)) == {"life:lately", "life:a", "lead"}
