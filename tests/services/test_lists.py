"""An incident's list comes in: the newest counts, each incident for itself, and members are told without being told."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import findings, links
from services import lists
from services.imports import Order, Verdict
from tests.support.office import AS_OF, EHBA, TWO
from tests.tables.conftest import assert_told
from vault import index, sealing

NAME = "Name, E-Mail-Adresse"
CHIP = "exchange-chip"


def line(member, card, affected="ja", kinds=NAME, kind="eHBA"):
    return f'{member};{kind};{EHBA.format(card)};{affected};"{kinds if affected == "ja" else ""}"'


@pytest.fixture
def office(office):
    office.register(*(f"1000{number:02};;1234;de" for number in range(20)))
    return office


def found(office, member, incident="breach-2025"):
    rows = office.database.work(findings.findings_of, office.member(member))
    return [(row.affected, row.kinds, row.as_of) for row in rows if row.incident == incident]


def notices(office):
    return [dict(row) for row in office.rows()["deliveries"]]


def test_cards_and_findings_are_stored_sealed(office):
    assert office.list(line(100000, 1), line(100000, 2, "nein", kind="Praxisausweis")) is Verdict.APPLIED
    one, two = sorted((dict(row) for row in office.rows()["cards"]), key=lambda row: row["number_end"])
    assert sealing.unseal(office.ring, one["number_sealed"], field="cards.number") == EHBA.format(1)
    assert one["number_mark"] == index.mark(office.ring, EHBA.format(1), kind="card")
    assert [(row["kind"], row["number_end"]) for row in (one, two)] == [("eHBA", "0001"), ("SMC-B", "0002")]
    assert sorted(found(office, "100000")) == [(False, (), AS_OF), (True, ("name", "email"), AS_OF)]
    assert dict(office.rows()["incident_lists"][0])["version"] == 1


def test_kinds_of_data_are_known_by_id_and_by_name(office):
    office.list(line(100000, 1, kinds="id-document,  POSTAL address, name"))
    assert found(office, "100000") == [(True, ("name", "address", "id-document"), AS_OF)]


def test_the_same_list_again_changes_nothing(office, clock):
    rows = [line(100000, 1), line(100001, 2, "nein")]
    office.list(*rows)
    before = office.rows()
    clock.advance(hours=1)
    assert office.list(*reversed(rows)) is Verdict.UNCHANGED
    assert office.rows() == before


def test_a_newer_list_keeps_the_date_of_a_finding_that_stays(office):
    rows = [line(100000 + number, number) for number in range(9)]
    office.list(*rows)
    later = AS_OF + timedelta(days=2)
    assert office.list(*rows, line(100009, 9), as_of=later) is Verdict.APPLIED
    assert (found(office, "100000")[0][2], found(office, "100009")[0][2]) == (AS_OF, later)
    assert office.database.work(findings.list_dates)["breach-2025"] == later


def test_what_the_newest_list_does_not_name_is_gone(office):
    office.list(line(100000, 1), line(100001, 2))
    assert office.list(line(100001, 2), order=TWO) is Verdict.APPLIED
    assert (found(office, "100000"), len(found(office, "100001"))) == ([], 1)
    assert office.count("cards") == 2


def test_incidents_stand_for_themselves(office):
    office.list(line(100000, 1), line(100001, 2))
    office.list(line(100000, 1, kinds=""), incident=CHIP, as_of=date(2025, 1, 1))
    assert found(office, "100000") == [(True, ("name", "email"), AS_OF)]
    assert found(office, "100000", CHIP) == [(True, (), date(2025, 1, 1))]
    assert office.count("cards") == 2
    assert office.list(line(100001, 2, kinds=""), incident=CHIP, order=TWO) is Verdict.APPLIED
    assert len(found(office, "100000")) == 1


@pytest.mark.parametrize(("days", "verdict"), [(-1, Verdict.OLDER), (0, Verdict.APPLIED), (4000, Verdict.FUTURE)])
def test_dates_go_forward_but_not_into_the_future(office, days, verdict):
    office.list(line(100000, 1))
    as_of = AS_OF + timedelta(days=days)
    assert office.list(line(100000, 1, "nein"), as_of=as_of, order=TWO) is verdict
    assert found(office, "100000")[0][0] is (verdict is not Verdict.APPLIED)


BAD_ROWS = (
    (line(999999, 2), ["unknown-member"]),
    (line(100001, 1), ["two-members"]),
    (line(100000, 1), ["card-twice"]),
    (line(100001, 2, "vielleicht"), ["yes-or-no"]),
    (line(100001, 2, kind="Kreditkarte"), ["no-kind"]),
    (line(100001, 2, kinds="Blutgruppe"), ["no-data-kind"]),
    (f"100001;eHBA;{EHBA.format(2)};nein;Name", ["kinds-without"]),
    ("100001;eHBA;8027600108169990;ja;Name", ["card-digits"]),
    ("999999;Kreditkarte;123;?;", ["card-digits", "no-kind", "yes-or-no", "unknown-member"]),
    ("100001;eHBA;8,02760010816999E+19;ja;Name", ["scientific"]),
)


@pytest.mark.parametrize("is_known", [False, True])
def test_a_row_that_fails_anywhere_leaves_nothing(office, is_known):
    if is_known:
        office.list(line(100000, 1))
    before = office.rows()
    for bad, codes in BAD_ROWS:
        assert office.list(line(100000, 1), bad, line(100005, 5)) is Verdict.REJECTED
        assert office.rejected() == [(3, code) for code in codes]
        assert_told([problem for _, problem in office.plan.rejects.first])
        shown = repr(office.plan.rejects.first)
        assert not [number for number in ("100001", "999999", EHBA.format(2)) if number in shown]
        assert office.rows() == before


def test_a_card_of_another_member_is_a_problem_later_too(office):
    office.list(line(100000, 1))
    assert office.list(line(100001, 1, kinds=""), incident=CHIP) is Verdict.REJECTED
    assert office.rejected() == [(2, "two-members")]


def test_unknown_members_can_be_left_out_but_not_their_known_cards(office):
    office.list(line(100000, 1))
    assert office.list(line(100000, 1), line(999999, 2), skip_unknown=True) is Verdict.UNCHANGED
    assert office.rejected() == [(3, "unknown-member")]
    assert office.list(line(999999, 1), skip_unknown=True, order=TWO) is Verdict.REJECTED
    assert found(office, "100000")


def test_more_than_twenty_percent_changed_need_a_second_person(office):
    rows = [line(100000 + number, number) for number in range(10)]
    assert office.list(*rows) is Verdict.APPLIED  # the first list changes nothing that anybody was told
    changed = [line(100000 + number, number, "nein") for number in range(3)]
    with office.plan_list(*changed[:2], *rows[2:]) as plan:
        assert not plan.needs_second  # 20 %
    assert office.list(*changed, *rows[3:]) is Verdict.NEEDS_SECOND
    assert office.list(*rows[3:]) is Verdict.NEEDS_SECOND
    assert office.list(*changed, *rows[3:], order=Order("anna", "ANNA")) is Verdict.SAME_PERSON
    assert found(office, "100000")[0][0]
    assert office.list(*changed, *rows[3:], order=TWO) is Verdict.APPLIED
    assert not found(office, "100000")[0][0]


def test_only_active_links_are_told_and_only_that_there_is_news(office, clock):
    for chat, member in enumerate(("100000", "100001", "100002", "100003"), 1):
        office.link(member, chat)
    office.database.work(links.sleep, 2, "unused")
    office.link("100004", 5, active_at=clock() + timedelta(days=1))
    rows = [line(100000, 0), line(100001, 1), line(100002, 2, "nein"), line(100004, 4), line(100005, 5)]
    assert office.list(*rows) is Verdict.APPLIED
    assert office.plan.counts["notices"] == 1
    (told,) = notices(office)
    assert (told["chat"], told["kind"], told["reply"]) == (1, "notice", {})
    assert told["key"] == f"notice:breach-2025:1:{office.member('100000')}"


def test_a_finding_that_changes_goes_or_comes_back_is_told_each_time(office):
    office.link("100000", 1)
    versions = [
        line(100000, 0),
        line(100000, 0, kinds="Name"),
        line(100000, 0, "nein"),
        line(100000, 0, "nein", kind="HBA"),
    ]
    for version in versions:
        office.list(version, line(100001, 1), order=TWO)
    assert sorted(told["key"].split(":")[2] for told in notices(office)) == ["1", "2", "3"]
    office.list(line(100001, 1), order=TWO)  # "no" and "not on the list" are the same to a member
    office.list(line(100000, 0), line(100001, 1), order=TWO)
    office.list(line(100000, 0), line(100001, 1), as_of=AS_OF + timedelta(days=1))
    assert sorted(told["key"].split(":")[2] for told in notices(office)) == ["1", "2", "3", "5"]


def test_many_notices_are_spread(office, clock, monkeypatch):
    monkeypatch.setattr(lists, "NOTICES_PER_SECOND", 8)
    for number in range(20):
        office.link(f"1000{number:02}", number + 1)
    office.list(*(line(100000 + number, number) for number in range(20)))
    due = sorted(told["due_at"] - clock() for told in notices(office))
    assert [due.count(timedelta(seconds=second)) for second in range(3)] == [8, 8, 4]


def test_a_refused_or_failing_import_tells_nobody(office, monkeypatch):
    office.link("100000", 1)
    before = office.rows(audit=True)
    monkeypatch.setattr(lists, "_record", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        office.list(line(100000, 1))
    assert office.rows(audit=True) == before


def test_a_plan_is_outdated_when_the_list_was_imported_meanwhile(office):
    with office.plan_list(line(100000, 1)) as old:
        office.list(line(100000, 1, "nein"))
        assert office.apply(lists.apply, old) is Verdict.OUTDATED
    assert not found(office, "100000")[0][0]


def test_an_import_is_audited(office):
    office.list(line(100000, 1))
    tag, actor, detail = office.events()[-1]
    assert (tag, actor, detail["incident"], detail["as_of"]) == (
        "staff:cards:imported",
        "staff:anna",
        "breach-2025",
        "2026-11-20",
    )
    assert (detail["new"], detail["new_cards"]) == (1, 1)


def test_nothing_is_stored_in_clear(office):
    canaries = ["7310099", "canary@praxis.example", "8801", "80276990000000456789"]
    office.register(";".join([canaries[0], canaries[1], canaries[2], "de"]), order=TWO)
    office.list(f"{canaries[0]};eHBA;{canaries[3]};ja;Name")
    office.link(canaries[0], 5)
    office.list(f"{canaries[0]};eHBA;{canaries[3]};nein;", order=TWO)
    stored = repr(office.rows(audit=True))
    parts = [canaries[0], "canary", "praxis", canaries[3], canaries[3][:15], canaries[3][5:15]]
    assert not [part for part in parts if part in stored]
    columns = [value for rows in office.rows(audit=True).values() for row in rows for _, value in row]
    assert canaries[2] not in [str(value) for value in columns]
    file = office.folder / "test.sqlite"
    if file.exists():
        office.database.close()
        raw = b"".join(path.read_bytes() for path in office.folder.glob("test.sqlite*"))
        assert not [part for part in parts if part.encode() in raw]


LINES = st.lists(
    st.builds(
        line,
        st.integers(100000, 100008),
        st.integers(0, 8),
        st.sampled_from(["ja", "nein"]),
        st.sampled_from(["", "Name", "name, email"]),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda row: row.split(";")[2],
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=LINES, second=LINES, chat=st.integers(0, 8))
def test_twice_is_once_and_a_refused_list_is_none(office, first, second, chat):
    if office.database.work(links.of_chat, chat + 1) is None:
        office.link(f"10000{chat}", chat + 1)
    for rows in (first, second):
        before = office.rows()
        if office.list(*rows, order=TWO) is Verdict.REJECTED:  # a card of another member
            assert office.rows() == before
            continue
        after = office.rows()
        listed = [dict(row) for row in after["findings"]]
        assert len(listed) == len(rows)
        assert office.list(*reversed(rows), order=TWO) is Verdict.UNCHANGED
        assert office.rows() == after
