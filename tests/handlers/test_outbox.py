"""The outbox at work: what Telegram and the mail server get, at which pace, and what stays noted."""

import asyncio
import contextlib
import time
from collections import Counter
from datetime import timedelta
from email.headerregistry import Address
from itertools import pairwise

import aiohttp
import pytest
import sqlalchemy
from telegram.error import TimedOut

from adapters.mail import Server, SmtpMail
from db import chats, links
from db.models import Chat, Delivery
from db.session import Database, DatabaseError, Session
from db.updates import Owed
from handlers import ledger, mailing, outbox
from handlers.courier import Books, Courier
from handlers.outbox import Outbox
from handlers.pace import Pace
from handlers.reply import Act, Reply
from handlers.sending import Fate, Result
from services import deliveries
from services.deliveries import Kind
from services.ports import MailFate
from tests.support.colleague import GROUP
from tests.support.mail import Postmaster, mail_server
from tests.support.register import enrol

# Where the database plays no part, one is enough.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTICE = Reply(Act.SEND, "Es gibt etwas Neues zu Ihren Karten.").to_json()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.02)
    monkeypatch.setattr(outbox, "BREATH", 0.01)
    monkeypatch.setattr(mailing, "POLL", 0.02)
    monkeypatch.setattr(mailing, "PAUSES", (0.05, 0.1))
    monkeypatch.setattr(ledger, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(outbox, "PER_SECOND", 500.0)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)


@pytest.fixture
def queue(program):
    """Queues a deletion, or a notice to a linked member."""

    def queue(key, chat, kind=Kind.DELETION, member=None, reply=None, due_at=None):
        now = program.desk.clock()
        reply = reply or (NOTICE if kind is Kind.NOTICE else Reply(Act.DELETE, target=int(chat or 0)).to_json())
        program.database.work(
            deliveries.queue, key=key, chat=chat, kind=kind, reply=reply, due_at=due_at or now, now=now, member=member
        )

    return queue


@pytest.fixture
def linked(program):
    """Links a chat to a new member and gives the member."""

    def link(chat, email=None):
        enrolled = enrol(program, f"47{chat}", email=email)
        program.database.work(chats.enter, chat, program.desk.clock())
        program.database.work(links.make, chat, enrolled.member, program.desk.clock(), program.desk.clock())
        return enrolled.member

    return link


