"""The editor's guide is true: its example loads, its commands exist, its message is the one that is shown."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import checks
import settings
from commands import faq
from faq.loader import load
from faq.probes import read_probes
from handlers import editors, staff
from strict_yaml import Problems
from texts import explain, sentences

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "redaktion.md").read_text(encoding="utf-8")
ENTRY, QUESTIONS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    content = tmp_path / "content"
    content.mkdir()
    (content / "card.yaml").write_text(ENTRY, encoding="utf-8")
    return content


@pytest.fixture(scope="module")
def texts():
    return checks.texts_of(settings.load({}))


def test_the_example_is_a_store(folder, texts):
    assert list(load(folder, texts.fill).entries) == ["card-colour"]


def test_the_test_questions_of_the_guide_fit_the_example(folder):
    (folder.parent / "tests").mkdir()
    (folder.parent / "tests" / "de.yaml").write_text(QUESTIONS, encoding="utf-8")
    assert len(read_probes(folder, load(folder).entries)) == len(yaml.safe_load(QUESTIONS)["questions"])


def test_the_message_is_the_one_that_is_shown(folder, texts):
    broken = ENTRY.replace("      answer: |\n        Der", "      answr: |\n        Der", 1)
    (folder / "card.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(Problems) as caught:
        load(folder, texts.fill)
    told = "\n".join(explain(problem) for problem in caught.value.problems)
    shown = re.search(r"```\n(card\.yaml.*?)```", GUIDE, re.DOTALL).group(1)
    for line in shown.strip().splitlines():
        assert re.sub(r"Zeile \d+", "Zeile", line).strip() in re.sub(r"Zeile \d+", "Zeile", told)


def test_every_command_of_the_guide_exists_and_every_command_is_in_it():
    listed = set(re.findall(r"`python bot\.py faq ([a-z]+)", GUIDE))
    known = {command.name or command.callback.__name__ for command in faq.app.registered_commands}
    assert listed <= known
    assert known - listed <= {"why", "schema", "engine"}  # for those who look after the program
    assert CliRunner().invoke(faq.app, ["--help"]).exit_code == 0


def test_every_command_in_telegram_exists():
    named = set(re.findall(r"^\| `/([a-z]+)", GUIDE, re.MULTILINE))
    assert {"warum", "vorschau"} <= named <= {*editors.COMMANDS, *staff.COMMANDS}


def test_every_placeholder_of_the_guide_exists(texts):
    assert set(re.findall(r"`\{([a-z_]+)\}`", GUIDE)) <= texts.names()


def test_every_message_in_the_table_is_said_somewhere():
    said = " ".join(sentences("de").values())
    for message in re.findall(r"^\| „(.*?)“ \|", GUIDE, re.MULTILINE):
        for part in message.split("…"):
            assert part.strip() in said, message
