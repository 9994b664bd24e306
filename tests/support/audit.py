"""An audit log to spoil: a database at the newest version, a desk with keys, and what an intruder would do first."""

import contextlib
import itertools
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import sqlalchemy
from sqlalchemy import text

from db import schema
from db.models import Member
from db.session import Database, Session
from services.audit import Tag, record
from services.desk import Keys
from vault.keyring import Keyring

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHAT = 4_711_000_123
_numbers = itertools.count(1)


def desk_with_keys(folder):
    """The only thing of a desk that the audit log asks for."""
    return SimpleNamespace(keys=Keys(Keyring.create(folder, today=date(2026, 11, 24))))


@contextlib.contextmanager
def database_of(kind, request, folder):
    """A database that a whole module shares: its tests undo what they do."""
    name = f"shared_{next(_numbers)}"
    if kind == "sqlite":
        url, admin = f"sqlite:///{folder / name}.sqlite", None
    else:
        server = request.getfixturevalue("postgres")
        address = server.replace("postgresql://", "postgresql+psycopg://", 1)
        admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    schema.upgrade(database)
    yield database
    database.close()
    if admin is not None:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def add_member(session, mark="k1:member"):
    member = Member(number_mark=mark, number_sealed="k1:x", number_end="42", language="de", imported_at=NOW)
    session.add(member)
    session.flush()
    return member.id


def fill(database, desk, count=12, *, member=None, since=NOW):
    """Events of two kinds, a minute apart."""
    for number in range(count):
        at = since + timedelta(minutes=number)
        if number % 3:
            database.work(
                record, desk, Tag.CARDS_VIEWED, now=at, actor="member", member=member, chat=CHAT, cards=number
            )
        else:
            database.work(record, desk, Tag.REGISTER_IMPORTED, now=at, actor="staff:anna", rows=number, dry=True)


@contextlib.contextmanager
def undone(database):
    """A session whose changes are all taken back."""
    with Session(database.engine, expire_on_commit=False) as session:
        session.begin()
        try:
            yield session
        finally:
            session.rollback()


def unguard(session):
    """Takes the triggers away, as somebody who owns the database can."""
    if session.get_bind().dialect.name == "sqlite":
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        for table in ("audit_events", "audit_head", "audit_segments"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
