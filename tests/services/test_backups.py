"""Backups are of one moment and cannot be spoilt unnoticed; restoring gives back everything but the erased."""

import dataclasses
import os
import shutil
import sqlite3
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy
from sqlalchemy import select, text

import settings as settings_file
from backup import archive, manifest, shelf
from db import copies, copy_postgres, privacy, schema, suppressions
from db.models import Chat, Link, Member, Tick
from db.session import Database
from services import anchors, backups, segments
from services import suppressions as erasures
from services.audit import Tag, record
from services.backups import Made, Refused, Why
from services.chain import Intact, verify_beside
from services.desk import Keys
from services.restoring import Order, Restored, restore
from tests.support import audit as audit_support
from tests.support.audit import NOW, desk_with_keys, unguard
from tests.support.backup import CANARY, chat_of, fill, number_of, rows
from vault import files, index
from vault.key import Purpose
from vault.keyring import Keyring

LATER = NOW + timedelta(hours=3)
VERIFICATION = settings_file.load({}).config.verification


class Place:
    """A home folder with keys and a database that is in use."""

    def __init__(self, home, url):
        self.home, self.url = home, url
        keys = home / "keys"
        self.desk = SimpleNamespace(keys=Keys(Keyring.load(keys))) if keys.exists() else desk_with_keys(keys)
        self.folder = home / "backups"
        self.file = None

    @property
    def ring(self):
        return self.desk.keys.ring

    def work(self, use_case, *args, **kwargs):
        database = Database(self.url)
        try:
            return database.work(use_case, *args, **kwargs)
        finally:
            database.close()

    def rows(self):
        database = Database(self.url)
        try:
            return rows(database)
        finally:
            database.close()

    def make(self, now=NOW, **options):
        database = Database(self.url)
        try:
            made = backups.make(
                database, self.ring, home=self.home, folder=self.folder, now=now, actor="staff:anna", **options
            )
        finally:
            database.close()
        if isinstance(made, Made):
            self.file = made.path
        return made

    def order(self, **options):
        given = {"file": self.file, "url": self.url, "now": LATER, "force": True} | options
        return Order(
            ring=self.ring,
            home=self.home,
            folder=self.folder,
            actor="staff:anna",
            verification=VERIFICATION,
            **given,
        )

    def restore(self, **options):
        return restore(self.order(**options))

    def empty(self):
        """The database as after the loss of its disk."""
        database = Database(self.url)
        if database.is_sqlite:
            database.close()
            for path in self.home.glob("test.sqlite*"):
                path.unlink()
            return
        with database.engine.connect() as connection, connection.begin():
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        database.close()

    def verify(self):
        database = Database(self.url)
        try:
            return verify_beside(database, self.ring, anchors.read(self.home))
        finally:
            database.close()

    def anchor(self, now):
        anchors.append(self.home, self.work(anchors.current, now=now))


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A home folder with a filled database on SQLite, to be copied."""
    home = tmp_path_factory.mktemp("pattern")
    filled(home, f"sqlite:///{home / 'test.sqlite'}")
    return home


@pytest.fixture
def place(request, tmp_path, database_url):
    if not database_url.startswith("sqlite"):
        return filled(tmp_path, database_url)
    return request.getfixturevalue("plain")


def filled(home, url):
    place = Place(home, url)
    database = Database(url)
    schema.upgrade(database)
    database.work(fill, place.ring)
    audit_support.fill(database, place.desk, 6, member=1, since=NOW - timedelta(hours=1))
    database.close()
    return place


@pytest.fixture
def server(tmp_path, postgres_url):
    """The same on PostgreSQL only."""
    return filled(tmp_path, postgres_url)


@pytest.fixture
def plain(tmp_path, pattern):
    """The same on SQLite only, for what does not depend on the kind of database."""
    shutil.copytree(pattern, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite'}")


def is_sqlite(place):
    return place.url.startswith("sqlite")


# ---- there and back


def test_everything_comes_back(place):
    before = place.rows()
    made = place.make()
    assert made.rows == sum(len(table) for table in before.values()) + 1  # and Alembic's own
    place.empty()
    restored = place.restore(force=False)
    assert (restored.erased, restored.present, restored.lost) == (0, None, {})
    after = place.rows()
    for table in before.keys() - {"audit_events", "audit_head"}:
        assert after[table] == before[table], table
    assert set(before["audit_events"]) < set(after["audit_events"])
    assert place.verify() == Intact(7, 7, 1, LATER)
    if is_sqlite(place):
        assert (place.home / "test.sqlite").stat().st_mode & 0o777 == 0o600


def test_the_restored_database_goes_on_like_the_old_one(place):
    place.make()
    place.restore()
    place.work(fill_more)
    place.work(record, place.desk, Tag.CARDS_VIEWED, now=LATER, member=1)
    assert place.verify() == Intact(8, 8, 1, LATER)
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        place.work(lambda session: session.execute(text("DELETE FROM audit_events")))


def fill_more(session):
    """A row whose number the database gives."""
    member = Member(number_mark="k1:new", number_sealed="x", number_end="99", language="de", imported_at=NOW)
    session.add(member)
    session.flush()
    assert member.id == 4


def test_both_are_in_the_audit_log(plain):
    made = plain.make()
    assert plain.work(newest).tag == Tag.BACKUP_MADE
    assert plain.work(newest).detail["file"] == made.path.name
    restored = plain.restore()
    event = plain.work(newest)
    assert (event.tag, event.actor) == (Tag.BACKUP_RESTORED, "staff:anna")
    assert event.detail == {"made_at": "2026-11-24T12:00:00Z", "erased": 0}
    assert restored.lost == {"staff:backup:made": 1}


def newest(session):
    from db import audit

    return audit.last(session, 1)[0].event


def test_what_is_replaced_is_backed_up_and_can_be_had_back(plain):
    plain.make()
    plain.work(record, plain.desk, Tag.LINK_REVOKED, now=NOW, member=1)
    plain.work(lambda session: session.execute(text("UPDATE members SET language = 'en'")))
    before = plain.rows()["members"]
    restored = plain.restore()
    assert restored.lost == {"staff:backup:made": 1, "staff:link:revoked": 1}
    assert plain.rows()["members"] != before
    again = plain.restore(file=restored.present, now=LATER + timedelta(hours=1))
    assert isinstance(again, Restored)
    assert plain.rows()["members"] == before


def test_anchors_of_what_was_replaced_are_no_alarm(plain):
    plain.anchor(NOW - timedelta(minutes=30))
    plain.make()
    plain.work(record, plain.desk, Tag.CARDS_VIEWED, now=NOW)
    plain.anchor(NOW + timedelta(hours=1))
    assert isinstance(plain.restore(), Restored)
    assert plain.verify() == Intact(7, 7, 2, LATER)


def test_a_way_that_was_given_up_twice_is_no_alarm(plain):
    """B to event 10; back to 7 and on (A); back to B's 10; back to B's 8, where A's anchors are not A's any more."""
    step = iter(range(1, 100))

    def at():
        return LATER + timedelta(hours=next(step))

    def go_on(count):
        for _ in range(count):
            plain.work(record, plain.desk, Tag.CARDS_VIEWED, now=at())
            plain.anchor(at())

    early = plain.make(at()).path
    go_on(1)
    middle = plain.make(at()).path
    go_on(2)
    to_a = plain.restore(file=early, now=at())
    go_on(5)
    assert isinstance(plain.verify(), Intact)
    assert isinstance(plain.restore(file=to_a.present, now=at()), Restored)
    go_on(1)
    assert isinstance(plain.restore(file=middle, now=at()), Restored)
    go_on(1)
    assert isinstance(plain.verify(), Intact)
    lines = (plain.home / anchors.FILE).read_text().splitlines()
    forged = lines[-1].rsplit(" ", 1)[0] + " " + "0" * 64
    (plain.home / anchors.FILE).write_text("\n".join([*lines, forged]) + "\n")
    assert not isinstance(plain.verify(), Intact)


def test_old_events_that_were_deleted_stay_deleted(place):
    late = NOW + segments.KEPT_FOR - timedelta(minutes=58)
    place.work(segments.close, place.desk, now=late)
    place.make()
    place.empty()
    assert isinstance(place.restore(), Restored)
    assert place.verify() == Intact(6, 8, 1, LATER)


def test_a_trial_changes_nothing(place):
    place.make()
    before = place.rows()
    restored = place.restore(trial=True, force=False)
    assert isinstance(restored, Restored)
    assert place.rows() == before
    assert sorted(path.name for path in place.folder.iterdir()) == [place.file.name]


def test_an_old_backup_is_brought_to_the_newest_version(tmp_path, database_url):
    place = Place(tmp_path, database_url)
    database = Database(database_url)
    schema.upgrade(database, "0001")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO chats (id, first_at, last_at, offered, misses, minute_count)"
                " VALUES (5, '2026-01-01', '2026-01-01', '[]', 0, 0)"
            )
        )
    database.close()
    made = place.make()
    assert made.manifest.revision == "0001"
    place.empty()
    assert isinstance(place.restore(), Restored)
    assert place.work(lambda session: session.get(Chat, 5).paused) is False
    assert place.verify() == Intact(1, 1, 1, LATER)


def test_a_backup_is_of_one_moment_while_others_write(place):
    """Each transaction adds a chat and an event: no backup may have one without the other."""
    stop, failures = threading.Event(), []

    def write():
        database, number = Database(place.url), 0

        def both(session):
            session.add(Chat(id=number, first_at=NOW, last_at=NOW, offered=[], misses=0, minute_count=0))
            record(session, place.desk, Tag.CARDS_VIEWED, now=NOW, number=number)

        try:
            while not stop.is_set():
                number += 1
                database.work(both)
        except Exception as error:  # noqa: BLE001  told by the test
            failures.append(error)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    made = [place.make(NOW + timedelta(minutes=number)) for number in range(3)]
    stop.set()
    writer.join()
    assert not failures
    counts = [(each.manifest.rows["chats"] - 3, each.manifest.rows["audit_events"] - 6) for each in made]
    assert all(chats + number == events for number, (chats, events) in enumerate(counts))  # the backups are events, too
    assert counts[0] < counts[2]
    assert isinstance(place.restore(file=made[1].path), Restored)
    assert isinstance(place.verify(), Intact)


# ---- the erased


def erase(place, person, at=NOW + timedelta(hours=1)):
    def use_case(session):
        privacy.suppress(session, index.mark(place.ring, str(chat_of(person)), kind="chat"), at)
        privacy.erase(session, chat_of(person), [person], ["wrong-24h"])

    place.work(use_case)


def traces(place, person):
    """The tables in which the chat is still named."""
    return {table for table, found in place.rows().items() if str(chat_of(person)) in str(found)}


def test_who_erased_a_chat_since_stays_erased(place):
    place.make()
    erase(place, 2)
    assert traces(place, 2) == {"throttles"}  # who guesses must not get new tries
    restored = place.restore()
    assert restored.erased == 1
    assert traces(place, 2) == {"throttles"}
    assert {"chats", "links", "deliveries", "letters", "updates"} <= traces(place, 1)
    assert place.work(lambda session: session.get(Member, 2).subject_key) is None
    assert place.work(lambda session: session.get(Member, 2)) is not None  # the register is the association's
    assert "look-up-1h" not in str([row for row in place.rows()["throttles"] if str(chat_of(2)) in row])
    assert len(place.work(suppressions.marks)) == 1


def test_what_is_kept_for_a_member_in_another_chat_stays(place):
    """Member 1 had the chat of member 2 once, and has another one now: that is not erased with it."""
    values = {"made_at": NOW, "active_at": NOW, "used_at": NOW, "ended_at": NOW}
    place.work(lambda session: session.add(Link(chat=chat_of(2), member=1, state="ended", reason="replaced", **values)))
    place.make()
    erase(place, 2)
    assert place.restore().erased == 1
    assert [row.member for row in place.work(lambda session: session.scalars(select(Tick)).all())] == [1, 3]
    assert traces(place, 2) == {"throttles"}


def test_the_erased_stay_erased_when_the_database_is_lost(plain):
    plain.make()
    erase(plain, 2)
    assert erasures.write(plain.home, plain.work(suppressions.marks)) == 1
    plain.empty()
    assert plain.restore().erased == 1
    assert traces(plain, 2) == {"throttles"}
    assert len(plain.work(suppressions.marks)) == 1


def test_the_next_backup_knows_who_was_erased(plain):
    plain.make()
    erase(plain, 2)
    first = plain.file
    plain.make(NOW + timedelta(hours=2))
    plain.empty()
    plain.restore()
    assert plain.restore(file=first, now=LATER + timedelta(hours=1)).erased == 1


def test_a_chat_that_began_anew_stays(plain):
    plain.make()
    erase(plain, 2)
    new = Chat(id=chat_of(2), first_at=NOW + timedelta(hours=2), last_at=NOW, offered=[], misses=0, minute_count=0)
    plain.work(lambda session: session.add(new))
    plain.make(NOW + timedelta(hours=2, minutes=30))
    assert plain.restore().erased == 0
    assert traces(plain, 2) == {"chats", "throttles"}


@pytest.mark.parametrize("rotated", [False, True])
def test_an_erased_member_is_gone_with_everything(place, rotated):
    place.make()
    if rotated:
        place.ring.add(Purpose.INDEX, today=NOW.date())
    mark = index.mark(place.ring, number_of(3), kind="member")
    assert mark.startswith("k2:" if rotated else "k1:")
    erasures.write(place.home, {mark: NOW})
    assert place.restore().erased == 1
    found = place.rows()
    assert [len(found[table]) for table in ("members", "cards", "findings", "letters", "links", "ticks")] == [2] * 6
    assert len(found["deliveries"]) == 2
    assert traces(place, 3) == {"throttles"}


def test_the_file_of_the_erased_keeps_the_latest_time_and_survives_rubbish(tmp_path):
    mark = "k1:" + "a" * 43
    assert erasures.write(tmp_path, {mark: NOW}) == 1
    assert erasures.write(tmp_path, {mark: NOW}) == 0
    with (tmp_path / erasures.FILE).open("a") as file:
        file.write("2026-11-24T12:00:00+00:00 k1:aa")  # half a line
    assert erasures.write(tmp_path, {mark: LATER}) == 1
    assert erasures.read(tmp_path) == {mark: LATER}
    assert (tmp_path / erasures.FILE).stat().st_mode & 0o777 == 0o600


# ---- what is refused


def spoil(path, how):
    data = bytearray(path.read_bytes())
    match how:
        case "beginning":
            data[0] ^= 1
        case "header":
            data[len(files.MAGIC) + 5] ^= 1
        case "middle":
            data[len(data) // 2] ^= 1
        case "end":
            data[-1] ^= 1
        case "cut":
            del data[-100:]
        case "longer":
            data += b"x"
        case "empty":
            data.clear()
    path.write_bytes(data)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A place on SQLite with a backup, which is only read."""
    home = tmp_path_factory.mktemp("kept")
    place = filled(home, f"sqlite:///{home / 'test.sqlite'}")
    place.make()
    return place


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("beginning", Why.NOT_ONE),
        ("empty", Why.NOT_ONE),
        ("header", Why.DAMAGED),
        ("middle", Why.DAMAGED),
        ("end", Why.DAMAGED),
        ("cut", Why.DAMAGED),
        ("longer", Why.DAMAGED),
    ],
)
def test_a_damaged_backup_is_refused(kept, tmp_path, how, why):
    copy = shutil.copy2(kept.file, tmp_path)
    file = tmp_path / kept.file.name
    spoil(file, how)
    before = kept.rows()
    assert kept.restore(file=file).why is why, copy
    assert kept.rows() == before


