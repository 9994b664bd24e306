"""A rotation of keys can stop anywhere and go on; members and cards are found all the while."""

import pytest
import sqlalchemy

from db import members
from db.models import AuditEvent, Card, Member
from db.session import Session
from services import rotation
from tests.support.program import Clock
from tests.support.register import enrol, give_card
from vault import index, sealing
from vault.key import Purpose


@pytest.fixture
def rotated(program):
    """Seven members under old keys, and new keys for sealing and marking."""
    people = [enrol(program, f"47110{number:02}", email="a@b.example" if number else None) for number in range(7)]
    give_card(program, people[0], breach_2025=("name",))
    today = Clock()().date()
    program.desk.keys.ring.add(Purpose.SEAL, today=today).add(Purpose.INDEX, today=today)
    return people


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


async def test_everything_is_under_the_keys_in_use_and_says_the_same(program, rotated):
    ring = program.desk.keys.ring
    assert not any(sealing.is_current(ring, row.number_sealed) for row in rows(program, Member))
    assert rotation.reseal(program.database, program.desk) == 8
    for row in (*rows(program, Member), *rows(program, Card)):
        assert sealing.is_current(ring, row.number_sealed)
        assert index.is_current(ring, row.number_mark)
    numbers = {sealing.unseal(ring, row.number_sealed, field="members.number") for row in rows(program, Member)}
    assert numbers == {person.number for person in rotated}
    assert rotation.reseal(program.database, program.desk) == 0
    assert [row.detail for row in rows(program, AuditEvent) if row.tag == "system:keys:rotated"] == [{"rows": 8}]


async def test_it_stops_and_goes_on(program, rotated, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    work, calls = program.database.work, []

    def stopping(use_case, *args, **values):
        calls.append(use_case)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return work(use_case, *args, **values)

    monkeypatch.setattr(program.database, "work", stopping)
    with pytest.raises(KeyboardInterrupt):
        rotation.reseal(program.database, program.desk)
    ring = program.desk.keys.ring
    assert sum(sealing.is_current(ring, row.number_sealed) for row in rows(program, Member)) == 4
    for person in rotated:  # found in between, under either key
        marks = index.candidates(ring, person.number, kind="member")
        assert work(members.find, marks).id == person.member
    assert rotation.reseal(program.database, program.desk) == 4
