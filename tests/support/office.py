"""An association's office: it writes lists, imports them, and looks at what the database says afterwards."""

from datetime import date

import sqlalchemy

import building
import settings
import tables
from db import links, members, schema
from db.models import AuditEvent, AuditHead, Base
from db.session import Database
from faq.library import Shelf
from services import lists, register
from services.desk import Desk, Keys
from services.imports import Order
from vault import index
from vault.keyring import Keyring

ANNA, TWO = Order("anna"), Order("anna", "bernd")
AS_OF = date(2026, 11, 20)
EHBA = "8027600108169990{:04}"


class Office:
    def __init__(self, database_url, folder, clock):
        loaded = settings.load({})
        self.database, self.folder, self.clock = Database(database_url), folder, clock
        schema.upgrade(self.database)
        self.ring = Keyring.create(folder / "keys", today=clock().date())
        self.desk = Desk(Shelf.__new__(Shelf), building.rules_of(loaded), clock, Keys(self.ring))
        self.rules = loaded.config.imports
        self.incidents = {incident.id: incident for incident in loaded.config.incidents}
        self.plan = None  # the last one

    def write(self, head, rows, name="liste.csv"):
        path = self.folder / name
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    def plan_register(self, *rows):
        path = self.write("Mitgliedsnummer;E-Mail;EFN-Endziffern;Sprache", rows)
        with tables.read(path, register.columns(self.rules)) as table:
            self.plan = register.plan(self.database, self.desk, self.rules, table)
        return self.plan

    def register(self, *rows, order=ANNA):
        """Imports lines like `100042;a@b.de;1234;de`; the verdict."""
        return self.apply(register.apply, self.plan_register(*rows), order)

    def plan_list(self, *rows, incident="breach-2025", as_of=AS_OF, **options):
        path = self.write("Mitgliedsnummer;Kartenart;Kartennummer;Betroffen;Datenarten", rows)
        with tables.read(path, lists.columns(self.rules)) as table:
            about = self.incidents[incident], as_of
            self.plan = lists.plan(self.database, self.desk, self.rules, table, *about, **options)
        return self.plan

    def list(self, *rows, order=ANNA, **options):
        return self.apply(lists.apply, self.plan_list(*rows, **options), order)

    def apply(self, apply, plan, order=ANNA):
        with plan:
            return self.database.work(apply, self.desk, plan, order, now=self.clock())

    def member(self, number):
        found = self.database.work(members.find, index.candidates(self.ring, number, kind="member"))
        return found.id if found else None

    def link(self, number, chat, *, active_at=None):
        now = self.clock()
        return self.database.work(links.make, chat, self.member(number), now, active_at or now)

    def link_of(self, chat):
        """State and reason of the newest link of a chat."""
        query = sqlalchemy.text("SELECT state, reason FROM links WHERE chat = :chat ORDER BY id DESC")
        with self.database.engine.connect() as connection:
            return tuple(connection.execute(query, {"chat": chat}).first())

    def rows(self, *, audit=False):
        """Everything that is stored, by table; without the audit log unless it is wanted."""
        left_out = () if audit else (AuditEvent.__tablename__, AuditHead.__tablename__)
        found = {}
        with self.database.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                if table.name not in left_out:
                    rows = connection.execute(sqlalchemy.select(table)).mappings()
                    found[table.name] = sorted(([*row.items()] for row in rows), key=repr)
        return found

    def count(self, table):
        return len(self.rows(audit=True)[table])

    def events(self):
        """Tag and detail of the audit events."""
        query = sqlalchemy.select(AuditEvent.tag, AuditEvent.actor, AuditEvent.detail).order_by(AuditEvent.seq)
        with self.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def rejected(self):
        """Row and code of what the last plan rejects."""
        return [(number, problem.code.partition(".")[2]) for number, problem in self.plan.rejects.first]
