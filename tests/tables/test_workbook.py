"""XLSX: what is read, what is rejected with the address of its cell, and that nothing goes missing."""

import pytest

import tables
from tables import Column, Limits, Rejected, Row
from tests.tables.conftest import COLUMNS
from tests.tables.workbooks import DATE, data, formula, number, pack, parts, row, typed
from tests.tables.workbooks import workbook as made

pytestmark = pytest.mark.usefixtures("quick")
HEAD = ["Mitgliedsnummer", "E-Mail", "Sprache"]


def test_rows_are_clean_text(lists):
    content = made(data(HEAD, ["0012345", " anna@praxis.de ", "de"], ["0012346", None, "en"]))
    assert lists.read(content) == [
        Row(2, 2, {"member": "0012345", "email": "anna@praxis.de", "language": "de"}),
        Row(3, 3, {"member": "0012346", "email": "", "language": "en"}),
    ]


def test_the_content_tells_what_the_file_is(lists):
    path = lists.write(made(data(HEAD, ["1", None, "de"])), "mitglieder.csv")
    assert [one.values["member"] for one in tables.read(path, COLUMNS)] == ["1"]
    path = lists.write("Mitgliedsnummer;Sprache\n2;de\n", "mitglieder.xlsx")
    assert [one.values["member"] for one in tables.read(path, COLUMNS)] == ["2"]


def test_each_kind_of_cell_in_a_column_of_numbers(lists):
    """One workbook, a row for each: only text is taken."""
    cells = {
        "text": None,
        "number": number("12345"),
        "number-20": number("80276001081699900578"),
        "formula": formula("A2", "0012345"),
        "formula-number": formula("1+1", "2", "n"),
        "formula-empty": formula("A2", ""),
        "boolean": typed("b", "1"),
        "error": typed("e", "#N/A"),
        "date": DATE,
        "iso-date": typed("d", "2026-11-24"),
        "formula-error": formula("1/0", "#DIV/0!", "e"),
        "empty": "></c>",
        "empty-value": "><v></v></c>",
    }
    rows = [[cell or "0012345", None, "de"] for cell in cells.values()]
    found = dict(zip(cells, lists.read(made(data(HEAD, *rows))), strict=True))
    assert found.pop("text").values["member"] == "0012345"
    assert {name: (one.problems[0].code, one.problems[0].values["cell"]) for name, one in found.items()} == {
        "number": ("tables.number", "A3"),
        "number-20": ("tables.number", "A4"),
        "formula": ("tables.formula", "A5"),
        "formula-number": ("tables.formula", "A6"),
        "formula-empty": ("tables.formula", "A7"),
        "boolean": ("tables.boolean", "A8"),
        "error": ("tables.error-value", "A9"),
        "date": ("tables.date", "A10"),
        "iso-date": ("tables.date", "A11"),
        "formula-error": ("tables.error-value", "A12"),
        "empty": ("tables.empty-cell", "A13"),
        "empty-value": ("tables.empty-cell", "A14"),
    }
    assert found["number"].problems[0].excerpt == "…45"
    assert "80276" not in repr(found)


def test_each_kind_of_cell_in_a_column_of_text(lists):
    columns = (Column("kind", ("Art",)),)
    cells = [
        number("1"), number("-3.0"), formula("A2", "eHBA"), formula("1", "7", "n"),
        number("0.5"), number("1e20"), number("1234567890123456"), formula("A2", ""), DATE, typed("b", "0"), typed("e", "#REF!"),
    ]  # fmt: skip
    content = made(data(["Art"], *([cell] for cell in cells)))
    found = lists.read(content, columns)
    assert [one.values["kind"] for one in found if isinstance(one, Row)] == ["1", "-3", "eHBA", "7"]
    codes = ["fraction", "fraction", "fraction", "formula", "date", "boolean", "error-value"]
    assert lists.faults(content, columns) == [(code, f"A{at}") for at, code in enumerate(codes, 6)]


def test_an_array_formula_fills_cells_that_do_not_show_it(lists):
    first = ' t="str"><f t="array" ref="A2:A3">C2:C3</f><v>01</v></c>'
    content = made(data(HEAD, [first, None, "de"], [typed("str", "02"), None, "de"], [typed("str", "03"), None, "de"]))
    assert lists.faults(content) == [("formula", "A2"), ("formula", "A3")]


def test_a_shared_formula_is_a_formula_in_each_cell(lists):
    cells = [
        ' t="str"><f t="shared" ref="A2:A3" si="0">C2</f><v>01</v></c>',
        ' t="str"><f t="shared" si="0"/><v>02</v></c>',
    ]
    assert lists.faults(made(data(HEAD, *([cell, None, "de"] for cell in cells)))) == [
        ("formula", "A2"),
        ("formula", "A3"),
    ]


