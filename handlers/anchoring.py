"""Every hour the newest audit event, and who was erased, is written down outside the database."""

import asyncio
import logging
from pathlib import Path

from db import suppressions
from db.audit import HeadMissing
from db.session import DatabaseError
from handlers.context import Context
from services import anchors
from services import suppressions as erasures

log = logging.getLogger("auskunft.audit")

EVERY_SECONDS = 3600.0


async def anchoring(context: Context, home: Path) -> None:
    """Anchors the audit log until cancelled, the first time at once. What goes wrong is logged and tried again."""
    while True:
        await anchor(context, home)
        await keep_erasures(context, home)
        await asyncio.sleep(EVERY_SECONDS)


async def anchor(context: Context, home: Path) -> None:
    """Writes one anchor to the file in the home folder and to the log."""
    try:
        newest = await context.work(anchors.current, now=context.desk.clock())
        await asyncio.to_thread(anchors.append, home, newest)
    except (OSError, DatabaseError, HeadMissing) as error:
        log.error("the audit log could not be anchored (%s)", type(error).__name__)  # noqa: TRY400  no values
    else:
        log.info("audit anchor %s", newest)


async def keep_erasures(context: Context, home: Path) -> None:
    """Writes the marks of the erased to a file in the home folder, so that they stay erased if the database is lost.

    To be called after each erasure, too: what is not in the file comes back with a backup when nothing else is left.
    """
    try:
        marks = await context.work(suppressions.marks)
        await asyncio.to_thread(erasures.write, home, marks)
    except (OSError, DatabaseError) as error:
        log.error("the marks of the erased could not be kept (%s)", type(error).__name__)  # noqa: TRY400
