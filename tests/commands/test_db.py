"""`python bot.py db …` as an operator uses it: up, and back for an older program."""

import pytest
import sqlalchemy
from typer.testing import CliRunner

import building
import checks
import settings
from commands import db
from db import schema
from db.session import Database


@pytest.fixture
def database(tmp_path, monkeypatch, database_url):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    database = Database(database_url)
    yield database
    database.close()


def call(*words, typed=None):
    return CliRunner().invoke(db.app, words, input=typed)


def tables(database):
    names = set(sqlalchemy.inspect(database.engine).get_table_names())
    database.engine.dispose()  # so that nobody else is connected
    return names


def test_up_says_nothing_and_the_version_tells(database):
    assert call("version").output == "old\n"
    assert call("upgrade").exit_code == 0
    state, number = call("version").output.split()
    assert state == "current"
    assert number.isdigit()


def test_back_to_an_older_version_only_after_a_yes(database):
    call("upgrade")
    before = tables(database)
    asked = call("downgrade", "0002", typed="n\n")
    assert asked.exit_code == 1
    assert "geht verloren" in asked.output
    assert tables(database) == before
    done = call("downgrade", "0002", typed="y\n")
    assert done.exit_code == 0
    assert "hat jetzt Version 0002" in done.output
    assert call("version").output == "old 0002\n"
    assert tables(database) < before


def test_a_version_that_it_never_had_is_refused(database):
    assert call("downgrade", "0001", "--yes").exit_code == 2
    call("upgrade")
    refused = call("downgrade", "9999", "--yes")
    assert refused.exit_code == 2
    assert "nie" in refused.output
    assert schema.version(database) is schema.Version.CURRENT


def test_not_while_the_bot_runs(database, tmp_path):
    call("upgrade")
    with building.only_one(tmp_path / "home", checks.texts_of(settings.load({}))):
        refused = call("downgrade", "0002", "--yes")
    assert refused.exit_code == 2
    assert "Der Bot läuft" in refused.output
    assert schema.version(database) is schema.Version.CURRENT


def test_not_while_another_program_is_connected(database):
    if database.is_sqlite:
        pytest.skip("SQLite cannot tell; there the lock of the folder does")
    call("upgrade")
    with database.engine.connect():
        refused = call("downgrade", "0002", "--yes")
    assert refused.exit_code == 2
    assert "noch andere Programme verbunden" in refused.output
