"""CSV: what is read, what is rejected, and that nothing goes missing."""

import pytest

import tables
from strict_yaml import Problems
from tables import Column, Limits, Rejected, Row

HEAD = "Mitgliedsnummer;E-Mail;Sprache\n"


def test_rows_are_clean_text(lists):
    content = HEAD + "0012345; anna@praxis.de ;de\n0012346;;en\n"
    assert lists.read(content) == [
        Row(2, 2, {"member": "0012345", "email": "anna@praxis.de", "language": "de"}),
        Row(3, 3, {"member": "0012346", "email": "", "language": "en"}),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found_out(lists, delimiter):
    content = HEAD.replace(";", delimiter) + f'0012345{delimiter}"a;b,c"{delimiter}de\n'
    assert lists.values(content) == [("0012345", "a;b,c", "de")]


def test_a_header_with_other_delimiters_in_it_does_not_mislead(lists):
    columns = (Column("member", ("Nr.",), numeric_text=True), Column("name", ("Name, Vorname, Titel",)))
    assert lists.values("Nr.;Name, Vorname, Titel\n01;Muster\n", "member", "name", columns=columns) == [
        ("01", "Muster")
    ]


def test_a_declared_delimiter_counts(lists):
    assert lists.values("Mitgliedsnummer,Sprache\n1,de\n", "member", delimiter=",") == [("1",)]
    assert lists.codes("Mitgliedsnummer,Sprache\n1,de\n", delimiter=";") == ["missing-column", "missing-column"]


def test_excels_own_declaration_is_no_row(lists):
    rows = lists.read("sep=,\r\nMitgliedsnummer,Sprache\r\n1,de\r\n")
    assert [(row.number, row.line) for row in rows] == [(2, 3)]


def test_headers_do_not_mind_case_spaces_and_width(lists):
    assert lists.values("ＭＩＴＧＬＩＥＤＳ - nr.; e-mail;SPRACHE\n1;;de\n", "member") == [("1",)]


def test_columns_may_stand_in_any_order_and_optional_ones_be_missing(lists):
    assert lists.values("Sprache;Mitgliedsnummer\nde;0042\n") == [("0042", "", "de")]


def test_extra_columns_are_reported(lists):
    with lists.table("Mitgliedsnummer;Name;Sprache;\n1;Muster;de;\n") as table:
        assert [(note.code, note.values) for note in table.notes] == [("tables.extra-columns", {"columns": "Name, D"})]
        assert [row.values["member"] for row in table] == ["1"]


def test_every_problem_of_a_header_is_told_at_once(lists):
    problems = lists.refused("Mitgliedsnummer;Mitglieds-Nr.;Sprachen;EMail\n1;2;de;\n")
    assert [(one.code, one.line, one.values["column"]) for one in problems] == [
        ("tables.duplicate-header", 1, "Mitglieds-Nr."),
        ("tables.missing-column", 1, "Sprache"),
    ]
    assert problems[0].values["first"] == "A"
    assert problems[1].values["near"] == "Sprachen"


def test_a_list_without_a_header_shows_no_number(lists):
    problems = lists.refused("80276001081699900578;anna@praxis.de;de\n")
    assert {one.excerpt for one in problems} == {"…0578 | anna@praxis.de | de"}
    assert not any("80276" in str(one) for one in problems)


def test_two_columns_with_one_header_are_a_mistake_of_the_caller(lists):
    with pytest.raises(ValueError, match="two columns"):
        lists.read(HEAD, (Column("a", ("E-Mail",)), Column("b", ("e-mail",))))


def test_empty_rows_are_skipped_and_counted(lists):
    rows = lists.read("\n" + HEAD + "\n1;;de\n;;\n   ; \n2;;de\n")
    assert [(row.number, row.values["member"]) for row in rows] == [(4, "1"), (7, "2")]


@pytest.mark.parametrize("content", ["", "\n\n", " \n", b"\xef\xbb\xbf"])
def test_a_file_with_nothing_in_it_is_refused(lists, content):
    assert lists.codes(content) == ["empty"]


@pytest.mark.parametrize("content", [HEAD, HEAD + ";;\n\n"])
def test_a_list_without_rows_is_refused(lists, content):
    """It would end every link."""
    assert lists.codes(content) == ["no-rows"]


def test_ragged_rows_are_rejected(lists):
    rows = lists.read(HEAD + "1;;de\n2;x\n3;Müller; Dr.;de\n4;;de;\n5;;en\n")
    assert [row.number for row in rows if isinstance(row, Row)] == [2, 6]
    found = [row.problems[0] for row in rows if isinstance(row, Rejected)]
    assert [(one.code, one.line, one.values["count"], one.values["expected"]) for one in found] == [
        ("tables.ragged", 3, "2", "3"),
        ("tables.ragged", 4, "4", "3"),
        ("tables.ragged", 5, "4", "3"),
    ]
    assert found[1].excerpt == "3 | Müller | Dr. | de"


def test_all_problems_of_a_row_are_told(lists):
    rejected = lists.read(HEAD + "12a;x\u200by;\n")[0]
    assert isinstance(rejected, Rejected)
    assert (rejected.number, rejected.line) == (2, 2)
    assert [(one.code, one.values["cell"], one.values["column"]) for one in rejected.problems] == [
        ("tables.digits", "A2", "Mitgliedsnummer"),
        ("tables.invisible", "B2", "E-Mail"),
        ("tables.empty-cell", "C2", "Sprache"),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0012345", "0012345"),
        ("80276 00108 16999 00578", "80276001081699900578"),
        ("12\u00a034", "1234"),
        ("12-34", "1234"),
        (" 7 ", "7"),
    ],
)
def test_numbers_are_digits_and_their_grouping_goes(lists, written, read):
    assert lists.values(HEAD + f"{written};;de\n", "member") == [(read,)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("8,02760010816999E+19", "scientific"),
        ("8.0276e19", "scientific"),
        ("12345.0", "decimal"),
        ("12,5", "decimal"),
        ("-12", "digits"),
        ("12-", "digits"),
        ("12--3", "digits"),
        ('"=""0123"""', "digits"),
        ("'0123", "digits"),
        ("１２３", "digits"),
        ("١٢٣", "digits"),
        ("1²", "digits"),
        ("12\u200b3", "invisible"),
        ('"12\n3"', "digits"),
        ("", "empty-cell"),
    ],
)
def test_what_is_no_number_is_rejected(lists, written, code):
    assert lists.faults(HEAD + f"{written};;de\n") == [(code, "A2")]


