"""Tickets in the database, on both kinds: who takes, what is told once, what is forgotten."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy

from db import chats, tickets
from db.models import AuditEvent, Delivery, Ticket, TicketMessage
from services import (
    aftermath,
    deliveries,
    privacy,
    retention,
    rotation,
    suppressions,
    ticket_alarm,
    ticket_deliveries,
    ticket_desk,
    ticket_view,
)
from services import tickets as member_side
from services.deliveries import Kind, State
from services.staff import Colleague, NotAllowed, Role, StaffTurn
from services.ticket_desk import Written
from services.ticket_outcomes import Done, IsClosed, NoTicket, Passed, TakenBack, TakenBy
from services.tickets import Heard
from services.turn import begin
from tests.support.colleague import GROUP
from vault import index
from vault.key import Purpose

CHAT = 7001
LANG, SOMMER = Colleague(9003, "Frau Lang", Role.AGENT), Colleague(9001, "Frau Sommer", Role.ADMIN)
KELLER = Colleague(9002, "Herr Keller", Role.EDITOR)


@pytest.fixture
def work(program):
    return program.database.work


@pytest.fixture
def opened(program, work):
    """Opens a ticket with these words and gives its number."""

    def open_with(words="Meine Karte ist gesperrt", chat=CHAT, now=None):
        def use_case(session):
            turn = turn_of(program, session, chat, now)
            member_side.ask(turn)
            return member_side.hear(turn_of(program, session, chat, now), Heard(11, words), None, None)

        return work(use_case).number

    return open_with


def turn_of(program, session, chat=CHAT, now=None):
    return begin(session, program.desk, chat=chat, client="de", now=now or program.desk.clock())


def at_desk(program, colleague, use_case, *args, **values):
    def act(session):
        return use_case(StaffTurn(session, program.desk, colleague, None, program.desk.clock()), *args, **values)

    return program.database.work(act)


def keys(work):
    return sorted(work(lambda session: session.scalars(sqlalchemy.select(Delivery.key)).all()))


def test_two_agents_take_at_the_same_moment(program, work, opened):
    for _ in range(5):
        number = opened(chat=CHAT + len(keys(work)))
        outcomes, gate = {}, threading.Barrier(2)

        def take(colleague, number=number, outcomes=outcomes, gate=gate):
            gate.wait()
            outcomes[colleague.name] = at_desk(program, colleague, ticket_desk.take, number)

        threads = [threading.Thread(target=take, args=(colleague,)) for colleague in (LANG, SOMMER)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [name for name, outcome in outcomes.items() if outcome == Done(number)]
        (loser,) = [outcome for name, outcome in outcomes.items() if name != winner]
        assert loser == TakenBy(number, winner, version=1)
        assert work(tickets.find, number).taken_name == winner
        assert [key for key in keys(work) if key.startswith(f"ticket:{number}:v1:")] == [
            f"ticket:{number}:v1:group",
            f"ticket:{number}:v1:member",
        ]


def test_two_agents_answer_at_the_same_moment(program, work, opened):
    number, gate, outcomes = opened(), threading.Barrier(2), []

    def answer(colleague, message):
        gate.wait()
        written = Written(message, None, None, "Antwort", "Antwort")
        outcomes.append(at_desk(program, colleague, ticket_desk.answer, number, written))

    threads = [threading.Thread(target=answer, args=given) for given in ((LANG, 51), (SOMMER, 52))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Passed", "TakenBy"]
    sent = [message for message in work(tickets.messages, number) if message.author == tickets.STAFF]
    assert [message.staff_message for message in sent] == [o.message for o in outcomes if isinstance(o, Passed)]


def test_a_chat_has_one_open_ticket(program, work, opened):
    first = opened()
    assert work(lambda session: _begin(session, program)) is None
    at_desk(program, LANG, ticket_desk.close, first)
    second = opened()
    assert second != first
    assert at_desk(program, LANG, ticket_desk.reopen, first) == IsClosed(first, may_reopen=False)


def _begin(session, program):
    now = program.desk.clock()
    return tickets.begin(
        session,
        chat=CHAT,
        language="de",
        kind="question",
        urgent=False,
        verified=False,
        subject=None,
        entries=[],
        now=now,
    )


def test_taking_over_needs_the_state_that_was_shown(program, opened):
    number = opened()
    at_desk(program, LANG, ticket_desk.take, number)
    assert at_desk(program, SOMMER, ticket_desk.take_over, number, 1) == Done(number)
    assert at_desk(program, LANG, ticket_desk.take_over, number, 1) == TakenBy(number, "Frau Sommer", 2)


def test_who_may_not_answer_may_nothing(program, opened):
    number = opened()
    for use_case, values in (
        (ticket_desk.take, ()), (ticket_desk.close, ()), (ticket_desk.reopen, ()), (ticket_desk.put_back, ()),
        (ticket_desk.hand, (SOMMER.user,)), (ticket_desk.take_over, (0,)),
        (ticket_desk.answer, (Written(1, None, None, "x", "x"),)),
    ):  # fmt: skip
        assert at_desk(program, KELLER, use_case, number, *values) == NotAllowed(Role.AGENT)


def test_words_lie_sealed_and_redacted(program, work, opened):
    opened("Ich heiße Dr. Yilmaz, Tel. 0171 2345678")
    with program.database.engine.connect() as connection:
        stored = repr([connection.execute(sqlalchemy.text(f"SELECT * FROM {name}")).all() for name in _tables(program)])
    assert "2345678" not in stored
    assert "Ich heiße" not in stored
    view = work(ticket_view.view, program.desk, 1, program.desk.clock())
    assert view.subject == "Ich heiße [name] [phone]"
    (message,) = work(lambda session: session.scalars(sqlalchemy.select(TicketMessage)).all())
    assert message.words.startswith("k")
    assert ticket_deliveries.words(program.desk, message) == "Ich heiße [name] [phone]"


def _tables(program):
    return sqlalchemy.inspect(program.database.engine).get_table_names()


@pytest.mark.parametrize(
    "words", ["meine PIN ist 8341", "K7QM-2F9T-XW3B-8HRN und noch viel mehr Text dahinter, lang genug"]
)
def test_secrets_never_go_to_staff(program, work, words):
    def use_case(session):
        member_side.ask(turn_of(program, session))
        return member_side.hear(turn_of(program, session), Heard(11, words), None, None)

    assert work(use_case).is_secret
    assert keys(work) == []


def test_what_a_crash_left_of_an_answer_is_shown_and_not_repeated(program, work, opened):
    number = opened()
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    now = program.desk.clock()
    claimed = work(deliveries.claim, now, 10)
    assert Kind.TICKET_ANSWER in {due.kind for due in claimed}
    assert work(aftermath.rescue, program.desk, now + timedelta(hours=1)) == len(claimed)
    rows = work(lambda session: session.scalars(sqlalchemy.select(Delivery)).all())
    answers = [row for row in rows if row.kind == Kind.TICKET_ANSWER]
    assert [row.state for row in answers] == [State.UNKNOWN]
    told = [row.reply for row in rows if row.kind == Kind.TICKET_LINE]
    assert [(line["line"], line["delivery"]) for line in told] == [("unknown", answers[0].id)]


def test_an_answer_that_was_taken_back_is_not_sent(program, work, opened):
    number = opened()
    work(tickets.put, number, posted_in=GROUP, thread=77)
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    assert at_desk(program, LANG, ticket_desk.take_back, 51) == TakenBack(done=True, sure=True)
    assert Kind.TICKET_ANSWER not in {due.kind for due in work(deliveries.claim, program.desk.clock(), 10)}


def test_a_state_that_has_passed_is_told_nobody(program, work, opened):
    number = opened()
    at_desk(program, LANG, ticket_desk.take, number)
    at_desk(program, LANG, ticket_desk.close, number)
    (due,) = [due for due in work(deliveries.claim, program.desk.clock(), 10) if due.chat == CHAT]
    assert (due.kind, due.reply["state"]) == (Kind.TICKET_STATE, "closed")


def test_the_alarm_keeps_office_hours_and_urgent_tickets_do_not(program, work, opened):
    clock = program.desk.clock
    clock.advance(hours=6, minutes=30)  # Friday, half past three
    opened()
    urgent = opened(chat=CHAT + 1)
    work(tickets.put, urgent, urgent=True)
    clock.advance(hours=20)
    assert work(ticket_alarm.ring, program.desk, now=clock()) == 1
    clock.advance(days=1, hours=21)  # Monday, half past eight
    assert work(ticket_alarm.ring, program.desk, now=clock()) == 0
    clock.advance(hours=2, minutes=1)
    assert work(ticket_alarm.ring, program.desk, now=clock()) == 1
    assert work(ticket_alarm.ring, program.desk, now=clock()) == 0


def test_closed_tickets_are_forgotten_in_time(program, work, opened):
    number = opened()
    at_desk(program, LANG, ticket_desk.close, number)
    days = program.desk.rules.office.keep_days
    for passed, left in ((days - 1, 1), (days + 1, 0)):
        later = program.desk.clock() + timedelta(days=passed)
        work(retention.forget, program.desk, bot=1, now=later)
        assert len(work(tickets.messages, number)) == left
    ticket = work(tickets.find, number)
    assert (ticket.chat, ticket.subject, ticket.state) == (None, None, "closed")
    assert ticket.opened_at is not None


def test_what_is_forgotten_goes_from_the_group_too(program, work, opened):
    number = opened()
    work(tickets.put, number, posted_in=GROUP, thread=77, card=78)
    work(tickets.change_message, 1, staff_message=79)
    at_desk(program, LANG, ticket_desk.close, number)
    days = program.desk.rules.office.keep_days
    work(retention.forget, program.desk, bot=1, now=program.desk.clock() + timedelta(days=days + 1))
    assert {f"deletion:{GROUP}:79", f"ticket:{number}:forgotten:group"} <= set(keys(work))


def test_a_restored_backup_brings_no_erased_words_back(program, work, opened):
    number = opened()
    marks = {index.mark(program.desk.keys.ring, str(CHAT), kind="chat"): program.desk.clock()}
    work(suppressions.apply, program.desk.keys.ring, marks, keep_rules=())
    assert work(tickets.messages, number) == []
    ticket = work(tickets.find, number)
    assert (ticket.chat, ticket.subject, ticket.state) == (None, None, "closed")


def test_an_open_ticket_keeps_its_chat(program, work, opened):
    opened()
    work(retention.forget, program.desk, bot=1, now=program.desk.clock() + timedelta(days=40))
    assert work(chats.is_known, CHAT)


def test_erasure_takes_words_and_tells_staff(program, work, opened):
    number = opened()
    work(tickets.put, number, posted_in=GROUP, thread=77, card=78)
    work(tickets.change_message, 1, staff_message=79)
    work(lambda session: privacy.erase(turn_of(program, session)))
    assert work(tickets.messages, number) == []
    assert work(tickets.numbers, CHAT) == []
    assert f"ticket:{number}:erased:group" in keys(work)
    assert f"deletion:{GROUP}:79" in keys(work)


def test_new_keys_reach_the_words_of_tickets(program, work, opened):
    number = opened("Worte, die bleiben")
    before = work(tickets.messages, number)[0].words
    program.desk.keys.ring.add(Purpose.SEAL, today=program.desk.clock().date())
    assert rotation.reseal(program.database, program.desk) == 2
    assert ticket_deliveries.subject(program.desk, work(tickets.find, number)) == "Worte, die bleiben"
    after = work(tickets.messages, number)[0]
    assert after.words.split(":")[0] != before.split(":")[0]
    assert ticket_deliveries.words(program.desk, after) == "Worte, die bleiben"
    assert rotation.reseal(program.database, program.desk) == 0


def test_what_staff_do_is_audited_without_words(program, work, opened):
    number = opened()
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    at_desk(program, LANG, ticket_desk.close, number)
    events = work(lambda session: session.scalars(sqlalchemy.select(AuditEvent).order_by(AuditEvent.seq)).all())
    tags = [(event.tag, event.actor, event.detail) for event in events if event.tag.startswith("staff:ticket:")]
    assert tags == [
        ("staff:ticket:taken", "staff:9003", {"ticket": number}),
        ("staff:ticket:answered", "staff:9003", {"ticket": number}),
        ("staff:ticket:closed", "staff:9003", {"ticket": number}),
    ]


def test_the_estimate_is_what_it_took_lately(program, work):
    now = program.desk.clock()

    def answered(session):
        for number in range(6):
            session.add(
                Ticket(
                    chat=number + 1, language="de", kind="question", urgent=False, verified=False, subject=None, entries=[],
                    state="closed", version=1, opened_at=now - timedelta(days=7), member_at=now,
                    answered_at=now - timedelta(days=7) + timedelta(minutes=20),
                )
            )  # fmt: skip

    work(answered)
    assert work(lambda session: member_side.opening(turn_of(program, session))).minutes == 30
    late = now + timedelta(hours=6, minutes=50)  # ten to four
    opening = work(lambda session: member_side.opening(turn_of(program, session, now=late)))
    assert opening.minutes is None
    assert (opening.opens_at.weekday(), opening.opens_at.hour) == (0, 9)


def test_without_a_staff_group_nothing_becomes_a_ticket(program, work):
    from dataclasses import replace

    rules = replace(program.desk.rules, staff=program.desk.rules.staff.model_copy(update={"chat": 0}))
    desk = replace(program.desk, rules=rules)

    def use_case(session):
        turn = begin(session, desk, chat=CHAT, client="de", now=desk.clock())
        return member_side.hear(turn, Heard(11, "Ich bring euch um"), None, None)

    assert work(use_case) is None


def test_an_answer_taken_back_while_it_was_on_its_way_is_deleted_when_it_arrives(program, work, opened):
    number, now = opened(), program.desk.clock()
    work(tickets.put, number, posted_in=GROUP, thread=77)
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    (due,) = [due for due in work(deliveries.claim, now, 10) if due.kind == Kind.TICKET_ANSWER]
    assert at_desk(program, LANG, ticket_desk.take_back, 51).done
    work(aftermath.closed, program.desk, due, State.DELIVERED, now, message=611)
    assert f"deletion:{CHAT}:611" in keys(work)


def test_whether_a_copy_that_nobody_knows_of_is_gone_is_not_promised(program, work, opened):
    number, now = opened(), program.desk.clock()
    work(tickets.put, number, posted_in=GROUP, thread=77)
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    (due,) = [due for due in work(deliveries.claim, now, 10) if due.kind == Kind.TICKET_ANSWER]
    work(aftermath.unsure, program.desk, due, now)
    assert at_desk(program, LANG, ticket_desk.take_back, 51) == TakenBack(done=True, sure=False)


def test_a_forged_button_sends_nobody_the_members_own_words(program, work, opened):
    number = opened()
    (said,) = work(tickets.messages, number)
    assert at_desk(program, LANG, ticket_desk.send_again, said.id, 1) == NoTicket()
    assert Kind.TICKET_ANSWER not in {due.kind for due in work(deliveries.claim, program.desk.clock(), 10)}


def test_who_lost_the_role_changes_no_answer(program, work, opened):
    number = opened()
    work(tickets.put, number, posted_in=GROUP, thread=77)
    at_desk(program, LANG, ticket_desk.answer, number, Written(51, None, None, "Antwort", "Antwort"))
    changed = Written(51, None, None, "Anders", "Anders")
    assert at_desk(program, KELLER, ticket_desk.edit, changed) == NotAllowed(Role.AGENT)


def test_taking_twice_is_as_good_as_once(program, opened):
    number = opened()
    assert at_desk(program, LANG, ticket_desk.take, number) == Done(number)
    assert at_desk(program, LANG, ticket_desk.take, number) == Done(number)


@pytest.mark.parametrize("name", ["Meine PIN 8341.pdf", "Müller_geb._12.03.1950.pdf", "80276001081699900578.jpg"])
def test_the_name_of_a_file_gives_no_secrets_away_either(program, work, name):
    def use_case(session):
        member_side.ask(turn_of(program, session))
        heard = Heard(11, "", "document", "D1", name)
        return member_side.hear(turn_of(program, session), heard, None, None)

    assert work(use_case).is_secret
    assert keys(work) == []


def test_a_second_tap_passes_the_question_on_once(program, work, monkeypatch):
    monkeypatch.setattr(member_side.questions, "words", lambda _session, _question: "Was ist mit meiner Karte?")
    for _ in range(2):
        work(lambda session: member_side.refer(turn_of(program, session), "some-question"))
    assert len(work(tickets.messages, 1)) == 1
