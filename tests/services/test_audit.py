"""The audit log: what it keeps, whom it names, and that every change to it is found with its place."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db import audit
from db.session import Database
from services import anchors, segments
from services.anchors import Anchor
from services.audit import Tag, record
from services.chain import BrokenAt, Intact, Why, verify, verify_beside
from tests.support.audit import CHAT, NOW, add_member, database_of, desk_with_keys, fill, undone, unguard
from vault.key import Purpose

COUNT = 12


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return desk_with_keys(tmp_path_factory.mktemp("home") / "keys")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def log(request, tmp_path_factory, desk):
    """A log of twelve events. Its tests undo what they do."""
    with database_of(request.param, request, tmp_path_factory.mktemp("log")) as database:
        database.member = database.work(add_member)
        fill(database, desk, COUNT, member=database.member)
        yield database


@pytest.fixture
def spoilt(log):
    """A session in which everything may be done to the log."""
    with undone(log) as session:
        unguard(session)
        yield session


def do(session, statement, **values):
    assert session.execute(text(statement), values).rowcount


def whole(session, desk):
    """One anchor, at the end."""
    return [anchors.current(session, now=NOW + timedelta(days=1))]


# ---- what is kept


def test_events_are_chained_and_whole(log, desk):
    assert verify_beside(log, desk.keys.ring) == Intact(COUNT, COUNT)


def test_an_event_names_nobody(log, desk):
    events = [stored.event for stored in log.work(audit.last, 100)]
    seen = {event.subject for event in events if event.tag == Tag.CARDS_VIEWED}
    assert len(seen) == 1  # the same person has the same name
    assert len(next(iter(seen))) == 43
    chats = {event.detail["chat"] for event in events if event.tag == Tag.CARDS_VIEWED}
    assert len(chats) == 1
    assert not {str(CHAT), str(log.member)} & (seen | chats)
    with undone(log) as session:
        rows = session.execute(text("SELECT * FROM audit_events")).all()
    assert str(CHAT) not in str(rows)


def test_a_chat_without_a_member_has_another_name_each_month(log, desk):
    with undone(log) as session:
        for now in (NOW, NOW, NOW + timedelta(days=31)):
            record(session, desk, Tag.CODE_FAILED, now=now, chat=CHAT)
        audit._write(session)
        first, second, third = (stored.event.subject for stored in audit.last(session, 3))
    assert first == second != third
    assert first.startswith("p-")


def test_erasing_the_key_unlinks_the_person_and_leaves_the_chain(log, desk):
    with undone(log) as session:
        do(session, "UPDATE members SET subject_key = NULL")
        record(session, desk, Tag.CARDS_VIEWED, now=NOW, member=log.member, chat=CHAT)
        audit._write(session)
        *_, before, after = (stored.event for stored in audit.last(session, COUNT))
        assert before.subject != after.subject
        assert before.detail["chat"] != after.detail["chat"]
        assert verify(session, desk) == Intact(COUNT + 1, COUNT + 1)
        do(session, "DELETE FROM members")
        assert verify(session, desk) == Intact(COUNT + 1, COUNT + 1)


def test_somebody_who_is_gone_can_be_recorded_and_not_be_named(log, desk):
    with undone(log) as session:
        for _ in range(2):
            record(session, desk, Tag.DATA_ERASED, now=NOW, member=987)
        audit._write(session)
        first, second = (stored.event.subject for stored in audit.last(session, 2))
        assert first != second


def test_what_raises_leaves_no_event(log, desk):
    def fails(session):
        record(session, desk, Tag.CARDS_VIEWED, now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        log.work(fails)
    assert verify_beside(log, desk.keys.ring) == Intact(COUNT, COUNT)


def test_an_event_inside_a_savepoint_goes_with_it(log, desk):
    with undone(log) as session:
        savepoint = session.begin_nested()
        record(session, desk, Tag.CARDS_VIEWED, now=NOW)
        savepoint.rollback()
        with session.begin_nested():
            record(session, desk, Tag.CODE_FROZEN, now=NOW)
        assert audit.last(session, 1)[0].event.tag == Tag.CODE_FROZEN
        assert verify(session, desk) == Intact(COUNT + 1, COUNT + 1)


@pytest.mark.parametrize(
    "value",
    [
        "80276001081699900578",
        "80276 0010 8169 9900578",
        "EFN 80276-0901234566",
        "4711000123",
        "mitglied@example.org",
        "x" * 201,
        80276001081699900578,
        4711000123,
        -4711000123,
        1.5,
        None,
        ["a"],
    ],
)
def test_a_detail_that_might_tell_who_is_refused(value, desk):
    with pytest.raises(ValueError) as caught:
        record(None, desk, Tag.CARDS_VIEWED, now=NOW, what=value)
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["breach", "2026-11-24", "2026-11-24-a1", "3f2a8812345678901234ab", 100_000, True, "k3"]
)
def test_codes_counts_dates_and_digests_may_be_kept(value, log, desk):
    with undone(log) as session:
        record(session, desk, Tag.CARDS_IMPORTED, now=NOW, what=value)
        audit._write(session)
        assert audit.last(session, 1)[0].event.detail == {"what": value}


@pytest.mark.parametrize("actor", ["", "Anna Meier", "4711000123", "chat:4711000123", "a" * 65, "anna@example.org"])
def test_an_actor_is_a_role_or_a_login(actor, desk):
    with pytest.raises(ValueError):
        record(None, desk, Tag.CARDS_VIEWED, now=NOW, actor=actor)


# ---- what is found


COLUMNS = {
    "at": datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    "tag": "member:cards:refused",
    "actor": "system",
    "subject": "somebody-else",
    "detail": '{"cards": 99}',
    "key": "k9",
    "hash": "0" * 64,
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 6, COUNT])
def test_every_changed_column_is_found_at_its_place(spoilt, desk, column, seq):
    do(spoilt, f"UPDATE audit_events SET {column} = :value WHERE seq = :seq", value=COLUMNS[column], seq=seq)
    assert verify(spoilt, desk) == BrokenAt(seq, Why.UNKNOWN_KEY if column == "key" else Why.CHANGED)


@pytest.mark.parametrize(("seq", "to"), [(6, 40), (6, -1), (COUNT, COUNT + 1), (1, 0)])
def test_a_changed_number_is_found(spoilt, desk, seq, to):
    do(spoilt, "UPDATE audit_events SET seq = :to WHERE seq = :seq", seq=seq, to=to)
    assert verify(spoilt, desk) == BrokenAt(seq, Why.MISSING)


def test_two_exchanged_events_are_found(spoilt, desk):
    for seq, to in ((5, 99), (8, 5), (99, 8)):
        do(spoilt, "UPDATE audit_events SET seq = :to WHERE seq = :seq", seq=seq, to=to)
    assert verify(spoilt, desk) == BrokenAt(5, Why.CHANGED)


@pytest.mark.parametrize("seq", [1, 6, COUNT])
def test_a_deleted_event_is_found(spoilt, desk, seq):
    do(spoilt, "DELETE FROM audit_events WHERE seq = :seq", seq=seq)
    assert verify(spoilt, desk) == BrokenAt(seq, Why.MISSING)


def test_events_moved_up_over_a_gap_are_found(spoilt, desk):
    do(spoilt, "DELETE FROM audit_events WHERE seq = 6")
    for seq in range(7, COUNT + 1):
        do(spoilt, "UPDATE audit_events SET seq = seq - 1 WHERE seq = :seq", seq=seq)
    do(spoilt, "UPDATE audit_head SET seq = seq - 1")
    assert verify(spoilt, desk) == BrokenAt(6, Why.CHANGED)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_head SET seq = 7", BrokenAt(7, Why.HEAD)),
        ("UPDATE audit_head SET seq = 40", BrokenAt(COUNT + 1, Why.MISSING)),
        (f"UPDATE audit_head SET hash = '{'0' * 64}'", BrokenAt(COUNT, Why.HEAD)),
        ("DELETE FROM audit_head", BrokenAt(1, Why.HEAD)),
        ("UPDATE audit_head SET id = 2", BrokenAt(1, Why.HEAD)),
    ],
)
def test_a_changed_head_is_found(spoilt, desk, statement, found):
    do(spoilt, statement)
    assert verify(spoilt, desk) == found


@pytest.mark.parametrize("seq", [0, -3, COUNT + 1, 1000])
def test_an_event_of_somebody_else_is_found(spoilt, desk, seq):
    columns = "at, tag, actor, subject, detail, key, hash"
    do(
        spoilt,
        f"INSERT INTO audit_events (seq, {columns}) SELECT :seq, {columns} FROM audit_events WHERE seq = 3",
        seq=seq,
    )
    assert verify(spoilt, desk) == BrokenAt(min(seq, COUNT + 1), Why.BEYOND)


def test_without_the_head_nothing_can_be_recorded(spoilt, desk):
    do(spoilt, "DELETE FROM audit_head")
    record(spoilt, desk, Tag.CARDS_VIEWED, now=NOW)
    with pytest.raises(audit.HeadMissing):
        audit._write(spoilt)


@pytest.mark.parametrize("column", ["at", "detail", "tag"])
@pytest.mark.parametrize("rubbish", ["x", b"\xff\x00", 10**18, -1.5])
def test_rubbish_in_sqlite_is_found_and_no_crash(spoilt, desk, column, rubbish):
    if spoilt.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes only what fits a column")
    do(spoilt, f"UPDATE audit_events SET {column} = :value WHERE seq = 4", value=rubbish)
    assert verify(spoilt, desk) == BrokenAt(4, Why.CHANGED)
    assert [stored.seq for stored in audit.last(spoilt, 3)] == [10, 11, 12]
    assert len(audit.last(spoilt, COUNT)) == COUNT


changes = st.one_of(
    st.tuples(st.sampled_from(sorted(COLUMNS)), st.integers(1, COUNT)),
    st.tuples(st.just("gone"), st.integers(1, COUNT)),
)


@given(st.lists(changes, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_several_changes_the_first_is_named(log, desk, several):
    with undone(log) as session:
        unguard(session)
        for what, seq in several:
            where = "WHERE seq = :seq"
            if what == "gone":
                session.execute(text(f"DELETE FROM audit_events {where}"), {"seq": seq})
            else:
                changed = {"value": COLUMNS[what], "seq": seq}
                session.execute(text(f"UPDATE audit_events SET {what} = :value {where}"), changed)
        found = verify(session, desk)
        assert isinstance(found, BrokenAt)
        assert found.seq == min(seq for _, seq in several)


# ---- anchors


def cut(session, kept):
    """Cuts the newest events off and moves the head, so that the rest is a good chain."""
    do(session, "DELETE FROM audit_events WHERE seq > :kept", kept=kept)
    do(
        session,
        "UPDATE audit_head SET seq = :kept, hash = (SELECT hash FROM audit_events WHERE seq = :kept)",
        kept=kept,
    )


def test_a_cut_tail_is_found_by_an_anchor_only(spoilt, desk):
    known = whole(spoilt, desk)
    cut(spoilt, 9)
    assert verify(spoilt, desk) == Intact(9, 9)
    assert verify(spoilt, desk, known) == BrokenAt(10, Why.CUT)


def test_everything_gone_is_found(spoilt, desk):
    known = whole(spoilt, desk)
    do(spoilt, "DELETE FROM audit_events")
    do(spoilt, f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'")
    assert verify(spoilt, desk, known) == BrokenAt(1, Why.CUT)


def test_a_tail_written_anew_with_the_key_is_found(spoilt, desk):
    """Somebody who has the key can make a good chain, and still not change what lies outside."""
    known = whole(spoilt, desk)
    cut(spoilt, 9)
    for _ in range(5):
        record(spoilt, desk, Tag.CARDS_VIEWED, now=NOW)
    audit._write(spoilt)
    assert verify(spoilt, desk) == Intact(14, 14)
    assert verify(spoilt, desk, known) == BrokenAt(COUNT, Why.ANCHOR)


def test_anchors_that_agree_are_counted(log, desk):
    with undone(log) as session:
        anchor = whole(session, desk)[0]
        earlier = replace(anchor, at=NOW, seq=3, hash=audit.portion(session, 2, 3)[0].hash)
        assert verify(session, desk, [earlier, anchor]) == Intact(COUNT, COUNT, 2, anchor.at)
        start = Anchor(NOW, 0, audit.START)
        assert verify(session, desk, [start]) == Intact(COUNT, COUNT, 1, NOW)


def test_a_restore_explains_what_it_replaced_and_nothing_else(spoilt, desk):
    known = whole(spoilt, desk)
    cut(spoilt, 9)
    record(spoilt, desk, Tag.BACKUP_RESTORED, now=known[0].at + timedelta(hours=1))
    for _ in range(6):
        record(spoilt, desk, Tag.CARDS_VIEWED, now=known[0].at + timedelta(hours=2))
    audit._write(spoilt)
    assert verify(spoilt, desk, known) == Intact(16, 16)
    later = Anchor(known[0].at + timedelta(hours=3), 40, "1" * 64)
    assert verify(spoilt, desk, [*known, later]) == BrokenAt(17, Why.CUT)
    before = Anchor(known[0].at, 5, "1" * 64)
    assert verify(spoilt, desk, [*known, before]) == BrokenAt(5, Why.ANCHOR)


def test_anchors_are_kept_in_a_file_that_only_grows(log, tmp_path):
    first = log.work(anchors.current, now=NOW)
    anchors.append(tmp_path, first)
    path = tmp_path / anchors.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("a") as file:
        file.write("2026-11-24T12:00")  # a crash in the middle of a line
    second = replace(first, at=NOW + timedelta(hours=1))
    anchors.append(tmp_path, second)
    assert path.read_text().startswith(f"{first}\n")
    assert anchors.read(tmp_path) == [first, second]


@given(st.text(max_size=300))
def test_an_anchor_file_full_of_rubbish_is_read_without_a_crash(tmp_path_factory, rubbish):
    folder = tmp_path_factory.mktemp("anchors")
    (folder / anchors.FILE).write_text(rubbish, encoding="utf-8", errors="surrogatepass")
    assert anchors.read(folder) == []


# ---- what was kept long enough


YEARS = NOW + timedelta(days=731, minutes=5)


def test_old_events_go_from_the_beginning_and_the_chain_goes_on(log, desk):
    with undone(log) as session:
        known = [Anchor(NOW, 3, "1" * 64), *whole(session, desk)]  # the first is older than what stays
        assert segments.close(session, desk, now=YEARS) == 5
        audit._write(session)
        assert verify(session, desk, known) == Intact(COUNT - 5 + 1, COUNT + 1, 1, known[1].at)
        assert [stored.seq for stored in audit.last(session, 100)] == [*range(6, COUNT + 2)]
        closed = audit.last(session, 1)[0].event
        assert (closed.tag, closed.detail) == (Tag.AUDIT_CLOSED, {"count": 5})
        assert segments.close(session, desk, now=YEARS) == 0


def test_everything_may_be_old_and_the_chain_still_goes_on(log, desk):
    with undone(log) as session:
        assert segments.close(session, desk, now=YEARS + timedelta(days=1)) == COUNT
        assert verify(session, desk) == Intact(0, COUNT)
        audit._write(session)
        assert verify(session, desk) == Intact(1, COUNT + 1)


def test_nothing_young_goes(log, desk):
    with undone(log) as session:
        assert segments.close(session, desk, now=NOW + timedelta(days=730)) == 0


def test_no_gap_arises_when_a_clock_was_wrong(spoilt, desk):
    """An old time between younger ones stays until those before it go."""
    record(spoilt, desk, Tag.CARDS_VIEWED, now=NOW + timedelta(days=9))
    record(spoilt, desk, Tag.CARDS_VIEWED, now=NOW - timedelta(days=900))
    audit._write(spoilt)
    assert segments.close(spoilt, desk, now=NOW + timedelta(days=733)) == COUNT
    audit._write(spoilt)
    assert verify(spoilt, desk) == Intact(3, COUNT + 3)


def test_closing_is_done_in_portions(log, desk, monkeypatch):
    monkeypatch.setattr(segments, "MOST", 5)
    with undone(log) as session:
        late = YEARS + timedelta(days=1)
        assert [segments.close(session, desk, now=late) for _ in range(4)] == [5, 5, 2, 0]
        audit._write(session)
        assert verify(session, desk) == Intact(3, COUNT + 3)


@pytest.mark.parametrize("column", ["seq", "hash", "ended_at", "key", "signature"])
def test_a_forged_mark_of_what_was_deleted_is_found(spoilt, desk, column):
    segments.close(spoilt, desk, now=YEARS)
    audit._write(spoilt)
    values = {"seq": 6, "hash": "0" * 64, "ended_at": COLUMNS["at"], "key": "k9", "signature": "0" * 64}
    do(spoilt, f"UPDATE audit_segments SET {column} = :value", value=values[column])
    assert verify(spoilt, desk) == BrokenAt(6 if column == "seq" else 5, Why.SEGMENT)


def test_a_mark_made_by_somebody_else_is_found(spoilt, desk):
    """The triggers let the beginning go once there is a mark; the mark itself must be signed."""
    do(
        spoilt,
        "INSERT INTO audit_segments (seq, hash, ended_at, key, signature) "
        "SELECT seq, hash, at, key, hash FROM audit_events WHERE seq = 5",
    )
    do(spoilt, "DELETE FROM audit_events WHERE seq <= 5")
    assert verify(spoilt, desk) == BrokenAt(5, Why.SEGMENT)


def test_a_mark_that_is_gone_is_found(spoilt, desk):
    segments.close(spoilt, desk, now=YEARS)
    audit._write(spoilt)
    do(spoilt, "DELETE FROM audit_segments")
    assert verify(spoilt, desk) == BrokenAt(1, Why.MISSING)


# ---- keys and writers


def test_the_chain_goes_on_under_a_new_key(log, tmp_path):
    desk = desk_with_keys(tmp_path / "keys")
    with undone(log) as session:
        unguard(session)
        do(session, "DELETE FROM audit_events")
        do(session, f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'")
        for purpose in (None, Purpose.AUDIT, Purpose.AUDIT):
            if purpose:
                desk.keys.ring.add(purpose, today=NOW.date())
            record(session, desk, Tag.KEYS_ROTATED, now=NOW)
            audit._write(session)
        assert [stored.event.key for stored in audit.last(session, 3)] == ["k1", "k2", "k3"]
        assert verify(session, desk) == Intact(3, 3)
        desk.keys.ring.retire(Purpose.AUDIT, "k2")
        assert verify(session, desk) == BrokenAt(2, Why.UNKNOWN_KEY)


def test_writers_side_by_side_keep_one_chain(database_url, desk):
    """Twenty at once, each with a connection of its own, as several processes would."""
    from db import schema

    databases = [Database(database_url) for _ in range(2)]
    schema.upgrade(databases[0])
    gate, failures = threading.Barrier(20), []

    def write(number):
        def use_case(session):
            record(session, desk, Tag.CODE_REDEEMED, now=NOW, member=number)
            record(session, desk, Tag.LINK_CREATED, now=NOW, chat=number)

        try:
            gate.wait()
            for _ in range(3):
                databases[number % 2].work(use_case)
        except Exception as error:  # noqa: BLE001  told by the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    found = [verify_beside(databases[0], desk.keys.ring) for _ in range(3)]  # while they write
    for thread in threads:
        thread.join()
    assert not failures
    assert all(isinstance(each, Intact) for each in found)
    assert verify_beside(databases[1], desk.keys.ring) == Intact(120, 120)
    for database in databases:
        database.close()
