"""The process that opens workbooks: what hostile files can do to it, and that they do nothing to us."""

import gc
import struct
import subprocess
import zipfile

import pytest

import tables
from strict_yaml import Problems
from tables import Limits, Row, workbook
from tests.tables.conftest import COLUMNS
from tests.tables.workbooks import MAIN, START, data, pack, parts, row, sheet_xml
from tests.tables.workbooks import workbook as made

HEAD = ["Mitgliedsnummer", "E-Mail", "Sprache"]
LIST = data(HEAD, ["0012345", None, "de"])
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
    + "]>"
)


def with_part(name, content, sheet=LIST):
    return pack({**parts(sheet), name: content})


def test_closing_early_ends_the_process(lists, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1])
    content = made(data(HEAD, *([["1", "x" * 500, "de"]] * 3_000)))
    with lists.table(content) as table:
        assert isinstance(next(iter(table)), Row)
    assert started[0].poll() is not None
    table = lists.table(content)
    next(iter(table))
    del table
    gc.collect()
    assert started[1].poll() is not None


def test_the_process_gets_no_secret(lists, monkeypatch):
    seen = {}

    def popen(command, **options):
        seen.update(options)
        raise OSError

    monkeypatch.setattr(workbook.subprocess, "Popen", popen)
    with pytest.raises(OSError):
        lists.table(made(data(HEAD)))
    assert seen["env"] == {}
    assert seen["stdin"] == subprocess.DEVNULL


def test_a_process_that_stops_in_the_middle_is_not_an_end(lists, monkeypatch):
    script = 'print(\'{"total": 9, "notes": []}\'); print(\'[1, ["Mitgliedsnummer", "Sprache"], {}]\'); print(\'[2, ["1", "de"], {}]\')'
    started = lambda *_: subprocess.Popen([workbook.sys.executable, "-c", script], stdout=subprocess.PIPE)  # noqa: E731
    monkeypatch.setattr(workbook, "_started", started)
    rows = iter(lists.table(made(data(HEAD))))
    assert next(rows).values["member"] == "1"
    with pytest.raises(Problems) as found:
        next(rows)
    assert found.value.problems[0].code == "tables.damaged"


def test_a_list_is_read_by_a_process_of_its_own(lists):
    path = lists.write(made(data(HEAD, ["0012345", "jörg@müller.de", "日本"])), "Mitglieder für März.xlsx")
    with tables.read(path, COLUMNS) as table:
        assert [row.values for row in table] == [{"member": "0012345", "email": "jörg@müller.de", "language": "日本"}]


def test_laughs_are_refused_wherever_they_stand(lists):
    sheet = sheet_xml(LIST.replace("0012345", "&j;"), START + LAUGHS)
    strings = f'{START}{LAUGHS}<sst xmlns="{MAIN}"><si><t>&j;</t></si></sst>'
    for name, content in (
        (SHEET, sheet),
        ("xl/sharedStrings.xml", strings),
        ("docProps/app.xml", START + LAUGHS + "<a/>"),
    ):
        (problem,) = lists.refused(with_part(name, content))
        assert (problem.code, problem.values["part"]) == ("tables.dtd", name)


