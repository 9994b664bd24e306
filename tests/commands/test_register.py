"""`python bot.py register …` as an operator uses it, on both databases."""

import csv

import pytest
import sqlalchemy
from typer.testing import CliRunner

from commands import register
from db import schema
from db.models import Member
from db.session import Database

HEAD = "Mitgliedsnummer;E-Mail;EFN-Endziffern;Sprache;Name"
GOOD = "10004711;a@praxis.example;1234;de;Dr. Müller"


class Console:
    def __init__(self, app, folder, database_url):
        self.app, self.folder, self.url = app, folder, database_url

    def write(self, *rows, head=HEAD, name="liste.csv", encoding="utf-8"):
        path = self.folder / name
        path.write_bytes("\n".join([head, *rows]).encode(encoding))
        return str(path)

    def call(self, *words, said=""):
        return CliRunner().invoke(self.app, words, input=said)

    def count(self, model):
        database = Database(self.url)
        schema.upgrade(database)
        with database.engine.connect() as connection:
            found = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(model)).scalar()
        database.close()
        return found


@pytest.fixture
def at_home(tmp_path, monkeypatch, database_url):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    return database_url


@pytest.fixture
def console(at_home, tmp_path):
    return Console(register.app, tmp_path, at_home)


def test_a_dry_run_shows_what_would_change_and_changes_nothing(console):
    done = console.call("import", console.write(GOOD))
    assert done.exit_code == 0, done.output
    assert "Neue Einträge" in done.output
    assert "Diese Spalten werden nicht gelesen: Name" in done.output
    assert "Probelauf" in done.output
    assert console.count(Member) == 0


def test_it_asks_before_it_applies(console):
    path = console.write(GOOD)
    declined = console.call("import", path, "--apply", said="nein\n")
    assert (declined.exit_code, console.count(Member)) == (1, 0)
    assert "Es wurde nichts geändert" in declined.output
    done = console.call("import", path, "--apply", "--by", "anna", said="ja\n")
    assert (done.exit_code, console.count(Member)) == (0, 1)
    assert "Übernommen." in done.output
    again = console.call("import", path, "--apply")  # nothing to ask
    assert again.exit_code == 0
    assert "sagt schon dasselbe" in again.output


def test_rejected_rows_are_shown_with_row_cell_and_reason_and_written_to_a_file(console, tmp_path):
    rejects = tmp_path / "abgewiesen.csv"
    bad = [f"2000{number:04};;12;de;" for number in range(60)]
    done = console.call("import", console.write(GOOD, *bad), "--apply", "--yes", "--rejects", str(rejects))
    assert (done.exit_code, console.count(Member)) == (1, 0)
    assert "liste.csv, Zeile 3" in done.output
    assert "Zelle C3" in done.output
    assert "60 Zeilen sind so nicht brauchbar" in done.output
    assert "… und 10 weitere Zeilen" in done.output
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert len(rows) == 61
    assert rows[60][:3] == ["liste.csv", "62", "C62"]
    assert not [number for number in ("20000000", "20000059") if number in done.output + rejects.read_text()]


def test_files_and_options_that_cannot_be_used_end_with_two(console):
    assert console.call("import", str(console.folder / "fehlt.csv")).exit_code == 2
    assert console.call("import", console.write(GOOD, head="Nummer;X;Y;Z;Name")).exit_code == 2
    assert console.call("import", console.write(GOOD), "--encoding", "utf-7").exit_code == 2
    assert console.call("import", console.write(GOOD), "--by", "anna müller").exit_code == 2
    assert console.call("import", console.write(GOOD, encoding="cp1252")).exit_code == 2
    done = console.call("import", console.write(GOOD, encoding="cp1252"), "--encoding", "cp1252")
    assert done.exit_code == 0
    assert "Traceback" not in done.output


def test_no_number_is_shown(console):
    rows = [GOOD, GOOD, "99887766;x;y;z;"]
    done = console.call("import", console.write(*rows))
    assert done.exit_code == 1
    assert "10004711" not in done.output
    assert "99887766" not in done.output
    assert "praxis.example" not in done.output
