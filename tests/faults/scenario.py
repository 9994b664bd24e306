"""What happens in every run: four people, the same words each time, and what must be in the database afterwards.

Anna is linked, looks her cards up and ticks a step off; a notice to her is due.
Bernd types the code of his letter. Clara is linked and erases everything while a notice waits for her. Emma asks; an old
message in her chat is due to be deleted.
"""

import asyncio
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import sqlalchemy
import yaml

import settings
from building import rules_of
from db import links, schema
from db.models import AuditEvent, Delivery, Fault, HandledUpdate, Letter, Link, Question, Suppression, Tick
from db.session import Database, Session
from faq.library import Shelf
from handlers.reply import Act, Reply
from services import chain, deliveries
from services.deliveries import Kind
from services.desk import Desk, Keys
from tests.faults.driver import ROOT
from tests.support.register import enrol, give_card
from vault.keyring import Keyring

ANNA, BERND, CLARA, EMMA = 7001, 7002, 7003, 7004
OLD_MESSAGE = 55
REST_SECONDS = 60  # R5: after any crash everything is as it should be in so long
STEPS = "Was jetzt tun: Datenvorfall bei D-Trust (Januar 2025)"
STEP = "☐ Karte weiter benutzen"
PERSONAL = {ANNA: "…0578", BERND: "…0603", CLARA: "…0694"}  # card endings, in what only their owners may see

# (what is done, what the answer to it holds). A tuple is a tap on the button that begins with the words.
SCRIPTS = {
    ANNA: [("/karte", "…0578"), ((STEPS,), "0 von"), ((STEP,), "1 von"), ("/datenschutz", "Beschwerde")],
    BERND: [
        ("/start", "Guten Tag"),
        ("CODE", "vier Ziffern"),
        ("4566", "verbinden?"),
        (("Ja",), "Verbunden"),
        ("/karte", "…0603"),
    ],
    CLARA: [("/karte", "…0694"), ("/loeschen", "wirklich"), (("Endgültig",), "alles ist gelöscht")],
    EMMA: [
        ("/hilfe", "Patientendaten"),
        ("karte pin sicher oder tauschen", "Meinen Sie"),
        (("CHOICE",), "nicht austauschen"),
        ("pin sicher?", "PIN und PUK"),
    ],
}
# The button that a member who asked something ambiguous takes: the first that chooses a suggestion.
CHOOSES, ANSWERS = "1c:", ("sendMessage", "editMessageText")


def now():
    return datetime.now(UTC)


def office(database_url, home, clock=now):
    """Database and desk beside the running program, as a command of the office has them."""
    loaded = settings.load({"DATABASE_URL": database_url, "AUSKUNFT_HOME": str(home)})
    home.mkdir(mode=0o700, exist_ok=True)
    database = Database(database_url)
    if schema.version(database) is not schema.Version.CURRENT:
        schema.upgrade(database)
    keys = home / "keys"
    ring = Keyring.load(keys) if keys.exists() else Keyring.create(keys, today=clock().date())
    desk = Desk(Shelf.__new__(Shelf), rules_of(loaded), clock, Keys(ring))
    return SimpleNamespace(database=database, desk=desk)


def write_config(path):
    """The shipped settings, without the pauses that only cost time here."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["limits"] |= {"per_chat_per_second": 30.0, "overall_per_second": 1000}
    config["verification"] |= {"floor_seconds": 0.0}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return path


def seed(place):
    """Fills an empty database; Bernd's code."""
    at = place.desk.clock()
    anna, bernd, clara = (enrol(place, number) for number in ("4711001", "4711002", "4711003"))
    cards = ("80276001081699900578", "80276001081699900603", "80276001081699900694")
    for person, number in zip((anna, bernd, clara), cards, strict=True):
        give_card(place, person, number=number, breach_2025=("name", "email"))
    for chat, person in ((ANNA, anna), (CLARA, clara)):
        place.database.work(links.make, chat, person.member, at, at)
    deletion = Reply(Act.DELETE, target=OLD_MESSAGE).to_json()
    queue(place, key=f"deletion:{EMMA}:{OLD_MESSAGE}", chat=EMMA, kind=Kind.DELETION, reply=deletion, due_at=at)
    queue(place, key="notice:1:anna", chat=ANNA, kind=Kind.NOTICE, reply={}, member=anna.member, due_at=at)
    late = at + timedelta(hours=2)
    queue(place, key="notice:2:clara", chat=CLARA, kind=Kind.NOTICE, reply={}, member=clara.member, due_at=late)
    return bernd.typed


def queue(place, **values):
    assert place.database.work(deliveries.queue, now=place.desk.clock(), **values)


