"""What is counted, on which local day, and when a digest is due; on both databases."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db import deliveries, models, questions
from db.questions import Asked
from services import audit, digests, statistics
from services.audit import Tag
from services.statistics import Form
from tests.support.colleague import GROUP

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 14, 5, tzinfo=BERLIN).astimezone(UTC)
TUESDAY = date(2026, 11, 24)


def local(day, hour=12, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def work(program):
    return program.database.work


@pytest.fixture
def ask(work):
    numbers = iter(range(10_000))

    def ask(at, decision="answer", entry="pin-safe", **values):
        number = next(numbers)

        def add(session):
            questions.record(session, Asked(f"q{number}", "de", decision, entry, 0.9), at)
            session.flush()
            row = session.get(models.Question, f"q{number}")
            for name, value in values.items():
                setattr(row, name, value)

        work(add)

    return ask


def ticket(session, opened, taken=None, answered=None, **values):
    times = {"opened_at": opened, "taken_at": taken, "answered_at": answered, "member_at": opened}
    filled = {"language": "de", "kind": "question", "subject": "x", "state": "closed", "entries": [], "version": 0}
    session.add(models.Ticket(**times | filled | values))


def count(program, now, days=7):
    period = statistics.lately(program.desk, now + timedelta(seconds=1), days)
    return program.database.work(statistics.count, program.desk, period)


def test_questions_are_counted_by_decision_and_day(program, ask):
    ask(NOW)
    ask(NOW, "suggest", helpful=True)
    ask(NOW, "dont_know")
    ask(NOW, "none_of_these", settled="ignored")
    ask(NOW - timedelta(days=6), helpful=False)
    ask(NOW - timedelta(days=7))  # too old
    ask(NOW + timedelta(minutes=1))  # not yet
    found = count(program, NOW)
    assert [day.day for day in found.days] == [TUESDAY - timedelta(days=back) for back in range(6, -1, -1)]
    last, total = found.days[-1], found.total
    assert (last.answered, last.suggested, last.not_known, last.gaps) == (1, 1, 2, 1)
    assert (total.questions, total.helpful, total.not_helpful) == (5, 1, 1)


def test_the_most_frequent_answers_have_their_titles(program, ask):
    for _ in range(3):
        ask(NOW)
    ask(NOW, "suggest", "card-cost", chosen=True)
    ask(NOW, "suggest", "nothing-chosen")
    ask(NOW, entry="gone-entry")
    ask(NOW, entry="gone-entry")
    found = count(program, NOW).entries
    assert [(entry.id, entry.count) for entry in found] == [("pin-safe", 3), ("gone-entry", 2), ("card-cost", 1)]
    assert found[0].title == program.desk.store.entries["pin-safe"].de.title
    assert found[1].title == "gone-entry"


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (TUESDAY, 24)])
def test_days_are_local_also_when_the_clock_is_changed(program, ask, day, hours):
    begin = statistics.midnight(program.desk, day)
    end = statistics.midnight(program.desk, day + timedelta(days=1))
    assert end - begin == timedelta(hours=hours)
    for at in (begin - timedelta(seconds=1), begin, end - timedelta(seconds=1), end):
        ask(at)
    found = count(program, end + timedelta(hours=3), 3)
    assert [one.answered for one in found.days] == [1, 2, 1]


def test_waiting_times_are_medians(program, work):
    def add(session):
        for minutes in (10, 20, 90):
            ticket(session, NOW, NOW + timedelta(minutes=minutes), NOW + timedelta(minutes=2 * minutes))
        ticket(session, NOW)  # still waits
        # taken again after it was opened again: the first answer says when somebody was there
        ticket(session, NOW, NOW + timedelta(hours=9), NOW + timedelta(minutes=20))

    work(add)
    found = count(program, NOW + timedelta(minutes=1))
    assert found.taken_after == timedelta(minutes=20)
    assert found.answered_after == timedelta(minutes=30)
    assert found.total.tickets == 5
    assert count(program, NOW - timedelta(days=1)).taken_after is None


def test_the_longest_waiting_ticket_is_named(program, work):
    def add(session):
        for number, back in ((1, 3), (2, 9)):
            opened = NOW - timedelta(hours=back)
            ticket(session, opened, id=number, state="open", chat=number)
            session.flush()
            at = NOW - timedelta(hours=back)
            session.add(models.TicketMessage(ticket=number, author="member", at=at, kind="text"))

    work(add)
    found = work(statistics.open_tickets, NOW)
    assert (found.count, found.number, found.longest) == (2, 2, timedelta(hours=9))


def test_links_and_look_ups_are_counted_from_the_audit_log(program, work):
    def add(session):
        for tag in (Tag.LINK_CREATED, Tag.CARDS_VIEWED, Tag.CARDS_VIEWED, Tag.CARDS_REFUSED):
            audit.record(session, program.desk, tag, now=NOW - timedelta(hours=1))

    work(add)
    last = count(program, NOW).days[-1]
    assert (last.links, last.look_ups) == (1, 2)


# ---- digests


def queued(program):
    def look(session):
        rows = session.query(models.Delivery).order_by(models.Delivery.id)
        return [row.key for row in rows if row.kind == "statistics"]

    return program.database.work(look)


def tick(program, at):
    return program.database.work(digests.queue_due, program.desk, now=at)


@pytest.fixture
def begun(ask):
    ask(local(date(2026, 10, 1)))


@pytest.mark.usefixtures("begun")
def test_a_digest_is_queued_once_a_day_whoever_looks_and_how_often(program):
    assert tick(program, local(TUESDAY, 7, 59)) == 0
    assert tick(program, local(TUESDAY, 8)) == 1
    for minute in (0, 1, 30):
        assert tick(program, local(TUESDAY, 8, minute)) == 0
    assert queued(program) == ["digest:2026-11-24"]
    assert tick(program, local(TUESDAY + timedelta(days=1), 8)) == 1


@pytest.mark.usefixtures("begun")
def test_a_missed_digest_is_sent_for_some_hours(program):
    assert tick(program, local(TUESDAY, 14)) == 0
    assert tick(program, local(TUESDAY, 13, 59)) == 1


@pytest.mark.usefixtures("begun")
def test_the_week_comes_with_the_day(program):
    monday = TUESDAY - timedelta(days=1)
    assert tick(program, local(monday, 9)) == 2
    assert queued(program) == ["digest:2026-11-23", "digest:2026-11-23:week"]


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2026, 3, 29) + timedelta(days=364)])
def test_the_clock_on_the_wall_decides_when_it_is_changed(program, day):
    assert tick(program, local(day, 7, 59)) == 0
    assert tick(program, local(day, 8)) == 1


@pytest.mark.usefixtures("begun")
def test_a_late_evening_is_still_told_after_midnight(program, change_office):
    change_office(daily_digest="23:30")
    assert tick(program, local(TUESDAY + timedelta(days=1), 0, 30)) == 1
    assert queued(program) == ["digest:2026-11-24"]


@pytest.fixture
def change_office(program):
    def change(**values):
        office = program.desk.rules.office.model_copy(update=values)
        object.__setattr__(program.desk.rules, "office", office)

    return change


@pytest.mark.usefixtures("begun")
def test_an_empty_time_is_never(program, change_office):
    change_office(daily_digest="")
    assert tick(program, local(TUESDAY, 8)) == 0


def test_before_the_first_question_there_is_nothing_to_tell(program, ask):
    ask(local(TUESDAY, 7))
    assert tick(program, local(TUESDAY, 8)) == 0
    assert tick(program, local(TUESDAY + timedelta(days=1), 8)) == 1


def test_what_is_queued_can_be_claimed(program, begun, work):
    tick(program, local(TUESDAY, 8))
    (due,) = work(deliveries.claim, local(TUESDAY, 8), 5)
    assert (due.chat, due.reply) == (GROUP, {"form": Form.DAY, "day": "2026-11-24"})
