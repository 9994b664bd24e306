"""`python bot.py letters …` as two people of an office use it."""

import csv
import json

import pytest
from typer.testing import CliRunner

from commands import letters
from db.models import Letter
from services.printrun import manifest_of
from tests.support.printshop import NUMBERS, row_of

TWO = ("--by", "anna", "--confirm-by", "bernd")


@pytest.fixture
def members(shop):
    return [shop.member(number) for number in NUMBERS]


def call(*words, **more):
    done = CliRunner().invoke(letters.app, [str(word) for word in words], **more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def create(shop, *words, register=None, out="letters.pdf", **more):
    path = register or shop.register(NUMBERS)
    return call("create", "--register", path, "--out", shop.home / out, *words, **more)


def states(shop):
    return shop.work(lambda session: sorted(row.state for row in session.query(Letter)))


def test_a_batch_goes_from_the_preview_to_the_post(shop, members):
    preview = create(shop)
    assert preview.exit_code == 0
    assert "Briefe, die gedruckt werden" in preview.output
    assert "nur die Vorschau" in preview.output
    assert shop.letters() == 0
    assert not (shop.home / "letters.pdf").exists()

    done = create(shop, "--apply", *TWO, input="y\n")
    assert done.exit_code == 0, done.output
    assert "3 Briefe drucken?" in done.output
    batch = json.loads(manifest_of(shop.home / "letters.pdf").read_text())["batch"]
    assert f"letters dispatched {batch}" in done.output
    assert states(shop) == ["created"] * 3

    posted = call("dispatched", batch, "--on", shop.today, *TWO)
    assert posted.exit_code == 0, posted.output
    assert "3 Codes gelten jetzt" in posted.output
    assert states(shop) == ["dispatched"] * 3
    listed = call("list").output
    assert batch in listed
    assert "3 verschickt" in listed

    assert call("withdraw", batch, "--by", "anna", input="n\n").exit_code == 1
    assert states(shop) == ["dispatched"] * 3
    assert "Zurückgezogene Briefe: 3" in call("withdraw", batch, "--by", "anna", "--yes").output
    assert call("withdraw", batch, "--by", "anna", "--yes").exit_code == 1


def test_no_means_nothing(shop, members):
    done = create(shop, "--apply", *TWO, input="n\n")
    assert done.exit_code == 1
    assert shop.letters() == 0
    assert not list(shop.home.glob("*.pdf"))


@pytest.mark.parametrize(
    "people", [("--by", "anna"), ("--by", "anna", "--confirm-by", "Anna"), ("--by", "anna", "--confirm-by", "b@x")]
)
def test_two_people_are_needed(shop, members, people):
    assert create(shop, "--apply", "--yes", *people).exit_code == 2
    assert shop.letters() == 0
    made = shop.stored(NUMBERS)
    assert call("dispatched", made.batch, "--on", shop.today, *people).exit_code == 2
    assert states(shop) == ["created"] * 3


def test_members_without_an_address_stop_everything_unless_the_rest_is_wanted(shop, members):
    broken = list(row_of(NUMBERS[1]))
    broken[6] = "1067"
    register = shop.register([NUMBERS[0], tuple(broken)])
    missing = shop.home / "missing.csv"
    refused = create(shop, "--apply", "--yes", *TWO, "--missing", missing, register=register)
    assert refused.exit_code == 1
    assert "Zeile 3" in refused.output
    assert "führende Null" in refused.output
    assert "…17, …25" in refused.output
    assert "Erika" not in refused.output
    assert not [number for number in NUMBERS if number in refused.output]
    with missing.open(encoding="utf-8-sig") as file:
        assert [row[0] for row in csv.reader(file, delimiter=";")][1:] == list(NUMBERS[1:])
    assert missing.stat().st_mode & 0o777 == 0o600
    assert shop.letters() == 0

    done = create(shop, "--apply", "--yes", "--partial", *TWO, register=register)
    assert done.exit_code == 0, done.output
    assert states(shop) == ["created"]


def test_members_who_asked_are_listed_and_printed_from_the_list(shop, members):
    shop.asks(members[0])
    shop.asks(members[2], "held")
    assert "wünschen: 2, davon zu entscheiden: 1" in call("requests").output
    assert shop.requests() == ["open", "held"]
    listed = shop.home / "asked.csv"
    assert call("requests", "--out", listed, "--by", "anna").exit_code == 0
    assert shop.requests() == ["listed", "listed"]
    assert "wünschen: 0" in call("requests").output
    with listed.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [row[0] for row in rows] == ["Mitgliedsnummer", NUMBERS[0], NUMBERS[2]]
    assert "bitte entscheiden" in rows[2][2]

    done = create(shop, "--numbers", listed, "--apply", "--yes", *TWO)
    assert done.exit_code == 0, done.output
    assert states(shop) == ["created"] * 2


def test_requests_are_printed_directly_too(shop, members):
    shop.asks(members[1])
    assert create(shop, "--requests", "--apply", "--yes", *TWO).exit_code == 0
    assert states(shop) == ["created"]
    nobody = create(shop, "--requests", "--apply", "--yes", *TWO, out="again.pdf")
    assert nobody.exit_code == 1
    assert "Niemand" in nobody.output


def test_a_number_that_is_nobody_is_named_by_its_row(shop, members):
    numbers = shop.register([(NUMBERS[0],), ("0999999999",)], "numbers.csv", ("Mitgliedsnummer",))
    refused = create(shop, "--numbers", numbers, "--apply", "--yes", *TWO)
    assert refused.exit_code == 1
    assert "numbers.csv, Zeile 3" in refused.output
    assert "0999999999" not in refused.output
    assert shop.letters() == 0


def test_a_limit_leaves_the_rest_for_the_next_batch(shop, members):
    assert create(shop, "--limit", 2, "--apply", "--yes", *TWO).exit_code == 0
    assert states(shop) == ["created"] * 2
    again = create(shop, "--apply", "--yes", *TWO, out="rest.pdf")
    assert again.exit_code == 0
    assert states(shop) == ["created"] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--posted-on", "gestern"), "gestern"),
        (("--posted-on", "2020-01-01"), "Vergangenheit"),
        (("--requests", "--numbers", "x.csv"), "schließen sich aus"),
        (("--out", "letters.docx"), ".pdf"),
        (("--out", "/nowhere/letters.pdf"), "Ordner"),
        (("--register", "nothing.csv"), "gibt es nicht"),
    ],
)
def test_what_cannot_be_is_said_before_anything_happens(shop, members, words, said):
    refused = create(shop, *words, "--apply", "--yes", *TWO)
    assert refused.exit_code == 2
    assert said in refused.output
    assert shop.letters() == 0


def test_a_pdf_that_is_there_is_never_overwritten(shop, members):
    (shop.home / "letters.pdf").write_text("mine")
    refused = create(shop, "--apply", "--yes", *TWO)
    assert refused.exit_code == 2
    assert "nie überschrieben" in refused.output
    assert (shop.home / "letters.pdf").read_text() == "mine"


def test_the_associations_own_template_is_used_and_its_mistakes_are_told(shop, members, tmp_path, monkeypatch):
    config = tmp_path / "config.yaml"
    own = shop.settings.config_path.read_text(encoding="utf-8")
    assert '  template: "" ' in own
    config.write_text(own.replace('  template: "" ', "  template: own.typ "), encoding="utf-8")
    monkeypatch.setenv("AUSKUNFT_CONFIG", str(config))
    (tmp_path / "own.typ").write_text("#nonsense()")
    refused = create(shop, "--apply", "--yes", *TWO)
    assert refused.exit_code == 2
    assert "own.typ, Zeile 1" in refused.output
    assert shop.letters() == 0
