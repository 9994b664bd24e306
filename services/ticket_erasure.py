"""How the words of tickets end, here and in the staff group: a member has everything erased, or their time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import tickets
from db.session import Session
from services import ticket_deliveries
from services.desk import Desk
from services.turn import Turn


@dataclass(frozen=True, slots=True)
class Left:
    """What an erasure leaves to be done in the staff group."""

    posted: tuple[tuple[int, int], ...]  # group and message
    numbers: tuple[int, ...]


def prepare(turn: Turn) -> Left:
    """Asked before the rows go."""
    numbers = tickets.hold_all(turn.session, turn.chat)
    return Left(tuple(tickets.posted(turn.session, numbers)), tuple(numbers))


def finish(turn: Turn, left: Left) -> None:
    """Staff are told, without words; what stands in the group of the member's messages is deleted there, too."""
    for number in left.numbers:
        ticket_deliveries.erased(turn.session, turn.desk, number, turn.now)
    for group, message in left.posted:
        ticket_deliveries.delete_in_group(turn.session, group, message, turn.now)


def forget(session: Session, desk: Desk, now: datetime) -> int:
    """Forgets what was closed long ago; how many tickets. Later nobody could say any more where its words stand."""
    numbers = tickets.closed_before(session, now - timedelta(days=desk.rules.office.keep_days))
    posted = tickets.posted(session, numbers)
    tickets.strip(session, numbers)
    for number in numbers:
        ticket_deliveries.forgotten(session, desk, number, now)
    for group, message in posted:
        ticket_deliveries.delete_in_group(session, group, message, now)
    return len(numbers)
