"""A change of the FAQ files: tried on a copy, written whole, taken back if nobody wrote since."""

import os
import stat
from datetime import date

import pytest

from faq import edition
from faq.decision import Thresholds
from faq.library import Library
from faq.writing import MorePhrasings, NewEntry
from tests.faq.test_writing import entry
from tests.support.faq_files import FaqFiles

TODAY = date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path):
    return FaqFiles(tmp_path).write()


@pytest.fixture
def library(folder):
    return Library.open(folder, Thresholds(answer_at=0.85, suggest_at=0.3, lead=0.1))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_trying_changes_nothing_and_tells_what_would_be(folder, library):
    before = contents(folder)
    proof = edition.try_out(folder, NewEntry(entry()), before=library, today=TODAY, fill=None)
    assert proof.difference.added == ("stamp-cost",)
    assert not proof.mistakes
    assert "stamp-cost" in proof.library.store.entries
    assert contents(folder) == before
    twice = MorePhrasings("card-cost", (("de", "ist meine pin sicher"),))
    proof = edition.try_out(folder, twice, before=library, today=TODAY, fill=None)
    assert proof.mistakes


def test_what_is_written_is_whole_and_can_be_taken_back(folder, library):
    before = contents(folder)
    (folder / "card.yaml").chmod(0o640)
    edit = edition.write(folder, NewEntry(entry()))
    assert contents(folder) == before | {"card.yaml": edit.after}
    assert stat.S_IMODE((folder / "card.yaml").stat().st_mode) == 0o640
    assert edition.take_back(folder, edit)
    assert contents(folder) == before


def test_what_somebody_wrote_since_is_not_taken_away(folder):
    edit = edition.write(folder, NewEntry(entry()))
    (folder / "card.yaml").write_bytes(edit.after + b"# neu\n")
    assert not edition.take_back(folder, edit)
    assert (folder / "card.yaml").read_bytes().endswith(b"# neu\n")


def test_a_write_that_fails_leaves_the_file_as_it_was(folder, monkeypatch):
    before = contents(folder)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        edition.write(folder, NewEntry(entry()))
    assert contents(folder) == before


def test_what_is_there_already_is_known(folder, library):
    new = NewEntry(entry())
    assert not edition.is_in(new, library)
    edition.write(folder, new)
    after = Library.open(folder, library.matcher.thresholds)
    assert edition.is_in(new, after)
    assert edition.is_in(NewEntry(new.entry.model_copy(update={"as_of": date(2026, 12, 1)})), after)
    assert not edition.is_in(NewEntry(new.entry.model_copy(update={"owner": "Recht"})), after)
    half = MorePhrasings("card-cost", (("de", "was kostet der ausweis"), ("en", "stamp")))
    assert edition.missing(half, library) == MorePhrasings("card-cost", (("en", "stamp"),))
    assert edition.is_in(MorePhrasings("card-cost", half.phrasings[:1]), library)