@contextlib.asynccontextmanager
async def running(box):
    task = asyncio.create_task(box.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


def rows(program):
    with Session(program.database.engine) as session:
        return {row.key: row for row in session.scalars(sqlalchemy.select(Delivery).order_by(Delivery.id))}


def states(program):
    return {key: row.state for key, row in rows(program).items()}


async def until(condition, seconds=10.0):
    """Waits until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


class Script:
    """A sender that does as it is told by chat, and else sends."""

    def __init__(self, **by_chat):
        self.by_chat = {int(chat[1:]): list(results) for chat, results in by_chat.items()}
        self.said, self.at = [], []

    async def say(self, chat, reply, answered_by=None):
        self.at.append((chat, time.monotonic()))
        script = self.by_chat.get(chat)
        result = script.pop(0) if script else Result(Fate.SENT, 1)
        if isinstance(result, Exception):
            raise result
        if result.fate is Fate.SENT:
            self.said.append((chat, reply.act))
        return result


# ---- what arrives


async def test_what_is_due_goes_out_and_what_is_not_waits(program, telegram, queue, linked, clock):
    queue("deletion", 7)
    queue("notice", 8, Kind.NOTICE, linked(8))
    queue("tomorrow", 9, due_at=clock.now + timedelta(hours=24))
    async with running(Outbox(program.context)):
        await until(lambda: Counter(states(program).values())["delivered"] == 2)
        assert [call["message_id"] for call in telegram.of("deleteMessage")] == ["7"]
        assert [(call["chat_id"], call["text"]) for call in telegram.of("sendMessage")] == [("8", NOTICE["html"])]
        clock.advance(hours=24)
        await until(lambda: states(program)["tomorrow"] == "delivered")
    assert len(telegram.of("deleteMessage")) == 2


async def test_what_is_queued_for_now_wakes_the_outbox(program, telegram, queue, monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 30.0)
    async with running(Outbox(program.context)):
        await asyncio.sleep(0.1)  # it has looked, and sleeps
        await asyncio.get_running_loop().run_in_executor(program.database.executor, queue, "d", 7)
        await until(lambda: telegram.of("deleteMessage"), seconds=5)


@on_sqlite
async def test_a_message_that_telegram_does_not_delete_any_more_counts_as_deleted(program, telegram, queue):
    telegram.fail("deleteMessage", (400, "Bad Request: message can't be deleted for everyone"))
    telegram.fail("deleteMessage", (400, "Bad Request: message to delete not found"))
    queue("old", 7)
    queue("gone", 8)
    async with running(Outbox(program.context)):
        await until(lambda: set(states(program).values()) == {"delivered"})


@on_sqlite
async def test_an_operator_learns_that_words_stay_in_the_staff_group(program, telegram, queue, caplog):
    telegram.fail("deleteMessage", (400, "Bad Request: message can't be deleted"))
    queue("deletion", GROUP)
    async with running(Outbox(program.context)):
        await until(lambda: states(program)["deletion"] == "delivered")
    assert "needs the right to delete messages" in caplog.text


async def test_words_that_are_chosen_when_it_is_sent(program, queue, linked):
    queue("o", 8, Kind.NOTICE, linked(8), {"incident": "breach"})
    queue("bad", 9, Kind.NOTICE, linked(9), {"incident": "unknown"})
    said = []

    def compose(due):
        said.append((due.kind, due.language))
        return {"breach": Reply(Act.SEND, "…")}[due.reply["incident"]]

    sender = Script()
    async with running(Outbox(program.context, compose=compose, sender=sender)):
        await until(lambda: set(states(program).values()) == {"delivered", "failed"})
    assert said[0] == (Kind.NOTICE, "de")
    assert sender.said == [(8, Act.SEND)]


# ---- whom it does not reach


async def test_who_was_revoked_after_it_was_queued_is_not_told(program, telegram, queue, linked):
    member = linked(8)
    queue("notice", 8, Kind.NOTICE, member)
    tie = program.database.work(links.of_chat, 8)
    program.database.work(links.end, tie.id, "staff", program.desk.clock())
    async with running(Outbox(program.context)):
        await until(lambda: states(program) == {"notice": "cancelled"})
    assert not telegram.of("sendMessage")


async def test_who_blocked_the_bot_is_marked_and_not_written_to_again(program, telegram, queue, linked):
    member = linked(8)
    telegram.fail("sendMessage", (403, "Forbidden: bot was blocked by the user"))
    queue("first", 8, Kind.NOTICE, member)
    async with running(Outbox(program.context)):
        await until(lambda: states(program)["first"] == "refused")
        queue("second", 8, Kind.NOTICE, member)
        await until(lambda: states(program)["second"] == "cancelled")
    assert len(telegram.of("sendMessage")) == 1
    with Session(program.database.engine) as session:
        assert session.get(Chat, 8).blocked_at == program.desk.clock()
    program.database.work(chats.enter, 8, program.desk.clock())  # the member writes again
    queue("third", 8, Kind.NOTICE, member)
    async with running(Outbox(program.context)):
        await until(lambda: states(program)["third"] == "delivered")


# ---- when it does not work


@on_sqlite
async def test_what_surely_did_not_leave_is_tried_again_later_and_later(program, queue, clock):
    sender = Script(c7=[Result(Fate.NOT_SENT)] * 3)
    queue("d", 7)
    box = Outbox(program.context, sender=sender)
    async with running(box):
        for attempts in (1, 2, 3):
            await until(lambda attempts=attempts: len(sender.at) == attempts and rows(program)["d"].state == "queued")
            assert rows(program)["d"].due_at - clock.now == timedelta(seconds=2 ** (attempts - 1))
            clock.advance(seconds=2 ** (attempts - 1))
            box._pace.recover()
        await until(lambda: states(program) == {"d": "delivered"})
    assert rows(program)["d"].attempts == 4


@on_sqlite
async def test_it_is_given_up_in_the_end(program, queue, monkeypatch):
    once = deliveries.Rule(timedelta(0), timedelta(0), 2, timedelta(0))
    monkeypatch.setitem(deliveries.RULES, Kind.DELETION, once)
    queue("d", 7)
    async with running(Outbox(program.context, sender=Script(c7=[Result(Fate.NOT_SENT)] * 9))):
        await until(lambda: states(program) == {"d": "failed"})


async def test_what_may_have_arrived_is_said_once_more_after_ten_minutes(program, telegram, queue, linked, clock):
    lost = TimedOut()
    lost.__cause__ = aiohttp.ServerDisconnectedError()
    telegram.fail("sendMessage", lost, lost)
    queue("n", 8, Kind.NOTICE, linked(8))
    async with running(Outbox(program.context)):
        await until(lambda: states(program) == {"n": "unknown", "n+1": "queued"})
        clock.advance(minutes=9)
        await asyncio.sleep(0.1)
        assert len(telegram.of("sendMessage")) == 1
        clock.advance(minutes=1)
        await until(lambda: states(program) == {"n": "unknown", "n+1": "unknown"})
        clock.advance(days=1)
        await asyncio.sleep(0.1)
    assert len(telegram.of("sendMessage")) == 2


@on_sqlite
async def test_a_refused_token_holds_everything_and_is_told(program, queue, monkeypatch):
    monkeypatch.setattr(outbox, "NO_BOT_PAUSE", 0.3)
    sender = Script(c7=[Result(Fate.NO_BOT)])
    queue("a", 7)
    async with running(Outbox(program.context, sender=sender)):
        await until(lambda: sender.at)
        queue("b", 8)
        await asyncio.sleep(0.15)
        assert len(sender.at) == 1
        await until(lambda: states(program)["b"] == "delivered")
    assert program.context.courier.refused_token.is_set()
    assert rows(program)["a"].attempts == 0


@on_sqlite
async def test_a_mistake_of_ours_does_not_stop_the_others(program, queue):
    sender = Script(c7=[RuntimeError("x")])
    queue("broken", 7, reply={"act": "?"})
    queue("raises", 7)
    queue("fine", 8)
    async with running(Outbox(program.context, sender=sender)):
        await until(lambda: "queued" not in {states(program)[key] for key in ("broken", "raises", "fine")})
        await until(lambda: states(program)["raises"] == "unknown")
    assert states(program) == {"broken": "failed", "raises": "unknown", "raises+1": "queued", "fine": "delivered"}


async def test_a_database_that_fails_for_a_while_loses_nothing(program, queue, monkeypatch):
    queue("d", 7)
    work, failures = Database.work, iter([False, False, True, True, False, True] + [False] * 10_000)

    def fragile(self, use_case, *args, **kwargs):
        if next(failures):
            raise sqlalchemy.exc.OperationalError("x", {}, Exception())
        return work(self, use_case, *args, **kwargs)

    monkeypatch.setattr(Database, "work", fragile)
    sender = Script()
    async with running(Outbox(program.context, sender=sender)):
        await until(lambda: states(program) == {"d": "delivered"})
    assert len(sender.said) == 1
    assert issubclass(sqlalchemy.exc.OperationalError, DatabaseError)


# ---- pace


@on_sqlite
async def test_one_a_second_for_each_chat(program, queue, monkeypatch):
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.15)
    for number in range(4):
        queue(f"a{number}", 7)
    queue("b", 8)
    sender = Script()
    async with running(Outbox(program.context, sender=sender)):
        await until(lambda: set(states(program).values()) == {"delivered"})
    mine = [at for chat, at in sender.at if chat == 7]
    assert min(later - earlier for earlier, later in pairwise(mine)) >= 0.14
    assert {chat for chat, _ in sender.at[:2]} == {7, 8}  # the other chat did not wait


@on_sqlite
async def test_no_more_a_second_than_allowed(program, queue, monkeypatch):
    monkeypatch.setattr(outbox, "PER_SECOND", 40.0)
    for number in range(40):
        queue(f"d{number}", 100 + number)
    sender = Script()
    async with running(Outbox(program.context, sender=sender)):
        await until(lambda: set(states(program).values()) == {"delivered"})
    at = sorted(moment for _, moment in sender.at)
    for first in at:
        assert sum(first <= moment < first + 0.25 for moment in at) <= 40 * 0.25 + 40 / 5 + 1


@on_sqlite
async def test_telegram_asks_one_chat_to_wait(program, telegram, queue, linked, clock):
    telegram.fail("sendMessage", (429, "Too Many Requests: retry after 20", {"retry_after": 20}))
    member = linked(8)
    queue("first", 8, Kind.NOTICE, member)
    queue("next", 8, Kind.NOTICE, member)
    async with running(Outbox(program.context)):
        await until(lambda: rows(program)["first"].due_at > clock.now)
        queue("other", 9)
        await until(lambda: states(program)["other"] == "delivered")
        clock.advance(seconds=19)  # Telegram counts real seconds, and so does the pace
        await asyncio.sleep(0.1)
    assert len(telegram.of("sendMessage")) == 1
    assert timedelta(seconds=20) <= rows(program)["first"].due_at - clock.now + timedelta(seconds=19)
    assert states(program) == {"first": "queued", "next": "queued", "other": "delivered"}
    assert rows(program)["first"].attempts == 0


def test_several_that_are_told_to_wait_mean_everybody():
    pace = Pace(25, 1.0, now=0.0)
    assert pace.room(0.0) == 5
    pace.hold_chat(1, 30.0, 0.0)
    pace.hold_chat(1, 30.0, 1.0)
    pace.hold_chat(2, 30.0, 1.0)
    assert pace.room(2.0) == 5
    assert set(pace.busy(2.0)) == {1, 2}
    pace.hold_chat(3, 10.0, 3.0)
    assert pace.room(12.9) == 0
    assert pace.room(13.1) == 5
    assert set(pace.busy(13.1)) == {1, 2}
    assert pace.busy(100.0) == []


def test_calls_that_never_leave_slow_everything_down():
    pace = Pace(25, 1.0, now=0.0)
    for _ in range(2):
        pace.stumble(0.0)
    assert pace.room(0.0) == 5
    pace.stumble(0.0)
    assert (pace.room(0.9), pace.room(1.1)) == (0, 5)
    for _ in range(20):
        pace.stumble(2.0)
    assert (pace.room(61.9), pace.room(62.1)) == (0, 5)
    pace.recover()
    pace.stumble(70.0)
    assert pace.room(70.0) == 5


async def test_answers_come_first():
    """While answers use the budget up, half of it stays theirs; while they wait for a free call, all of it."""
    blocked = asyncio.Event()

    class Slow:
        async def say(self, chat, reply, answered_by=None):
            await blocked.wait()
            return Result(Fate.SENT, 1)

    async def nothing(*_):
        return None

    courier = Courier(Slow(), Books(nothing, nothing), side_by_side=2, per_chat=1, overall=28)
    assert courier.spare() == 14
    for _ in range(14):
        courier.lend()
    assert courier.spare() == 0
    whole = courier._whole(asyncio.get_running_loop().time())
    assert whole.left(asyncio.get_running_loop().time()) >= 13.9  # so many answers can still go at once
    await asyncio.sleep(0.2)
    assert courier.spare() >= 4
    for chat in (1, 2):
        courier.post(Owed(chat, chat, 1, (Reply(Act.SEND, "a").to_json(),)))
    await asyncio.sleep(0.01)
    assert courier.spare() == 0
    blocked.set()
    await courier.finish(1)


@on_sqlite
async def test_the_outbox_takes_only_what_answers_leave(program, queue, monkeypatch):
    courier, left, sender = program.context.courier, [0], Script()
    monkeypatch.setattr(courier, "spare", lambda: left[0])
    monkeypatch.setattr(courier, "lend", lambda: left.__setitem__(0, left[0] - 1))
    for number in range(5):
        queue(f"d{number}", 100 + number)
    async with running(Outbox(program.context, sender=sender)):
        await asyncio.sleep(0.1)
        assert not sender.said
        left[0] = 2
        await until(lambda: Counter(states(program).values())["delivered"] == 2)
        await asyncio.sleep(0.1)
    assert Counter(states(program).values()) == {"delivered": 2, "queued": 3}


@pytest.mark.parametrize("overall", [0.5, 1, 2, 28])
async def test_there_is_something_to_spare_at_any_budget(overall):
    assert Courier(None, Books(None, None), side_by_side=2, per_chat=1, overall=overall).spare() >= 1


async def test_a_flood_of_notices_does_not_delay_an_answer(program, member, queue, telegram):
    program.context.courier._overall_rate = 60.0
    for number in range(150):
        queue(f"d{number}", 1000 + number)
    async with running(Outbox(program.context)):
        await until(lambda: len(telegram.of("deleteMessage")) > 40)  # the burst is gone
        begun = time.monotonic()
        assert await member.says("Ist meine PIN sicher?")
        took = time.monotonic() - begun
        assert len(telegram.of("deleteMessage")) < 150
    assert took < 1.0


# ---- stopping and starting


async def test_a_crash_between_claim_and_call(program, telegram, queue, clock):
    queue("d", 7)
    program.database.work(deliveries.claim, clock.now, 10)  # … and the process is gone
    async with running(Outbox(program.context)):
        await until(lambda: states(program) == {"d": "unknown", "d+1": "queued"})
        clock.advance(minutes=10)
        await until(lambda: states(program) == {"d": "unknown", "d+1": "delivered"})
    assert len(telegram.of("deleteMessage")) == 1


async def test_stopping_waits_for_calls_and_begins_none(program, queue):
    class Slow(Script):
        async def say(self, chat, reply, answered_by=None):
            await asyncio.sleep(0.2)
            return await super().say(chat, reply, answered_by)

    sender = Slow()
    for number in range(20):
        queue(f"d{number}", 100 + number)
    async with running(Outbox(program.context, sender=sender)) as task:
        await until(lambda: "sending" in states(program).values())
        task.cancel()
    counted = Counter(states(program).values())
    assert counted["sending"] == 0
    assert counted["delivered"] == len(sender.said) <= outbox.SIDE_BY_SIDE
    assert counted["queued"] == 20 - len(sender.said)


async def test_stopping_while_it_claims_puts_everything_back(program, queue, monkeypatch):
    slow = deliveries.claim

    def slowly(session, now, limit, *, busy=()):
        claimed = slow(session, now, limit, busy=busy)
        time.sleep(0.2)
        return claimed

    monkeypatch.setattr(deliveries, "claim", slowly)
    for number in range(3):
        queue(f"d{number}", 100 + number)
    sender = Script()
    async with running(Outbox(program.context, sender=sender)):
        await asyncio.sleep(0.15)
    assert set(states(program).values()) == {"queued"}
    assert {row.attempts for row in rows(program).values()} == {0}
    assert not sender.at


@on_sqlite
async def test_a_call_that_does_not_end_stays_in_doubt(program, queue, monkeypatch):
    monkeypatch.setattr(outbox, "GRACE", 0.05)

    begun = asyncio.Event()

    class Never(Script):
        async def say(self, chat, reply, answered_by=None):
            begun.set()
            await asyncio.Event().wait()

    queue("d", 7)
    async with running(Outbox(program.context, sender=Never())):
        await begun.wait()
    assert states(program) == {"d": "sending"}


# ---- e-mails


class Post:
    """A mail server as the port shows it."""

    def __init__(self, *fates):
        self.fates, self.mails = list(fates), []

    async def send(self, mail):
        self.mails.append(mail)
        fate = self.fates.pop(0) if self.fates else MailFate.ACCEPTED
        if isinstance(fate, Exception):
            raise fate
        return fate


@pytest.fixture
def mail(queue, linked):
    def mail(key="linked:1", chat=8, member=None):
        member = member or linked(chat, email="aylin@praxis.example")
        queue(key, None, Kind.MAIL, member, {"text": "linked", "at": "2026-11-24T20:00:00+00:00"})
        return member

    return mail


async def test_an_e_mail_goes_through_the_port(program, mail):
    mail()
    post = Post()
    async with running(Outbox(program.context, post)):
        await until(lambda: states(program) == {"linked:1": "delivered"})
    (sent,) = post.mails
    assert sent.id == "linked:1"
    assert "aylin" not in repr(sent)


async def test_from_the_outbox_to_the_mailbox(program, mail):
    """Through a real mail server; the address is sealed until then."""
    mail()
    sender = Address("Ärztekammer Musterland", addr_spec="ausweis@kammer.example")
    post = Postmaster()
    async with mail_server(post) as port:
        port_to_it = SmtpMail(Server("localhost", port, "none"), sender, program.texts, lambda: program.desk.keys.ring)
        async with running(Outbox(program.context, port_to_it)):
            await until(lambda: states(program) == {"linked:1": "delivered"})
    (message,) = post.messages
    assert message["To"] == "aylin@praxis.example"
    assert "am 24.11.2026 mit einem Telegram-Konto verbunden" in message.get_content()


@on_sqlite
@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (MailFate.REFUSED, "refused"),
        (MailFate.NOT_SENT, "queued"),
        (MailFate.UNKNOWN, "unknown"),
        (ValueError("bug"), "unknown"),
    ],
)
async def test_what_becomes_of_an_e_mail(program, mail, clock, fate, state):
    mail()
    post = Post(fate)
    async with running(Outbox(program.context, post)):
        await until(lambda: post.mails and states(program)["linked:1"] == state)
        clock.advance(hours=23)
        await asyncio.sleep(0.1)
        if state == "queued":
            await until(lambda: states(program) == {"linked:1": "delivered"})
        else:
            assert len(post.mails) == 1  # never twice within a day
        if state == "unknown":
            clock.advance(hours=1)
            await until(lambda: states(program)["linked:1+1"] == "delivered")


@on_sqlite
async def test_without_a_mail_server_nobody_waits_for_one(program, mail):
    mail()
    async with running(Outbox(program.context)):
        await until(lambda: states(program) == {"linked:1": "cancelled"})


@on_sqlite
async def test_a_mail_server_that_is_away_is_no_attempt_and_delays_no_chat(program, mail, queue, clock):
    member = mail()
    post = Post(*[MailFate.NO_SERVER] * 4)
    async with running(Outbox(program.context, post)):
        await until(lambda: len(post.mails) == 1)
        queue("d", 7)
        await until(lambda: states(program)["d"] == "delivered")
        mail("linked:2", member=member)
        for count in (2, 3, 4):
            clock.advance(seconds=1)
            await until(lambda count=count: len(post.mails) >= count)
        clock.advance(seconds=1)
        await until(lambda: Counter(states(program).values())["delivered"] == 3)
    assert {row.attempts for row in rows(program).values()} == {1}


@on_sqlite
async def test_an_e_mail_under_way_is_finished_when_we_stop(program, mail):
    mail()

    begun = asyncio.Event()

    class Slow(Post):
        async def send(self, mail):
            begun.set()
            await asyncio.sleep(0.2)
            return await super().send(mail)

    async with running(Outbox(program.context, Slow())):
        await begun.wait()
    assert states(program) == {"linked:1": "delivered"}


@pytest.mark.parametrize("reason", ["message thread not found", "TOPIC_CLOSED"])
async def test_what_has_lost_its_topic_is_said_in_the_main_one(program, telegram, queue, reason):
    telegram.fail("sendMessage", (400, f"Bad Request: {reason}"))
    queue("result", GROUP, Kind.DESK, reply=Reply(Act.SEND, "fertig", thread=77).to_json())
    async with running(Outbox(program.context)):
        await until(lambda: states(program)["result"] == "delivered")
    assert [call.get("message_thread_id") for call in telegram.of("sendMessage")] == ["77", None]
