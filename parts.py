"""What runs side by side as long as the program does."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import checks
import lean
from adapters.mail import open_mail
from building import LANGUAGE, Program
from faq.library import Library
from faq.loader import SHIPPED
from handlers import reloading
from handlers.anchoring import anchoring
from handlers.context import Context
from handlers.deliveries import DeliveryReplies
from handlers.desk_clock import desk_clock
from handlers.editing import Editing
from handlers.leadership import Leadership
from handlers.notice_progress import NoticeProgress
from handlers.notice_words import NoticeWords
from handlers.outbox import Outbox
from handlers.reading_room import ReadingRoom
from handlers.statistics import StatisticsCarrier
from handlers.ticket_carrier import TicketCarrier
from services import retention

log = logging.getLogger("auskunft")

FORGET_EVERY_SECONDS = 3600.0
START_SECONDS = 2.0  # until what is done once is done


def parts_of(program: Program, leadership: Leadership) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the taking of updates: some of it in every process, some only where it leads."""
    settings, texts, context = program.settings, program.texts, program.context
    mail = open_mail(settings, texts, lambda: program.desk.keys.ring)
    notices = NoticeWords(texts, program.desk)
    words = DeliveryReplies(texts, context.bot.username, program.desk.rules.entries, notices)
    carriers = TicketCarrier(context).carriers() | StatisticsCarrier(context, settings.home).carriers()
    return [
        leadership.run(),
        _read_aside(context),
        _reloading(program, leadership).run(),
        leadership.while_leading(Outbox(context, mail, compose=words.compose, carriers=carriers).run),
        leadership.while_leading(lambda: NoticeProgress(context).run()),
        leadership.while_leading(lambda: desk_clock(context)),
        leadership.while_leading(lambda: anchoring(context, settings.home)),
        leadership.while_leading(lambda: _forget(context)),
    ]


def _reloading(program: Program, leadership: Leadership) -> reloading.Reloading:
    settings, texts, context = program.settings, program.texts, program.context
    staff_chat = settings.config.staff.chat

    def tell(result: reloading.Result) -> None:
        text = reloading.in_words(result, texts, LANGUAGE)
        log.log(logging.WARNING if isinstance(result, reloading.Refused) else logging.INFO, "%s", text)
        if staff_chat and leadership.is_leader:
            context.background(reloading.inform(context, staff_chat, text))
        if isinstance(result, reloading.Refused):
            context.builder.submit(lean.trim)

    def open_edited(folder: Path) -> Library:
        desk = context.desk
        return checks.open_edited(texts, folder, before=desk.library, today=desk.clock().date())

    made = reloading.Reloading(context, SHIPPED, checks.history_of(settings), open_edited, tell)
    context.editing = Editing(context, made, texts.fill)
    return made


async def _read_aside(context: Context) -> None:
    """Begins when the start is over: what it touches is not shared with a reader that was forked before."""

    async def tidy() -> None:
        await asyncio.get_running_loop().run_in_executor(context.builder, lean.trim)

    await asyncio.sleep(START_SECONDS)
    context.reading_room = ReadingRoom(context.desk.shelf, context.figures, tidy)
    await context.reading_room.run()


async def _forget(context: Context) -> None:
    while True:
        now: datetime = context.desk.clock()
        await context.work(retention.forget, context.desk, bot=context.bot_id, now=now)
        await asyncio.sleep(FORGET_EVERY_SECONDS)
