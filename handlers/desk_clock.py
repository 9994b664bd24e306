"""What the desk does by the clock: tickets that wait too long, and digests. Only the process that leads does it."""

import asyncio
import logging

from db.session import DatabaseError, reason
from handlers.context import Context
from services import digests, ticket_alarm

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds


async def desk_clock(context: Context) -> None:
    """Never returns by itself; cancel it."""
    while context.desk.rules.staff.chat:
        try:
            await context.work(ticket_alarm.ring, context.desk, now=context.desk.clock())
            await context.work(digests.queue_due, context.desk, now=context.desk.clock())
        except DatabaseError as error:
            log.warning("waiting tickets and digests could not be looked at, the database: %s", reason(error))
        await asyncio.sleep(EVERY)
    await asyncio.Event().wait()
