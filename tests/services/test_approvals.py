"""What takes two people: the asker never answers, the first answer counts, and it must come in time."""

import threading
from datetime import timedelta

import pytest

from services import approvals
from services.approvals import Answered, Asked, Kind, NobodyElse, Over, OwnRequest
from services.staff import Colleague, NotAllowed, Role, StaffTurn
from tests.support.colleague import ADMIN, AGENT, EDITOR

PEOPLE = {ADMIN: Role.ADMIN, EDITOR: Role.EDITOR, AGENT: Role.AGENT}


@pytest.fixture
def by(program):
    """Does something in the name of one of the staff."""

    def by(user, use_case, *args, now=None, **values):
        def work(session):
            colleague = Colleague(user, str(user), PEOPLE.get(user, Role.ADMIN))
            return use_case(
                StaffTurn(session, program.desk, colleague, None, now or program.desk.clock()), *args, **values
            )

        return program.database.work(work)

    return by


async def test_another_person_with_the_role_allows_it(by):
    asked = by(EDITOR, approvals.ask, Kind.NOTICE, {"notice": 7})
    assert isinstance(asked, Asked)
    number = asked.request.id
    assert isinstance(by(EDITOR, approvals.answer, number, approved=True), OwnRequest)
    assert by(AGENT, approvals.answer, number, approved=True) == NotAllowed(Role.EDITOR)
    answered = by(ADMIN, approvals.answer, number, approved=True)
    assert isinstance(answered, Answered)
    assert answered.request.subject == {"notice": 7}
    again = by(ADMIN, approvals.answer, number, approved=False)
    assert isinstance(again, Over)
    assert again.request.state == "approved"
    assert by(ADMIN, approvals.answer, 4711, approved=True) == Over(None)


async def test_nobody_asks_for_what_is_not_theirs_or_where_nobody_else_can_answer(by):
    assert by(AGENT, approvals.ask, Kind.NOTICE, {}) == NotAllowed(Role.EDITOR)
    assert by(EDITOR, approvals.ask, Kind.ROLE, {}) == NotAllowed(Role.ADMIN)
    assert by(ADMIN, approvals.ask, Kind.ROLE, {}) == NobodyElse(Role.ADMIN)


async def test_it_holds_so_long_and_no_longer(by, program, clock):
    hours = program.desk.rules.office.approval_hours
    asked = by(EDITOR, approvals.ask, Kind.NOTICE, {"notice": 7})
    late = clock.now + timedelta(hours=hours)
    assert isinstance(by(ADMIN, approvals.answer, asked.request.id, now=late, approved=True), Over)
    assert program.database.work(approvals.expire, program.desk, late - timedelta(seconds=1)) == []
    (expired,) = program.database.work(approvals.expire, program.desk, late)
    assert expired.id == asked.request.id
    assert program.database.work(approvals.expire, program.desk, late) == []


async def test_of_two_answers_at_the_same_moment_one_counts(by, program):
    asked = by(EDITOR, approvals.ask, Kind.NOTICE, {"notice": 7})
    start, results = threading.Barrier(2), []

    def answer(user, approved):
        start.wait(5)
        results.append(by(user, approvals.answer, asked.request.id, approved=approved))

    threads = [threading.Thread(target=answer, args=one) for one in ((ADMIN, True), (9009, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(type(result).__name__ for result in results) == ["Answered", "Over"]


async def test_what_was_withdrawn_cannot_be_allowed(by):
    asked = by(EDITOR, approvals.ask, Kind.NOTICE, {"notice": 7})
    assert by(EDITOR, approvals.withdraw, asked.request.id)
    assert not by(EDITOR, approvals.withdraw, asked.request.id)
    assert by(ADMIN, approvals.answer, asked.request.id, approved=True).request.state == "withdrawn"
