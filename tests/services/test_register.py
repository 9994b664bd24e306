"""The register comes in: matched by mark, all or nothing, twice as good as once."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import deliveries as delivery_rows
from db import tickets
from services import deliveries, register
from services.deliveries import Kind
from services.imports import Order, Verdict
from tests.support.office import ANNA, TWO
from tests.tables.conftest import assert_told
from vault import index, sealing
from vault.key import Purpose

ONE, OTHER, THIRD = "100041;a@praxis.de;1234;de", "100042;;5678;en", "100043;c@praxis.de;;"
MANY = [f"2000{number:02};;{number:04};de" for number in range(40)]


def test_members_are_sealed_marked_and_found_again(office):
    assert office.register(ONE, OTHER, THIRD) is Verdict.APPLIED
    rows = {dict(row)["number_end"]: dict(row) for row in office.rows()["members"]}
    assert set(rows) == {"41", "42", "43"}
    one, other, third = rows["41"], rows["42"], rows["43"]
    assert sealing.unseal(office.ring, one["number_sealed"], field="members.number") == "100041"
    assert sealing.unseal(office.ring, one["email_sealed"], field="members.email") == "a@praxis.de"
    assert sealing.unseal(office.ring, one["digits_sealed"], field="members.digits") == "1234"
    assert one["number_mark"] == index.mark(office.ring, "100 041", kind="member")
    assert (one["language"], other["language"], third["language"]) == ("de", "en", "de")
    assert (other["email_sealed"], third["digits_sealed"]) == (None, None)


def test_the_same_register_again_changes_nothing(office, clock):
    office.register(ONE, OTHER)
    before = office.rows()
    clock.advance(days=1)
    assert office.register(OTHER, ONE) is Verdict.UNCHANGED
    assert office.rows() == before


def test_what_changed_is_changed_and_the_rest_is_left_alone(office, clock):
    office.register(ONE, OTHER)
    before = {row[0][1]: row for row in office.rows()["members"]}
    clock.advance(days=1)
    assert office.register(ONE, "100042;neu@praxis.de;5678;de") is Verdict.APPLIED
    assert (office.plan.counts["changed"], office.plan.counts["unchanged"]) == (1, 1)
    after = {row[0][1]: dict(row) for row in office.rows()["members"]}
    other = office.member("100042")
    assert sealing.unseal(office.ring, after[other]["email_sealed"], field="members.email") == "neu@praxis.de"
    assert after[other]["digits_sealed"] == dict(before[other])["digits_sealed"]  # says the same: not sealed anew
    assert list(after[office.member("100041")].items()) == before[office.member("100041")]


def test_a_dry_run_writes_nothing(office):
    before = office.rows(audit=True)
    with office.plan_register(ONE, OTHER) as plan:
        assert (plan.counts["new"], plan.refusal(ANNA)) == (2, None)
    assert office.rows(audit=True) == before


BAD_ROWS = (
    ("100042;;123;de", "four-digits"),
    ("100042;;12345;de", "four-digits"),
    ("100042;;1234;klingonisch", "no-language"),
    ("10 00 41;;1234;de", "member-twice"),
    ("1000x;;1234;de", "digits"),
    (";;1234;de", "empty-cell"),
    ("100042;;1234", "ragged"),
)


def test_a_row_that_fails_anywhere_leaves_nothing(office):
    before = office.rows()
    for line, code in BAD_ROWS:
        assert office.register(ONE, line, THIRD) is Verdict.REJECTED
        assert office.rejected() == [(3, code)]
        assert_told([problem for _, problem in office.plan.rejects.first])
        assert "100041" not in repr(office.plan.rejects.first)
        assert office.rows() == before
    refused = ("staff:import:refused", "staff:anna", {"what": "register", "reason": "rejected"})
    assert office.events() == [refused] * len(BAD_ROWS)


def test_a_member_twice_is_found_when_the_member_is_known_already(office):
    office.register(ONE)
    assert office.register(ONE, OTHER, ONE) is Verdict.REJECTED
    assert office.rejected() == [(4, "member-twice")]


def test_an_odd_email_is_a_warning(office):
    assert office.register("100041;keine;1234;de", ONE.replace("41", "44", 1)) is Verdict.APPLIED
    assert [problem.code for problem in office.plan.warnings] == ["imports.odd-emails"]
    assert_told(office.plan.warnings)
    assert [dict(row)["email_sealed"] is None for row in office.rows()["members"]].count(True) == 1


def test_a_link_rests_when_its_member_is_missing_and_ends_with_the_second_register(office, clock):
    office.register(*MANY, ONE)
    office.link("100041", 7)
    for number in range(30):
        office.link(f"2000{number:02}", 100 + number)
    key = {"key": "notice:x", "chat": 7, "kind": Kind.NOTICE, "reply": {}, "member": office.member("100041")}
    office.database.work(deliveries.queue, due_at=clock() + timedelta(days=30), now=clock(), **key)
    assert office.register(*MANY) is Verdict.APPLIED
    assert office.link_of(7) == ("dormant", "missing")
    assert office.register(*MANY) is Verdict.UNCHANGED  # the same register is not the second one
    assert office.link_of(7) == ("dormant", "missing")
    assert office.register(*MANY, OTHER) is Verdict.APPLIED
    assert office.plan.counts["links_ended"] == 1
    assert office.link_of(7) == ("ended", "missing")
    assert dict(office.rows()["deliveries"][0])["state"] == delivery_rows.State.CANCELLED
    assert office.link_of(105) == ("active", None)
    assert [tag for tag, *_ in office.events() if "link" in tag] == ["member:link:dormant", "system:link:withdrawn"]


def test_with_the_link_the_tickets_stop_saying_verified(office, clock):
    office.register(*MANY, ONE)
    office.link("100041", 7)
    for number in range(30):
        office.link(f"2000{number:02}", 100 + number)
    about = {"language": "de", "kind": "question", "urgent": False, "verified": True, "subject": None, "entries": []}
    made = [office.database.work(tickets.begin, chat=chat, now=clock(), **about) for chat in (7, 100)]
    office.register(*MANY)
    office.register(*MANY, OTHER)
    assert [office.database.work(tickets.find, one.id).verified for one in made] == [False, True]


def test_a_member_who_is_back_finds_the_link_as_it_was(office):
    office.register(*MANY, ONE)
    office.link("100041", 7)
    for number in range(30):
        office.link(f"2000{number:02}", 100 + number)
    office.register(*MANY)
    assert office.register(*MANY, ONE) is Verdict.APPLIED
    assert office.plan.counts["back"] == 1
    assert office.link_of(7) == ("active", None)
    office.register(*MANY)
    assert office.link_of(7) == ("dormant", "missing")  # missing for the first time again


def test_a_link_that_sleeps_for_another_reason_is_not_woken(office):
    from db import links

    office.register(*MANY, ONE)
    link = office.link("100041", 7)
    office.database.work(links.sleep, link, "unused")
    office.register(*MANY)
    office.register(*MANY, ONE)
    assert office.link_of(7) == ("dormant", "unused")


def test_a_link_that_waits_ends_when_its_member_is_missing(office, clock):
    office.register(*MANY, ONE)
    for number in range(30):
        office.link(f"2000{number:02}", 100 + number)
    office.link("100041", 7)
    office.link("100041", 8, active_at=clock() + timedelta(days=1))
    office.register(*MANY)
    assert (office.link_of(7), office.link_of(8)) == (("dormant", "missing"), ("ended", "missing"))


def test_more_than_five_percent_of_the_links_need_a_second_person(office):
    office.register(*MANY)
    for number in range(40):
        office.link(f"2000{number:02}", 100 + number)
    with office.plan_register(*MANY[2:]) as plan:
        assert not plan.needs_second  # 5 %
    assert office.register(*MANY[3:]) is Verdict.NEEDS_SECOND
    assert office.register(*MANY[3:], order=Order("anna", "Anna")) is Verdict.SAME_PERSON
    assert office.link_of(100) == ("active", None)
    assert office.register(*MANY[3:], order=TWO) is Verdict.APPLIED
    assert office.link_of(100) == ("dormant", "missing")
    assert office.events()[-1][2]["confirmed_by"] == "bernd"


def test_a_plan_of_yesterdays_register_is_refused(office, clock):
    with office.plan_register(ONE) as old:
        clock.advance(seconds=1)
        office.register(OTHER)
        assert office.apply(register.apply, old) is Verdict.OUTDATED
    assert office.member("100041") is None


def test_members_are_found_while_the_key_of_the_index_changes(office):
    office.register(ONE)
    for purpose in (Purpose.INDEX, Purpose.SEAL):
        office.ring.add(purpose, today=office.clock().date())
    assert office.register(ONE, OTHER) is Verdict.APPLIED
    assert (office.plan.counts["new"], office.plan.counts["unchanged"]) == (1, 1)


def test_a_value_that_does_not_open_is_sealed_anew(office):
    import sqlalchemy

    office.register(ONE)
    with office.database.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE members SET email_sealed = 'k1:AAAA'"))
    assert office.register(ONE) is Verdict.APPLIED
    row = dict(office.rows()["members"][0])
    assert sealing.unseal(office.ring, row["email_sealed"], field="members.email") == "a@praxis.de"


def test_an_import_is_audited_with_counts_and_nothing_else(office):
    office.register(ONE, OTHER)
    tag, actor, detail = office.events()[-1]
    assert (tag, actor) == ("staff:register:imported", "staff:anna")
    assert (detail["new"], detail["rows"], detail["missing"]) == (2, 2, 0)
    assert all(isinstance(value, int) for value in detail.values())


LINES = st.lists(
    st.builds(
        "{};{};{};{}".format,
        st.integers(100, 120),
        st.sampled_from(["", "a@b.de", "c@d.de"]),
        st.sampled_from(["", "0001", "9999"]),
        st.sampled_from(["", "de", "EN"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda line: line.split(";")[0],
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=LINES, second=LINES)
def test_twice_is_once(office, first, second):
    for lines in (first, second):
        office.register(*lines, order=TWO)
        before = office.rows()
        assert office.register(*reversed(lines), order=TWO) is Verdict.UNCHANGED
        assert office.rows() == before
        present = [dict(row) for row in before["members"]]
        assert sum(row["missing_since"] is None for row in present) == len(lines)
