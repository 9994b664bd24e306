"""A batch as one PDF: order, manifest, and that nothing is left behind, whatever goes wrong."""

import fcntl
import itertools
import json
import os
import re
import stat
import tempfile
from datetime import date
from hashlib import sha256

import pytest

from printing import pdf as pdf_module
from printing import render
from printing.typesetting import TEMPLATE
from strict_yaml import Problems
from tests.support.paper import CODE, DAY, LINK, SENDER, letter, pages

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def coded(number, **changed):
    code = f"K7QM2F9TXW3B{ALPHABET[number // 32 % 32]}{ALPHABET[number % 32]}RN"
    printed = "-".join(code[place : place + 4] for place in (0, 4, 8, 12))
    link = f"https://t.me/auskunft_bot?start={code}"
    return letter(number, code_printed=printed, link=link, name=f"Person {number}", **changed)


def make(out, letters, **more):
    return render(letters, SENDER, out, batch="B7", day=DAY, **more)


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "letters"
    inside.mkdir()
    return inside


@pytest.fixture
def template(tmp_path):
    """Writes a template of an association's own."""

    def write(change):
        own = tmp_path / "own"
        own.mkdir(exist_ok=True)
        path = own / "brief.typ"
        path.write_text(change(TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Two runs of Typst, the last one not full, in both languages."""
    out = tmp_path_factory.mktemp("batch") / "letters.pdf"
    letters = [coded(number, language="en" if number % 7 == 0 else "de") for number in range(1, 31)]
    heard = []
    return out, letters, make(out, letters, progress=heard.append), heard


def test_every_letter_has_its_page_in_order_with_its_own_qr(batch):
    out, letters, _, _ = batch
    printed = pages(out)
    assert len(printed) == 30
    for one, page in zip(letters, printed, strict=True):
        assert page.qr.text == one.link
        assert one.code_printed in page.text
        assert f"{one.name} Lindenstraße" in page.text
        assert re.search(rf"{'Letter' if one.language == 'en' else 'Brief'} {one.number}\b", page.text)


def test_the_manifest_says_what_is_in_the_pdf_and_nothing_of_anybody(batch):
    out, letters, manifest, _ = batch
    written = json.loads((out.parent / "letters.manifest.json").read_text(encoding="utf-8"))
    assert written == json.loads(manifest.to_json())
    assert written == {
        "batch": "B7",
        "day": "2026-11-24",
        "letters": 30,
        "pages": 30,
        "pdf": "letters.pdf",
        "pdf_sha256": sha256(out.read_bytes()).hexdigest(),
        "template_sha256": sha256(TEMPLATE.read_bytes()).hexdigest(),
        "references": [one.reference for one in letters],
    }
    text = manifest.to_json()
    for one in letters:
        assert one.code_printed not in text
        assert one.code_printed.replace("-", "") not in text
    assert "Person" not in text
    assert "Lindenstraße" not in text


def test_only_the_owner_may_read_them_and_nothing_else_is_there(batch):
    out, *_ = batch
    assert sorted(path.name for path in out.parent.iterdir()) == ["letters.manifest.json", "letters.pdf"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.parent.iterdir()} == {0o600}


def test_progress_counts_letters_to_the_end(batch):
    assert batch[3] == [25, 30]


def test_letters_come_one_by_one_and_are_not_all_held(folder, monkeypatch):
    monkeypatch.setattr(pdf_module, "BATCH", 3)
    taken, done, ahead = itertools.count(1), [], []

    def source():
        for number in range(1, 41):
            next(taken)
            ahead.append(number - (done[-1] if done else 0))
            yield coded(number)

    make(folder / "a.pdf", source(), progress=done.append)
    assert max(ahead) <= 3 * ((os.cpu_count() or 1) + 2)


def test_the_temporary_folder_is_private_while_it_lasts(folder):
    seen = []

    def look(_):
        seen.extend((path, stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir())

    make(folder / "a.pdf", [coded(1)], progress=look)
    assert [mode for _, mode in seen] == [0o700]
    assert not seen[0][0].exists()


# --------------------------------------------------------------------------------------------------- failures


def refused(caught):
    return [problem.code for problem in caught.value.problems]


def nothing_left(folder):
    return list(folder.iterdir()) == []


@pytest.mark.parametrize("at", [1, 30, 60])
def test_a_letter_that_cannot_be_printed_stops_all_and_is_named(folder, at):
    letters = [coded(number, address=("王",) if number == at else ("Weg 1",)) for number in range(1, 61)]
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", letters)
    (problem,) = caught.value.problems
    assert (problem.file, problem.code) == (f"B7-{at:05}", "letters.character")
    assert nothing_left(folder)


def test_no_letter_is_no_pdf(folder):
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [])
    assert refused(caught) == ["letters.none"]
    assert nothing_left(folder)


def test_a_reference_that_comes_twice_is_our_mistake(folder):
    with pytest.raises(ValueError, match="B7-00001 comes twice"):
        make(folder / "a.pdf", [coded(1), coded(1)])
    assert nothing_left(folder)


@pytest.mark.parametrize("name", ["a.pdf", "a.manifest.json"])
def test_what_is_there_is_never_written_over(folder, name):
    (folder / name).write_text("codes of yesterday")
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [coded(1)])
    assert refused(caught) == ["letters.exists"]
    assert (folder / name).read_text() == "codes of yesterday"
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_leaves_nothing(folder, error):
    def stop(_):
        raise error

    with pytest.raises(error):
        make(folder / "a.pdf", (coded(number) for number in range(1, 61)), progress=stop)
    assert nothing_left(folder)


def test_a_source_that_breaks_leaves_nothing(folder):
    def source():
        yield from (coded(number) for number in range(1, 40))
        raise OSError("the register's file is gone")

    with pytest.raises(OSError, match="register"):
        make(folder / "a.pdf", source())
    assert nothing_left(folder)


@pytest.mark.parametrize("which", range(4))
def test_a_full_disk_leaves_nothing(folder, monkeypatch, which):
    """The PDF, the manifest, and their folder are brought to the disk; each may be the one that fails."""
    calls = itertools.count()

    def fsync(descriptor, real=os.fsync):
        if next(calls) == which:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    if which == 3:  # there are three calls
        make(folder / "a.pdf", [coded(1)])
        assert len(list(folder.iterdir())) == 2
    else:
        with pytest.raises(OSError, match="No space"):
            make(folder / "a.pdf", [coded(1)])
        assert nothing_left(folder)


def test_what_a_killed_run_left_is_swept_away(folder):
    left = folder / ".letters-killed"
    left.mkdir(mode=0o700)
    (left / "pdf").write_text(CODE)
    make(folder / "a.pdf", [coded(1)])
    assert sorted(path.name for path in folder.iterdir()) == ["a.manifest.json", "a.pdf"]


def test_two_runs_in_one_folder_do_not_sweep_each_other_away(folder):
    other = os.open(folder, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    working = folder / ".letters-working"
    working.mkdir()
    try:
        with pytest.raises(Problems) as caught:
            make(folder / "a.pdf", [coded(1)])
    finally:
        os.close(other)
    assert refused(caught) == ["letters.busy"]
    assert list(folder.iterdir()) == [working]


def test_nothing_is_written_elsewhere(folder, tmp_path, monkeypatch):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.chdir(elsewhere)
    make(folder / "a.pdf", [coded(1)])
    assert list(elsewhere.iterdir()) == []


# -------------------------------------------------------------------------------------------------- templates


def test_an_association_brings_its_own_words_and_logo(folder, template):
    path = template(
        lambda text: text.replace("Guten Tag", "Hallo").replace("  fold-marks\n", '  image("logo.svg", width: 10mm)\n')
    )
    (path.parent / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    )
    manifest = make(folder / "a.pdf", [coded(1, salutation="")], template=path)
    assert "Hallo," in pages(folder / "a.pdf")[0].text
    assert manifest.template_sha256 == sha256(path.read_bytes()).hexdigest()


def test_a_template_reads_nothing_outside_its_folder(folder, template, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    path = template(lambda text: text + '\n#read("../secret.txt")\n')
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [coded(1)], template=path)
    assert refused(caught) == ["letters.template"]


def test_a_mistake_in_the_template_is_shown_with_its_line(folder, template):
    path = template(lambda text: text.replace("say.purpose", "say.purpos", 1))
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [coded(1)], template=path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.code, problem.excerpt) == ("brief.typ", "letters.template", "say.purpos")
    assert problem.line == path.read_text(encoding="utf-8").splitlines().index("  say.purpos") + 1
    assert "purpos" in problem.values["what"]
    assert nothing_left(folder)


def test_a_mistake_that_quotes_a_letter_is_not_quoted(folder, template):
    path = template(lambda text: text.replace("  say.purpose\n", "  panic(letter)\n", 1))
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [letter()], template=path)
    told = repr(caught.value.problems) + str(caught.value)
    for secret in ("Aylin", "K7QM", "K7QM2F9T", "Lindenstraße", LINK):
        assert secret not in told
    assert caught.value.__suppress_context__


def test_a_template_that_is_missing(folder, tmp_path):
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [coded(1)], template=tmp_path / "none.typ")
    assert refused(caught) == ["letters.template-missing"]


def test_a_letter_that_runs_over_onto_a_second_page_is_named(folder, template):
    path = template(
        lambda text: text.replace("  say.purpose\n", "  say.purpose\n  if letter.number in (3, 5) { v(150mm) }\n")
    )
    with pytest.raises(Problems) as caught:
        make(folder / "a.pdf", [coded(number) for number in range(1, 8)], template=path)
    assert [(problem.file, problem.code) for problem in caught.value.problems] == [
        ("B7-00003", "letters.pages"),
        ("B7-00005", "letters.pages"),
    ]
    assert nothing_left(folder)


def test_a_template_with_two_pages_for_everybody_is_meant(folder, template):
    path = template(
        lambda text: text.replace("  body(letter, say)\n", "  body(letter, say)\n  pagebreak()\n  [Rückseite]\n")
    )
    manifest = make(folder / "a.pdf", [coded(number) for number in range(1, 4)], template=path)
    assert (manifest.letters, manifest.pages) == (3, 6)


def test_the_date_is_the_one_that_was_given(folder):
    render([coded(1)], SENDER, folder / "a.pdf", batch="B7", day=date(2031, 3, 5))
    assert "5. März 2031" in pages(folder / "a.pdf")[0].text
