"""`python bot.py backup` and `restore` as an operator uses them."""

import logging

import pytest
from typer.testing import CliRunner

import building
import checks
import settings
from commands import backup as command
from db import schema, suppressions
from db.models import Member
from db.session import Database
from handlers import anchoring
from services import suppressions as erasures
from tests.commands.test_audit import Context
from tests.support.audit import NOW, desk_with_keys
from tests.support.audit import fill as add_events
from tests.support.backup import fill


@pytest.fixture
def home(tmp_path, monkeypatch, database_url):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    monkeypatch.setattr("getpass.getuser", lambda: "Anna Müller")
    return tmp_path


@pytest.fixture
def desk(home):
    return desk_with_keys(home / "keys")


@pytest.fixture
def filled(home, desk, database_url):
    database = Database(database_url)
    schema.upgrade(database)
    database.work(fill, desk.keys.ring)
    add_events(database, desk, 4, member=1)
    database.close()
    return database_url


def call(*words):
    done = CliRunner().invoke(command.app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def work(url, use_case, *values):
    database = Database(url)
    try:
        return database.work(use_case, *values)
    finally:
        database.close()


def made(*words):
    done = call("backup", *words)
    assert done.exit_code == 0, done.output
    return done


def the_one(folder):
    [path] = folder.glob("auskunft-*.backup")
    return path


def test_there_and_back(home, filled):
    done = made()
    file = the_one(home / "backups")
    assert f"Gesichert und geprüft: {file} (" in done.output
    assert "Die Schlüssel sind nicht darin." in done.output
    work(filled, lambda session: session.delete(session.get(Member, 1)))
    tried = call("restore", file, "--check")
    assert tried.exit_code == 0
    assert "Die Sicherung ist gut." in tried.output
    assert "Geändert wurde nichts." in tried.output
    assert work(filled, lambda session: session.get(Member, 1)) is None
    refused = call("restore", file)
    assert refused.exit_code == 2
    assert "Die Datenbank ist nicht leer. Mit --force wird sie ersetzt" in refused.output
    file = file.rename(home / "elsewhere.backup")
    restored = call("restore", file, "--force")
    assert restored.exit_code == 0
    assert "Wiederhergestellt ist der Stand vom " in restored.output
    assert "     1 × staff:backup:made" in restored.output
    assert f"Was vorher da war, ist gesichert: {the_one(home / 'backups')}" in restored.output
    assert work(filled, lambda session: session.get(Member, 1)) is not None


def test_the_folder_may_be_named_and_old_ones_go(home, filled):
    folder = home / "far" / "away"
    folder.mkdir(parents=True)
    (folder / "auskunft-2020-01-01-000000.backup").write_text("x")
    done = made("--to", folder, "--prune")
    assert "älter als 35 Tage waren: 1." in done.output
    assert the_one(folder).stat().st_size > 1000


def test_who_did_it_is_in_the_audit_log(home, filled):
    from db import audit

    made()
    assert work(filled, audit.last, 1)[0].event.actor == "staff:AnnaMller"


def test_while_the_bot_runs_nothing_is_restored_and_a_backup_is_made(home, filled):
    with building.only_one(home, checks.texts_of(settings.load({}))):
        made()
        done = call("restore", the_one(home / "backups"), "--force")
        assert done.exit_code == 2
        assert "Der Bot läuft. Beenden Sie ihn zuerst; geändert wurde nichts." in done.output
        assert call("restore", the_one(home / "backups"), "--check").exit_code == 0


def test_a_damaged_one_is_refused_in_words(home, filled):
    made()
    file = the_one(home / "backups")
    data = bytearray(file.read_bytes())
    data[-9] ^= 1
    file.write_bytes(data)
    done = call("restore", file, "--force")
    assert done.exit_code == 2
    assert "Die Sicherung wurde verändert oder ist unvollständig." in done.output


def test_no_database_and_no_keys(home, desk):
    done = call("backup")
    assert done.exit_code == 2
    assert "Es gibt noch keine Datenbank" in done.output
    for path in (home / "keys").iterdir():
        path.unlink()
    done = call("restore", home / "x")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_every_refusal_can_be_said():
    assert set(command.WHY) == set(command.Why)


async def test_the_marks_of_the_erased_are_kept_outside(home, filled, caplog):
    caplog.set_level(logging.INFO)
    mark = "k1:" + "a" * 43
    work(filled, suppressions.add, {mark: NOW})
    database = Database(filled)
    await anchoring.keep_erasures(Context(database), home)
    assert erasures.read(home) == {mark: NOW}
    (home / erasures.FILE).unlink()
    (home / erasures.FILE).mkdir()
    await anchoring.keep_erasures(Context(database), home)
    assert "could not be kept (IsADirectoryError)" in caplog.text
    database.close()