def test_an_external_entity_reads_no_file(lists, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("4711")
    doctype = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>'
    assert lists.codes(with_part(SHEET, sheet_xml(LIST.replace("0012345", "&a;"), START + doctype))) == ["dtd"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7"])
def test_a_document_type_does_not_hide_in_an_encoding(lists, quick, encoding):
    start = START.replace("UTF-8", encoding)
    content = with_part(SHEET, sheet_xml(LIST, start + LAUGHS).encode(encoding))
    assert lists.codes(content)[0] in ("damaged", "dtd")


def test_a_thousandfold_entry_is_refused_unopened(lists):
    content = with_part("xl/media/image1.png", b"0" * 20_000_000)
    assert len(content) < 25_000
    (problem,) = lists.refused(content)
    assert (problem.code, problem.values) == ("tables.zip-ratio", {"part": "xl/media/image1.png", "most": "100"})


def test_more_than_is_allowed_unpacked(lists, quick):
    content = with_part("xl/media/a.png", bytes(2_000_000))
    assert lists.codes(content, limits=Limits(unpacked_bytes=1_000_000)) == ["zip-ratio", "zip-unpacked"]


def lying(content, name, size):
    """The archive with another unpacked size of one entry in its directory."""
    start = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    assert content[start + 46 :].startswith(name.encode())
    return content[: start + 24] + struct.pack("<I", size) + content[start + 28 :]


@pytest.mark.parametrize("claimed", [10, 1_000])
def test_a_directory_that_lies_about_a_size(lists, quick, claimed):
    """10,000:1 needs a lie: deflate alone reaches 1,032:1."""
    content = with_part(SHEET, sheet_xml(LIST + " " * 10_000_000))
    assert len(content) < 20_000
    assert lists.codes(content) == ["zip-ratio"]
    assert lists.codes(lying(content, SHEET, claimed)) == ["damaged"]


def test_a_claim_of_ten_thousand_to_one(lists):
    content = made(LIST)
    assert lists.codes(lying(content, SHEET, 10_000 * len(content))) == ["zip-ratio"]


def test_names_that_lead_elsewhere_or_stand_twice(lists, quick):
    for name in ("../../etc/passwd", "/etc/passwd", "xl\\sheet.xml", "C:/x.xml"):
        assert lists.codes(with_part(name, "<a/>")) == ["zip-names"], name
    assert lists.codes(with_part(SHEET.upper(), sheet_xml(LIST))) == ["zip-names"]


def test_files_within_the_file(lists, quick):
    for name in ("xl/embeddings/oleObject1.bin", "xl/more.xlsx", "a.zip"):
        assert lists.codes(with_part(name, "x")) == ["zip-nested"], name
    assert lists.codes(with_part("xl/vbaProject.bin", "x")) == ["macros"]


def test_links_to_other_workbooks_are_not_followed(lists, quick):
    rels = '<Relationships><Relationship Id="a" Type="x/externalLinkPath" Target="http://localhost:9/x" TargetMode="External"/></Relationships>'
    assert lists.values(with_part("xl/externalLinks/_rels/externalLink1.xml.rels", rels), "member") == [("0012345",)]


def test_too_many_entries(lists, quick):
    content = parts(LIST) | {f"xl/media/{at}.png": "x" for at in range(300)}
    assert lists.codes(pack(content)) == ["zip-entries"]


def test_encrypted_and_oddly_packed_entries(lists, quick):
    content = made(LIST)
    start = content.rindex(b"PK\x01\x02")
    flagged = content[: start + 8] + b"\x01\x00" + content[start + 10 :]
    assert lists.codes(flagged) == ["zip-encrypted"]
    assert lists.codes(pack(parts(LIST), zipfile.ZIP_LZMA)) == ["damaged"]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(1000), made(LIST)[:-30], made(LIST)[:700]])
def test_broken_archives(lists, quick, content):
    assert lists.codes(content) == ["damaged"]


def test_an_archive_that_is_no_workbook(lists, quick):
    assert lists.codes(pack({"a.txt": "x"})) == ["damaged"]
    assert lists.codes(pack({**parts(LIST), "xl/workbook.xml": "<workbook/>"})) == ["damaged"]
    without_strings = made(data(HEAD, [' t="s"><v>0</v></c>', None, "de"]))
    assert lists.codes(without_strings) == ["damaged"]


def test_five_kilobytes_that_want_half_a_gigabyte(lists):
    """Two cells in opposite corners: calamine fills what lies between. Too far apart, they are refused before."""
    content = made(data(row(1, HEAD), row(1_048_576, ["1", None, "de"])))
    assert len(content) < 5_000
    assert lists.codes(content) == ["rows-beyond"]
    wide = made(data(row(1, [*HEAD, *[None] * 46, "x"]), row(200_000, ["1", None, "de"])))
    assert lists.codes(wide, limits=Limits(memory_bytes=200 << 20)) == ["memory"]
    assert lists.values(wide, "member") == [("1",)]  # 330 MB, for a moment, and not ours


def test_a_file_that_takes_too_long(lists):
    """Each of these merges covers everything: 4 KB, hours."""
    merges = "".join('<mergeCell ref="A1:AX200000"/>' for _ in range(2000))
    content = made(data(HEAD, row(200_000, ["1", None, "de"])) + f"<mergeCells>{merges}</mergeCells>")
    assert lists.codes(content, limits=Limits(cpu_seconds=1)) == ["time"]


def test_deep_nesting_is_no_recursion(lists):
    assert lists.codes(with_part(SHEET, START + "<a>" * 12_000 + "</a>" * 12_000)) == ["empty"]


def test_the_limits_hold_within_the_process(lists, monkeypatch):
    script = (
        "import resource, sys; from tables import sandbox; from tables.column import Limits; sandbox._confine(Limits());"
        "print(*[resource.getrlimit(one)[0] for one in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_AS)])"
    )
    said = subprocess.run(
        [workbook.sys.executable, "-c", script], cwd=workbook._ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["0", "0", "60", str(512 << 20)]
