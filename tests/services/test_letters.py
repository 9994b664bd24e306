"""A code works from the day its letter was posted until its last day ends, and nobody has it but the paper."""

import json
import logging
import re
from datetime import UTC, date, datetime, timedelta

import pypdfium2 as pdfium
import pytest
import sqlalchemy

from db import batches
from db.models import AuditEvent
from printing import Letter
from services import addresses, printrun
from services import letters as service
from services.deliveries import HERE
from services.imports import Order
from services.printrun import manifest_of
from strict_yaml import Problem, Problems
from tests.support.printshop import NUMBERS, TWO, print_shop
from vault import codes


@pytest.fixture
def shop(database_url, tmp_path):
    with print_shop(database_url, tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def members(shop):
    return [shop.member(number) for number in NUMBERS]


def addressees(shop):
    return shop.work(service.unreached, shop.desk, shop.now).addressees


def tags(shop):
    query = sqlalchemy.select(AuditEvent.tag, AuditEvent.actor, AuditEvent.detail).order_by(AuditEvent.seq)
    return [tuple(row) for row in shop.work(lambda session: session.execute(query).all())]


# ---- the life of a code


def test_a_code_works_from_its_dispatch_until_the_end_of_the_last_day(shop, members):
    made = shop.stored(NUMBERS)
    assert shop.counts(made) == {"created": 3}
    assert not any(map(shop.works, made.slips))
    shop.advance(days=3)
    done = shop.dispatch(made)
    assert (done.count, done.withdrawn, done.until) == (3, 0, shop.today + timedelta(days=21))
    assert all(map(shop.works, made.slips))
    last = shop.today + timedelta(days=21)
    shop.clock.now = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=HERE)
    assert all(map(shop.works, made.slips))
    shop.advance(seconds=1)
    assert not any(map(shop.works, made.slips))


def test_the_last_day_ends_here_also_when_the_clocks_change(shop, members):
    shop.clock.now = datetime(2027, 3, 20, 12, tzinfo=UTC)  # summer time begins on the 28th
    made = shop.stored(NUMBERS)
    shop.dispatch(made)
    shop.clock.now = datetime(2027, 4, 10, 21, 59, 59, tzinfo=UTC)
    assert shop.works(made.slips[0])
    shop.advance(seconds=1)
    assert not shop.works(made.slips[0])


def test_a_batch_posted_late_in_the_evening_counts_for_the_day_here(shop, members):
    shop.clock.now = datetime(2027, 1, 20, 23, 30, tzinfo=UTC)  # the 21st in Berlin
    made = shop.stored(NUMBERS)
    assert made.batch == "2027-01-21-1"
    assert shop.dispatch(made, on=date(2027, 1, 20)) == Problem(made.batch, 0, "", "letters.before-made")
    assert shop.dispatch(made).count == 3


def test_a_letter_never_promises_more_than_holds(shop, members):
    """Planned for the day after tomorrow, posted today: the day that is printed still counts."""
    made = shop.draft(NUMBERS, posted_on=shop.today + timedelta(days=2))
    assert made.until == shop.today + timedelta(days=23)
    shop.work(service.store, shop.desk, made, TWO, shop.now)
    assert shop.dispatch(made).until == made.until


def test_a_withdrawn_code_does_not_work(shop, members):
    made = shop.stored(NUMBERS)
    shop.dispatch(made)
    one, two, three = made.slips
    assert shop.work(service.withdraw, shop.desk, one.reference, by="anna", now=shop.now) == 1
    assert [shop.works(slip) for slip in made.slips] == [False, True, True]
    shop.redeem(two)
    assert shop.work(service.withdraw, shop.desk, made.batch, by="anna", now=shop.now) == 1
    assert not shop.works(three)
    assert shop.counts(made) == {"withdrawn": 2, "redeemed": 1}
    assert shop.work(service.withdraw, shop.desk, made.batch, by="anna", now=shop.now) == 0
    assert shop.work(service.withdraw, shop.desk, "L-NOBODY", by="anna", now=shop.now) == 0


def test_a_withdrawn_batch_is_never_dispatched(shop, members):
    made = shop.stored(NUMBERS)
    shop.work(service.withdraw, shop.desk, made.batch, by="anna", now=shop.now)
    assert shop.dispatch(made).code == "letters.none-waiting"
    assert not any(map(shop.works, made.slips))