def test_what_is_no_file_is_refused(kept, tmp_path):
    assert kept.restore(file=tmp_path / "nowhere") == Refused(Why.NO_FILE)
    assert kept.restore(file=tmp_path) == Refused(Why.NO_FILE)


def test_without_its_key_a_backup_is_refused(kept, tmp_path):
    other = desk_with_keys(tmp_path / "other").keys.ring
    assert restore(dataclasses.replace(kept.order(), ring=other)) == Refused(Why.DAMAGED)  # another k1
    newer = other.add(Purpose.BACKUP, today=NOW.date()).retire(Purpose.BACKUP, "k1")
    assert restore(dataclasses.replace(kept.order(), ring=newer)) == Refused(Why.UNKNOWN_KEY, "k1")


def packed(place, tmp_path, change):
    """A backup that is genuine and whose content was changed before it was sealed."""
    work = tmp_path / "work"
    work.mkdir()
    made = archive.unpack(place.ring, place.file, work)
    made = change(work, made) or made
    target = tmp_path / "changed.backup"
    archive.pack(place.ring, work, made, target)
    return target


def change_rows(work, made):
    return dataclasses.replace(made, rows=made.rows | {"members": 2})


def change_file(work, made):
    with sqlite3.connect(work / "database.sqlite") as connection:
        connection.execute("DELETE FROM ticks")
    connection.close()
    return dataclasses.replace(made, parts=archive.parts_of(work))


