"""Two people at the same ticket or notice at the same moment: whoever comes second finds what the first one did."""

import threading

import sqlalchemy

from db import notices as notice_rows
from db import tickets
from db.models import Delivery, TicketMessage
from db.notices import Phase
from services import notices, privacy, ticket_desk
from services import tickets as member_side
from services.deliveries import Kind
from services.notice_view import DE
from services.staff import Colleague, Role, StaffTurn
from services.ticket_desk import Written
from services.tickets import Heard
from tests.services.test_tickets import CHAT, LANG, SOMMER, at_desk, opened, turn_of, work  # noqa: F401  fixtures
from tests.support.notices import link

KELLER = Colleague(9002, "Herr Keller", Role.EDITOR)
PATIENCE = 0.3  # seconds that the second one gets to come to the first one's lock, or past it


def meanwhile(program, first, second):
    """Does `second` in another connection while the transaction of `first` is done but not committed."""
    found, done = {}, threading.Event()

    def behind():
        found["second"] = program.database.work(second)
        done.set()

    thread = threading.Thread(target=behind)

    def ahead(session):
        result = first(session)
        thread.start()
        done.wait(PATIENCE)
        return result

    found["first"] = program.database.work(ahead)
    thread.join(10)
    return found["first"], found["second"]


def by(program, colleague, use_case, *args, **values):
    return lambda session: use_case(
        StaffTurn(session, program.desk, colleague, None, program.desk.clock()), *args, **values
    )


def rows_of(work, model):  # noqa: F811
    return work(lambda session: session.scalars(sqlalchemy.select(model)).all())


def test_an_erasure_takes_an_answer_along_that_is_being_written(program, work, opened):  # noqa: F811
    number = opened()
    at_desk(program, LANG, ticket_desk.take, number)
    meanwhile(
        program,
        by(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort")),
        lambda session: privacy.erase(turn_of(program, session)),
    )
    assert rows_of(work, TicketMessage) == []
    assert [row.key for row in rows_of(work, Delivery) if row.chat == CHAT] == []


def test_who_is_being_erased_is_not_answered(program, work, opened):  # noqa: F811
    number = opened()
    at_desk(program, LANG, ticket_desk.take, number)
    _, outcome = meanwhile(
        program,
        lambda session: privacy.erase(turn_of(program, session)),
        by(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort")),
    )
    assert outcome == ticket_desk.IsClosed(number, may_reopen=False)
    assert rows_of(work, TicketMessage) == []
    assert [row.key for row in rows_of(work, Delivery) if row.chat == CHAT] == []


def test_what_a_member_says_while_the_ticket_is_closed_is_the_bots(program, work, opened):  # noqa: F811
    number = opened()
    _, heard = meanwhile(
        program,
        by(program, LANG, ticket_desk.close, number),
        lambda session: member_side.hear(turn_of(program, session), Heard(12, "Und noch etwas"), None, None),
    )
    assert heard is None
    assert len(work(tickets.messages, number)) == 1


def test_an_answer_to_a_ticket_that_is_being_closed_stays(program, work, opened):  # noqa: F811
    number = opened()
    at_desk(program, LANG, ticket_desk.take, number)
    _, outcome = meanwhile(
        program,
        by(program, SOMMER, ticket_desk.close, number),
        by(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort")),
    )
    assert outcome == ticket_desk.IsClosed(number, may_reopen=True)
    assert Kind.TICKET_ANSWER not in {row.kind for row in rows_of(work, Delivery)}


def test_what_a_second_person_is_asked_for_is_what_will_be_sent(program, work):  # noqa: F811
    link(program, 101)
    now = program.desk.clock()

    def ready(session):
        row = notice_rows.add(
            session,
            phase=Phase.DRAFT,
            by=KELLER.user,
            now=now,
            thread=None,
            text_de="Die Kammer ist am Freitag geschlossen.",
            text_en="The chamber is closed on Friday.",
            audience="linked",
            entry="",
        )
        notice_rows.change(session, row.id, Phase.DRAFT, tested_at=now)
        return row.id

    notice = work(ready)
    _, requested = meanwhile(
        program,
        by(program, SOMMER, notices.fill, notice, DE, "Ganz andere Worte für alle Mitglieder."),
        by(program, KELLER, notices.request, notice),
    )
    row = work(notice_rows.find, notice)
    assert (type(requested).__name__, row.phase) == ("TestFirst", Phase.DRAFT)
