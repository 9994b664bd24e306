"""The digests: yesterday's figures each day at `office.daily_digest`, the week's with them on `office.weekly_digest`.

Each is one delivery with its day as key, so that neither a second process nor a restart tells it twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db import statistics as rows
from db.session import Session
from services import statistics
from services.desk import Desk
from services.hours import DAYS
from services.statistics import Form

LATE = timedelta(hours=6)  # so long after its time one is still of use, when nothing ran at that time


def queue_due(session: Session, desk: Desk, *, now: datetime) -> int:
    """Queues what is due at this time and was not queued before; how many. Nothing before the first question."""
    office, group, queued = desk.rules.office, desk.rules.staff.chat, 0
    if not group or not office.daily_digest:
        return 0
    zone = ZoneInfo(office.time_zone)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):  # one of late in the evening may be due after midnight
        at = datetime.combine(day, time.fromisoformat(office.daily_digest), zone).astimezone(UTC)
        if not at <= now < at + LATE or not rows.has_begun(session, statistics.midnight(desk, day)):
            continue
        queued += _queue(session, group, day, Form.DAY, now)
        if DAYS[day.weekday()] == office.weekly_digest:
            queued += _queue(session, group, day, Form.WEEK, now)
    return queued


def _queue(session: Session, group: int, day: date, form: Form, now: datetime) -> bool:
    key = f"digest:{day}" if form is Form.DAY else f"digest:{day}:{form}"
    return statistics.queue(session, key, group, {"form": form, "day": day.isoformat()}, now=now)