def orphan(work, made):
    with sqlite3.connect(work / "database.sqlite") as connection:
        connection.execute("UPDATE cards SET member = 99")
    connection.close()
    return dataclasses.replace(made, parts=archive.parts_of(work))


def rot(work, made):
    data = bytearray((work / "database.sqlite").read_bytes())
    data[8192:12288] = os.urandom(4096)
    (work / "database.sqlite").write_bytes(data)
    return dataclasses.replace(made, parts=archive.parts_of(work))


def other_digest(work, made):
    part = dataclasses.replace(made.parts["database.sqlite"], sha256="0" * 64)
    return dataclasses.replace(made, parts={"database.sqlite": part})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (change_rows, Why.INCOMPLETE),
        (change_file, Why.INCOMPLETE),
        (orphan, Why.INCOMPLETE),
        (rot, Why.INCOMPLETE),
        (other_digest, Why.INCOMPLETE),
        (lambda _, made: dataclasses.replace(made, format=2), Why.NEWER),
        (lambda _, made: dataclasses.replace(made, revision="9999"), Why.NEWER),
        (lambda _, made: dataclasses.replace(made, dialect="postgresql"), Why.OTHER_KIND),
    ],
)
def test_a_genuine_file_with_the_wrong_content_is_refused(kept, tmp_path, change, why):
    before = kept.rows()
    assert kept.restore(file=packed(kept, tmp_path, change)).why is why
    assert kept.rows() == before


