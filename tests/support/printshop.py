"""An office that prints letters: a database, keys, members, and the register's file with their addresses."""

import csv
from contextlib import contextmanager
from datetime import timedelta

import settings
import tables
from building import rules_of
from db import batches, letters, schema
from db.models import Letter, LetterRequest, Link, Member
from db.session import Database
from faq.library import Shelf
from services import addresses, printrun
from services import letters as service
from services.deliveries import HERE
from services.desk import Desk, Keys
from services.imports import Order
from services.printrun import Press
from tests.support.program import Clock
from vault import codes, index, sealing
from vault.keyring import Keyring

NUMBERS = ("0410027342", "0410008817", "0410031925")
TWO = Order("anna", "bernd")
HEADER = ("Mitgliedsnummer", "Briefanrede", "Titel", "Vorname", "Nachname", "Straße", "PLZ", "Ort", "Land")


class PrintShop:
    def __init__(self, database_url, home):
        self.home, self.clock = home, Clock()
        self.settings = settings.load({"DATABASE_URL": database_url, "AUSKUNFT_HOME": str(home)})
        self.database = Database(database_url)
        schema.upgrade(self.database)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = Keyring.create(home / "keys", today=self.clock().date())
        self.desk = Desk(Shelf.__new__(Shelf), rules_of(self.settings), self.clock, Keys(ring))
        self.press = Press.of(self.settings.config, self.settings.config_path.parent)

    @property
    def now(self):
        return self.clock()

    @property
    def today(self):
        return self.now.astimezone(HERE).date()

    def work(self, *arguments, **named):
        return self.database.work(*arguments, **named)

    def member(self, number, *, language="de", missing=False):
        ring = self.desk.keys.ring

        def insert(session):
            row = Member(
                number_mark=index.mark(ring, number, kind="member"),
                number_sealed=sealing.seal(ring, number, field="members.number"),
                number_end=number[-2:],
                language=language,
                imported_at=self.now,
                missing_since=self.now if missing else None,
            )
            session.add(row)
            session.flush()
            return row.id

        return self.work(insert)

    def add(self, row):
        self.work(lambda session: session.add(row))

    def link(self, member, state="active", chat=9):
        self.add(Link(chat=chat, member=member, state=state, made_at=self.now, active_at=self.now, used_at=self.now))

    def asks(self, member, state="open"):
        self.add(LetterRequest(member=member, asked_at=self.now, state=state))

    def register(self, rows, name="register.csv", header=HEADER):
        """Writes the register's file; a row is a number, or all cells."""
        path = self.home / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(header)
            writer.writerows(row_of(row) if isinstance(row, str) else row for row in rows)
        return path

    def merged(self, path, addressees, **limits):
        with tables.read(path, addresses.columns(self.settings.config.letters.columns)) as table:
            return addresses.merge(table, self.desk.keys.ring, addressees, **limits)

    def draft(self, numbers, chooser=service.unreached, posted_on=None):
        """A batch for these members, chosen and addressed as the command does it."""
        choice = self.work(chooser, self.desk, self.now)
        merged = self.merged(self.register(numbers), choice.addressees)
        return self.work(service.draft, self.desk, merged.recipients, posted_on or self.today, self.now)

    def print(self, numbers, name="letters.pdf", chooser=service.unreached, order=TWO):
        """Prints and stores; the draft and the PDF's place."""
        made, out = self.draft(numbers, chooser), self.home / name
        printrun.run(self.database, self.desk, self.press, made, out, order, now=self.now)
        return made, out

    def stored(self, numbers, chooser=service.unreached):
        """A batch as after printing, without the PDF."""
        made = self.draft(numbers, chooser)
        assert self.work(service.store, self.desk, made, TWO, self.now) is None
        return made

    def dispatch(self, made, on=None, order=TWO):
        return self.work(service.dispatched, self.desk, made.batch, on or self.today, order, self.now)

    def works(self, slip):
        """Whether the code of a letter works now."""
        digests = codes.digests(self.desk.keys.ring, slip.code)
        return self.work(letters.find_valid, digests, self.now) is not None

    def redeem(self, slip, chat=9):
        digests = codes.digests(self.desk.keys.ring, slip.code)
        letter = self.work(letters.find_valid, digests, self.now)
        self.work(letters.claim, letter.id, chat)
        assert self.work(letters.redeem, letter.id, chat, self.now)

    def counts(self, made):
        found = self.work(batches.batch, made.batch)
        return found and found.counts

    def letters(self):
        return self.work(lambda session: session.query(Letter).count())

    def requests(self):
        return self.work(lambda session: [row.state for row in session.query(LetterRequest).order_by(LetterRequest.id)])

    def advance(self, **span):
        self.clock.now += timedelta(**span)


def row_of(number):
    return (
        number,
        "Sehr geehrte Frau Dr. Probe",
        "Dr. med.",
        f"Erika{number[-1]}",
        "Probe",
        "Am Probeweg 7",
        "01067",
        "Probestadt",
        "",
    )


@contextmanager
def print_shop(database_url, home):
    shop = PrintShop(database_url, home)
    try:
        yield shop
    finally:
        shop.database.close()