@dataclass
class World:
    """One run's folder, database and Telegram."""

    telegram: object
    home: object
    database_url: str
    code: str
    seen: dict = field(default_factory=dict)  # chat -> (message id, rows) of the messages with buttons, oldest first
    updates: list = field(default_factory=list)  # ids of what was sent to the program

    async def play(self):
        """Everybody at once; each goes on when the answer is there."""
        async with asyncio.TaskGroup() as group:
            for chat, script in SCRIPTS.items():
                group.create_task(self._person(chat, script))

    async def _person(self, chat, script):
        for does, expects in script:
            before = len(self.telegram.calls)
            self.updates.append(self.telegram.put(self._does(chat, does)))
            try:
                async with asyncio.timeout(REST_SECONDS):
                    while not any(expects in text for text in self._said_since(chat, before)):
                        await asyncio.sleep(0.01)
            except TimeoutError as error:
                error.add_note(f"after {does!r} no {expects!r} came, but {self._said_since(chat, before)!r}")
                raise

    def _said_since(self, chat, before):
        return [
            parameters["text"]
            for method, parameters in self.telegram.calls[before:]
            if method in ANSWERS and int(parameters["chat_id"]) == chat
        ]

    def _does(self, chat, does):
        if isinstance(does, str):
            text = self.code if does == "CODE" else does
            return self.telegram.update(message=self.telegram.message(chat, text, date=int(time.time())))
        message, data, rows = self._button(chat, does[0])
        return self.telegram.tap(chat, message, data, keyboard=rows)

    def _button(self, chat, label):
        """The newest button that begins with the label."""
        for method, parameters in reversed(self.telegram.calls):
            if method in ANSWERS and int(parameters["chat_id"]) == chat:
                rows = (parameters.get("reply_markup") or {}).get("inline_keyboard", [])
                for key in (key for row in rows for key in row):
                    data = key.get("callback_data", "")
                    if key["text"].startswith(label) or (label == "CHOICE" and data.startswith(CHOOSES)):
                        return int(parameters.get("message_id", 0)) or self._newest(chat), data, rows
        raise AssertionError(f"no button {label!r} in chat {chat}")

    def _newest(self, chat):
        return max(message for place, message in self.telegram.messages if place == chat)

    async def rest(self, engine, *, everything=False, claimed=True):
        """Waits until nothing is owed, every update is confirmed and what is due is done; the seconds it took.

        `everything`: also no delivery is left that is to come. `claimed`: also none that somebody began to send.
        """
        began = time.monotonic()
        waits = sqlalchemy.true() if everything else Delivery.due_at <= now()
        delivery = (Delivery.state == "queued") & waits | ((Delivery.state == "sending") & sqlalchemy.literal(claimed))
        async with asyncio.timeout(REST_SECONDS):
            while self.telegram.queue or count(engine, HandledUpdate.owed.is_not(None)) or count(engine, delivery):
                await asyncio.sleep(0.02)
        return time.monotonic() - began


def count(engine, condition):
    with Session(engine) as session:
        return session.scalar(sqlalchemy.select(sqlalchemy.func.count()).where(condition))


# ---- what the database says


def everything(engine, model):
    with Session(engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


def in_doubt(engine):
    """At the moment of a crash: what may have been said and is not noted. (chat, text), and the delivery keys."""
    owed = [row for row in everything(engine, HandledUpdate) if row.owed]
    texts = Counter(
        (row.chat, reply["html"]) for row in owed for reply in row.owed if reply["act"] in ("send", "replace")
    )
    return texts, {row.key for row in everything(engine, Delivery) if row.state == "sending"}


def effects(place):
    """Everything that the script must have changed, once: compared with a run without trouble."""
    engine = place.database.engine
    events = [row for row in everything(engine, AuditEvent) if row.tag.startswith("member:")]
    questions = everything(engine, Question)
    return {
        "events": Counter((row.tag, row.actor) for row in events),
        "questions": Counter((row.decision, row.entry, row.chosen) for row in questions),
        "ticks": Counter((row.member, row.incident, row.step) for row in everything(engine, Tick)),
        "links": Counter((row.chat, row.member, row.state, row.reason) for row in everything(engine, Link)),
        "letters": Counter((row.member, row.state, row.redeemed_by) for row in everything(engine, Letter)),
        "deliveries": {row.key for row in deliveries_of(engine) if not is_personal(row)},
        "faults": len(everything(engine, Fault)),
        "erased": len(everything(engine, Suppression)),
    }


def deliveries_of(engine):
    """Without repetitions."""
    return [row for row in everything(engine, Delivery) if not row.key.endswith(deliveries.AGAIN)]


def is_personal(delivery):
    """Whether it deletes something personal that was said here: its key holds Telegram's number of the message."""
    return delivery.kind == Kind.DELETION and not delivery.key.endswith(f":{OLD_MESSAGE}")


def deletions(engine):
    """How many personal messages will be deleted a day later."""
    return sum(is_personal(row) for row in deliveries_of(engine))


def check_invariants(world, place):
    """R1, R2 and what must hold for links and the audit log, whatever happened."""
    engine = place.database.engine
    rows = Counter(row.update_id for row in everything(engine, HandledUpdate))
    assert rows == Counter(world.updates), "each update has exactly one row, and there is no other"
    assert world.telegram.confirmed == set(world.updates)
    open_links = [row for row in everything(engine, Link) if row.state in ("active", "dormant")]
    assert max(Counter(row.member for row in open_links).values(), default=0) <= 1
    assert max(Counter(row.chat for row in open_links).values(), default=0) <= 1
    intact = place.database.work(chain.verify, place.desk)
    assert isinstance(intact, chain.Intact), intact


def check_secrecy(telegram):
    """R7: what is personal goes to its owner, while the owner is linked."""
    linked = {ANNA, CLARA}
    for method, parameters in telegram.calls:
        if method not in ANSWERS:
            continue
        chat, text = int(parameters["chat_id"]), parameters["text"]
        if "Verbunden" in text:
            linked.add(chat)
        if "alles ist gelöscht" in text:
            linked.discard(chat)
        for owner, ending in PERSONAL.items():
            assert ending not in text or (chat == owner and chat in linked), (chat, text)
        assert "neue Mitteilung" not in text or chat in linked, "a notice to somebody who is not linked"


def copy_of(template, folder):
    """A fresh home from one that was prepared once."""
    folder.mkdir(parents=True)
    shutil.copytree(template, folder / "home")
    return folder / "home"