def test_rows_missing_on_the_way_are_noticed(place, tmp_path):
    place.make()
    before = place.rows()
    assert place.restore(file=packed(place, tmp_path, change_rows)) == Refused(Why.INCOMPLETE, "rows")
    assert place.rows() == before


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"format": "x"}', '{"format": 1}', '{"format": 1, "made_at": 5}'])
def test_a_manifest_that_is_none(broken):
    with pytest.raises(manifest.NotAManifest):
        manifest.read(broken)


def test_a_database_that_is_not_empty_is_not_replaced_unasked(place):
    place.make()
    before = place.rows()
    assert place.restore(force=False) == Refused(Why.NOT_EMPTY)
    assert place.rows() == before


def test_a_broken_audit_log_is_not_restored_unasked(plain):
    def tamper(session):
        unguard(session)
        session.execute(text("UPDATE audit_events SET actor = 'x' WHERE seq = 3"))

    plain.work(tamper)
    plain.make()
    before = plain.rows()
    assert plain.restore() == Refused(Why.AUDIT, "3, changed")
    assert plain.rows() == before
    assert isinstance(plain.restore(broken_audit=True), Restored)


def test_a_backup_that_anchors_contradict_is_refused(plain):
    plain.make()
    plain.anchor(NOW - timedelta(minutes=1))  # of event 7, the backup itself
    lines = (plain.home / anchors.FILE).read_text().split()
    (plain.home / anchors.FILE).write_text(f"{lines[0]} 5 {lines[2]}\n")
    assert plain.restore() == Refused(Why.AUDIT, "5, anchor")
    assert isinstance(plain.restore(broken_audit=True), Restored)
    assert isinstance(plain.verify(), Intact)  # who restored it all the same is in the log


