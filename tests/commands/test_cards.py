"""`python bot.py cards …` as an operator uses it, on both databases."""

import pytest
from typer.testing import CliRunner

from commands import cards, register
from db.models import Card, Finding
from tests.commands.test_register import Console, at_home
from tests.support.office import EHBA

__all__ = ["at_home"]
HEAD = "Mitgliedsnummer;Kartenart;Kartennummer;Betroffen;Datenarten"
ABOUT = ("--incident", "breach-2025", "--as-of", "2025-11-20")


def line(member, card, affected="ja"):
    return f"{member};eHBA;{EHBA.format(card)};{affected};"


@pytest.fixture
def console(at_home, tmp_path):
    console = Console(cards.app, tmp_path, at_home)
    members = console.write(*(f"1000{number:02};" for number in range(10)), head="Mitgliedsnummer;E-Mail", name="m.csv")
    assert CliRunner().invoke(register.app, ["import", members, "--apply", "--yes"]).exit_code == 0
    return console


def write(console, *rows):
    return console.write(*rows, head=HEAD)


def test_a_list_is_shown_applied_and_counted(console):
    path = write(console, line(100000, 1), line(100001, 2, "nein"))
    tried = console.call("import", *ABOUT, path)
    assert (tried.exit_code, console.count(Card)) == (0, 0)
    assert "Liste liste.csv zu breach-2025, Stand 20.11.2025" in tried.output
    assert "1 betroffene Karten haben keine Datenart" in tried.output
    done = console.call("import", *ABOUT, path, "--apply", "--yes")
    assert (done.exit_code, console.count(Finding)) == (0, 2)
    shown = console.call("list")
    assert shown.exit_code == 0
    lines = {words[0]: words[1:] for words in map(str.split, shown.output.splitlines()) if words}
    assert lines["breach-2025"] == ["20.11.2025", "2", "1"]
    assert lines["exchange-chip"] == ["noch", "keine", "Liste", "0", "0"]


def test_a_second_person_must_confirm_much_change(console):
    rows = [line(100000 + number, number) for number in range(10)]
    console.call("import", *ABOUT, write(console, *rows), "--apply", "--yes")
    path = write(console, *rows[5:])
    tried = console.call("import", *ABOUT, path, "--apply", "--yes", "--by", "anna")
    assert tried.exit_code == 1
    assert "Mehr als 20 % der bisherigen Einträge" in tried.output
    same = console.call("import", *ABOUT, path, "--apply", "--yes", "--by", "anna", "--confirm-by", "anna")
    assert same.exit_code == 1
    assert console.count(Finding) == 10
    done = console.call("import", *ABOUT, path, "--apply", "--yes", "--by", "anna", "--confirm-by", "bernd")
    assert (done.exit_code, console.count(Finding)) == (0, 5)


def test_what_cannot_be_imported_is_told(console):
    path = write(console, line(100000, 1))
    unknown = console.call("import", "--incident", "breach-1999", "--as-of", "2025-11-20", path)
    assert unknown.exit_code == 2
    assert "breach-2025, exchange-rsa" in unknown.output
    assert console.call("import", "--incident", "breach-2025", "--as-of", "20.11.2025", path).exit_code == 2
    future = console.call("import", "--incident", "breach-2025", "--as-of", "9999-01-01", path)
    assert future.exit_code == 1
    assert "liegt in der Zukunft" in future.output
    console.call("import", *ABOUT, path, "--apply", "--yes")
    older = console.call("import", "--incident", "breach-2025", "--as-of", "2025-11-19", path, "--apply", "--yes")
    assert older.exit_code == 1
    assert "schon eine Liste vom 20.11.2025" in older.output


def test_cards_of_unknown_members_can_be_left_out(console):
    path = write(console, line(100000, 1), line(888777, 2))
    tried = console.call("import", *ABOUT, path, "--apply", "--yes")
    assert (tried.exit_code, console.count(Card)) == (1, 0)
    assert "nicht im Mitgliederregister" in tried.output
    assert "888777" not in tried.output
    done = console.call("import", *ABOUT, path, "--apply", "--yes", "--skip-unknown")
    assert (done.exit_code, console.count(Card)) == (0, 1)