def test_only_the_end_of_a_number_is_shown(lists):
    for written, shown in (
        ("80276001081699900578x", "…578x"),
        ("12.34", "…34"),
        ("8_0_2_7_6_0", "…_6_0"),
        ("1a2", "1a2"),
        ("x123", "…23"),
    ):
        assert lists.read(HEAD + f"{written};;de\n")[0].problems[0].excerpt == shown
    (rejected,) = lists.read(HEAD + "1;80276 00108 16999 00578\u200b;de\n")
    assert rejected.problems[0].excerpt == "…0578·"


def test_rounded_numbers_are_noticed(lists):
    """Excel keeps 15 digits; formatted as a number the rest are zeros, and look like digits."""
    right = "".join(f"802760010816999{at:05};;de\n" for at in range(1, 11))
    assert len(lists.read(HEAD + right)) == 10
    rounded = "".join(f"80276001081{at:04}00000;;de\n" for at in range(10))
    problem = lists.refused(HEAD + right[: 3 * 25] + rounded)[0]
    assert (problem.code, problem.values) == (
        "tables.rounded",
        {"column": "Mitgliedsnummer", "count": "10", "all": "13"},
    )


def test_a_few_zeros_are_no_rounding(lists):
    assert len(lists.read(HEAD + "80276001081699900000;;de\n80276001081699800000;;de\n")) == 2
    assert len(lists.read(HEAD + "".join(f"{at:015};;de\n" for at in range(5)))) == 5


def test_text_is_composed_and_its_line_ends_are_line_feeds(lists):
    assert lists.values(HEAD + '1;"Mu\u0308ller\r\nPraxis\rHof";de\n', "email") == [("Müller\nPraxis\nHof",)]


@pytest.mark.parametrize("character", ["\t", "\x01", "\x7f", "\x85", "\u200b", "\u202e", "\ufeff", "\u00ad", "\u2028"])
def test_what_cannot_be_seen_is_refused(lists, character):
    rejected = lists.read(HEAD + f"1;a{character}b;de\n", delimiter=";")[0]
    assert rejected.problems[0].values["character"] == f"U+{ord(character):04X}"
    assert rejected.problems[0].excerpt == "a·b"


def test_a_long_cell_is_rejected(lists):
    limits = Limits(cell_characters=10)
    assert lists.faults(HEAD + f"1; {'x' * 10} ;de\n2;{'x' * 11};de\n", limits=limits) == [("long", "B3")]


def test_quoted_newlines_are_allowed_and_lines_stay_right(lists):
    rows = lists.read(HEAD + '1;"a\nb";de\n2;"c\n\nd";x\n3;;\n')
    assert [(row.number, row.line) for row in rows] == [(2, 2), (3, 4), (4, 7)]
    assert rows[2].problems[0].values["cell"] == "C4"  # as a spreadsheet shows it


