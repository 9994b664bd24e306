"""Fixtures: a list's columns, and a file with some bytes in it that is read at once."""

import json

import pytest

import tables
from strict_yaml import Problems
from tables import Column, Rejected, Row, sandbox, workbook
from texts import LANGUAGES, explain, placeholders, sentences

COLUMNS = (
    Column("member", ("Mitgliedsnummer", "Mitglieds-Nr."), numeric_text=True),
    Column("email", ("E-Mail",), required=False),
    Column("language", ("Sprache",)),
)


def assert_told(problems):
    """Each problem fills its sentence in both languages."""
    for problem in problems:
        for language in LANGUAGES:
            wanted = placeholders(sentences(language)[f"problem.{problem.code}"])
            assert wanted <= set(problem.values), problem
            assert explain(problem, language).startswith(problem.file)


class Lists:
    """Writes files and reads them."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, content, name="liste.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def table(self, content, columns=COLUMNS, **options):
        return tables.read(self.write(content), columns, **options)

    def read(self, content, columns=COLUMNS, **options):
        """All rows and rejected rows."""
        with self.table(content, columns, **options) as table:
            rows = list(table)
        for row in rows:
            if isinstance(row, Rejected):
                assert_told(row.problems)
        assert_told(table.notes)
        return rows

    def values(self, content, *names, columns=COLUMNS, **options):
        """The values of the rows, which must all be clean."""
        rows = self.read(content, columns, **options)
        assert all(isinstance(row, Row) for row in rows), rows
        return [tuple(row.values[name] for name in names or ("member", "email", "language")) for row in rows]

    def faults(self, content, columns=COLUMNS, **options):
        """Code and cell of whatever is rejected."""
        return [
            (problem.code.removeprefix("tables."), problem.values.get("cell"))
            for row in self.read(content, columns, **options)
            if isinstance(row, Rejected)
            for problem in row.problems
        ]

    def refused(self, content, columns=COLUMNS, **options):
        """The problems that make the file useless."""
        with pytest.raises(Problems) as found:
            self.read(content, columns, **options)
        assert_told(found.value.problems)
        return found.value.problems

    def codes(self, content, columns=COLUMNS, **options):
        return [problem.code.removeprefix("tables.") for problem in self.refused(content, columns, **options)]


class InProcess:
    """Stands for the process that opens workbooks, without the quarter of a second that it takes to start."""

    returncode = 1

    def __init__(self, path, limits):
        self.stdout = (json.dumps(message) for message in sandbox.messages(path, limits))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stdout.close()

    def kill(self):
        pass


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(workbook, "_started", InProcess)


@pytest.fixture
def lists(tmp_path):
    return Lists(tmp_path)
