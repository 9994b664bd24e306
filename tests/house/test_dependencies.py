"""docs/dependencies.md tells of every package that requirements/*.in names; the locks hold what they promise."""

import importlib.metadata
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
SECTIONS = {"run": "The program", "test": "Tests", "bench": "Measuring", "audit": "Supply chain"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# A licence that would reach over to the program itself.
REACHES = re.compile(r"\b(?:A?GPL|SSPL|BUSL|EUPL)|Affero|GNU General", re.IGNORECASE)


def table(section):
    """The rows below a heading: package → why, licence, instead."""
    body = DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in body.splitlines() if row.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def asked(part):
    lines = (ROOT / "requirements" / f"{part}.in").read_text(encoding="utf-8").splitlines()
    return [found[0] for line in lines if (found := NAME.match(line))]


def locked(part):
    return {
        normal(found[1])
        for line in (ROOT / "requirements" / f"{part}.txt").read_text(encoding="utf-8").splitlines()
        if (found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", line))
    }


def normal(package):
    return re.sub(r"[-_.]+", "-", package).lower()


def licence(package):
    told = importlib.metadata.metadata(package)
    classifiers = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or () if line.startswith("License ::")]
    return " ".join([told.get("License-Expression") or "", (told.get("License") or "")[:60], *classifiers])


@pytest.mark.parametrize("part", SECTIONS)
def test_the_table_is_what_the_requirements_name(part):
    assert sorted(table(SECTIONS[part])) == sorted(asked(part))


def test_every_file_of_requirements_has_its_table():
    assert {path.stem for path in (ROOT / "requirements").glob("*.in")} == set(SECTIONS)


@pytest.mark.parametrize("part", SECTIONS)
def test_every_row_says_why_under_which_licence_and_what_instead(part):
    for package, row in table(SECTIONS[part]).items():
        assert len(row) == 3, package
        assert all(len(cell) > 2 for cell in row), package


@pytest.mark.parametrize("part", ["run", "test"])
def test_the_licence_is_the_one_that_the_package_names(part):
    for package, (_, told, _) in table(SECTIONS[part]).items():
        family = re.match(r"L?[A-Z]+", told.replace("Apache", "APACHE"))[0]
        named = licence(package).upper().replace("PYTHON SOFTWARE FOUNDATION", "PSF")
        assert family in named or (family == "BSD" and "3-CLAUSE" in named), (package, named)


def test_no_licence_of_what_is_delivered_reaches_over_to_the_program():
    looked_at = 0
    for package in locked("run"):
        try:
            named = licence(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        looked_at += 1
        assert not REACHES.search(named.replace("LGPL", "").replace("GNU Lesser General", "")), (package, named)
    assert looked_at > 50


@pytest.mark.parametrize("part", SECTIONS)
def test_a_lock_holds_what_was_asked_for_and_only_hashed_packages(part):
    text = (ROOT / "requirements" / f"{part}.txt").read_text(encoding="utf-8")
    assert {normal(package) for package in asked(part)} <= locked(part)
    for entry in re.split(r"\n(?=[a-z0-9])", text, flags=re.IGNORECASE):
        assert "--hash=sha256:" in entry, entry[:60]


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_no_requirement_names_an_index_or_an_address(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^-i\b|^-f\b|\bgit\+", text, re.MULTILINE
    )


def test_the_locks_agree_on_what_is_delivered():
    """What is tested and measured is what runs."""

    def versions(part):
        text = (ROOT / "requirements" / f"{part}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([A-Za-z0-9._-]+(?:\[[^]]*\])?==\S+)", text, re.MULTILINE))

    assert versions("run") <= versions("test")
    assert versions("run") <= versions("bench")
