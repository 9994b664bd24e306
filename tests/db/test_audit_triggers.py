"""The database itself refuses every change of the audit log but adding to it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services import segments
from services.audit import Tag, record
from services.chain import Intact, verify_beside
from tests.support.audit import NOW, database_of, desk_with_keys, fill, undone

COLUMNS = "at, tag, actor, subject, detail, key, hash"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return desk_with_keys(tmp_path_factory.mktemp("home") / "keys")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def log(request, tmp_path_factory, desk):
    """Twelve events, of which the first five were kept long enough and are gone, and one that says so."""
    with database_of(request.param, request, tmp_path_factory.mktemp("log")) as database:
        fill(database, desk)
        late = NOW + segments.KEPT_FOR
        database.work(lambda session: segments.close(session, desk, now=late.replace(minute=5)))
        yield database


def refused(log, statement):
    with undone(log) as session, pytest.raises(IntegrityError, match="the audit log is only ever added to"):
        session.execute(text(statement))
    return True


def test_what_may_be_done(log, desk):
    assert verify_beside(log, desk.keys.ring) == Intact(8, 13)
    with undone(log) as session:
        for statement in ("DELETE FROM audit_events WHERE seq <= 5", "UPDATE audit_events SET tag = 'x' WHERE seq = 1"):
            assert session.execute(text(statement)).rowcount == 0  # nothing there any more


@pytest.mark.parametrize("column", ["seq", *COLUMNS.split(", ")])
def test_no_column_of_an_event_is_changed(log, column):
    assert refused(log, f"UPDATE audit_events SET {column} = {column} WHERE seq = 9")


@pytest.mark.parametrize("which", ["seq = 6", "seq = 9", "seq = 13", "seq > 9", "true"])
def test_no_event_is_deleted(log, which):
    assert refused(log, f"DELETE FROM audit_events WHERE {which}")


@pytest.mark.parametrize("seq", [-1, 0, 3, 5, 12, 13, 14, 99])
def test_no_event_is_put_in_beside_the_head(log, seq):
    """Only what the head was just counted up to may come in; 13 is there already."""
    source = f"SELECT {seq}, {COLUMNS} FROM audit_events WHERE seq = 9"
    assert refused(log, f"INSERT INTO audit_events (seq, {COLUMNS}) {source}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET seq = 12",
        "UPDATE audit_head SET seq = 15",
        "UPDATE audit_head SET id = 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, seq, hash) VALUES (2, 1, 'x')",
        "UPDATE audit_segments SET signature = 'x'",
        "UPDATE audit_segments SET seq = 9",
        "DELETE FROM audit_segments",
        "INSERT INTO audit_segments SELECT 5, hash, ended_at, key, signature FROM audit_segments",
        "INSERT INTO audit_segments SELECT 4, hash, ended_at, key, signature FROM audit_segments",
    ],
)
def test_neither_the_head_nor_a_mark_is_changed(log, statement):
    assert refused(log, statement)


@pytest.mark.parametrize("how", ["INSERT OR REPLACE", "REPLACE"])
@pytest.mark.parametrize("seq", [9, 13])
def test_sqlite_replaces_nothing(log, how, seq):
    """Such an insertion deletes without firing delete triggers, and 13 is what the head says."""
    if not log.is_sqlite:
        pytest.skip("there is no such statement")
    statement = f"{how} INTO audit_events (seq, {COLUMNS}) SELECT {seq}, {COLUMNS} FROM audit_events WHERE seq = 10"
    assert refused(log, statement)


@pytest.mark.parametrize("table", ["audit_events", "audit_head", "audit_segments"])
def test_postgresql_empties_no_table(log, table):
    if log.is_sqlite:
        pytest.skip("there is no such statement")
    assert refused(log, f"TRUNCATE {table}")


def test_what_was_refused_left_no_trace(log, desk):
    log.work(lambda session: record(session, desk, Tag.CARDS_VIEWED, now=NOW))
    assert verify_beside(log, desk.keys.ring) == Intact(9, 14)
