"""`python bot.py faq …` as an editor uses it, on a small store."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands import faq
from faq.history import History
from faq.loader import load
from tests.support.faq_files import FaqFiles

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("AUSKUNFT_CONFIG", "AUSKUNFT_HOME", "TELEGRAM_TOKEN", "DATABASE_URL", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is


@pytest.fixture
def files(tmp_path):
    return FaqFiles(tmp_path)


def call(*words):
    return CliRunner().invoke(faq.app, [str(word) for word in words])


# ---- check


def test_good_files(files):
    done = call("check", "--content", files.write())
    assert done.exit_code == 0
    assert "Alles in Ordnung: 2 Einträge, 40 Formulierungen." in done.output


def test_advice_is_no_failure(files):
    files.cost["review_by"] = "2020-01-01"
    done = call("check", "--content", files.write())
    assert done.exit_code == 0
    assert re.search(r"content/card\.yaml\n\s*\d+ +Hinweis +Der Eintrag „card-cost“ war bis 2020-01-01", done.output)
    assert "review_by: '2020-01-01'" in done.output
    assert "Fehler: 0 · Hinweise: 1" in done.output
    assert "Alles in Ordnung" not in done.output


def test_mistakes_are_a_failure_and_stand_below_their_file(files):
    files.cost["related"] = ["pin-safe", "pin-safe"]
    files.cost["review_by"] = "2020-01-01"
    files.probes["en"].append(("what now", "pin-save"))
    done = call("check", "--content", files.write())
    assert done.exit_code == 1
    headings = [line for line in done.output.splitlines() if line.endswith(".yaml")]
    assert [heading.rsplit("/", 2)[1:] for heading in headings] == [["tests", "en.yaml"], ["content", "card.yaml"]]
    assert "Meinten Sie „pin-safe“?" in done.output
    assert "Fehler: 2 · Hinweise: 1" in done.output


def spoilt(files):
    """A store that cannot be loaded: one mistake that needs escaping for GitHub."""
    files.cost["de"]["answer"] = "Zu 100 %, <u>wirklich</u>: {phone"
    return files.write()


@pytest.mark.parametrize("output", ["text", "github", "json"])
def test_a_file_that_was_half_saved(files, tmp_path, monkeypatch, output):
    """The files that members are answered from are compared with the newest version of them; others are not."""
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path / "home"))
    content = files.write()
    path, kept = content / "card.yaml", History(tmp_path / "home" / "faq-history")
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + "# and so on\n", encoding="utf-8")
    kept.keep(content, datetime(2026, 11, 24, tzinfo=UTC))
    path.write_text(whole, encoding="utf-8")
    assert call("check", "--content", content).exit_code == 0
    monkeypatch.setattr(faq, "SHIPPED", content)
    done = call("check", "--content", content, "--format", output)
    assert done.exit_code == 1
    assert "nur halb gespeichert" in done.output


def test_who_may_not_read_the_history_checks_without_it(files, monkeypatch):
    content = files.write()

    def closed(self):
        raise PermissionError(13, "no")

    monkeypatch.setattr(faq, "SHIPPED", content)
    monkeypatch.setattr("commands.versions.SHIPPED", content)
    monkeypatch.setattr("faq.history.History.versions", closed)
    assert call("check", "--content", content).exit_code == 0
    for command in (["history"], ["undo", "abc"]):
        done = call(*command)
        assert done.exit_code == 2
        assert "lassen sich nicht lesen" in done.output


@pytest.mark.parametrize("output", ["text", "github", "json"])
def test_files_that_cannot_be_loaded_are_a_failure_in_every_format(files, output):
    done = call("check", "--content", spoilt(files), "--format", output)
    assert done.exit_code == 1
    assert "<u> ist nicht erlaubt" in done.output
    assert not done.stderr


def test_a_folder_that_is_not_there(tmp_path):
    done = call("check", "--content", tmp_path / "nowhere", "--format", "json")
    assert done.exit_code == 1
    assert [(problem["file"], problem["code"]) for problem in json.loads(done.stdout)] == [
        (str(tmp_path / "nowhere"), "faq.no-folder")
    ]


def test_json_is_for_programs(files):
    files.cost["review_by"] = "2020-01-01"
    folder = files.write()
    done = call("check", "--content", folder, "--format", "json")
    [problem] = json.loads(done.stdout)
    assert done.exit_code == 0
    assert problem["severity"] == "advice"
    assert problem["code"] == "advice.overdue"
    assert problem["values"] == {"id": "card-cost", "date": "2020-01-01"}
    assert problem["message"].startswith("Der Eintrag „card-cost“")
    text = Path(problem["file"]).read_text(encoding="utf-8").splitlines()
    assert text[problem["line"] - 1].strip() == problem["excerpt"] == "review_by: '2020-01-01'"
    assert json.loads(call("check", "--content", spoilt(files), "--format", "json").stdout)[0]["severity"] == "mistake"


def test_json_of_good_files_is_an_empty_list(files):
    assert json.loads(call("check", "--content", files.write(), "--format", "json").stdout) == []


def test_github_marks_lines(files, monkeypatch):
    files.cost["review_by"] = "2020-01-01"
    files.cost["related"] = ["pin-safe", "pin-safe"]
    folder = files.write()
    monkeypatch.chdir(folder.parent)
    lines = call("check", "--content", folder, "--format", "github").stdout.splitlines()
    shape = re.compile(r"::(error|warning) file=content/card\.yaml,line=(\d+),title=([a-z.-]+)::(.+)")
    marked = [shape.fullmatch(line).groups() for line in lines]
    assert [(level, code) for level, _, code, _ in marked] == [
        ("warning", "advice.overdue"),
        ("error", "faq.related-twice"),
    ]
    text = (folder / "card.yaml").read_text(encoding="utf-8").splitlines()
    assert "review_by" in text[int(marked[0][1]) - 1]


def test_github_reads_signs_of_its_own_escaped(files, tmp_path):
    files.folder = tmp_path / "a,b:c" / "content"
    files.folder.parent.mkdir()
    files.cost["de"]["ask"] += ["gibt es 100 % rabatt"]
    files.probes["de"] += [("gibt es 100 % Rabatt?", "card-cost")]
    [line] = call("check", "--content", files.write(), "--format", "github").stdout.splitlines()
    assert "/a%2Cb%3Ac/content/card.yaml,line=" in line
    assert "„gibt es 100 %25 rabatt“" in line


# ---- test


def test_figures_and_confusions_of_each_language(files):
    files.probes["de"].append(("was kostet der ausweis", "pin-safe"))  # asks for the other one
    done = call("test", "--content", files.write())
    assert done.exit_code == 0
    german, english = done.output.split("Testfragen auf Englisch")
    assert "Testfragen auf Deutsch" in german
    assert re.search(r"Fragen, zu denen es einen Eintrag gibt +│ +3 │", german)
    assert re.search(r"an erster Stelle +│ +2 │ +66\.7 %", german)
    assert re.search(r"pin-safe +│ card-cost +│ +1 │ +1 │ was kostet der ausweis", german)
    assert re.search(r"an erster Stelle +│ +2 │ +100\.0 %", english)
    assert "Verwechslungen" not in english


def test_one_language(files):
    output = call("test", "--content", files.write(), "--language", "en").output
    assert "Testfragen auf Englisch" in output
    assert "Testfragen auf Deutsch" not in output


def test_without_test_questions(files):
    files.probes = {}
    done = call("test", "--content", files.write())
    assert done.exit_code == 2
    assert "Keine Testfragen gefunden" in done.stderr


def test_test_questions_that_cannot_be_read(files):
    files.probes = {"de": [("was", "nowhere")]}
    done = call("test", "--content", files.write())
    assert done.exit_code == 2
    assert "tests/de.yaml, Zeile 3" in done.stderr


def test_what_an_edit_moves(files, tmp_path):
    earlier = FaqFiles(tmp_path / "earlier")
    earlier.folder.parent.mkdir()
    folder = files.write()
    assert "wohin sie vorher führten" in call("test", "--content", folder, "--before", earlier.write()).output
    earlier.cost["de"]["ask"].append("kennt jemand meine geheime pin")
    done = call("test", "--content", folder, "--before", earlier.write())
    assert done.exit_code == 0
    assert "Diese Fragen führen jetzt anderswohin:" in done.output
    assert re.search(r"kennt jemand meine geheime pin │ card-cost │ pin-safe\?? +│ pin-safe", done.output)


@pytest.mark.parametrize(("name", "begins"), [("c.png", b"\x89PNG"), ("c.svg", b"<?xml"), ("c.pdf", b"%PDF")])
def test_a_picture(files, tmp_path, name, begins):
    files.probes["de"].append(("was kostet der ausweis", "pin-safe"))
    files.probes["de"].append(("was kostet die sim karte", "none"))
    done = call("test", "--content", files.write(), "--picture", tmp_path / name)
    assert done.exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert str(tmp_path / name) in done.output


@pytest.mark.parametrize("name", ["c.txt", "c", "nowhere/c.png"])
def test_a_picture_that_cannot_be_written(files, tmp_path, name):
    done = call("test", "--content", files.write(), "--picture", tmp_path / name)
    assert done.exit_code == 2
    assert ".png, .svg, .pdf" in done.stderr


def test_matplotlib_is_imported_only_for_a_picture():
    script = "import sys, commands.faq; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


# ---- preview


def test_a_preview_is_what_members_get(files):
    done = call("preview", "pin-safe", "--content", files.write())
    assert done.exit_code == 0
    german, english = done.output.split("Is my PIN still safe? ─")
    assert "Ja, Ihre PIN war nicht dabei." in german
    assert "Hier (https://example.org/a) & 0000 123456-0" in german  # filled in, entities and tags resolved
    assert "Quelle: Kammer · Stand: 24.11.2026" in german
    for label in ("Mehr dazu", "Meine Karte prüfen", "Kosten der Karte", "Nicht hilfreich", "Themen", "Mensch"):
        assert label in german
    before, after = german.split("Nach einem Tippen auf „Mehr dazu“:")
    assert "Einzelheiten zur PIN." not in before
    assert "Einzelheiten zur PIN." in after
    assert "Yes, your PIN was not included." in english
    assert "Source: Kammer" not in english
    assert "Chamber" in english
    assert "Nach einem Tippen" not in english  # there is no more in English


def test_a_preview_of_no_entry(files):
    done = call("preview", "pin-save", "--content", files.write())
    assert done.exit_code == 2
    assert "Den Eintrag „pin-save“ gibt es nicht. Meinten Sie „pin-safe“?" in done.stderr


# ---- ask, why, schema


def test_ask_says_what_and_why(files):
    done = call("ask", "ist meine pinn sicher", "--content", files.write())
    assert done.exit_code == 0
    assert "Sprache: Deutsch" in done.output
    assert "Sicher: Die Antwort ist „pin-safe“." in done.output
    assert "„ist meine pin sicher“" in done.output
    assert "%" not in done.output


def test_why_tells_everything(files):
    done = call("why", "ist meine pin sicher", "--content", files.write())
    assert "Sicher: Die Antwort ist „pin-safe“." in done.output
    assert re.search(r"pin-safe +│ ist meine pin sicher +│ +[01]\.\d\d", done.output)
    assert "Beantwortet wird ab 0." in done.output


def test_a_question_without_words(files):
    assert call("ask", "?!", "--content", files.write()).output.strip() == "Die Nachricht enthält kein Wort."


def test_the_schema_is_written_beside_the_files_and_disturbs_nothing(files):
    folder = files.write()
    digest = load(folder).digest
    done = call("schema", "--content", folder)
    assert done.exit_code == 0
    assert str(folder / "schema.json") in done.output
    assert "CategoryFile" not in (folder / "schema.json").read_text(encoding="utf-8")
    assert load(folder).digest == digest


def test_gaps_can_be_asked_for_before_the_bot_ever_ran(tmp_path, monkeypatch):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path))
    done = call("gaps")
    assert done.exit_code == 0
    assert "keine Frage" in done.output