def test_the_older_code_works_until_the_newer_letter_is_dispatched(shop, members):
    old = shop.stored(NUMBERS)
    shop.dispatch(old)
    shop.asks(members[0])
    shop.asks(members[1])
    shop.redeem(old.slips[1])
    new = shop.stored(NUMBERS, service.asking)
    assert len(new.slips) == 2
    assert [shop.works(slip) for slip in old.slips] == [True, False, True]
    assert shop.requests() == ["open", "open"]
    done = shop.dispatch(new)
    assert (done.count, done.withdrawn) == (2, 1)
    assert [shop.works(slip) for slip in old.slips] == [False, False, True]
    assert shop.counts(old) == {"dispatched": 1, "redeemed": 1, "withdrawn": 1}
    assert all(map(shop.works, new.slips))
    assert shop.requests() == ["listed", "listed"]


def test_codes_expire_and_are_forgotten_after_thirty_days(shop, members):
    made = shop.stored(NUMBERS)
    shop.dispatch(made)
    shop.redeem(made.slips[0])
    assert shop.work(service.expire, shop.desk, now=shop.now) == 0
    shop.advance(days=22)
    assert shop.work(service.expire, shop.desk, now=shop.now) == 2
    assert shop.counts(made) == {"redeemed": 1, "expired": 2}
    shop.advance(days=29)
    shop.work(service.expire, shop.desk, now=shop.now)
    assert shop.counts(made) == {"expired": 2}
    shop.advance(days=2)
    shop.work(service.expire, shop.desk, now=shop.now)
    assert shop.letters() == 0


def test_a_day_that_cannot_be_is_refused(shop, members):
    made, day = shop.stored(NUMBERS), timedelta(days=1)
    assert shop.dispatch(made, on=shop.today + day).code == "letters.future"
    assert shop.dispatch(made, on=shop.today - day).code == "letters.before-made"
    posted = shop.today
    shop.advance(days=22)
    assert shop.dispatch(made, on=posted).code == "letters.too-late"
    assert shop.counts(made) == {"created": 3}


def test_an_unknown_batch_and_a_second_dispatch_are_refused(shop, members):
    made = shop.stored(NUMBERS)
    shop.dispatch(made)
    assert shop.dispatch(made).code == "letters.none-waiting"
    assert (
        shop.work(service.dispatched, shop.desk, "2020-01-01-1", shop.today, TWO, shop.now).code == "letters.no-batch"
    )


# ---- two people


def test_making_and_dispatching_take_two_people(shop, members):
    unstored, stored = shop.draft([NUMBERS[0]]), shop.stored(NUMBERS[1:])
    for order, code in {
        Order("anna"): "letters.login",
        Order("anna", "anna"): "letters.same-person",
        Order("anna", "ANNA"): "letters.same-person",
        Order("anna", "b b"): "letters.login",
        Order("anna", "b0410027342"): "letters.login",
    }.items():
        assert shop.work(service.store, shop.desk, unstored, order, shop.now).code == code
        assert shop.dispatch(stored, order=order).code == code
    assert shop.letters() == 2
    assert shop.counts(stored) == {"created": 2}


def test_everything_is_audited_with_both_people_and_without_codes(shop, members):
    made = shop.stored(NUMBERS)
    shop.dispatch(made)
    shop.work(service.withdraw, shop.desk, made.batch, by="anna", now=shop.now)
    created, dispatched, withdrawn = tags(shop)
    assert created[:2] == ("staff:letters:created", "staff:anna")
    assert created[2] == {"batch": made.batch, "count": 3, "confirmed_by": "staff:bernd"}
    assert dispatched[0] == "staff:letters:dispatched"
    assert dispatched[2]["confirmed_by"] == "staff:bernd"
    assert withdrawn == ("staff:letters:withdrawn", "staff:anna", {"letters": made.batch, "count": 3})


# ---- who gets one