def test_an_unclosed_quote_is_an_error_at_its_line(lists):
    table = lists.table(HEAD + '1;;de\n2;"anna@praxis.de;de\n3;;de\n4;;en\n')
    rows = iter(table)
    assert next(rows).values["member"] == "1"
    with pytest.raises(Problems) as found:
        next(rows)
    (problem,) = found.value.problems
    assert (problem.code, problem.line, problem.excerpt) == ("tables.quote", 3, '2;"anna@praxis.de;de')


def test_an_unclosed_quote_does_not_eat_the_memory(lists):
    content = HEAD + '1;"x\n' + "2;;de\n" * 50_000
    (problem,) = lists.refused(content)
    assert (problem.code, problem.line) == ("tables.quote", 2)


def test_an_unclosed_quote_in_the_header(lists):
    assert lists.codes('Mitgliedsnummer;"E-Mail;Sprache\n1;;de\n') == ["quote"]


@pytest.mark.parametrize(
    "rows",
    [
        '1;"a;de\n2;b";de\n',  # forgotten in one row, closed by chance in the next one
        '1;"a;de\n2;b;en\n3;c";de\n',
        '1;x;"de\n2;y;"\n',
    ],
)
def test_a_quote_that_is_closed_by_chance_swallows_no_row(lists, rows):
    assert lists.faults(HEAD + rows)[0][0] in ("swallowed", "ragged")


def test_text_behind_a_quote_is_an_error(lists):
    (problem,) = lists.refused(HEAD + '1;"a"b;de\n')
    assert (problem.code, problem.line) == ("tables.after-quote", 2)


def test_old_line_ends_are_an_error(lists):
    assert lists.codes(HEAD + "1;;de\r2;;de\n") == ["line-ending"]


def test_windows_line_ends_and_a_last_line_without_one(lists):
    assert lists.values(HEAD.replace("\n", "\r\n") + "1;;de\r\n2;;en", "member") == [("1",), ("2",)]


def test_nul_is_refused(lists):
    (problem,) = lists.refused(HEAD + "1;\0;de\n2;\0;de\n")
    assert (problem.code, problem.line, problem.values["lines"]) == ("tables.nul", 2, "2")


def test_utf8_with_its_mark(lists):
    assert lists.values(("\ufeff" + HEAD + "1;ä;de\n").encode(), "email") == [("ä",)]


def test_cp1252_only_when_someone_says_so(lists):
    content = (HEAD + "80276001081699900578;jörg@praxis-müller.de;de\n2;€;de\n").encode("cp1252")
    (problem,) = lists.refused(content)
    assert (problem.code, problem.line, problem.values["lines"]) == ("tables.encoding", 2, "2")
    assert "jörg@praxis-müller.de" in problem.excerpt
    assert "80276" not in problem.excerpt
    assert lists.values(content, "email", encoding="cp1252") == [("jörg@praxis-müller.de",), ("€",)]


def test_utf8_is_not_read_as_cp1252(lists):
    content = (HEAD + "1;Müller;de\n").encode()
    for one in (content, b"\xef\xbb\xbf" + content):
        assert lists.codes(one, encoding="cp1252") == ["is-utf-8"]
    assert lists.codes(HEAD.encode() + b"1;\x81;de\n", encoding="cp1252") == ["not-cp1252"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf16_is_named(lists, encoding):
    content = HEAD.encode(encoding)
    assert lists.codes(content if encoding == "utf-16" else b"\xfe\xff" + content) == ["utf-16"]


def test_encoding_and_header_are_told_at_once(lists):
    assert lists.codes("Nummer;Straße;Sprache\n1;ü;de\n".encode("cp1252")) == ["encoding", "missing-column"]


def test_limits(lists):
    limits = Limits(rows=3, columns=4, file_bytes=1000)
    many = HEAD + "1;;de\n" * 3
    assert len(lists.read(many + "\n\n", limits=limits)) == 3
    assert lists.codes(many + "4;;de\n", limits=limits) == ["rows"]
    assert lists.codes("Mitgliedsnummer;Sprache;a;b;c\n1;de;;;\n", limits=limits) == ["columns"]
    assert lists.codes(HEAD + "x" * 1000, limits=limits) == ["file-large"]
    assert lists.codes(HEAD + "1;" + "x" * 70_000 + ";de\n")[-1] == "line-long"


def test_what_is_no_file(lists, tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(Problems) as found:
            tables.read(path, ())
        assert found.value.problems[0].code == "tables.no-file"


def test_old_excel_is_named(lists):
    assert lists.codes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == ["old-excel"]


def test_the_caller_points_into_the_file_too(lists):
    with lists.table(HEAD + "\n0012345;;de\n") as table:
        (row,) = table
        problem = table.problem(row, "member", "cards.unknown-member", other="x")
    assert (problem.file, problem.line, problem.excerpt, problem.code) == (
        "liste.csv",
        3,
        "…345",
        "cards.unknown-member",
    )
    assert problem.values == {"cell": "A3", "column": "Mitgliedsnummer", "other": "x"}