def test_postgresql_tells_who_else_is_connected(server):
    server.make()
    bot = Database(server.url)
    bot.work(lambda session: session.execute(text("SELECT 1")))
    assert server.restore() == Refused(Why.IN_USE, "1")
    assert isinstance(server.restore(trial=True), Restored)
    bot.close()
    assert isinstance(server.restore(), Restored)


def test_a_damaged_sqlite_database_is_kept_aside(plain):
    plain.make()
    path = plain.home / "test.sqlite"
    path.write_bytes(b"SQLite format 3\x00" + os.urandom(5000))
    assert plain.restore(force=False).why is Why.DATABASE
    restored = plain.restore()
    assert (restored.is_present_known, restored.present) == (False, None)
    assert len((plain.home / "test.sqlite.unreadable").read_bytes()) == 5016
    assert plain.verify() == Intact(7, 7, 1, LATER)


def test_a_log_that_lost_its_database_is_not_played_into_the_restored_one(plain):
    plain.make()
    path, log = plain.home / "test.sqlite", plain.home / "test.sqlite-wal"
    database = Database(plain.url)
    database.work(lambda session: session.execute(text("UPDATE members SET language = 'xx'")))
    kept = log.read_bytes()
    database.close()
    path.unlink()
    log.write_bytes(kept)
    assert isinstance(plain.restore(), Restored)
    assert "'xx'" not in str(plain.rows()["members"])
    assert plain.verify() == Intact(7, 7, 1, LATER)