def test_members_with_a_link_or_a_code_or_a_letter_on_its_way_get_none(shop):
    plain, linked, asleep, ended = (shop.member(f"041002734{n}") for n in range(4))
    shop.member("0410027344", missing=True)
    shop.link(linked, chat=10)
    shop.link(asleep, "dormant", chat=11)
    shop.link(ended, "ended", chat=12)
    chosen = shop.work(service.unreached, shop.desk, shop.now)
    assert {one.id for one in chosen.addressees} == {plain, ended}
    assert chosen.waiting == 0
    made = shop.stored(["0410027340"])
    again = shop.work(service.unreached, shop.desk, shop.now)
    assert [one.id for one in again.addressees] == [ended]
    assert again.waiting == 1
    shop.dispatch(made)
    assert shop.work(service.unreached, shop.desk, shop.now).waiting == 0
    shop.advance(days=22)  # also before anybody has marked the letter as expired
    assert {one.id for one in shop.work(service.unreached, shop.desk, shop.now).addressees} == {plain, ended}


def test_who_asked_gets_one_unless_staff_must_decide(shop, members):
    shop.asks(members[0])
    shop.asks(members[1], "held")
    shop.link(members[0])
    assert [one.id for one in shop.work(service.asking, shop.desk, shop.now).addressees] == [members[0]]


def test_a_list_of_numbers_names_rows_that_are_nobody(shop, members):
    numbers = addresses.Numbers("list.csv", {NUMBERS[1]: 2, "0999999999": 3}, ())
    choice = shop.work(service.numbered(numbers), shop.desk, shop.now)
    assert [one.id for one in choice.addressees] == [members[1]]
    assert choice.problems == ((3, Problem("list.csv", 3, "", "letters.no-member")),)


def test_requests_are_listed_once(shop, members):
    shop.asks(members[0])
    shop.asks(members[1], "held")
    found = shop.work(service.requests, shop.desk)
    assert [(one.number, one.is_held) for one in found] == [(NUMBERS[0], False), (NUMBERS[1], True)]
    assert NUMBERS[0] not in repr(found)
    shop.work(service.mark_listed, shop.desk, found, by="anna", now=shop.now)
    assert shop.work(service.requests, shop.desk) == []
    assert tags(shop)[-1] == ("staff:letters:listed", "staff:anna", {"count": 2})


def test_two_batches_at_once_do_not_print_for_the_same_member(shop, members):
    first, second = shop.draft(NUMBERS), shop.draft(NUMBERS)
    assert shop.work(service.store, shop.desk, first, TWO, shop.now) is None
    assert shop.work(service.store, shop.desk, second, TWO, shop.now).code == "letters.meanwhile-made"
    assert shop.letters() == 3


def test_a_member_who_was_erased_meanwhile_stops_the_batch(shop, members):
    made = shop.draft(NUMBERS)
    shop.work(
        lambda session: session.execute(sqlalchemy.text("DELETE FROM members WHERE id = :id"), {"id": members[0]})
    )
    assert shop.work(service.store, shop.desk, made, TWO, shop.now).code == "letters.meanwhile-gone"
    assert shop.letters() == 0


def test_batches_of_a_day_are_numbered(shop, members):
    made = [shop.stored([number]) for number in NUMBERS]
    assert [one.batch.rsplit("-", 1)[1] for one in made] == ["1", "2", "3"]
    assert [batch.id for batch in shop.work(batches.batches)] == [one.batch for one in made]


# ---- printing


def text_of(path):
    with pdfium.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_the_pdf_holds_code_and_address_and_the_manifest_only_references(shop, members):
    made, out = shop.print(NUMBERS)
    pages = text_of(out)
    assert len(pages) == 3
    for slip, page in zip(made.slips, pages, strict=True):
        assert codes.printed(slip.code) in page
        assert slip.reference in page
        assert "Probe" in page
    manifest = json.loads(manifest_of(out).read_text(encoding="utf-8"))
    assert manifest["references"] == [slip.reference for slip in made.slips]
    assert (manifest["batch"], manifest["letters"], manifest["pdf"]) == (made.batch, 3, "letters.pdf")
    assert all(re.fullmatch(r"L-[0-9A-HJKMNP-TV-Z]{6}", slip.reference) for slip in made.slips)
    assert out.stat().st_mode & 0o777 == manifest_of(out).stat().st_mode & 0o777 == 0o600


def test_the_link_opens_our_bot_with_the_code(shop):
    code = codes.new_code()
    assert shop.press.link(code) == f"https://t.me/auskunft_bot?start={code.symbols}"


