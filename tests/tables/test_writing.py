"""CSV for staff: complete, private, and without a formula."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tables
from tables import Column, writing


def test_it_is_read_back(tmp_path):
    path = tmp_path / "bericht.csv"
    assert writing.write(path, ["Nr.", "Text"], iter([["0012", 'a"b"\n, c'], ["0013", "ä€"]])) == 2
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"Nr.";"Text"\r\n')
    assert path.stat().st_mode & 0o777 == 0o600
    columns = (Column("number", ("Nr.",), numeric_text=True), Column("text", ("Text",)))
    with tables.read(path, columns) as table:
        assert [row.values for row in table] == [
            {"number": "0012", "text": 'a"b"\n, c'},
            {"number": "0013", "text": "ä€"},
        ]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "\u00a0=1", "\u2003+1", "＝1", "＋1", "－1", "＠a",
        "\u200b=1", "\ufeff=1", "\u202e=1", "\ttext", "﹣1", "﹢1", "﹦1", "  ＝cmd|' /C calc'!A0", "\x0b=1", "\u2028=1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_text(text):
    assert writing.escaped(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", " ", "a=1", "0012345", "'=1", "Müller-Lüdenscheid", "a@b.de", "80276 … 0578", "(−1)"]
)
def test_the_rest_stays_as_it_is(text):
    assert writing.escaped(text) == text


@given(st.text())
def test_no_cell_begins_with_a_formula(text):
    seen = unicodedata.normalize("NFKC", writing.escaped(text).strip()).strip()
    assert not seen.startswith(("=", "+", "-", "@"))
    assert writing.escaped(text).removeprefix("'") in (text, text.removeprefix("'"))


def test_a_report_that_breaks_off_leaves_the_old_one(tmp_path):
    path = tmp_path / "bericht.csv"
    writing.write(path, ["a"], [["alt"]])

    def rows():
        yield ["neu"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        writing.write(path, ["a"], rows())
    assert path.read_text(encoding="utf-8-sig") == '"a"\n"alt"\n'
    assert list(tmp_path.iterdir()) == [path]
