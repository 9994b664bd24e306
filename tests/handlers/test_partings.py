"""/trennen and /vergessen: two admins end the links of a ticket's chat, or erase everything about it."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy

from db import links, staff_roles, tickets
from db.models import AuditEvent, Base, Delivery, Link, Suppression
from handlers import outbox
from handlers.deliveries import DeliveryReplies
from handlers.outbox import Outbox
from handlers.ticket_carrier import TicketCarrier
from markup import plain
from services import aftermath, deliveries
from services import links as life
from services.deliveries import Kind, State
from services.imports import Order
from services.links import Whose
from tests.support.colleague import ADMIN, AGENT, EDITOR, GROUP, Colleague
from tests.support.member import Member
from tests.support.outbox import calm
from tests.support.register import enrol, give_card

CHAT, SECOND = 770012345, 912345678  # as long as Telegram's are
THREAD = 77
WORDS = "Meine Karte ist seit Montag gesperrt, warum?"


class Topic:
    """A ticket's topic with two admins, and the member on the other side."""

    def __init__(self, program, telegram):
        self.program, self.telegram = program, telegram
        self.member = Member(program, telegram, CHAT)
        self.admin = Colleague(program, telegram, ADMIN)
        self.second = Colleague(program, telegram, SECOND)
        self.thread = THREAD
        now = program.desk.clock()
        self.work(lambda session: staff_roles.give(session, SECOND, "admin", by=ADMIN, now=now))

    async def open(self):
        await self.member.says("mensch")
        await self.member.says(WORDS)

    def link(self):
        person = enrol(self.program)
        give_card(self.program, person)
        now = self.program.desk.clock()
        self.work(links.make, CHAT, person.member, now, now)

    def work(self, use_case, *args, **values):
        return self.program.database.work(use_case, *args, **values)

    async def says(self, text, who=None):
        said = await (who or self.admin).says(text, thread=self.thread)
        return said[0]

    async def taps(self, label, who=None):
        said = await (who or self.second).taps(label, thread=self.thread)
        return plain(said[0].text)

    def rows(self, model):
        return self.work(lambda session: session.scalars(sqlalchemy.select(model)).all())

    def states(self):
        return [(row.state, row.reason) for row in self.rows(Link)]

    def events(self, tag):
        found = self.work(lambda session: session.scalars(sqlalchemy.select(AuditEvent)).all())
        return [(event.actor, event.detail.get("confirmed_by")) for event in found if event.tag == tag]


@pytest.fixture
async def topic(program, telegram):
    topic = Topic(program, telegram)
    await topic.open()
    telegram.topics[THREAD] = {"name": "#1", "closed": False}
    topic.work(tickets.put, 1, posted_in=GROUP, thread=THREAD, card=78)
    return topic


# ---- asking


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
@pytest.mark.parametrize("user", [AGENT, EDITOR])
async def test_only_an_admin_asks(topic, program, telegram, command, user):
    said = await topic.says(command, Colleague(program, telegram, user))
    assert "„admin“" in said.text
    assert said.labels == []


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_elsewhere_it_says_where_it_works(topic, command):
    for thread in (None, 4711):
        (said,) = await topic.admin.says(command, thread=thread)
        assert "nur im Thema eines Falls" in said.text


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_a_closed_ticket_is_told_at_once(topic, command):
    topic.link()
    await topic.admin.closes(THREAD)
    said = await topic.says(command)
    assert "geschlossen" in said.text
    assert said.labels == []


async def test_without_a_link_nothing_is_asked(topic):
    said = await topic.says("/trennen Telefon verloren")
    assert "nichts zu trennen" in said.text
    assert said.labels == []


async def test_a_reason_is_needed_and_names_nobody(topic):
    topic.link()
    assert "/trennen Telefon verloren" in (await topic.says("/trennen")).text
    for reason in ("Mitglied 4711001 hat angerufen", "schreibt von a@b.example", "x" * 201):
        said = await topic.says(f"/trennen {reason}")
        assert "nicht ins Protokoll" in said.text
        assert said.labels == []


async def test_the_card_names_the_ticket_and_the_reason_alone(topic):
    topic.link()
    card = await topic.says("/trennen Telefon <verloren>")
    assert "#1" in card.text
    assert "mit der Rolle „admin“, bis" in card.text
    assert "Grund: Telefon &lt;verloren&gt;" in card.text
    assert card.labels == ["Freigeben", "Ablehnen"]
    for known in (str(CHAT), "4711001", WORDS):
        assert known not in repr(card.parameters)
    card = await topic.says("/vergessen")
    assert "#1" in card.text
    assert str(CHAT) not in repr(card.parameters)


# ---- links


