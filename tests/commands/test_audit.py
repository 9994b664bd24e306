"""`python bot.py audit …` as an operator uses it."""

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from commands import audit as command
from db import schema
from db.session import Database
from handlers import anchoring
from services import anchors
from tests.support.audit import CHAT, NOW, add_member, desk_with_keys, fill, unguard


@pytest.fixture
def home(tmp_path, monkeypatch, database_url):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    return tmp_path


@pytest.fixture
def desk(home):
    return desk_with_keys(home / "keys")


@pytest.fixture
def log(home, desk, database_url):
    database = Database(database_url)
    schema.upgrade(database)
    fill(database, desk, member=database.work(add_member))
    yield database
    database.close()


def call(*words):
    done = CliRunner().invoke(command.app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def test_a_whole_log_without_an_anchor(log):
    done = call("verify")
    assert done.exit_code == 0
    assert "unversehrt: 12 Einträge, der neueste hat die Nummer 12." in done.output
    assert "In audit-anchor.log steht kein Anker." in done.output


def test_a_whole_log_with_anchors(log, home):
    for hours in (1, 2):
        anchors.append(home, log.work(anchors.current, now=NOW + timedelta(hours=hours)))
    done = call("verify")
    assert done.exit_code == 0
    assert "stimmt mit 2 Ankern überein, der neueste ist vom 24.11.2026, 14:00 UTC." in done.output


def spoil(log, statement):
    def use_case(session):
        unguard(session)
        session.execute(text(statement))

    log.work(use_case)


def test_a_changed_event_is_named(log):
    spoil(log, "UPDATE audit_events SET actor = 'nobody' WHERE seq = 7")
    done = call("verify")
    assert done.exit_code == 1
    assert "nicht unversehrt. Die erste Stelle ist Nummer 7: Der Eintrag wurde geändert" in done.output


def test_a_cut_tail_is_named(log, home):
    anchors.append(home, log.work(anchors.current, now=NOW + timedelta(hours=1)))
    spoil(log, "DELETE FROM audit_events WHERE seq > 9")
    spoil(log, "UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit_events WHERE seq = 9)")
    done = call("verify")
    assert done.exit_code == 1
    assert "Nummer 10: Ab hier fehlen die neuesten Einträge." in done.output


def test_every_reason_can_be_said(log):
    assert set(command.WHY) == set(command.Why)


def test_show_names_the_newest_events_and_nobody(log):
    done = call("show", "--last", "3")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert [line.split()[0] for line in lines] == ["10", "11", "12"]
    assert "staff:register:imported" in lines[0]
    assert "staff:anna" in lines[0]
    assert "rows=9" in lines[0]
    assert "member:cards:viewed" in lines[2]
    assert "2026-11-24 12:11:00Z" in lines[2]
    assert str(CHAT) not in done.output


def test_show_survives_an_event_that_is_none(log):
    if not log.is_sqlite:
        pytest.skip("PostgreSQL takes only what fits a column")
    spoil(log, "UPDATE audit_events SET at = 'x' WHERE seq = 11")
    assert "11  nicht lesbar" in call("show", "--last", "3").output


@pytest.mark.parametrize("words", [["verify"], ["show"]])
def test_without_a_database_the_operator_is_told_what_to_do(desk, words):
    done = call(*words)
    assert done.exit_code == 2
    assert "python bot.py db upgrade" in done.output


def test_without_keys_the_operator_is_told(home, log):
    for path in (home / "keys").glob("*"):
        path.unlink()
    done = call("verify")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


class Context:
    """As much of a context as anchoring needs."""

    def __init__(self, database):
        self.desk = SimpleNamespace(clock=lambda: NOW)
        self.database = database

    async def work(self, use_case, *args, **kwargs):
        return self.database.work(use_case, *args, **kwargs)


async def test_the_head_is_written_to_a_file_and_to_the_log(log, home, caplog):
    caplog.set_level(logging.INFO)
    await anchoring.anchor(Context(log), home)
    [anchor] = anchors.read(home)
    assert (anchor.at, anchor.seq) == (NOW, 12)
    assert f"audit anchor {anchor}" in caplog.text


async def test_a_full_disk_or_a_broken_log_is_told_and_no_end(log, home, caplog):
    (home / anchors.FILE).mkdir()
    await anchoring.anchor(Context(log), home)
    assert "could not be anchored (IsADirectoryError)" in caplog.text
    spoil(log, "DELETE FROM audit_head")
    await anchoring.anchor(Context(log), home)
    assert "could not be anchored (HeadMissing)" in caplog.text