def test_what_a_killed_bot_left_in_the_log_of_sqlite_is_neither_lost_nor_mixed_in(plain, tmp_path):
    plain.make()
    database = Database(plain.url)
    database.work(lambda session: session.execute(text("UPDATE members SET language = 'xx'")))
    for name in ("test.sqlite", "test.sqlite-wal"):
        shutil.copy2(plain.home / name, tmp_path / f"kept-{name}")
    database.close()
    for name in ("test.sqlite", "test.sqlite-wal"):
        shutil.move(tmp_path / f"kept-{name}", plain.home / name)
    restored = plain.restore()
    assert "'xx'" not in str(plain.rows()["members"])
    plain.restore(file=restored.present, now=LATER + timedelta(hours=1))
    assert "'xx'" in str(plain.rows()["members"])


def test_a_log_without_its_head_is_backed_up_and_not_restored(plain):
    def tamper(session):
        unguard(session)
        session.execute(text("DELETE FROM audit_head"))

    plain.work(tamper)
    assert isinstance(plain.make(), Made)
    before = plain.rows()
    assert plain.restore() == Refused(Why.AUDIT, "0, head")
    assert plain.rows() == before


def test_a_present_database_of_an_older_version_is_backed_up_too(plain):
    plain.make()
    database = Database(plain.url)
    schema.downgrade(database, "0001")
    database.close()
    restored = plain.restore()
    assert (restored.lost, restored.is_present_known) == ({}, True)
    assert shelf.made_at(restored.present) == LATER
    assert plain.verify() == Intact(7, 7, 1, LATER)


# ---- crashes and leftovers


def test_a_crash_before_the_last_step_changes_nothing(place, monkeypatch):
    place.make()
    before = place.rows()
    name = "_replace" if is_sqlite(place) else "_move"
    module = "copy_sqlite" if is_sqlite(place) else "copy_postgres"

    def crash(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"db.{module}.{name}", crash)
        assert place.restore() == Refused(Why.DISK, "No space left on device")
    assert place.rows() == before
    assert not list(place.home.glob(f"{backups.WORKPLACE}*"))
    assert isinstance(place.restore(now=LATER + timedelta(hours=1)), Restored)