async def test_two_admins_end_the_links(topic, telegram):
    topic.link()
    await topic.says("/trennen Telefon verloren")
    before = len(telegram.calls)
    assert "Erledigt" in await topic.taps("Freigeben")
    assert topic.states() == [("ended", "revoked")]
    assert not topic.work(tickets.find, 1).verified
    assert topic.events("staff:link:revoked") == [(f"staff:{ADMIN}", f"staff:{SECOND}")]
    assert str(CHAT) not in {str(parameters.get("chat_id")) for _, parameters in telegram.calls[before:]}
    assert {row.chat for row in topic.rows(Delivery)} == {GROUP}
    assert "schon freigegeben" in await topic.taps("Freigeben")


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_who_asks_or_is_no_admin_approves_nothing(topic, program, telegram, command):
    topic.link()
    await topic.says(command)
    assert "selbst angefragt" in await topic.taps("Freigeben", topic.admin)
    assert "„admin“" in await topic.taps("Freigeben", Colleague(program, telegram, EDITOR))
    assert topic.states() == [("active", None)]
    assert topic.work(tickets.find, 1).chat == CHAT


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
@pytest.mark.parametrize("label", ["Freigeben", "Ablehnen"])
async def test_an_answered_card_has_no_buttons(topic, program, telegram, command, label):
    topic.link()
    await topic.says(command)
    card = max(id_ for chat, id_ in telegram.messages if chat == GROUP)
    for colleague in (topic.admin, Colleague(program, telegram, EDITOR)):  # may not answer: it stays open
        assert [said.method for said in await colleague.taps(label, thread=THREAD)] == ["sendMessage"]
    for _ in range(2):  # what was open on another screen, too
        _, cleared = await topic.second.taps(label, thread=THREAD)
        assert (cleared.method, cleared.message, cleared.labels) == ("editMessageReplyMarkup", card, [])


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_refused_nothing_happens(topic, command):
    topic.link()
    await topic.says(command)
    assert "hat das abgelehnt" in await topic.taps("Ablehnen")
    assert topic.states() == [("active", None)]
    assert topic.work(tickets.find, 1).chat == CHAT
    assert "schon abgelehnt" in await topic.taps("Freigeben")


async def test_a_link_that_is_gone_by_now_is_told(topic):
    topic.link()
    await topic.says("/trennen Telefon verloren")
    await topic.member.says("/abmelden")
    await topic.member.taps("Ja, abmelden")
    assert "nichts zu trennen" in await topic.taps("Freigeben")
    assert topic.states() == [("ended", "signed-off")]


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_a_ticket_that_is_closed_by_now_stays_as_it_is(topic, command):
    topic.link()
    await topic.says(command)
    await topic.admin.closes(THREAD)
    assert "geschlossen, es wurde nichts getan" in await topic.taps("Freigeben")
    assert topic.states() == [("active", None)]
    assert topic.rows(Suppression) == []


@pytest.mark.parametrize("command", ["/trennen Telefon verloren", "/vergessen"])
async def test_a_chat_that_erased_itself_meanwhile_is_told(topic, command):
    topic.link()
    await topic.says(command)
    await topic.member.says("/loeschen")
    await topic.member.taps("Endgültig löschen")
    assert "kein Chat mehr gespeichert" in await topic.taps("Freigeben")
    assert topic.events("staff:data:erased") == []
    assert "kein Chat mehr gespeichert" in (await topic.says(command)).text


# ---- erasure


@pytest.fixture
async def travelling(program, telegram, monkeypatch):
    """The same with a running outbox, which makes the topic."""
    for name, value in {"POLL": 0.01, "BREATH": 0.005, "PER_SECOND": 500.0, "CHAT_EVERY": 0.0}.items():
        monkeypatch.setattr(outbox, name, value)
    topic = Topic(program, telegram)
    words = DeliveryReplies(program.texts, program.context.bot.username, program.desk.rules.entries)
    carriers = TicketCarrier(program.context).carriers()
    task = asyncio.create_task(Outbox(program.context, compose=words.compose, carriers=carriers).run())
    yield topic
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_head_of_the_ticket_says_that_nobody_is_verified_any_more(travelling, program, telegram):
    topic = travelling
    topic.link()
    await topic.open()
    await calm(program)
    ticket = topic.work(tickets.find, 1)
    topic.thread = ticket.thread
    assert "\nverifiziert" in plain(telegram.messages[GROUP, ticket.card])
    await topic.says("/trennen Telefon verloren")
    await topic.taps("Freigeben")
    await calm(program)
    assert "nicht verifiziert" in plain(telegram.messages[GROUP, ticket.card])
    assert "noch bei niemandem" in plain(telegram.messages[GROUP, ticket.card])


async def test_two_admins_erase_everything(travelling, program, telegram):
    topic, kept = travelling, []

    async def keep():
        kept.append([row.mark for row in topic.rows(Suppression)])

    program.context.when_erased = keep
    topic.link()
    await topic.member.says("/karte")
    (personal,) = [row.reply["target"] for row in topic.rows(Delivery) if row.kind == "deletion"]
    await topic.open()
    await calm(program)
    topic.thread = topic.work(tickets.find, 1).thread
    await topic.says("/vergessen")
    assert "ist gelöscht" in await topic.taps("Freigeben")
    await calm(program)
    assert [mark for marks in kept for mark in marks] == [row.mark for row in topic.rows(Suppression)] != []
    assert telegram.topics[topic.thread]["closed"]
    in_group = [plain(text) for (chat, _), text in sorted(telegram.messages.items()) if chat == GROUP]
    assert not any(WORDS in text for text in in_group)
    assert any("Alles über das Mitglied ist gelöscht" in text for text in in_group)
    at_member = [text for (chat, _), text in sorted(telegram.messages.items()) if chat == CHAT]
    assert "alles ist gelöscht" in at_member[-1]
    assert not any("0578" in text for text in at_member)
    assert {"chat_id": str(CHAT), "message_id": str(personal)} in [
        {name: str(call[name]) for name in ("chat_id", "message_id")} for call in telegram.of("deleteMessage")
    ]
    assert_nothing_left(topic)
    assert set(topic.events("staff:data:erased")) == {(f"staff:{ADMIN}", f"staff:{SECOND}")}
    assert topic.events("member:data:erased") == []


