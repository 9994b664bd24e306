"""Whom a notice reaches: nobody twice, nobody who cannot or does not want to be reached, whatever their state."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db import audiences, notices, schema
from db.audiences import Audience
from db.deliveries import State
from db.models import Card, Chat, Delivery, Finding, Link, Member, Notice, ShownAnswer, Subscription
from db.notices import Phase
from db.session import Database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KINDS = ("linked", "affected:breach", "subscribers:news", "saw:pin-safe")


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    schema.upgrade(database)
    yield database
    database.close()


people = st.lists(
    st.fixed_dictionaries(
        {
            "blocked": st.booleans(),
            "paused": st.booleans(),
            "link": st.sampled_from([None, "active", "waiting", "dormant", "ended"]),
            "earlier": st.booleans(),  # another link, ended before
            "later": st.booleans(),  # the link begins only tomorrow
            "missing": st.booleans(),
            "affected": st.lists(st.booleans(), max_size=3),  # of each card
            "news": st.booleans(),
            "answers": st.booleans(),
            "saw": st.sampled_from([None, "old", "new"]),
        }
    ),
    max_size=12,
)


def fill(session, population):
    for table in (Delivery, Notice, ShownAnswer, Subscription, Finding, Card, Link, Chat, Member):
        session.execute(delete(table))
    for number, one in enumerate(population, 1):
        chat = 100 + number
        blocked_at = NOW if one["blocked"] else None
        row = {"first_at": NOW, "last_at": NOW, "offered": [], "misses": 0, "minute_count": 0}
        session.add(Chat(id=chat, blocked_at=blocked_at, paused=one["paused"], **row))
        member = Member(number_mark=f"m{number}", number_sealed="x", number_end="00", language="de", imported_at=NOW)
        member.missing_since = NOW if one["missing"] else None
        session.add(member)
        session.flush()
        begins = NOW + timedelta(days=1) if one["later"] else NOW
        times = {"made_at": NOW, "active_at": begins, "used_at": NOW}
        if one["link"]:
            session.add(Link(chat=chat, member=member.id, state=one["link"], **times))
        if one["earlier"]:
            session.add(Link(chat=chat, member=member.id, state="ended", **times))
        for place, affected in enumerate(one["affected"]):
            card = Card(
                member=member.id, kind="eHBA", number_mark=f"c{number}-{place}", number_sealed="x", number_end="1"
            )
            session.add(card)
            session.flush()
            finding = {"incident": "breach", "kinds": [], "as_of": NOW.date(), "version": 1}
            session.add(Finding(card=card.id, affected=affected, **finding))
        for subject in ("news", "answers"):
            if one[subject]:
                session.add(Subscription(chat=chat, subject=subject, since_at=NOW))
        if one["saw"]:
            session.add(ShownAnswer(chat=chat, entry="pin-safe", version=one["saw"], at=NOW))


def wanted(kind, one):
    """What the rule says, in plain words."""
    if one["blocked"] or one["paused"]:
        return False
    tied = one["link"] == "active" and not one["later"] and not one["missing"]
    return {
        "linked": tied,
        "affected:breach": tied and any(one["affected"]),
        "subscribers:news": one["news"],
        "saw:pin-safe": one["answers"] and one["saw"] == "old",
    }[kind]


def queued(session, kind):
    row = notices.add(session, phase=Phase.SENDING, by=1, now=NOW, thread=None, audience=kind)
    audience = Audience.of(kind)
    count = audiences.count(session, audience, NOW, "new")
    assert audiences.queue(session, row.id, audience, NOW, "new") == count
    assert audiences.queue(session, row.id, audience, NOW, "new") == 0  # a second time adds nobody
    chats = list(session.scalars(select(Delivery.chat).where(Delivery.notice == row.id).order_by(Delivery.chat)))
    assert len(chats) == count
    for delivery in session.execute(select(Delivery.chat, Delivery.member).where(Delivery.notice == row.id)):
        assert audiences.includes(session, row.id, delivery.chat, delivery.member, NOW)
        assert not audiences.includes(session, row.id, delivery.chat, (delivery.member or 0) + 99, NOW)
    return row.id, chats


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(population=people, kind=st.sampled_from(KINDS))
def test_exactly_those_are_reached_who_can_and_want_to_be(database, population, kind):
    def check(session):
        fill(session, population)
        notice, chats = queued(session, kind)
        assert chats == [100 + number for number, one in enumerate(population, 1) if wanted(kind, one)]
        # A correction goes to those who got it and can still be reached.
        for number, delivery in enumerate(session.scalars(select(Delivery).order_by(Delivery.id))):
            delivery.state = (State.DELIVERED, State.UNKNOWN, State.REFUSED)[number % 3].value
        session.flush()
        got = list(session.scalars(select(Delivery.chat).where(Delivery.state != State.REFUSED.value)))
        _, corrected = queued(session, f"got:{notice}")
        assert corrected == sorted(got)

    database.work(check)


def test_what_is_repeated_is_counted_once(database):
    def check(session):
        row = notices.add(session, phase=Phase.SENDING, by=1, now=NOW, thread=None, audience="linked")
        first = [State.DELIVERED, State.UNKNOWN, State.UNKNOWN, State.UNKNOWN, State.REFUSED, State.CANCELLED]
        again = {1: State.DELIVERED, 2: State.QUEUED, 3: State.CANCELLED}
        values = {"kind": "news", "notice": row.id, "reply": {}, "due_at": NOW, "attempts": 1}
        for number, state in enumerate(first):
            session.add(Delivery(key=f"news:{number}", chat=number, state=state.value, **values))
        for number, state in again.items():
            session.add(Delivery(key=f"news:{number}+1", chat=number, state=state.value, **values))
        session.flush()
        counts = audiences.counts(session, row.id)
        assert (counts.all, counts.sent, counts.again, counts.refused, counts.cancelled) == (6, 2, 1, 1, 1)
        assert counts.unclear == 1
        assert not counts.is_over
        assert {one.chat: one.reason for one in audiences.missed(session, row.id)} == {
            2: "queued",
            3: "unknown",
            4: "refused",
            5: "cancelled",
        }

    database.work(check)


def test_many_fall_due_a_portion_at_a_time(database, monkeypatch):
    monkeypatch.setattr(audiences, "PORTION", 10)

    def check(session):
        fill(session, [])
        row = {"first_at": NOW, "last_at": NOW, "offered": [], "misses": 0, "minute_count": 0, "paused": False}
        session.add_all([Chat(id=chat, **row) for chat in range(1, 36)])
        session.add_all([Subscription(chat=chat, subject="news", since_at=NOW) for chat in range(1, 36)])
        session.flush()
        notice, _ = queued(session, "subscribers:news")
        times = list(session.scalars(select(Delivery.due_at).where(Delivery.notice == notice).order_by(Delivery.id)))
        assert [times.count(at) for at in sorted(set(times))] == [10, 10, 10, 5]
        assert max(times) - min(times) == timedelta(seconds=3 * 10 / audiences.PER_SECOND)

    database.work(check)
