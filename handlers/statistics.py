"""/zahlen: what members asked and what became of it, as a picture and as a table."""

import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from db.deliveries import Due
from db.session import Session
from handlers.at_desk import Place, StaffCommand, StaffTapped
from handlers.context import Context, Origin
from handlers.outbox import Carry
from handlers.reply import Reply
from handlers.sending import Result, Says
from handlers.staff_buttons import StaffButton
from handlers.statistics_replies import CSV, NOUN, StatisticsReplies, until_of
from printing import chart
from services import statistics
from services.deliveries import Kind
from services.desk import Desk
from services.staff import Colleague, StaffTurn
from services.statistics import LONGEST, SHORTEST, WEEK, Form, Open, Period, Statistics

__all__ = ["NAMES", "NOUN", "StatisticsCarrier", "command", "tapped"]

log = logging.getLogger(__name__)

NAMES = ("zahlen", "figures")


def replies_of(context: Context) -> StatisticsReplies:
    return StatisticsReplies(context.texts, context.desk.rules.office.time_zone)


async def command(context: Context, origin: Origin, colleague: Colleague, said: StaffCommand) -> None:
    """`/zahlen`, `/zahlen 30`: the picture comes through the outbox, so that nobody waits while it is drawn."""
    days, replies = _days(said.argument), replies_of(context)

    def use_case(session: Session, desk: Desk, *, now: datetime) -> object:
        if days is None:
            return None
        turn = StaffTurn(session, desk, colleague, said.place.thread, now)
        return statistics.ask(turn, days=days, update_id=origin.update_id, quotes=said.place.message)

    await context.settle(origin, use_case, lambda asked: [] if asked else [_at(said.place, replies.usage(LONGEST))])


async def tapped(
    context: Context, origin: Origin, _colleague: Colleague, tap: StaffTapped, button: StaffButton
) -> None:
    """Below a picture: the same days, counted until the same moment."""
    replies = replies_of(context)

    def use_case(session: Session, desk: Desk, *, now: datetime) -> Statistics | None:
        until = until_of(button, now)
        if button.verb != CSV or until is None or not SHORTEST <= button.number <= LONGEST:
            return None
        return statistics.count(session, desk, _until(desk, until, button.number))

    await context.settle(origin, use_case, lambda found: [_at(tap.place, replies.csv(found))] if found else [])


def _days(argument: str) -> int | None:
    word = argument.split(maxsplit=1)[0] if argument else str(WEEK)  # "30 Tage" is understood, too
    days = int(word) if word.isascii() and word.isdecimal() and len(word) < 4 else 0  # noqa: PLR2004
    return days if SHORTEST <= days <= LONGEST else None


def _at(place: Place, reply: Reply) -> Reply:
    return reply.in_thread(place.thread)


def _until(desk: Desk, until: datetime, days: int) -> Period:
    """So many days that end at a moment; the day before, where it is a midnight."""
    period = statistics.lately(desk, until, days)
    is_midnight = statistics.midnight(desk, period.last) == until
    return statistics.before(desk, period.last, days) if is_midnight else period


class StatisticsCarrier:
    """Counts and draws figures when they are sent. `home`: where a folder for the drawing may be."""

    def __init__(self, context: Context, home: Path) -> None:
        self._context, self._folder = context, home / "drawing"

    def carriers(self) -> dict[Kind, Carry]:
        return {Kind.STATISTICS: self.carry}

    async def carry(self, due: Due, says: Says) -> Result:
        assert due.chat is not None
        reply = await self._reply(due.reply)
        if due.is_repetition:
            reply = replies_of(self._context).once_more(reply)
        return await says.say(due.chat, reply.in_thread(due.reply.get("thread")))

    async def _reply(self, about: dict[str, Any]) -> Reply:
        form, replies, desk = Form(about["form"]), replies_of(self._context), self._context.desk
        if form is Form.DAY:
            # The same weekday before is the first of eight days.
            period = statistics.before(desk, date.fromisoformat(about["day"]), WEEK + 1)
            return replies.digest(*await self._context.work(_with_tickets, desk, period, desk.clock()))
        if form is Form.WEEK:
            period = statistics.before(desk, date.fromisoformat(about["day"]), WEEK)
        else:
            period = _until(desk, datetime.fromisoformat(about["until"]), about["days"])
        found = await self._context.work(statistics.count, desk, period)
        png = await self._drawn(lambda: replies.chart(found))
        return replies.picture(found, form, png).quoting(about.get("quotes"))

    async def _drawn(self, make: Callable[[], chart.Chart]) -> bytes | None:
        try:
            png = await chart.drawn(make(), self._folder)
        except OSError as error:
            log.warning("a picture could not be drawn (%s)", type(error).__name__)
            return None
        if png is None:
            log.warning("a picture could not be drawn")
        return png


def _with_tickets(session: Session, desk: Desk, period: Period, now: datetime) -> tuple[Statistics, Open]:
    return statistics.count(session, desk, period), statistics.open_tickets(session, now)
