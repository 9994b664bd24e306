"""The outbox in the database: what is queued once is claimed once, and nobody is told who may not be."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from db import chats, links, schema
from db import deliveries as rows
from db.models import Chat, Delivery, Link, Member
from db.session import Database, Session
from services import deliveries
from services.deliveries import Due, Kind, State
from services.ports import Subject

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MEMBER, CHAT = 1, 501


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def linked(database):
    """A member with an e-mail address, linked to a chat."""

    def insert(session):
        session.add(
            Member(
                id=MEMBER,
                number_mark="m1",
                number_sealed="s",
                number_end="01",
                email_sealed="sealed address",
                language="de",
                imported_at=NOW,
            )
        )
        session.flush()
        chats.enter(session, CHAT, NOW)
        return links.make(session, CHAT, MEMBER, NOW, NOW)

    return database.work(insert)


def queue(database, key="k", chat=CHAT, kind=Kind.NOTICE, member=MEMBER, reply=None, due_at=NOW):
    return database.work(
        deliveries.queue, key=key, chat=chat, kind=kind, reply=reply or {}, due_at=due_at, now=NOW, member=member
    )


def mail(database, key="linked:1"):
    reply = {"text": "linked", "language": "de", "at": "2026-11-23T23:30:00+00:00"}
    return queue(database, key, chat=None, kind=Kind.MAIL, reply=reply)


def deletions(database, count, chat=None):
    for number in range(count):
        queue(database, f"d{number}", chat=chat or 1000 + number, kind=Kind.DELETION, member=None)


def states(database):
    with Session(database.engine) as session:
        return {row.key: row.state for row in session.scalars(sqlalchemy.select(Delivery))}


def claim(database, limit=10, now=NOW, **named):
    return database.work(deliveries.claim, now, limit, **named)


def change(database, model, **values):
    database.work(lambda session: session.execute(sqlalchemy.update(model).values(**values)))


# ---- queueing


def test_the_same_key_a_second_time_changes_nothing(database):
    assert queue(database, "notice:1", reply={"n": 1})
    assert not queue(database, "notice:1", chat=7, reply={"n": 2}, due_at=NOW + timedelta(days=1))
    with Session(database.engine) as session:
        (row,) = session.scalars(sqlalchemy.select(Delivery))
        assert (row.chat, row.reply, row.due_at, row.state, row.attempts) == (CHAT, {"n": 1}, NOW, "queued", 0)


def test_a_key_stays_taken_after_delivery(database, linked):
    queue(database)
    (due,) = claim(database)
    database.work(deliveries.settle, due.id, State.DELIVERED, NOW)
    assert not queue(database)


def test_what_is_rolled_back_is_not_queued_and_wakes_nobody(database):
    woken = []
    rows.when_queued(database, lambda: woken.append(1))

    def fails(session):
        deliveries.queue(session, key="k", chat=1, kind=Kind.DELETION, reply={}, due_at=NOW, now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.work(fails)
    assert not states(database)
    assert not woken
    deletions(database, 1)
    assert woken == [1]
    queue(database, "later", kind=Kind.DELETION, member=None, due_at=NOW + timedelta(hours=24))
    queue(database, "d0", kind=Kind.DELETION, member=None)  # known
    assert woken == [1]


def test_what_could_never_be_sent_is_refused_at_once(database):
    for wrong in (
        {"chat": None},
        {"chat": CHAT, "kind": Kind.MAIL},
        {"kind": Kind.NOTICE, "member": None},
        {"chat": None, "kind": Kind.MAIL, "reply": {"text": "?", "at": "2026-11-24"}},
        {"key": "x" * 91},
    ):
        with pytest.raises(ValueError):
            queue(database, **wrong)
    assert not states(database)


# ---- claiming


def test_the_oldest_first_one_for_each_chat_none_for_busy_ones_none_too_early(database):
    for key, chat, minutes in (("a", 1, 3), ("b", 1, 2), ("c", 2, 1), ("d", 3, 4), ("e", 4, -1)):
        queue(database, key, chat, Kind.DELETION, None, due_at=NOW - timedelta(minutes=minutes))
    first = claim(database, 2)
    assert [due.key for due in first] == ["a", "d"]
    assert {due.attempts for due in first} == {1}
    assert [due.key for due in claim(database, busy=[1])] == ["c"]
    assert [due.key for due in claim(database)] == ["b"]
    assert states(database)["e"] == "queued"


def test_one_chat_with_many_does_not_keep_the_others_waiting_for_ever(database):
    deletions(database, 60, chat=9)
    queue(database, "other", 10, Kind.DELETION, None)
    assert [due.chat for due in claim(database, 2)] == [9, 10]


def test_a_claim_is_committed_before_anything_is_sent(database):
    deletions(database, 1)
    claim(database)
    with Session(database.engine) as session:
        (row,) = session.scalars(sqlalchemy.select(Delivery))
        assert (row.state, row.claimed_at, row.attempts) == ("sending", NOW, 1)


def test_several_that_claim_at_once_get_each_delivery_once(database):
    deletions(database, 60)
    claimed, start = [], threading.Barrier(4)

    def work():
        start.wait()
        while batch := claim(database, 5):
            claimed.extend(due.key for due in batch)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(claimed) == {f"d{number}": 1 for number in range(60)}


def test_cancelling_or_claiming_wins_and_never_both(database):
    deletions(database, 40)
    claimed, cancelled, start = [], [], threading.Barrier(2)

    def claims():
        start.wait()
        while batch := claim(database, 3):
            claimed.extend(due.chat for due in batch)

    def cancels():
        start.wait()
        for chat in range(1039, 999, -1):
            cancelled.extend([chat] * database.work(deliveries.cancel, now=NOW, chat=chat))

    threads = [threading.Thread(target=claims), threading.Thread(target=cancels)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed + cancelled) == list(range(1000, 1040))
    assert Counter(states(database).values()) == Counter(sending=len(claimed), cancelled=len(cancelled))


def test_cancelling_by_chat_member_and_kind(database, linked):
    queue(database, "a", 1, Kind.DELETION, None)
    queue(database, "b", 1, Kind.NOTICE, 5)
    queue(database, "c", 2, Kind.NOTICE, 5)
    queue(database, "d", 2, Kind.NOTICE, 6)
    mail(database, "e")

    def cancel(**who):
        return database.work(deliveries.cancel, now=NOW, **who)

    assert cancel(chat=1, kinds=[Kind.NOTICE]) == 1
    assert cancel(chat=2, member=5) == 1
    assert cancel(member=MEMBER) == 1
    assert cancel(member=5) == 0
    assert {key for key, state in states(database).items() if state == "queued"} == {"a", "d"}
    with pytest.raises(ValueError, match="whose"):
        cancel()


# ---- what a kind demands (R7)


def waits(database, chat=777):
    return database.work(links.make, chat, MEMBER, NOW, NOW + timedelta(hours=24))


def taken(database, key):
    """Whether it was claimed; if not, it must have been cancelled."""
    got = [due.key for due in claim(database)]
    assert states(database)[key] == ("sending" if key in got else "cancelled")
    return key in got


def test_a_notice_reaches_an_active_link(database, linked):
    queue(database)
    assert taken(database, "k")


@pytest.mark.parametrize("table", [Link, Chat, Member], ids=["link", "chat", "member"])
def test_a_notice_reaches_nobody_who_was_revoked_paused_or_erased_meanwhile(database, linked, table):
    queue(database)
    spoilt = {
        Link: (
            {"state": "ended"},
            {"state": "dormant"},
            {"state": "waiting"},
            {"active_at": NOW + timedelta(hours=1)},
            {"chat": 502},
        ),
        Chat: ({"paused": True}, {"blocked_at": NOW}),
        Member: (None,),  # erased, and the link with it
    }
    for values in spoilt[table]:
        with Session(database.engine) as session:  # rolled back in the end
            changing = sqlalchemy.update(table).values(**values) if values else sqlalchemy.delete(table)
            session.execute(changing)
            assert not deliveries.claim(session, NOW, 10), values
            assert session.scalars(sqlalchemy.select(Delivery.state)).all() == ["cancelled"]
    assert taken(database, "k")


def test_a_notice_for_another_member_than_the_chat_is_linked_to_now(database, linked):
    queue(database, member=MEMBER + 1)
    assert not taken(database, "k")


def test_a_notice_that_was_put_back_is_looked_at_again(database, linked):
    queue(database)
    (due,) = claim(database)
    database.work(deliveries.retry, due.id, NOW)
    change(database, Link, state="ended")
    assert not taken(database, "k")


def test_a_deletion_is_done_whatever_happened_to_the_link(database, linked):
    queue(database, kind=Kind.DELETION, member=None)
    change(database, Link, state="ended")
    assert taken(database, "k")


def test_an_objection_is_asked_for_while_a_link_waits_also_of_who_wants_no_notices(database, linked):
    link = waits(database)
    change(database, Chat, paused=True)
    queue(database, kind=Kind.OBJECTION, reply={"link": link})
    assert taken(database, "k")


def test_an_objection_is_not_asked_for_when_nothing_waits_or_something_else(database, linked):
    link = waits(database)
    queue(database, "other", kind=Kind.OBJECTION, reply={"link": link + 1})
    assert not taken(database, "other")
    queue(database, "ended", kind=Kind.OBJECTION, reply={"link": link})
    database.work(links.end, link, "objection", NOW)
    assert not taken(database, "ended")


def test_a_revoked_crowd_is_cancelled_in_one_go_and_hides_nobody(database, linked):
    for number in range(30):
        queue(database, f"gone:{number}", 2000 + number, Kind.NOTICE, 77, due_at=NOW - timedelta(minutes=1))
    queue(database)
    assert [due.key for due in claim(database, 2)] == ["k"]
    assert Counter(states(database).values()) == Counter(cancelled=30, sending=1)


def test_a_delivery_knows_the_language_of_its_chat(database, linked):
    queue(database, "a")
    change(database, Chat, heard_language="en")
    assert claim(database)[0].language == "en"
    queue(database, "b")
    change(database, Chat, heard_language=None)
    change(database, Member, language="en")
    assert claim(database)[0].language == "en"


# ---- e-mails


def test_an_e_mail_carries_the_sealed_address_and_the_day_as_members_know_it(database, linked):
    mail(database)
    assert not claim(database)  # chats and e-mails go separate ways
    (one,) = database.work(deliveries.claim_mail, NOW)
    assert (one.mail.address_sealed, one.mail.subject, one.mail.language) == ("sealed address", Subject.LINKED, "de")
    assert one.mail.on.isoformat() == "2026-11-24"  # half past midnight in Germany
    assert one.id == one.due.id
    assert not database.work(deliveries.claim_mail, NOW)


def test_an_e_mail_goes_out_although_the_link_has_ended(database, linked):
    mail(database)
    change(database, Link, state="ended")
    assert database.work(deliveries.claim_mail, NOW)


def test_an_e_mail_to_whom_was_erased_is_cancelled(database, linked):
    mail(database, "a")
    change(database, Member, email_sealed=None)
    assert not database.work(deliveries.claim_mail, NOW)
    mail(database, "b")
    mail(database, "c")
    database.work(lambda session: session.execute(sqlalchemy.delete(Member)))
    assert not database.work(deliveries.claim_mail, NOW)
    assert set(states(database).values()) == {"cancelled"}


def test_an_e_mail_sent_once_more_is_the_same_e_mail(database, linked):
    mail(database)
    (first,) = database.work(deliveries.claim_mail, NOW)
    database.work(deliveries.unsure, first.due, NOW)
    assert not database.work(deliveries.claim_mail, NOW + timedelta(hours=23, minutes=59))
    (again,) = database.work(deliveries.claim_mail, NOW + timedelta(days=1))
    assert again.mail.id == first.mail.id
    assert again.id != first.id


# ---- what became of it


def test_what_is_settled_stays_settled(database):
    deletions(database, 1)
    (due,) = claim(database)
    assert database.work(deliveries.settle, due.id, State.DELIVERED, NOW)
    assert not database.work(deliveries.settle, due.id, State.FAILED, NOW)
    assert not database.work(deliveries.retry, due.id, NOW)
    assert states(database) == {"d0": "delivered"}


def test_being_told_to_wait_is_no_attempt(database):
    deletions(database, 1)
    for counts, attempts in ((True, 1), (False, 2), (False, 2), (True, 2)):
        (due,) = claim(database)
        assert due.attempts == attempts
        assert database.work(deliveries.retry, due.id, NOW, counts=counts)
    assert claim(database)[0].attempts == 3


def test_waits_grow_and_end():
    def wait(kind, attempts):
        due = Due(1, "k", kind, 1, 1, {}, attempts)
        later = deliveries.next_try(due, NOW)
        return None if later is None else (later - NOW).total_seconds()

    assert [wait(Kind.NOTICE, attempts) for attempts in (1, 2, 3, 9, 10, 299)] == [1, 2, 4, 256, 300, 300]
    assert wait(Kind.NOTICE, 300) is None
    assert [wait(Kind.MAIL, attempts) for attempts in (1, 2, 8, 47, 48)] == [60, 120, 3600, 3600, None]


def test_after_a_crash_what_was_being_sent_is_unknown_and_sent_once_more(database, linked):
    queue(database)
    queue(database, "d", 502, Kind.DELETION, None)
    claim(database)
    assert database.work(deliveries.rescue, NOW) == 2
    assert states(database) == {"k": "unknown", "k+1": "queued", "d": "unknown", "d+1": "queued"}
    assert not claim(database, now=NOW + timedelta(minutes=9, seconds=59))
    later = NOW + timedelta(minutes=10)
    assert all(due.is_repetition for due in claim(database, now=later))
    assert database.work(deliveries.rescue, later) == 2  # and it crashed again
    assert set(states(database).values()) == {"unknown"}
    assert not claim(database, now=later + timedelta(days=1))
    assert database.work(deliveries.rescue, later) == 0


def test_a_rescue_leaves_alone_what_was_claimed_just_now_and_what_is_not_being_sent(database):
    deletions(database, 3)
    first, _ = database.work(deliveries.claim, NOW, 2, carrier="this one")
    database.work(deliveries.settle, first.id, State.DELIVERED, NOW)
    assert database.work(deliveries.rescue, NOW + timedelta(minutes=9), carrier="this one") == 0
    assert database.work(deliveries.rescue, NOW + timedelta(minutes=11), carrier="this one") == 1
    assert states(database) == {"d0": "delivered", "d1": "unknown", "d1+1": "queued", "d2": "queued"}


def test_a_repetition_is_cancelled_with_the_rest(database, linked):
    queue(database)
    (due,) = claim(database)
    database.work(deliveries.unsure, due, NOW)
    assert database.work(deliveries.cancel, now=NOW, chat=CHAT) == 1


def test_what_was_closed_long_ago_goes(database):
    deletions(database, 2)
    (due, _) = claim(database, 2)
    database.work(deliveries.settle, due.id, State.DELIVERED, NOW)
    assert database.work(rows.purge, NOW) == 0
    assert database.work(rows.purge, NOW + timedelta(seconds=1)) == 1
    assert states(database) == {"d1": "sending"}
