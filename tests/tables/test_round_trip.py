"""For all text: what an office's program writes is what we read, and no row goes missing unsaid."""

import csv
import io
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strict_yaml import Problems
from tables import Column, Row, masking
from tests.tables.conftest import Lists
from tests.tables.workbooks import data, workbook

COLUMNS = (
    Column("first", ("Eins",), required=False),
    Column("second", ("Zwei",), required=False),
    Column("last", ("Ende",)),
)
HEAD = ["Eins", "Zwei", "Ende"]
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
texts = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=12)
tables_of_text = st.lists(st.tuples(texts, texts), min_size=1, max_size=20)


def as_read(text):
    return unicodedata.normalize("NFC", text.strip())


def expected(rows):
    return [(at, as_read(one), as_read(two)) for at, (one, two) in enumerate(rows, 2)]


def found(rows):
    assert all(isinstance(row, Row) for row in rows), rows
    return [(row.number, row.values["first"], row.values["second"]) for row in rows]


def csv_of(rows, delimiter, encoding="utf-8", **options):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, **options)
    writer.writerows([HEAD, *([*row, "x"] for row in rows)])
    return file.getvalue().encode(encoding)


@in_one_folder
@given(
    rows=tables_of_text, delimiter=st.sampled_from(";,\t"), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
)
def test_any_text_through_csv(tmp_path, delimiter, quoting, rows):
    content = csv_of(rows, delimiter, quoting=quoting)
    assert found(Lists(tmp_path).read(content, COLUMNS)) == expected(rows)


@in_one_folder
@given(rows=tables_of_text)
def test_any_text_through_xlsx(tmp_path, quick, rows):
    content = workbook(data(HEAD, *([*row, "x"] for row in rows)))
    assert found(Lists(tmp_path).read(content, COLUMNS)) == expected(rows)


@in_one_folder
@given(rows=tables_of_text)
def test_any_shared_text_through_xlsx(tmp_path, quick, rows):
    shared = [*HEAD, "x"]
    lines = [[0, 1, 2]]
    for row in rows:
        lines.append([len(shared), len(shared) + 1, 3])
        shared += row
    cells = [[f' t="s"><v>{at}</v></c>' for at in line] for line in lines]
    quoted = [one if not one.startswith("<") else "&" + one for one in shared]  # the builder takes "<" for XML
    content = workbook(data(*cells), shared=quoted)
    rows = [(quoted[line[0]], quoted[line[1]]) for line in lines[1:]]
    # without xml:space="preserve" XML's own white space at the ends is lost, which is stripped anyway
    assert found(Lists(tmp_path).read(content, COLUMNS)) == expected(rows)


@in_one_folder
@given(
    rows=st.lists(st.text("äöüÄÖÜß€aé; \"'", max_size=8), min_size=1, max_size=9).map(
        lambda ones: [(one, "ß") for one in ones]
    )
)
def test_any_german_text_through_cp1252(tmp_path, rows):
    content = csv_of(rows, ";", "cp1252")
    assert found(Lists(tmp_path).read(content, COLUMNS, encoding="cp1252")) == expected(rows)


digits = st.text("0123456789", min_size=1, max_size=24)


@in_one_folder
@given(numbers=st.lists(digits, min_size=1, max_size=20))
def test_no_number_loses_a_digit(tmp_path, quick, numbers):
    columns = (Column("number", ("Nr.",), numeric_text=True),)
    for content in (
        "Nr.\n" + "".join(f"{one}\n" for one in numbers),
        workbook(data(["Nr."], *([one] for one in numbers))),
    ):
        try:
            rows = Lists(tmp_path).read(content, columns)
        except Problems as problems:
            assert problems.problems[0].code == "tables.rounded"  # noqa: PT017
        else:
            assert [row.values["number"] for row in rows] == numbers


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_stray_quotes_swallow_no_row_in_silence(tmp_path, data):
    fields = st.text("ab ", max_size=3)
    rows = data.draw(st.lists(st.tuples(fields, fields), min_size=2, max_size=6))
    content = "Eins;Zwei;Ende\n" + "".join(f"{one};{two};x\n" for one, two in rows)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(len("Eins;Zwei;Ende\n"), len(content) - 1))
        content = content[:place] + '"' + content[place:]
    try:
        read = Lists(tmp_path).read(content, COLUMNS)
    except Problems:
        return
    assert len(read) == len(rows) or not all(isinstance(row, Row) for row in read)


@given(st.text(max_size=200), digits.filter(lambda one: len(one) > 4), st.text(max_size=200))
def test_no_excerpt_shows_a_number(before, number, after):
    for shown in (masking.excerpt(f"{before} {number} {after}"), masking.number_excerpt(number + after)):
        assert number not in shown
        assert len(shown) <= masking.LENGTH
        assert shown.isprintable() or any(character.isspace() for character in shown)
