"""The documentation is true where a program can tell: commands, settings, variables, folders, links, tests."""

import re
import runpy
from functools import reduce
from pathlib import Path

import pytest
import typer
import yaml

ROOT = Path(__file__).parent.parent.parent
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
BOT = runpy.run_path(str(ROOT / "bot.py"))  # nothing imports bot
APP = BOT["app"]
BOT["add_commands"]()
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
NOT_CODE = {"var", "docs", "node_modules", "__pycache__"}

COMMAND = re.compile(r"\bbot\.py((?: +[a-z]+)+)(?![\w.])([^`\n]*)")
OPTION = re.compile(r"(?<!\S)--[a-z]+(?:-[a-z]+)*")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# `matching.answer_at`; modules are named with a dot, too, and one section has the name of a package.
SETTING = re.compile(rf"`((?:{'|'.join(CONFIG)})(?:\.[a-z_]+)+)`")
VALUE = re.compile(r"^\| `([a-z_.]+)` \| ([^|]+) \|", re.MULTILINE)
VARIABLE = re.compile(r"\benv(?:iron(?:ment)?)?(?:\.get\(|\[)\s*\"([A-Z][A-Z_]+)\"")


def text(path):
    return path.read_text(encoding="utf-8")


def name(path):
    return path.relative_to(ROOT).as_posix()


def the_docs(*patterns):
    return pytest.mark.parametrize("doc", [doc for doc in DOCS if any(p.search(text(doc)) for p in patterns)], ids=name)


def sources():
    apart = {"tests", ".venv", *NOT_CODE}
    return [path for path in ROOT.rglob("*.py") if not apart & set(path.relative_to(ROOT).parts)]


def command(words):
    """The command that these words begin with, and the words that are left."""
    found = typer.main.get_command(APP)
    while words and words[0] in subcommands(found):
        found = subcommands(found)[words[0]]
        words = words[1:]
    return found, words


def subcommands(found):
    """Those of a group, by name; a command has none."""
    return getattr(found, "commands", {})


def heading_of(link):
    """A heading as the part of a link behind `#` names it."""
    return re.sub(r"[^\w -]", "", link.casefold()).replace(" ", "-")


@the_docs(COMMAND)
def test_every_command_exists_with_its_options(doc):
    for words, rest in COMMAND.findall(text(doc)):
        found, left = command(words.split())
        assert not subcommands(found), f"bot.py{words}"
        assert not left or any(param.param_type_name == "argument" for param in found.params), f"bot.py{words}"
        known = {option for param in found.params for option in param.opts}
        assert set(OPTION.findall(rest)) <= known, f"bot.py{words}{rest}"


def test_the_administrators_guide_has_every_command():
    """`run` and `check` stand there as `make run` and `make check`; the editors have their own guide."""
    told = text(ROOT / "docs" / "betrieb.md")
    tree = subcommands(typer.main.get_command(APP))
    named = [f"{noun} {verb}" for noun, found in tree.items() for verb in subcommands(found) if noun != "faq"]
    named += [verb for verb, found in tree.items() if not subcommands(found)]
    assert not [command for command in named if command not in told]


def test_every_variable_of_the_environment_is_explained():
    told = text(ROOT / "README.md") + text(ROOT / "docs" / "betrieb.md")
    asked = {variable for path in sources() for variable in VARIABLE.findall(text(path))}
    assert {"TELEGRAM_TOKEN", "AUSKUNFT_KEYS", "AUSKUNFT_SMTP_PASSWORD"} <= asked
    assert not {variable for variable in asked if f"`{variable}`" not in told}


def test_every_folder_of_code_is_in_the_architecture():
    folders = {path.relative_to(ROOT).parts[0] for path in sources() if len(path.relative_to(ROOT).parts) > 1}
    told = text(ROOT / "docs" / "architecture.md")
    assert not {folder for folder in folders | {"tests"} if not re.search(rf"`{folder}/`", told)}


@pytest.mark.parametrize("folder", ["handlers", "services"])
def test_every_module_of_the_two_large_layers_is_in_the_architecture(folder):
    told = text(ROOT / "docs" / "architecture.md")
    modules = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}
    assert not {module for module in modules if f"`{module}`" not in told}


@the_docs(LINK)
def test_every_link_leads_somewhere(doc):
    for link in LINK.findall(text(doc)):
        if re.match(r"https?://", link):
            continue
        path, _, part = link.partition("#")
        target = (doc.parent / path) if path else doc
        assert target.exists(), link
        if part:
            headings = re.findall(r"^#+ (.*)$", text(target), re.MULTILINE)
            assert part in map(heading_of, headings), link


@pytest.mark.parametrize("doc", DECISIONS, ids=name)
def test_every_decision_is_listed_and_names_tests_that_exist(doc):
    title = re.match(r"# (\d+)\. (.*)\n", text(doc))
    number = int(title[1])
    assert doc.name.startswith(f"{number:04}-")
    assert f"{number}. [{title[2]}](decisions/{doc.name})" in text(ROOT / "docs" / "architecture.md")
    enforced = text(doc).partition("**Enforced by**")[2]
    tests = re.findall(r"`(tests/[\w/.]+)`", enforced)
    assert tests
    assert not [path for path in tests if not (ROOT / path).exists()]


@the_docs(SETTING)
def test_every_setting_exists(doc):
    for path in SETTING.findall(text(doc)):
        if (ROOT / f"{path.replace('.', '/')}.py").exists():
            continue
        reduce(lambda value, key: value[key], path.split("."), CONFIG)


@pytest.mark.parametrize(
    ("doc", "section", "names"),
    [("matching.md", "matching", True), ("verification.md", "verification", False)],
)
def test_the_numbers_are_those_of_the_settings(doc, section, names):
    """Every setting of the section stands in a table, with the shipped value."""
    prefix = f"{section}." if names else ""
    told = {key.removeprefix(prefix): value.strip() for key, value in VALUE.findall(text(ROOT / "docs" / doc))}
    for key, value in CONFIG[section].items():
        assert told[key] == yaml.safe_dump(value).split("\n")[0], key


@pytest.mark.parametrize("doc", DOCS, ids=name)
def test_files_that_are_named_exist(doc):
    """In backticks, with a folder of ours before them."""
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in ("var", "keys"))
    named = re.findall(rf"`((?:{folders})/[\w/.-]+\.(?:py|yaml|json|md|txt|csv))`", text(doc))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_every_line_of_the_log_is_written_somewhere():
    """As far as it is not a value: "…" stands for one, and so does the fault's number."""
    table = text(ROOT / "docs" / "betrieb.md").partition("| Zeile |")[2].partition("\n## ")[0]
    lines = [
        line for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for line in re.findall(r"`([^`]+)`", row)
    ]
    said = "\n".join(map(text, [*sources(), *(ROOT / "texts").glob("*.yaml")]))
    assert len(lines) > 10
    for line in lines:
        for piece in line.replace("F-XXXXX:", "…").split("…"):
            assert piece in said, line
