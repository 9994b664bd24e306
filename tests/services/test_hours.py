"""Office hours: open, closed, the next opening and how long it was open in between, also on odd days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from config.office import Week
from services import hours

BERLIN = ZoneInfo("Europe/Berlin")
SHIPPED = settings.load({}).config.office
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  they get one


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def office(**changed):
    return SHIPPED.model_copy(update=changed)


def week(hours_of_a_day):
    return Week(**dict.fromkeys(hours.DAYS, hours_of_a_day))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-24T08:59", False),
        ("2026-11-24T09:00", True),
        ("2026-11-24T15:59", True),
        ("2026-11-24T16:00", False),
        ("2026-11-28T10:00", False),  # a Saturday
        ("2026-12-24T10:00", False),  # a holiday
    ],
)
def test_open(when, expected):
    assert hours.is_open(SHIPPED, at(when)) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-24T08:00", "2026-11-24T09:00"),
        ("2026-11-24T09:00", "2026-11-25T09:00"),
        ("2026-11-27T17:00", "2026-11-30T09:00"),
        ("2026-12-23T17:00", "2026-12-28T09:00"),  # over Christmas
    ],
)
def test_next_opening(when, expected):
    assert hours.next_opening(SHIPPED, at(when)) == at(expected)


def test_an_office_that_never_opens():
    closed = office(hours=week(""))
    assert hours.next_opening(closed, at("2026-11-24T08:00")) is None
    assert hours.minutes_open_between(closed, at("2026-11-24T08:00"), at("2026-12-24T08:00")) == 0


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-11-24T08:00", "2026-11-24T09:30", 30),
        ("2026-11-27T15:30", "2026-11-30T09:30", 60),  # Friday to Monday
        ("2026-12-23T15:00", "2026-12-28T10:00", 120),
        ("2026-11-24T17:00", "2026-11-24T18:00", 0),
    ],
)
def test_minutes_open(begin, end, minutes):
    assert hours.minutes_open_between(SHIPPED, at(begin), at(end)) == minutes


@pytest.mark.parametrize(("day", "minutes"), [(date(2026, 3, 29), 23 * 60), (date(2026, 10, 25), 25 * 60)])
def test_a_day_on_which_the_clock_is_changed_is_as_long_as_it_is(day, minutes):
    always = office(hours=week("00:00-24:00"), holidays=())
    begin = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    end = datetime(day.year, day.month, day.day + 1, tzinfo=BERLIN)
    assert hours.minutes_open_between(always, begin, end) == minutes
    begins = hours.next_opening(office(hours=week("09:00-16:00"), holidays=()), begin)
    assert (begins.date(), begins.hour) == (day, 9)


@given(MOMENTS)
def test_the_next_opening_opens_and_nothing_opens_before(moment):
    opens = hours.next_opening(SHIPPED, moment)
    assert opens > moment
    assert hours.is_open(SHIPPED, opens)
    assert not hours.is_open(SHIPPED, opens - timedelta(seconds=1))
    rest = timedelta(0) if not hours.is_open(SHIPPED, moment) else hours.closes_at(SHIPPED, moment) - moment
    assert hours.minutes_open_between(SHIPPED, moment, opens) == pytest.approx(rest.total_seconds() / 60)


@given(st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_spans_add_up_and_never_exceed_the_time_that_passed(moments):
    first, second, third = moments
    whole = hours.minutes_open_between(SHIPPED, first, third)
    parts = hours.minutes_open_between(SHIPPED, first, second) + hours.minutes_open_between(SHIPPED, second, third)
    assert whole == pytest.approx(parts)
    assert 0 <= whole <= (third - first).total_seconds() / 60 + 1e-6
    assert hours.minutes_open_between(SHIPPED, third, first) == 0


@given(MOMENTS)
def test_it_closes_after_it_opened(moment):
    closes = hours.closes_at(SHIPPED, moment)
    assert (closes is not None) is hours.is_open(SHIPPED, moment)
    assert closes is None or closes > moment