def test_shared_and_rich_text(lists):
    shared = ["Mitgliedsnummer", "Sprache", "0012345", "", "<r><t>d</t></r><rPh><t>laut</t></rPh><r><t>e</t></r>"]
    cells = lambda *at: [typed("s", one) for one in at]  # noqa: E731
    content = made(data(cells(0, 1), cells(2, 4), cells(3, 4)), shared=shared)
    assert lists.read(content)[0].values == {"member": "0012345", "email": "", "language": "de"}
    assert lists.faults(content) == [("empty-cell", "A3")]


@pytest.mark.parametrize("dimension", ["A1", "A1:A2", "A1:XFD1048576", "C7:D9"])
def test_a_wrong_dimension_loses_no_row(lists, dimension):
    rows = [["0012345", "a@b.de", "de"]] * 5
    content = made(f'<dimension ref="{dimension}"/>' + data(HEAD, *rows))
    assert lists.values(content) == [("0012345", "a@b.de", "de")] * 5


def test_a_table_that_does_not_begin_in_the_corner(lists):
    content = made(data("", "", row(3, [None, None, *HEAD]), "", row(5, [None, None, "1x", None, "de"])))
    (rejected,) = lists.read(content)
    assert (rejected.number, rejected.problems[0].line, rejected.problems[0].values["cell"]) == (5, 5, "C5")


def test_cells_without_an_address(lists):
    bare = '<row><c t="inlineStr"><is><t>Mitgliedsnummer</t></is></c><c t="inlineStr"><is><t>Sprache</t></is></c></row>'
    rows = '<row><c t="inlineStr"><is><t>01</t></is></c><c t="inlineStr"><is><t>de</t></is></c></row><row><c><v>2</v></c></row>'
    found = lists.read(made(f"<sheetData>{bare}{rows}</sheetData>"))
    assert found[0].values["member"] == "01"
    assert [problem.values["cell"] for problem in found[1].problems] == ["A3", "B3"]


def test_prefixes_of_names_do_not_matter(lists):
    content = parts(data(HEAD, ["01", None, "de"], [number("2"), None, "de"]))
    name = "xl/worksheets/sheet1.xml"
    content[name] = (
        content[name].replace("<", "<x:").replace("<x:?", "<?").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    )
    found = lists.read(pack(content))
    assert [type(one) for one in found] == [Row, Rejected]


def test_empty_rows_and_formatted_rows_far_below_are_skipped(lists):
    far = '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576"/></row>'
    content = made(data(HEAD, "", ["", None, "  "], row(4, ["1", None, "de"]), far))
    assert [one.number for one in lists.read(content)] == [4]


def test_hidden_rows_are_read_and_reported(lists):
    hidden = row(3, ["2", None, "de"], ' hidden="1"')
    content = made(data(HEAD, ["1", None, "de"], hidden, row(4, [], ' hidden="1"'), row(5, ["3", None, "de"])))
    with lists.table(content) as table:
        assert [(note.code, note.values) for note in table.notes] == [
            ("tables.hidden-rows", {"count": "1", "rows": "3"})
        ]
        assert [one.values["member"] for one in table] == ["1", "2", "3"]


def test_the_first_visible_sheet_is_read_and_others_are_reported(lists):
    list_, empty = data(HEAD, ["1", None, "de"]), "<sheetData/>"
    content = made(
        data(["alt"]), list_, empty, data(["x"]),
        names=["Alt", "Liste & mehr", "Leer", "Notizen"], states=["hidden", "visible", "visible", "veryHidden"],
    )  # fmt: skip
    with lists.table(content) as table:
        (note,) = table.notes
        assert note.code == "tables.other-sheets"
        assert note.values == {"sheet": "Liste & mehr", "others": "Alt, Notizen"}
        assert [one.values["member"] for one in table] == ["1"]


def test_merged_cells_are_rejected_where_their_value_is_missing(lists):
    rows = data(
        ["Liste", None, None], row(2, ["1", "a@b.de", "de"]), row(3, [None, "c@d.de", "de"]), row(4, ["3", None, "en"])
    )
    rows = rows.replace("Liste", "Mitgliedsnummer").replace(
        "</row>", row(1, ["", "E-Mail", "Sprache"]).split("</c>", 1)[1], 1
    )
    content = made(rows + '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>')
    found = lists.read(content)
    assert [isinstance(one, Row) for one in found] == [True, False, True]
    assert lists.faults(content) == [("merged", "A3")]


def test_rows_that_only_a_merge_touches_are_empty(lists):
    content = made(data(HEAD, ["1", None, "de"]) + '<mergeCells><mergeCell ref="A2:C9"/></mergeCells>')
    assert lists.faults(content) == [("merged", "B2")]
    assert len(lists.read(content)) == 1


