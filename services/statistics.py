"""What happened on some days, as counts: for /zahlen and the digests. No names, no words, no chats.

Days are those of `office.time_zone`, so one on which the clock is changed has 23 or 25 hours.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from db import statistics as rows
from db import tickets
from db.session import Session
from services import deliveries
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.staff import StaffTurn

SHORTEST, LONGEST = 1, 92  # days of a period
TOP = 5  # entries
WEEK = 7


class Form(StrEnum):
    """What the figures are for."""

    ASKED = "asked"  # /zahlen
    DAY = "day"  # the daily digest
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the last of which may not be over: then it is counted until that moment."""

    first: date
    last: date
    until: datetime

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Day:
    """One day's counts. `gaps`: questions without an answer that nobody of the staff has settled."""

    day: date
    answered: int = 0
    suggested: int = 0
    not_known: int = 0
    gaps: int = 0
    helpful: int = 0
    not_helpful: int = 0
    links: int = 0
    look_ups: int = 0
    tickets: int = 0

    @property
    def questions(self) -> int:
        return self.answered + self.suggested + self.not_known

    @property
    def rated(self) -> int:
        return self.helpful + self.not_helpful


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the FAQ and how often it was the answer. `title` is German; the id of one that is gone."""

    id: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """A period's counts; the two spans are medians over its tickets, None without any."""

    period: Period
    days: tuple[Day, ...]
    entries: tuple[Entry, ...]
    taken_after: timedelta | None
    answered_after: timedelta | None

    @property
    def total(self) -> Day:
        """All days together, as one."""
        names = [name for name in Day.__dataclass_fields__ if name != "day"]
        return Day(self.period.last, **{name: sum(getattr(day, name) for day in self.days) for name in names})


@dataclass(frozen=True, slots=True)
class Open:
    """Tickets that are not closed, and how long the first of those waits whose member waits for an answer."""

    count: int
    longest: timedelta | None
    number: int | None  # of that ticket


@dataclass(frozen=True, slots=True)
class Queued:
    """The figures come through the outbox, where they are counted and drawn."""


def lately(desk: Desk, now: datetime, days: int) -> Period:
    """So many days, of which today is the last."""
    today = now.astimezone(_zone(desk)).date()
    return Period(today - timedelta(days=days - 1), today, now.astimezone(UTC))


def before(desk: Desk, day: date, days: int) -> Period:
    """So many whole days before a day."""
    return Period(day - timedelta(days=days), day - timedelta(days=1), midnight(desk, day))


def midnight(desk: Desk, day: date) -> datetime:
    """The begin of a local day."""
    return datetime.combine(day, time(), _zone(desk)).astimezone(UTC)


def ask(turn: StaffTurn, *, days: int, update_id: int, quotes: int) -> Queued:
    """Queues the figures of so many days for the staff group."""
    until = turn.now.astimezone(UTC).replace(microsecond=0)  # the button below it carries whole seconds
    about = {"form": Form.ASKED, "days": days, "until": until.isoformat()}
    where = {"thread": turn.thread, "quotes": quotes}
    queue(turn.session, f"statistics:{update_id}", turn.group, about | where, now=turn.now)
    return Queued()


def queue(session: Session, key: str, group: int, reply: dict[str, object], *, now: datetime) -> bool:
    """Queues figures; False when these were queued before."""
    return deliveries.queue(session, key=key, chat=group, kind=Kind.STATISTICS, reply=reply, due_at=now, now=now)


def count(session: Session, desk: Desk, period: Period) -> Statistics:
    bounds = [midnight(desk, day) for day in period.days]
    bounds.append(max(bounds[-1], min(period.until, midnight(desk, period.last + timedelta(days=1)))))
    opened = rows.tickets(session, bounds[0], bounds[-1])
    return Statistics(
        period,
        _days(session, period, bounds, [at for at, _, _ in opened]),
        tuple(_entry(desk, entry, number) for entry, number in rows.entries(session, bounds[0], bounds[-1], TOP)),
        _median([min(taken, answered or taken) - at for at, taken, answered in opened if taken]),
        _median([answered - at for at, _, answered in opened if answered]),
    )


def open_tickets(session: Session, now: datetime) -> Open:
    found = tickets.open_ones(session)
    waiting = [(since, ticket.id) for ticket in found if (since := tickets.waiting_since(session, ticket)) is not None]
    if not waiting:
        return Open(len(found), None, None)
    since, number = min(waiting)
    return Open(len(found), now - since, number)


def _days(session: Session, period: Period, bounds: Sequence[datetime], opened: Sequence[datetime]) -> tuple[Day, ...]:
    counts = [dict.fromkeys((name for name in Day.__dataclass_fields__ if name != "day"), 0) for _ in period.days]
    for asked in rows.questions(session, bounds):
        day = counts[asked.day]
        day["not_known" if asked.decision in rows.NOT_KNOWN else _DECIDED.get(asked.decision, "suggested")] += (
            asked.count
        )
        day["gaps"] += asked.count if asked.gap else 0
        if asked.helpful is not None:
            day["helpful" if asked.helpful else "not_helpful"] += asked.count
    for (number, tag), found in rows.events(session, bounds, _EVENTS).items():
        counts[number][_EVENTS[tag]] += found
    for at in opened:
        counts[sum(at >= begin for begin in bounds[:-1]) - 1]["tickets"] += 1
    return tuple(Day(day, **values) for day, values in zip(period.days, counts, strict=True))


_DECIDED = {rows.ANSWER: "answered"}
_EVENTS = {Tag.LINK_CREATED.value: "links", Tag.CARDS_VIEWED.value: "look_ups"}


def _entry(desk: Desk, entry: str, number: int) -> Entry:
    known = desk.store.entries.get(entry)
    return Entry(entry, known.de.title if known else entry, number)


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=statistics.median(span.total_seconds() for span in spans)) if spans else None


def _zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.rules.office.time_zone)
