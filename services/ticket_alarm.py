"""Tickets that wait too long are brought up again, once for each time of waiting."""

from datetime import datetime

from db import tickets
from db.session import Session
from services import hours, ticket_deliveries
from services.desk import Desk
from services.ticket_outcomes import Line


def ring(session: Session, desk: Desk, *, now: datetime) -> int:
    """Tells staff of every ticket that waits too long and was not brought up yet; how many.

    An urgent one counts every minute, any other only those of office hours, and is brought up within them.
    """
    office, rung = desk.rules.office, 0
    for ticket in tickets.open_ones(session):
        since = tickets.waiting_since(session, ticket)
        if since is None or (ticket.alarmed_at is not None and ticket.alarmed_at > since):
            continue
        waited = (now - since).total_seconds() / 60
        if not ticket.urgent or waited < office.urgent_minutes:
            counted = hours.minutes_open_between(office, since, now)
            if counted < office.alarm_minutes or not hours.is_open(office, now):
                continue
        tickets.put(session, ticket.id, alarmed_at=now)
        key = f"alarm{since.timestamp():.0f}"
        ticket_deliveries.line(session, desk, ticket.id, Line.ALARM, key, now, minutes=int(waited))
        rung += 1
    return rung
