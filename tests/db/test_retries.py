"""A use case is run again when nothing of it was done, and nobody is told otherwise when it is not known."""

import sqlite3
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy

from db import chats, schema
from db.models import Chat
from db.session import Database, DatabaseError, OutcomeUnknown, Session, Unavailable, reason
from db.troubles import Trouble

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = sqlalchemy.text("SELECT pg_terminate_backend(:pid)")


@pytest.fixture
def database(postgres_url):
    database = Database(postgres_url)
    schema.upgrade(database)
    database.work(chats.enter, 1, NOW)
    database.work(chats.enter, 2, NOW)
    yield database
    database.close()


@pytest.fixture
def file(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    schema.upgrade(database)
    yield database
    database.close()


def miss(session, chat):
    session.execute(sqlalchemy.update(Chat).where(Chat.id == chat).values(misses=Chat.misses + 1))


def misses(database, chat=1):
    return database.work(lambda session: session.get(Chat, chat).misses)


def cut(database, session):
    """The server ends this connection, by a word from another one."""
    pid = session.scalar(sqlalchemy.text("SELECT pg_backend_pid()"))
    with database.engine.connect() as other:
        other.execute(END, {"pid": pid})


def test_a_connection_that_breaks_before_the_commit_is_no_matter(database):
    times = []

    def use_case(session):
        miss(session, 1)
        times.append(1)
        if len(times) == 1:
            cut(database, session)
            miss(session, 1)
        return "done"

    assert database.work(use_case) == "done"
    assert (len(times), misses(database)) == (2, 1)


def test_a_connection_that_always_breaks_is_given_up_after_three(database):
    times = []

    def use_case(session):
        times.append(1)
        cut(database, session)
        miss(session, 1)

    with pytest.raises(Unavailable, match="no connection") as caught:
        database.work(use_case)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert (len(times), misses(database)) == (3, 0)


def test_a_connection_that_breaks_during_the_commit_leaves_it_unknown(database):
    times = []

    def use_case(session):
        miss(session, 1)
        times.append(1)
        if len(times) == 1:
            cut(database, session)  # noticed by the COMMIT only

    with pytest.raises(OutcomeUnknown):
        database.work(use_case)
    assert len(times) == 1  # whoever may not do it twice is asked first
    times.clear()
    database.insist(use_case)
    assert (len(times), misses(database)) == (2, 1)


def test_two_that_lock_each_other_are_both_done(database):
    meeting = threading.Barrier(2, timeout=5)
    met = [True, True]

    def use_case(session, mine, other):
        miss(session, mine)
        if met[mine - 1]:
            met[mine - 1] = False
            meeting.wait()
        miss(session, other)

    both = [database.executor.submit(database.work, use_case, *pair) for pair in ((1, 2), (2, 1))]
    for one in both:
        one.result(10)
    assert (misses(database, 1), misses(database, 2)) == (2, 2)


def test_a_lock_that_is_never_free_ends_as_unavailable(database, monkeypatch):
    with Session(database.engine) as holder, holder.begin():
        miss(holder, 1)

        def use_case(session):
            session.execute(sqlalchemy.text("SET LOCAL lock_timeout = 50"))
            miss(session, 1)

        with pytest.raises(Unavailable) as caught:
            database.work(use_case)
        assert caught.value.trouble is Trouble.CONFLICT


def test_nobody_is_there():
    database = Database("postgresql://nobody:geheim@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="no connection") as caught:
        database.work(lambda session: session.execute(sqlalchemy.text("SELECT 1")))
    assert "geheim" not in str(caught.value)
    database.close()


def test_a_mistake_of_the_use_case_is_told_as_it_is(database):
    times = []

    def use_case(session):
        times.append(1)
        session.execute(sqlalchemy.text("SELECT * FROM nowhere"))

    with pytest.raises(DatabaseError) as caught:
        database.work(use_case)
    assert not isinstance(caught.value, Unavailable)
    assert len(times) == 1
    assert "SELECT" not in reason(caught.value)


def test_a_row_that_another_wrote_first_is_found_by_who_insists(database):
    times = []

    def use_case(session):
        times.append(1)
        if len(times) == 1:
            session.add(Chat(id=1, first_at=NOW, last_at=NOW))  # as if it had not been there a moment ago
        return session.get(Chat, 1).id

    assert database.insist(use_case) == 1
    times.clear()
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        database.work(use_case)


def test_sqlite_locked_by_another_program(file, tmp_path):
    with file.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=10")
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="another program holds it locked"):
        file.work(chats.enter, 1, NOW)
    other.execute("ROLLBACK")
    other.close()
    file.work(chats.enter, 1, NOW)
    assert misses(file) == 0


def test_sqlite_on_a_full_disk(file):
    def pages(count):
        with file.engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA max_page_count={count}").scalar()

    def many(session, first):
        session.add_all([Chat(id=first + n, first_at=NOW, last_at=NOW) for n in range(5000)])

    pages(1)  # cannot get smaller than it is: no page more
    with pytest.raises(Unavailable, match="disk is full"):
        file.work(many, 1)
    pages(1_000_000)
    file.work(many, 1)
    assert file.work(lambda session: session.query(Chat).count()) == 5000


def test_sqlite_whose_file_cannot_be_read(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}")
    with pytest.raises(Unavailable, match="cannot be read or written"):
        database.work(chats.enter, 1, NOW)
    database.close()
