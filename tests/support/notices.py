"""Notices written, released and sent in a test."""

import asyncio
import contextlib

import sqlalchemy

from db import chats, links, subscriptions
from db.models import Delivery, Notice
from db.session import Session
from handlers.deliveries import DeliveryReplies
from handlers.notice_progress import NoticeProgress
from handlers.notice_words import NoticeWords
from handlers.outbox import Outbox
from tests.support.colleague import ADMIN, EDITOR, Colleague
from tests.support.member import Member
from tests.support.register import enrol

DE = "D-Trust hat den Abschlussbericht vorgelegt. Die Ursache ist bekannt."
EN = "D-Trust has presented the final report. The cause is known."
SUBJECT = "breach"


def outbox(program):
    words = DeliveryReplies(
        program.texts, "auskunft_bot", program.desk.rules.entries, NoticeWords(program.texts, program.desk)
    )
    return Outbox(program.context, compose=words.compose)


@contextlib.asynccontextmanager
async def sending(program):
    """The outbox at work."""
    task = asyncio.create_task(outbox(program).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def subscribe(program, chat, subject=SUBJECT, language=None):
    """A chat that nobody verified, with a subscription."""

    def insert(session):
        now = program.desk.clock()
        chats.enter(session, chat, now)
        if language:
            chats.choose_language(session, chat, language)
        subscriptions.put(session, chat, subject, now)

    program.database.work(insert)


def link(program, chat, number=None):
    """A chat that is linked with a new member."""
    enrolled = enrol(program, number or f"47{chat}")
    now = program.desk.clock()
    program.database.work(chats.enter, chat, now)
    program.database.work(links.make, chat, enrolled.member, now, now)
    return enrolled


async def drafted(program, telegram, audience="Abo „Neues zum Datenvorfall“"):
    """A notice that was tried out, at the point where it can be asked for; gives its editor."""
    editor = Colleague(program, telegram, EDITOR)
    await Member(program, telegram, EDITOR).says("/start")
    await editor.says(f"/meldung {DE}")
    await editor.says(EN)
    asked = await editor.taps("Keine Schaltfläche")
    label = next(one for one in asked[-1].labels if one.startswith(audience))
    await editor.taps(label)
    await editor.taps("Test an mich")
    program.database.work(_arrived)
    return editor


def _arrived(session):
    """The tests were sent; how is another test's business."""
    session.execute(sqlalchemy.update(Delivery).where(Delivery.kind == "trial").values(state="delivered"))


async def released(program, telegram, audience="Abo „Neues zum Datenvorfall“"):
    """A notice that a second person released: its deliveries wait in the outbox."""
    editor = await drafted(program, telegram, audience)
    await editor.taps("Freigabe anfordern")
    await Colleague(program, telegram, ADMIN).taps("Freigeben")
    return editor


def notice(program):
    """The newest notice, as a row."""
    with Session(program.database.engine) as session:
        return session.scalars(sqlalchemy.select(Notice).order_by(Notice.id.desc())).first()


def rows(program, kind="news"):
    with Session(program.database.engine) as session:
        query = sqlalchemy.select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
        return list(session.scalars(query))


async def until_over(program, seconds=20.0):
    """Looks after the notice until it is over."""
    progress = NoticeProgress(program.context)
    end = asyncio.get_running_loop().time() + seconds
    while True:
        await progress.look()
        if notice(program).state in ("done", "stopped"):
            return
        assert asyncio.get_running_loop().time() < end, "waited in vain"
        await asyncio.sleep(0.02)
