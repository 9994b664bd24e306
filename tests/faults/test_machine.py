"""Anything in any order: a state machine that imports, prints, types codes, erases, sends, crashes and jumps in time.

After each step it compares what the database says with a model that only knows what was proved, erased and sent.
"""

import itertools
from collections import Counter, defaultdict
from datetime import timedelta
from functools import partial

import hypothesis.strategies as some
import pytest
import sqlalchemy
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db import schema
from db.models import Delivery, Letter, Link
from db.session import Database, Session
from services import chain, deliveries
from services.deliveries import Kind
from services.imports import Verdict
from services.outcomes import CardsShown, CodePaused, CodeRefused, ConfirmAsked, DigitsAsked, Linked, LinkRefused
from tests.faults.conftest import DEEP
from tests.faults.house import DIGITS, House, Stopped, copied
from tests.support.office import TWO
from tests.support.program import Clock
from vault import codes
from vault.keyring import Keyring

pytestmark = pytest.mark.long

NUMBERS = ("100042", "100043", "100044", "100045")
CHATS = (7001, 7002, 7003)
CARDS = {number: f"8027600108169990{place:04}" for place, number in enumerate(NUMBERS)}
EXAMPLES, STEPS = (1000, 80) if DEEP else (20, 50)

chats_, numbers = some.sampled_from(CHATS), some.sampled_from(NUMBERS)
totals = Counter()


