"""An association whose computer may stop at any moment: what the state machine plays with."""

import shutil
from datetime import timedelta

import settings
from building import rules_of
from db import chats
from db.session import Database
from faq.library import Shelf
from services import cards, deliveries, letters, links, privacy, retention, verification
from services.addresses import Recipient
from services.deliveries import Kind
from services.desk import Desk, Keys
from services.links import Whose
from services.turn import begin
from tests.support.office import TWO, Office
from vault.codes import Typed
from vault.keyring import Keyring

BOT = 1
DIGITS = "4566"  # of everybody's second check


class Stopped(Exception):  # noqa: N818
    """The computer stopped just before the commit."""


class House(Office):
    """An office with everything that its members do, each one transaction."""

    def __init__(self, database_url, folder, clock, library):
        # Not as an office begins: the schema and the keys are there.
        loaded = settings.load({})
        self.url, self.folder, self.clock = database_url, folder, clock
        self.database = Database(database_url)
        self.ring = Keyring.load(folder / "keys")
        self.desk = Desk(Shelf(library), rules_of(loaded), clock, Keys(self.ring))
        self.rules = loaded.config.imports
        self.incidents = {incident.id: incident for incident in loaded.config.incidents}
        self.plan = None

    def crash(self):
        """The process is gone with all it had in memory; another one is started."""
        self.database.close()
        self.database = Database(self.url)
        return self.database.work(deliveries.rescue, self.clock())

    def work(self, use_case, *arguments, stops=False, **named):
        """One transaction. `stops`: everything is done, and then the computer stops before it is committed."""

        def act(session):
            result = use_case(session, *arguments, **named)
            session.flush()
            if stops:
                raise Stopped
            return result

        return self.database.work(act)

    def turn(self, chat, does, *, stops=False):
        def act(session):
            return does(begin(session, self.desk, chat=chat, client="de", now=self.clock()))

        return self.work(act, stops=stops)

    # ---- what the office does

    def print(self, numbers):
        """A batch of letters for these members: its draft; None when one of them has a letter that waits."""
        recipients = [
            Recipient(self.member(one), "de", "Erika Probe", ("Am Probeweg 7", "01067 Probestadt")) for one in numbers
        ]
        now = self.clock()
        made = self.work(letters.draft, self.desk, recipients, now.astimezone(deliveries.HERE).date(), now)
        return made if self.work(letters.store, self.desk, made, TWO, now) is None else None

    def dispatch(self, made):
        now = self.clock()
        return self.work(letters.dispatched, self.desk, made.batch, now.astimezone(deliveries.HERE).date(), TWO, now)

    def revoke(self, number):
        whose = Whose(number)
        return self.work(links.revoke, self.desk, whose, reason="Brief verloren", order=TWO, now=self.clock())

    def forget(self):
        self.work(retention.forget, self.desk, bot=BOT, now=self.clock())

    # ---- what members do

    def type_code(self, chat, code, **options):
        return self.turn(chat, lambda turn: verification.submit(turn, Typed(code)), **options)

    def type_digits(self, chat, digits, **options):
        return self.turn(chat, lambda turn: verification.check_digits(turn, digits), **options)

    def confirm(self, chat, **options):
        return self.turn(chat, verification.confirm, **options)

    def look_up(self, chat, **options):
        return self.turn(chat, cards.look_up, **options)

    def sign_off(self, chat, **options):
        return self.turn(chat, privacy.sign_off, **options)

    def erase(self, chat, **options):
        return self.turn(chat, privacy.erase, **options)

    def pause(self, chat, *, paused, **options):
        return self.turn(chat, lambda turn: privacy.pause(turn, paused=paused), **options)

    def object(self, chat, **options):
        return self.turn(chat, verification.refuse_newer, **options)

    # ---- the outbox

    def queue_notice(self, key, chat, number, **options):
        now = self.clock()
        values = {"key": key, "chat": chat, "kind": Kind.NOTICE, "reply": {}, "member": self.member(number)}
        return self.work(deliveries.queue, due_at=now, now=now, **values, **options)

    def claim(self):
        return self.work(deliveries.claim, self.clock(), 5)

    def note(self, due, became):
        """What became of a call."""
        now = self.clock()
        match became:
            case "ok":
                self.work(deliveries.settle, due.id, deliveries.State.DELIVERED, now)
            case "blocked":
                self.work(deliveries.settle, due.id, deliveries.State.REFUSED, now)
                self.work(chats.block, due.chat, now)
            case "wait":
                self.work(deliveries.retry, due.id, now + timedelta(seconds=5), counts=False)
            case "unknown":
                self.work(deliveries.unsure, due, now)


def copied(template, folder):
    """Keys and, on SQLite, the database of a house that was prepared once."""
    return shutil.copytree(template, folder)