def test_nothing_but_the_pdf_holds_a_code_or_an_address(shop, members, caplog, tmp_path, monkeypatch):
    caplog.set_level(logging.DEBUG)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))  # what is left there is found as well
    made, out = shop.print(NUMBERS)
    shop.dispatch(made)
    secret = [text for slip in made.slips for text in (slip.code.symbols, codes.printed(slip.code))]
    secret += ["Erika", "Probeweg"]
    register = shop.home / "register.csv"
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path not in (out, register)}
    assert manifest_of(out) in kept
    dump = "".join(map(str, everything(shop)))
    for text in secret:
        assert not [path for path, content in kept.items() if text.encode() in content]
        assert text not in dump
        assert text not in caplog.text
        assert text not in repr(made)
    assert not list(shop.home.glob(".letters-*"))


def everything(shop):
    """Every value of the database."""

    def read(session):
        for table in sqlalchemy.inspect(session.connection()).get_table_names():
            yield from session.execute(sqlalchemy.text(f"SELECT * FROM {table}")).all()

    return shop.work(lambda session: list(read(session)))


def test_a_batch_is_not_printed_over_another(shop, members):
    _, out = shop.print([NUMBERS[0]])
    before = out.read_bytes()
    with pytest.raises(Problems):
        shop.print([NUMBERS[1]])
    assert out.read_bytes() == before
    assert shop.letters() == 1


# ---- a crash at each step


def nothing_usable(shop, made, out):
    assert not out.exists()
    assert not manifest_of(out).exists()
    assert not any(map(shop.works, made.slips))


def run(shop, made, out, order=TWO):
    printrun.run(shop.database, shop.desk, shop.press, made, out, order, now=shop.now)


class Killed(BaseException):
    """The process ends here."""


def killing(*_, **__):
    raise Killed


def test_killed_while_printing_leaves_nothing(shop, members, monkeypatch):
    made, out = shop.draft(NUMBERS), shop.home / "letters.pdf"
    monkeypatch.setattr(Letter, "__post_init__", killing)
    with pytest.raises(Killed):
        run(shop, made, out)
    nothing_usable(shop, made, out)
    assert shop.letters() == 0


@pytest.mark.parametrize("place", ["services.audit.record", "db.batches.add", "db.batches.present"])
def test_killed_while_storing_leaves_nothing(shop, members, monkeypatch, place):
    made, out = shop.draft(NUMBERS), shop.home / "letters.pdf"
    monkeypatch.setattr(place, killing)
    with pytest.raises(Killed):
        run(shop, made, out)
    nothing_usable(shop, made, out)
    assert shop.letters() == 0


def test_files_that_cannot_be_moved_withdraw_the_batch(shop, members, monkeypatch):
    made, out = shop.draft(NUMBERS), shop.home / "letters.pdf"
    monkeypatch.setattr("services.printrun.publish", killing)
    with pytest.raises(Killed):
        run(shop, made, out)
    nothing_usable(shop, made, out)
    assert shop.counts(made) == {"withdrawn": 3}
    assert tags(shop)[-1][:2] == ("staff:letters:withdrawn", "system")
    assert len(addressees(shop)) == 3


def test_killed_before_the_files_are_moved_leaves_a_batch_to_withdraw(shop, members, monkeypatch):
    """As after a power cut: nobody withdraws, nobody tidies up."""
    made, out = shop.draft(NUMBERS), shop.home / "letters.pdf"
    monkeypatch.setattr("services.printrun.publish", killing)
    monkeypatch.setattr("services.letters.withdraw", killing)
    monkeypatch.setattr("printing.drawer.shutil.rmtree", lambda *_: None)
    with pytest.raises(Killed):
        run(shop, made, out)
    monkeypatch.undo()
    nothing_usable(shop, made, out)
    assert shop.counts(made) == {"created": 3}
    assert list(shop.home.glob(".letters-*"))
    assert shop.work(service.unreached, shop.desk, shop.now).waiting == 3
    shop.work(service.withdraw, shop.desk, made.batch, by="anna", now=shop.now)
    again, _ = shop.print(NUMBERS)
    assert len(again.slips) == 3
    assert not list(shop.home.glob(".letters-*"))  # with the PDF of the killed run
    assert again.batch != made.batch


def test_refused_people_leave_nothing(shop, members):
    made, out = shop.draft(NUMBERS), shop.home / "letters.pdf"
    with pytest.raises(Problems) as refused:
        run(shop, made, out, Order("anna", "anna"))
    assert refused.value.problems[0].code == "letters.same-person"
    nothing_usable(shop, made, out)
    assert shop.letters() == 0