class Association(RuleBasedStateMachine):
    """`prepare` is set for each kind of database: it gives a House in which nothing has happened."""

    prepare = None

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.house = type(self).prepare(self.clock)
        self.slips, self.batches = [], []  # (number, code, reference); drafts that are not dispatched
        self.typed = {}  # chat -> the slip whose code it typed last
        self.right = {}  # chat -> the slip whose digits it gave, too
        self.redeemer = {}  # reference of a letter -> the only chat that redeemed it
        self.proved = defaultdict(set)  # chat -> numbers
        self.paused, self.keys = set(), itertools.count(1)
        self.queued, self.sending = {}, []  # key -> chat
        self.said, self.doubtful = Counter(), Counter()  # by key

    def teardown(self):
        self._audit_is_whole()
        self.house.database.close()

    # ---- the office

    @initialize()
    def register(self):
        self._import(NUMBERS)
        assert self._list(NUMBERS[:2]) is Verdict.APPLIED
        for chat, number in zip(CHATS[:2], NUMBERS[:2], strict=True):
            self.arrive(chat, number)

    def _import(self, listed):
        rows = [f"{number};a@b.example;{DIGITS};de" for number in listed]
        return self.house.register(*rows, order=TWO)

    def _list(self, affected):
        rows = [
            f"{n};eHBA;{CARDS[n]};{'ja' if n in affected else 'nein'};{'Name' if n in affected else ''}"
            for n in NUMBERS
        ]
        return self.house.list(*rows, order=TWO)

    @rule(left_out=some.none() | numbers)
    def import_register(self, left_out):
        totals["imports"] += 1
        self._import([number for number in NUMBERS if number != left_out])

    @rule(affected=some.sets(numbers))
    def import_list(self, affected):
        totals["imports"] += 1
        before = self._keys()
        verdict = self._list(affected)
        assert verdict in (Verdict.APPLIED, Verdict.UNCHANGED, Verdict.REJECTED), verdict
        after = self._keys()
        self.queued |= {key: chat for key, chat in after.items() if key not in before}
        if verdict is Verdict.APPLIED:
            assert self._list(affected) is Verdict.UNCHANGED
            assert self._keys() == after, "the same list tells nobody anything new"

    @rule(number=numbers)
    def print_letter(self, number):
        made = self.house.print([number])
        if made is None:
            return  # one letter at a time
        self.batches.append(made)
        self.slips += [(number, slip.code, slip.reference) for slip in made.slips]

    @precondition(lambda self: self.batches)
    @rule(data=some.data())
    def dispatch(self, data):
        made = self.batches.pop(data.draw(some.integers(0, len(self.batches) - 1)))
        self.house.dispatch(made)

    @rule(number=numbers)
    def revoke(self, number):
        self.house.revoke(number)
        for proved in self.proved.values():
            proved.discard(number)

    # ---- members and strangers

    @precondition(lambda self: self.slips)
    @rule(chat=chats_, data=some.data())
    def type_code(self, chat, data):
        slip = data.draw(some.sampled_from(self.slips))
        self._accepted(chat, slip, self.house.type_code(chat, slip[1]))

    def _accepted(self, chat, slip, outcome):
        assert isinstance(outcome, DigitsAsked | CodeRefused | CodePaused | Linked), outcome
        if isinstance(outcome, DigitsAsked):
            self.typed[chat] = slip
            self.right.pop(chat, None)
            assert slip[2] not in self.redeemer, "a used code is accepted"
        if isinstance(outcome, Linked):  # the same answer once more
            assert self.redeemer[slip[2]] == chat

    @rule(chat=chats_)
    def type_wrong_code(self, chat):
        outcome = self.house.type_code(chat, codes.new_code())
        assert isinstance(outcome, CodeRefused | CodePaused)

    @precondition(lambda self: self.typed)
    @rule(chat=chats_, right=some.sampled_from([True, True, True, False]))
    def type_digits(self, chat, right):
        outcome = self.house.type_digits(chat, DIGITS if right else "0000")
        if isinstance(outcome, ConfirmAsked):
            assert right
            self.right[chat] = self.typed[chat]

    @precondition(lambda self: self.typed)
    @rule(chat=chats_)
    def confirm(self, chat):
        before = self._redeemed()
        outcome = self.house.confirm(chat)
        assert isinstance(outcome, Linked | LinkRefused | CodeRefused), outcome
        new = self._redeemed() - before
        if not new:  # refused, or the same answer once more
            assert not isinstance(outcome, Linked) or chat in self.redeemer.values()
            return
        number, _, reference = self.right[chat]
        assert new == {reference}, "redeemed without its code and its digits"
        assert reference not in self.redeemer, "redeemed twice"
        self.redeemer[reference] = chat
        self.proved[chat].add(number)
        totals["linked"] += 1

    def _redeemed(self):
        return {row.reference for row in self._rows(Letter) if row.state == "redeemed"}

    @rule(chat=chats_, number=numbers)
    def arrive(self, chat, number):
        """What members do nearly always: without it a random walk would seldom get there."""
        made = self.house.print([number])
        if made is None:
            return
        self.house.dispatch(made)
        (slip,) = made.slips
        self.slips.append((number, slip.code, slip.reference))
        self._accepted(chat, self.slips[-1], self.house.type_code(chat, slip.code))
        if self.typed.get(chat) == self.slips[-1]:
            self.type_digits(chat, right=True)
            self.confirm(chat)
        self.look_up(chat)

    @rule(chat=chats_)
    def look_up(self, chat):
        outcome = self.house.look_up(chat)
        totals["look_ups"] += 1
        if isinstance(outcome, CardsShown):
            totals["shown"] += 1
            assert outcome.number_end in {number[-2:] for number in self.proved[chat]}, "somebody else's cards"

    @rule(chat=chats_)
    def object(self, chat):
        self.house.object(chat)

    @rule(chat=chats_, erases=some.booleans())
    def leave(self, chat, erases):
        (self.house.erase if erases else self.house.sign_off)(chat)
        self.proved[chat].clear()
        if erases:
            self.paused.discard(chat)
            self.queued = {key: of for key, of in self.queued.items() if of != chat}
            left = [row for row in self._rows(Link) if row.chat == chat]
            assert not left
        assert not [
            row
            for row in self._rows(Delivery)
            if row.chat == chat and row.state == "queued" and row.kind == Kind.NOTICE
        ]

    @rule(chat=chats_, paused=some.booleans())
    def pause(self, chat, paused):
        self.house.pause(chat, paused=paused)
        (self.paused.add if paused else self.paused.discard)(chat)

    # ---- the outbox

    @rule(data=some.data())
    def queue_notice(self, data):
        tied = [row for row in self._rows(Link) if row.state == "active"]
        if not tied:
            return
        link = data.draw(some.sampled_from(tied))
        number = next(number for number in NUMBERS if self.house.member(number) == link.member)
        key = f"notice:{next(self.keys)}:{link.chat}"
        assert self.house.queue_notice(key, link.chat, number)
        assert not self.house.queue_notice(key, link.chat, number), "twice about the same"
        self.queued[key] = link.chat
        if data.draw(some.booleans()):
            self.claim()

    @rule()
    def claim(self):
        for due in self.house.claim():
            if due.kind == Kind.NOTICE:
                totals["notices"] += 1
                self._may_be_told(due)
            self.sending.append(due)

    def _may_be_told(self, due):
        assert self.proved[due.chat], "a notice to somebody who left"
        assert due.chat not in self.paused, "a notice to somebody who wants none"
        tie = [row for row in self._rows(Link) if row.chat == due.chat and row.state == "active"]
        assert [row.member for row in tie] == [due.member]

    @precondition(lambda self: self.sending)
    @rule(became=some.sampled_from(["ok", "ok", "blocked", "wait", "unknown"]))
    def send(self, became):
        due = self.sending.pop(0)
        key = due.key.removesuffix(deliveries.AGAIN)
        self.said[key] += became in ("ok", "unknown")
        self.doubtful[key] += became == "unknown"
        self.house.note(due, became)
        assert self.said[key] <= 1 + min(1, self.doubtful[key]), "at most once more, and only where it was in doubt"

    # ---- what happens to computers

    @rule()
    def crash(self):
        """What was being sent may have arrived."""
        totals["crashes"] += 1
        rescued = self.house.crash()
        assert rescued <= len(self.sending)
        for due in self.sending:
            key = due.key.removesuffix(deliveries.AGAIN)
            self.said[key] += 1
            self.doubtful[key] += 1
        self.sending.clear()
        assert not [row for row in self._rows(Delivery) if row.state == "sending"], "stuck"

    @rule(chat=chats_, does=some.sampled_from(["look_up", "sign_off", "erase", "confirm", "object", "notice", "pause"]))
    def stop_before_commit(self, chat, does):
        acts = {
            "notice": partial(self.house.queue_notice, "notice:0:0", chat, NUMBERS[0]),
            "pause": partial(self.house.pause, chat, paused=True),
        }
        act = acts.get(does) or partial(getattr(self.house, does), chat)
        before = self.house.rows(audit=True)
        with pytest.raises(Stopped):
            act(stops=True)
        assert self.house.rows(audit=True) == before

    @rule(
        span=some.sampled_from(
            [{"minutes": 1}, {"minutes": 11}, {"minutes": 20}, {"hours": 25}, {"days": 22}, {"days": 200}]
        )
    )
    def time_passes(self, span):
        self.clock.advance(**span)

    @rule()
    def clock_is_set_back(self):
        self.clock.now -= timedelta(minutes=10)

    @rule()
    def forget(self):
        self.house.forget()

    # ---- what holds always

    def _rows(self, model):
        with Session(self.house.database.engine) as session:
            return list(session.scalars(sqlalchemy.select(model)))

    def _keys(self):
        return {row.key: row.chat for row in self._rows(Delivery)}

    @invariant()
    def what_holds_always(self):
        self._one_open_link()
        self._nothing_queued_is_lost()
        totals["steps"] += 1
        if totals["steps"] % 10 == 0:
            self._audit_is_whole()

    def _one_open_link(self):
        tied = [row for row in self._rows(Link) if row.state in ("active", "dormant")]
        assert max(Counter(row.member for row in tied).values(), default=0) <= 1
        assert max(Counter(row.chat for row in tied).values(), default=0) <= 1

    def _nothing_queued_is_lost(self):
        kept = {row.key for row in self._rows(Delivery)}
        assert not [key for key in self.queued if key not in kept]

    def _audit_is_whole(self):
        intact = self.house.database.work(chain.verify, self.house.desk)
        assert isinstance(intact, chain.Intact), intact


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_anything_in_any_order(request, tmp_path, counted, kind):
    server = request.getfixturevalue("postgres") if kind == "postgres" else None
    prepared = Prepared(tmp_path, server, request.getfixturevalue("shipped"))
    machine = type("Prepared", (Association,), {"prepare": staticmethod(prepared.house)})
    totals.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not DEEP,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=[Phase.generate, *([Phase.shrink] if DEEP else [])],  # to shrink takes minutes
        ),
    )
    counted(**totals)
    assert totals["linked"], "the walks never arrived anywhere"
    assert totals["notices"]


class Prepared:
    """The schema is made once, and copied for each example."""

    def __init__(self, folder, server, library):
        self._folder, self._server, self._library = folder, server, library
        self._numbers = itertools.count(1)
        self._template = folder / "template"
        self._template.mkdir()
        Keyring.create(self._template / "keys", today=Clock()().date())
        url = f"sqlite:///{self._template / 'machine.sqlite'}"
        if server is not None:
            self._administer("DROP DATABASE IF EXISTS machine")
            self._administer("CREATE DATABASE machine")
            url = self._url("machine")
        database = Database(url)
        schema.upgrade(database)
        database.close()

    def house(self, clock):
        number = next(self._numbers)
        folder = copied(self._template, self._folder / f"house-{number}")
        url = f"sqlite:///{folder / 'machine.sqlite'}"
        if self._server is not None:
            self._administer(f"DROP DATABASE IF EXISTS machine_{number}")
            self._administer(f"CREATE DATABASE machine_{number} TEMPLATE machine")
            url = self._url(f"machine_{number}")
        return House(url, folder, clock, self._library)

    def _url(self, name):
        return sqlalchemy.make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement):
        url = self._server.replace("postgresql://", "postgresql+psycopg://", 1)
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(statement))
        engine.dispose()