def assert_nothing_left(topic):
    with topic.program.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(sqlalchemy.select(table)).mappings():
                assert str(CHAT) not in repr(dict(row)), table.name
                assert WORDS not in repr(dict(row)), table.name


@pytest.mark.parametrize("state", [State.DELIVERED, State.REFUSED, State.FAILED])
async def test_the_last_sentence_leaves_nothing_whatever_becomes_of_it(topic, program, clock, state):
    (due,) = await _farewell(topic, program, clock)
    topic.work(aftermath.closed, program.desk, due, state, clock(), blocked=state == State.REFUSED)
    assert_nothing_left(topic)


async def test_the_last_sentence_is_said_once_more_at_most(topic, program, clock):
    (due,) = await _farewell(topic, program, clock)
    topic.work(aftermath.unsure, program.desk, due, clock())
    clock.advance(hours=1)
    (again,) = [due for due in _claimed(topic, clock) if due.chat == CHAT]
    assert (again.kind, again.language) == (Kind.FAREWELL, "de")
    topic.work(aftermath.unsure, program.desk, again, clock())
    assert_nothing_left(topic)


async def _farewell(topic, program, clock):
    await topic.says("/vergessen")
    await topic.taps("Freigeben")
    await program.context.courier.idle()
    return [due for due in _claimed(topic, clock) if due.chat == CHAT]


def _claimed(topic, clock):
    return topic.work(deliveries.claim, clock() + timedelta(seconds=1), 50)


# ---- what staff read of a chat whose link has ended, whoever ended it


@pytest.fixture
async def verified(program, telegram):
    """A linked chat with a ticket that was closed and another one that is open."""
    topic = Topic(program, telegram)
    topic.link()
    for number in (1, 2):
        await topic.open()
        topic.work(tickets.put, number, posted_in=GROUP, thread=THREAD + number, card=78)
        telegram.topics[THREAD + number] = {"name": f"#{number}", "closed": False}
        if number == 1:
            await topic.admin.closes(THREAD + number)
    topic.thread = THREAD + 2
    assert marked(topic) == [True, True]
    return topic


def marked(topic):
    return [topic.work(tickets.find, number).verified for number in (1, 2)]


def renewed(topic):
    """The tickets whose heads are renewed because of that."""
    return [row.ticket for row in topic.rows(Delivery) if row.kind == Kind.TICKET_CARD and "parted" in row.key]


def services(topic, use_case, *args, **values):
    return topic.work(use_case, topic.program.desk, *args, now=topic.program.desk.clock(), **values)


async def by_two_admins(topic):
    await topic.says("/trennen Telefon verloren")
    await topic.taps("Freigeben")


async def at_the_console(topic):
    order = Order("anna", "bernd")
    assert services(topic, life.revoke, Whose(number="4711001"), reason="Telefon verloren", order=order) == 1


async def by_the_member(topic):
    await topic.member.says("/abmelden")
    await topic.member.taps("Ja, abmelden")


async def by_another_chat(topic):
    services(topic, life.make, CHAT + 1, topic.rows(Link)[0].member)
    assert marked(topic) == [True, True]  # it may still object
    topic.program.desk.clock.advance(hours=25)
    services(topic, life.current, CHAT + 1)


async def by_another_member(topic):
    services(topic, life.make, CHAT, enrol(topic.program, "4711002").member)


@pytest.mark.parametrize("ends", [by_two_admins, at_the_console, by_the_member, by_another_chat, by_another_member])
async def test_no_ticket_of_the_chat_is_verified_any_more(verified, ends):
    await ends(verified)
    assert marked(verified) == [False, False]
    assert renewed(verified) == [2]
    await verified.admin.closes(THREAD + 2)
    assert verified.work(tickets.reopen, 1, verified.program.desk.clock()).verified is False


async def test_who_renews_the_own_link_or_objects_stays_verified(verified):
    member = verified.rows(Link)[0].member
    services(verified, life.make, CHAT, member)
    services(verified, life.make, CHAT + 1, member)
    assert services(verified, life.object_, CHAT)
    assert [row.state for row in verified.rows(Link)] == ["ended", "active", "ended"]
    assert marked(verified) == [True, True]
    assert renewed(verified) == []


async def test_a_chat_without_an_open_ticket_gets_no_new_head(verified):
    await verified.admin.closes(THREAD + 2)
    await at_the_console(verified)
    assert marked(verified) == [False, False]
    assert renewed(verified) == []