def test_a_long_or_invisible_text_is_rejected(lists):
    content = made(
        data(HEAD, ["1", "x" * 2000, "de"], ["2", "a\u200bb", "de"], ["3", "a\0b", "de"], ["4", " " * 2000 + "y", "de"])
    )
    assert lists.faults(content) == [("long", "B2"), ("invisible", "B3"), ("invisible", "B4")]


def test_columns_without_a_header_are_reported(lists):
    with lists.table(made(data([*HEAD, "Name"], ["1", None, "de", "Muster", None, "verirrt"]))) as table:
        assert table.notes[0].values == {"columns": "Name, E, F"}
        assert len(list(table)) == 1


@pytest.mark.parametrize(
    "content", ["<sheetData/>", data([" "]), '<sheetData><row r="1"><c r="A1" s="1"/></row></sheetData>']
)
def test_a_sheet_with_nothing_in_it_is_refused(lists, content):
    assert lists.codes(made(content)) == ["empty"]


def test_a_list_without_rows_is_refused(lists):
    assert lists.codes(made(data(HEAD))) == ["no-rows"]


def test_limits(lists):
    rows = data(HEAD, *([["1", None, "de"]] * 3))
    assert len(lists.read(made(rows), limits=Limits(rows=3, columns=3))) == 3
    assert lists.codes(made(rows), limits=Limits(rows=2)) == ["rows"]
    (problem,) = lists.refused(made(data(HEAD, [None] * 60 + ["x"])))
    assert (problem.code, problem.values["cell"]) == ("tables.columns-beyond", "BI2")
    (problem,) = lists.refused(made(data(HEAD, row(1048576, ["x"]))))
    assert (problem.code, problem.values["cell"], problem.line) == ("tables.rows-beyond", "A1048576", 1048576)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        # two parsers must agree: calamine takes these for empty, for the first text, or for the last of two
        (data(HEAD, ["1", "><v><![CDATA[7]]></v></c>", "de"]), "disagree"),
        (data(HEAD, ["1", typed("n", "x"), "de"]), "damaged"),
        (data(HEAD, ["1", "><v>x</v></c>", "de"]), "disagree"),
        (data(HEAD, [typed("s", "x"), None, "de"]), "damaged"),
        (data(HEAD, [typed("s", "99"), None, "de"]), "damaged"),
        (data(HEAD, [typed("zz", "1"), None, "de"]), "damaged"),
        (data(HEAD, row(2, ["1", None, "de"]).replace("C2", "A2")), "damaged"),
        (data(HEAD, row(2, ["1", None, "de"]).replace("C2", "C9")), "damaged"),
        (data(HEAD, row(3, ["1", None, "de"]), row(2, ["2", None, "de"])), "damaged"),
        (data(HEAD, row(2, ["1", None, "de"]), row(2, ["2", None, "de"])), "damaged"),
        (data(HEAD, ["1", None, "de"]) + data(row(3, ["2", None, "de"])), "damaged"),
        (data(HEAD, row(0, ["2", None, "de"])), "damaged"),
        (data(HEAD, row("x", ["2", None, "de"])), "damaged"),
        (data(HEAD) + "<unclosed>", "damaged"),
        ("", "empty"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(lists, content, code):
    assert lists.codes(made(content)) == [code]


def test_what_stands_around_the_cells_does_not_matter(lists):
    """Elements with the names of rows and formulas, and text behind the last cell."""
    shared = ["Mitgliedsnummer", "Sprache", "01", "de"]
    rows = data([typed("s", 0), typed("s", 1)], [typed("s", 2), typed("s", 3)])
    around = (
        '<sheetPr><tabColor rgb="FF0000"/></sheetPr><cols><col min="1" max="2" width="9"/></cols>'
        + rows
        + '<dataValidations count="1"><dataValidation sqref="B2"><formula1>"de,en"</formula1></dataValidation></dataValidations>'
        "<headerFooter><oddHeader>Seite 1</oddHeader></headerFooter><controls><anchor><from><row>5</row></from></anchor></controls>"
        "<extLst><ext><formula1><f>Blatt!$A$1</f></formula1><c><v>9</v></c></ext></extLst>"
    )
    assert lists.values(made(around, shared=shared)) == [("01", "", "de")]


def test_a_value_beside_an_inline_text_is_no_value(lists):
    cell = ' t="inlineStr"><v>9</v><is><t>01</t></is></c>'
    assert lists.values(made(data(HEAD, [cell, None, "de"])), "member") == [("01",)]


def test_a_sheet_may_be_named_absolutely_and_differently(lists):
    content = parts(data(HEAD, ["1", None, "de"]))
    content["data/liste.xml"] = content.pop("xl/worksheets/sheet1.xml")
    relations = "xl/_rels/workbook.xml.rels"
    content[relations] = content[relations].replace("worksheets/sheet1.xml", "/data/liste.xml")
    assert lists.values(pack(content), "member") == [("1",)]
