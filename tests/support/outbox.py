"""Waiting until the outbox of a test has nothing to do."""

import asyncio
import time

import sqlalchemy

from db.models import Delivery
from db.session import Session


async def calm(program, seconds=20.0):
    """Until nothing that is due waits any more, and what is done on the side is done."""
    end = time.monotonic() + seconds
    while program.context._aside or _waiting(program):
        assert time.monotonic() < end, f"still waiting: {_waiting(program)}"
        await asyncio.sleep(0.01)


def _waiting(program):
    now = program.desk.clock()
    with Session(program.database.engine) as session:
        rows = session.scalars(sqlalchemy.select(Delivery).where(Delivery.state.in_(["queued", "sending"])))
        return [row.key for row in rows if row.due_at <= now or row.state == "sending"]
