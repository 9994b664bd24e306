"""Rows of the register become recipients, and a row that cannot is named by its number and by nothing else."""

import pytest

from config.letters import LetterColumns
from services import letters as service
from tests.support.printshop import NUMBERS, print_shop, row_of


@pytest.fixture
def shop(tmp_path):
    with print_shop(f"sqlite:///{tmp_path / 'test.sqlite'}", tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def members(shop):
    return [shop.member(number) for number in NUMBERS]


def addressees(shop):
    return shop.work(service.unreached, shop.desk, shop.now).addressees


def test_rows_become_letters_in_the_order_of_the_file(shop, members):
    shop.member("0410000001", language="en")
    foreign = (
        "0410000001",
        "Dear Dr Clarke",
        "Dr.",
        "Emma",
        "Clarke",
        "1 High Street",
        "SW1A 1AA",
        "London",
        "Great Britain",
    )
    rows = ["0999999999", NUMBERS[2], foreign, NUMBERS[0], NUMBERS[1]]
    merged = shop.merged(shop.register(rows), addressees(shop))
    assert not merged.absent
    assert not merged.problems
    third, english, *_ = merged.recipients
    assert (third.name, third.salutation) == ("Dr. med. Erika5 Probe", "Sehr geehrte Frau Dr. Probe")
    assert third.address == ("Am Probeweg 7", "01067 Probestadt")
    assert english.address == ("1 High Street", "SW1A 1AA London", "GREAT BRITAIN")
    assert (english.language, english.salutation) == ("en", "Dear Dr Clarke")
    assert len(shop.merged(shop.register(rows), addressees(shop), most=2).recipients) == 2
    assert "Probe" not in repr(merged)
    assert "Clarke" not in repr(merged)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (6, "1067", "letters.postcode"),
        (4, "", "tables.empty-cell"),
        (5, "", "tables.empty-cell"),
        (3, "王", "letters.character"),
        (5, "x" * 90, "letters.long-line"),
    ],
)
def test_a_member_without_a_usable_address_is_reported_by_row_and_without_a_name(shop, members, column, value, code):
    row = list(row_of(NUMBERS[0]))
    row[column] = value
    merged = shop.merged(shop.register([NUMBERS[1], tuple(row)]), addressees(shop))
    assert {one.id for one in merged.absent} == {members[0], members[2]}
    ((number, problem),) = merged.problems
    assert (number, problem.code, problem.excerpt) == (3, code, "")
    assert "Erika" not in str(problem)
    assert len(merged.recipients) == 1


def test_a_member_who_is_there_twice_gets_no_letter(shop, members):
    merged = shop.merged(shop.register([NUMBERS[0], NUMBERS[1], NUMBERS[0], NUMBERS[0]]), addressees(shop))
    assert [problem.code for _, problem in merged.problems] == ["letters.twice", "letters.twice"]
    assert [one.member for one in merged.recipients] == [members[1]]


def test_only_a_whole_greeting_in_the_letters_language_is_used(shop, members):
    rows = [list(row_of(number)) for number in NUMBERS]
    rows[0][1], rows[1][1], rows[2][1] = "Frau", "Dear Dr Probe", "Sehr geehrter Herr Prof. Probe,"
    merged = shop.merged(shop.register(map(tuple, rows)), addressees(shop))
    assert [one.salutation for one in merged.recipients] == ["", "", "Sehr geehrter Herr Prof. Probe"]


def test_a_header_that_means_two_things_is_refused():
    with pytest.raises(ValueError, match="zwei Bedeutungen"):
        LetterColumns(title=("O r t",))
