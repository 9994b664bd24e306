"""One use case, one transaction; SQLite as it must be set up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy

from db import chats, schema
from db.models import Chat
from db.session import Database, Session, file_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    schema.upgrade(database)
    yield database
    database.close()


def stored(database):
    with Session(database.engine) as session:
        return list(session.scalars(sqlalchemy.select(Chat)))


def test_what_returns_is_committed_and_what_raises_is_not(database):
    database.work(chats.enter, 1, NOW)

    def fails(session):
        chats.enter(session, 2, NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.work(fails)
    assert [chat.id for chat in stored(database)] == [1]


def test_times_come_back_aware_and_naive_ones_are_refused(database):
    database.work(chats.enter, 1, NOW)
    assert stored(database)[0].first_at == NOW
    with pytest.raises(sqlalchemy.exc.StatementError):
        database.work(chats.enter, 2, NOW.replace(tzinfo=None))


def test_an_error_does_not_carry_the_values(database):
    def twice(session):
        session.add_all(
            [Chat(id=1, first_at=NOW, last_at=NOW, last_entry="geheim"), Chat(id=1, first_at=NOW, last_at=NOW)]
        )
        session.flush()

    with pytest.raises(sqlalchemy.exc.SQLAlchemyError) as caught:
        database.work(twice)
    assert "geheim" not in str(caught.value)


def test_messages_of_a_minute_are_counted_by_one_update(database):
    assert [database.work(chats.enter, 1, NOW).messages for _ in range(3)] == [1, 2, 3]
    assert database.work(chats.enter, 1, NOW, messages=0).messages == 3
    assert database.work(chats.enter, 1, NOW + chats.MINUTE).messages == 1


def test_sqlite_is_set_up_to_lose_nothing(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with database.engine.connect() as connection:

        def pragma(name):
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
        assert (pragma("secure_delete"), pragma("trusted_schema"), pragma("busy_timeout")) == (1, 0, 5000)
    database.close()


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+pysqlite", "sqlite+immediate"])
def test_whatever_driver_is_named_a_transaction_begins_at_once_and_is_rolled_back(tmp_path, driver):
    database = Database(f"{driver}:///{tmp_path / 'x.sqlite'}")
    schema.upgrade(database)

    def fails(session):
        assert session.connection().connection.dbapi_connection.in_transaction  # before anything is written
        chats.enter(session, 1, NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.work(fails)
    assert stored(database) == []
    database.close()


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/a/x.sqlite", "/srv/a/x.sqlite"),
        ("sqlite:///x.sqlite", str(Path("x.sqlite").absolute())),
        ("postgresql://db/auskunft", None),
        ("postgresql+psycopg:///auskunft?host=/run/pg", None),
    ],
)
def test_only_sqlite_has_a_file(url, file):
    assert file_of(url) == (Path(file) if file else None)


def test_what_has_been_kept_long_enough_is_forgotten(database):
    from datetime import timedelta

    from db import questions, updates
    from db.models import HandledUpdate, Question
    from db.questions import Asked
    from db.updates import Owed

    for day, owed in ((0, ()), (20, ()), (0, ({"act": "send"},))):
        at = NOW - timedelta(days=20 - day)
        number = day + len(owed)
        database.work(updates.record, 1, Owed(number, 5, 1, owed), "p", at)
        asked = Asked(f"q{number}", "de", "dont_know", None, None, "worte")
        database.work(questions.record, asked, at)
    assert database.work(updates.purge, 1, NOW - timedelta(days=14)) == 1  # what is owed stays
    database.work(questions.forget_words, NOW - timedelta(days=14))
    with Session(database.engine) as session:
        assert {row.update_id for row in session.scalars(sqlalchemy.select(HandledUpdate))} == {1, 20}
        words = {row.id: row.words for row in session.scalars(sqlalchemy.select(Question))}
        assert words == {"q0": None, "q20": "worte", "q1": None}
