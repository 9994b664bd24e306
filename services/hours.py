"""When the office is open: pure functions of its hours in config.yaml and a time.

Hours are meant as the clock on the wall shows them, so a day on which it is changed has its hours all the same; spans
are counted as they pass.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.office import Office

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOK_AHEAD = 400  # days; an office that is closed for longer has no next opening
DAY_MINUTES = 24 * 60


def is_open(office: Office, at: datetime) -> bool:
    """Whether somebody answers at this moment."""
    span = _span(office, at.astimezone(ZoneInfo(office.time_zone)).date())
    return span is not None and span[0] <= at < span[1]


def closes_at(office: Office, at: datetime) -> datetime | None:
    """When the office closes that is open at this moment; None when it is not open."""
    span = _span(office, at.astimezone(ZoneInfo(office.time_zone)).date())
    return span[1] if span is not None and span[0] <= at < span[1] else None


def next_opening(office: Office, at: datetime) -> datetime | None:
    """The first moment after `at` at which the office opens, in its own zone; None when it never does."""
    zone = ZoneInfo(office.time_zone)
    first = at.astimezone(zone).date()
    for day in _days(first, first + timedelta(days=LOOK_AHEAD)):
        span = _span(office, day)
        if span is not None and span[0] > at:
            return span[0].astimezone(zone)
    return None


def minutes_open_between(office: Office, a: datetime, b: datetime) -> float:
    """How many minutes the office was open between two moments; 0 when `b` is not after `a`."""
    zone = ZoneInfo(office.time_zone)
    a, b = a.astimezone(UTC), b.astimezone(UTC)  # in one zone, differences would be those of the wall clock
    spans = (_span(office, day) for day in _days(a.astimezone(zone).date(), b.astimezone(zone).date()))
    overlaps = (min(b, span[1]) - max(a, span[0]) for span in spans if span is not None)
    return sum((overlap.total_seconds() for overlap in overlaps if overlap > timedelta(0)), 0.0) / 60


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _span(office: Office, day: date) -> tuple[datetime, datetime] | None:
    """Opening and closing of a day, in UTC; None when it is closed all day."""
    hours: str = getattr(office.hours, DAYS[day.weekday()])
    if not hours or day in office.holidays:
        return None
    opens, _, closes = hours.partition("-")
    begin, end = (_moment(day, _minutes(text), ZoneInfo(office.time_zone)) for text in (opens, closes))
    return (begin, end) if begin < end else None


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return min(int(hour) * 60 + int(minute), DAY_MINUTES)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    whole_days, left = divmod(minutes, DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=whole_days), time(left // 60, left % 60), zone)
    return local.astimezone(UTC)
