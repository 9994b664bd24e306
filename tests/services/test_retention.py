"""What has been kept long enough goes, and what is still needed stays."""

import sqlalchemy

from db.models import AuditEvent, Chat, HandledUpdate, Link, Question
from db.session import Session
from services import retention
from tests.services.test_verification import verify
from tests.support.member import Member
from tests.support.register import enrol


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


def forget(program):
    program.database.work(retention.forget, program.desk, bot=program.context.bot_id, now=program.desk.clock())


async def test_unlinked_chats_go_after_a_month_and_linked_ones_stay(member, program, telegram, clock):
    await verify(member, enrol(program))
    await Member(program, telegram, 7002).says("gibt es den ausweis in blindenschrift")
    clock.advance(days=29)
    forget(program)
    assert {row.id for row in rows(program, Chat)} == {member.chat, 7002}
    clock.advance(days=2)
    forget(program)
    assert {row.id for row in rows(program, Chat)} == {member.chat}
    assert rows(program, HandledUpdate) == []
    assert [row.words for row in rows(program, Question) if row.words] == []
    events = [row for row in rows(program, AuditEvent) if row.tag == "system:retention:run"]
    assert events[-1].detail["chats"] == 1


async def test_ended_links_go_after_three_months(member, program, clock):
    await verify(member, enrol(program))
    await member.says("/abmelden")
    await member.taps("Ja, abmelden")
    clock.advance(days=89)
    forget(program)
    assert len(rows(program, Link)) == 1
    clock.advance(days=2)
    forget(program)
    assert rows(program, Link) == []
    assert rows(program, Chat) == []


async def test_nothing_to_forget_is_no_event(program):
    forget(program)
    assert rows(program, AuditEvent) == []