def test_postgresql_moves_all_or_nothing(server, monkeypatch):
    server.make()
    before, moved = server.rows(), []
    move = copy_postgres._move_one

    def crash(*words):
        moved.append(words)
        if len(moved) == 6:
            raise OSError(5, "Input/output error")
        move(*words)

    with monkeypatch.context() as patch:
        patch.setattr(copy_postgres, "_move_one", crash)
        assert server.restore() == Refused(Why.DISK, "Input/output error")
    assert server.rows() == before


def test_schemas_that_a_crash_left_behind_go(server):
    server.make()

    def leave(session):
        session.execute(text("CREATE SCHEMA restored_deadbeef"))
        session.execute(text("CREATE SCHEMA restoredly"))

    server.work(leave)
    assert isinstance(server.restore(), Restored)
    names = server.work(lambda session: session.scalars(text("SELECT nspname FROM pg_namespace")).all())
    assert [name for name in names if name.startswith("restored")] == ["restoredly"]


def test_one_at_a_time_and_what_a_crash_left_behind_goes(plain):
    left = plain.home / f"{backups.WORKPLACE}left"
    left.mkdir()
    (left / "database.sqlite").write_text("plain")
    with backups.workplace(plain.home, plain.home) as folder:
        assert not left.exists()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert plain.make() == Refused(Why.BUSY)
    assert isinstance(plain.make(), Made)
    assert not list(plain.home.glob(f"{backups.WORKPLACE}*"))


def test_a_full_disk_leaves_no_half_backup(plain, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "seal_stream", full)
    assert plain.make() == Refused(Why.DISK, "No space left on device")
    assert not list(plain.folder.iterdir())


def test_a_backup_that_does_not_read_back_is_none(plain, monkeypatch):
    seal = files.seal_file

    def lie(ring, source, target, *, kind):
        seal(ring, source, target, kind=kind)
        spoil(target, "middle")

    monkeypatch.setattr(files, "seal_file", lie)
    assert plain.make() == Refused(Why.DAMAGED)
    assert not list(plain.folder.iterdir())


def test_an_empty_database_is_not_backed_up(tmp_path, database_url):
    assert Place(tmp_path, database_url).make() == Refused(Why.EMPTY)


def test_nothing_in_a_backup_is_in_clear(plain):
    made = plain.make()
    data = made.path.read_bytes()
    for word in (CANARY, "members", "SQLite", str(chat_of(1)), "manifest"):
        assert word.encode() not in data
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert plain.folder.stat().st_mode & 0o777 == 0o700


# ---- the shelf


def test_only_old_backups_go(kept, tmp_path):
    names = [shelf.name_for(NOW - timedelta(days=days)) for days in (1, 34, 36, 400)]
    for name in [*names, "auskunft-2020-01-01-000000.backup.txt", "auskunft-2020-99-01-000000.backup", "other.backup"]:
        (tmp_path / name).write_text("x")
    gone = shelf.prune(tmp_path, now=NOW)
    assert {path.name for path in gone} == set(names[2:])
    assert len(list(tmp_path.iterdir())) == 5


def test_old_ones_go_only_when_there_is_a_new_one(plain):
    plain.folder.mkdir()
    old = plain.folder / shelf.name_for(NOW - timedelta(days=40))
    old.write_text("x")
    with backups.workplace(plain.home, plain.home):
        assert plain.make(prune=True) == Refused(Why.BUSY)
    assert old.exists()
    made = plain.make(prune=True)
    assert made.pruned == (old,)
    assert made.path.exists()
    assert not old.exists()
    assert plain.make(prune=True) == Refused(Why.EXISTS, made.path.name)


def test_which_databases_are_there(tmp_path):
    assert copies.dialect_of("postgresql://x/y") == "postgresql"
    assert copies.is_there("postgresql://x/y")
    assert not copies.is_there(f"sqlite:///{tmp_path / 'none'}")
    assert not (tmp_path / "none").exists()
