"""Tickets from one side to the other: the member's chat, the outbox, the staff group's topics, and back."""

import asyncio
import time
from dataclasses import replace

import pytest
import sqlalchemy
from telegram.error import NetworkError

from db.models import Delivery, Ticket, TicketMessage
from db.session import Session
from handlers import ledger, outbox
from handlers.outbox import Outbox
from handlers.ticket_carrier import TicketCarrier
from markup import plain
from services import ticket_alarm
from tests.support.colleague import ADMIN, AGENT, EDITOR, GROUP, Colleague
from tests.support.member import Member
from tests.support.telegram import BOT, START

# The rows have their own tests on both databases; what travels is the same.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOST = NetworkError("httpx.ReadError")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.01)
    monkeypatch.setattr(outbox, "BREATH", 0.005)
    monkeypatch.setattr(outbox, "PER_SECOND", 500.0)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)
    monkeypatch.setattr(ledger, "FIRST_WAIT", 0.01)


@pytest.fixture
async def desk(program, telegram):
    """The running outbox, and what is seen on both sides."""
    desk = Desk(program, telegram)
    box = desk.box = Outbox(program.context, carriers=TicketCarrier(program.context).carriers())
    task = asyncio.create_task(box.run())
    yield desk
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Desk:
    def __init__(self, program, telegram):
        self.program, self.telegram = program, telegram
        self.member = Member(program, telegram)
        self.agent = Colleague(program, telegram, AGENT)
        self.admin = Colleague(program, telegram, ADMIN)
        self.editor = Colleague(program, telegram, EDITOR)

    async def hand_off(self, text="Meine Karte ist seit Montag gesperrt, warum?"):
        await self.member.says("mensch")
        said = await self.member.says(text)
        await self.calm()
        return said

    async def calm(self, seconds=10.0):
        """Until nothing that is due waits any more."""
        end = time.monotonic() + seconds
        while self.waiting():
            assert time.monotonic() < end, f"still waiting: {self.waiting()}"
            await asyncio.sleep(0.01)
        await self.program.context.courier.idle()
        await asyncio.sleep(0.02)

    def waiting(self):
        now = self.program.desk.clock()
        with Session(self.program.database.engine) as session:
            rows = session.scalars(sqlalchemy.select(Delivery).where(Delivery.state.in_(["queued", "sending"])))
            return [row.key for row in rows if row.due_at <= now or row.state == "sending"]

    def states(self):
        with Session(self.program.database.engine) as session:
            return {row.key: row.state for row in session.scalars(sqlalchemy.select(Delivery))}

    def ticket(self, number=1):
        with Session(self.program.database.engine) as session:
            return session.get(Ticket, number)

    def messages(self):
        with Session(self.program.database.engine) as session:
            return list(session.scalars(sqlalchemy.select(TicketMessage).order_by(TicketMessage.id)))

    @property
    def thread(self):
        return self.ticket().thread

    def in_group(self):
        return [plain(text) for (chat, _), text in sorted(self.telegram.messages.items()) if chat == GROUP]

    def at_member(self):
        return [plain(text) for (chat, _), text in sorted(self.telegram.messages.items()) if chat == self.member.chat]

    def signs(self):
        return [parameters["reaction"][0]["emoji"] for parameters in self.telegram.of("setMessageReaction")]

    def post(self, number=0):
        """Where the member's message stands in the topic."""
        return [message.staff_message for message in self.messages() if message.author == "member"][number]

    async def answers(self, text="Das kommt vom Tausch.", who=None, to=None, **content):
        said = await (who or self.agent).says(text, thread=self.thread, to=to or self.post(), **content)
        await self.calm()
        return said


async def test_a_question_goes_to_staff_and_the_answer_comes_back(desk):
    (said,) = await desk.hand_off()
    assert "Weitergegeben als Fall <b>#1</b>" in said.text
    ticket = desk.ticket()
    assert desk.telegram.topics[ticket.thread] == {
        "name": "❓ #1 Meine Karte ist seit Montag gesperrt, warum?",
        "closed": False,
    }
    card, post = desk.in_group()
    assert "nicht verifiziert · Deutsch" in card
    assert "noch bei niemandem" in card
    assert post == "Mitglied:\nMeine Karte ist seit Montag gesperrt, warum?"
    assert await desk.answers() == []
    assert "Antwort der Kammer (Frau Lang):\n\nDas kommt vom Tausch." in desk.at_member()
    assert desk.signs() == ["👀", "👍"]
    assert desk.ticket().state == "taken"
    assert desk.telegram.topics[ticket.thread]["name"].startswith("💬")
    assert "Frau Lang kümmert sich" in desk.in_group()[0]
    await desk.member.says("super danke")
    await desk.calm()
    assert "Das Mitglied bedankt sich" in desk.in_group()[-1]
    assert not any("danke" in text for text in desk.at_member())


async def test_no_topic_without_a_message(desk):
    await desk.member.says("mensch")
    await desk.member.says("/themen")
    await desk.member.says("mensch")
    await desk.calm()
    assert desk.telegram.topics == {}


async def test_who_looked_for_the_telephone_first_is_named_by_the_own_words(desk):
    await desk.member.says("mensch")
    await desk.member.taps("Lieber telefonisch")
    await desk.hand_off("Meine Karte ist weg")
    assert desk.telegram.topics[desk.thread]["name"] == "❓ #1 Meine Karte ist weg"


async def test_what_is_no_reply_to_the_member_stays_in_the_topic(desk):
    await desk.hand_off()
    note = await desk.agent.says("Der Kollege hat schon einmal angerufen", thread=desk.thread)
    note += await desk.agent.says(
        "auch eine Antwort auf eine Notiz", thread=desk.thread, to=desk.agent.last["message_id"]
    )
    await desk.calm()
    assert note == []
    assert desk.signs() == ["✍", "✍"]
    assert not any("Kollege" in text or "Notiz" in text for text in desk.at_member())


async def test_a_reply_to_the_head_goes_to_the_member(desk):
    await desk.hand_off()
    await desk.answers(to=desk.ticket().card)
    assert "Das kommt vom Tausch." in desk.at_member()[-1]


async def test_only_who_has_it_answers(desk):
    await desk.hand_off()
    await desk.answers("von Frau Lang")
    (told,) = await desk.answers("von Frau Sommer", who=desk.admin)
    assert "Fall #1 hat Frau Lang" in told.text
    assert "ging nicht hinaus" in plain(told.text)
    assert not any("von Frau Sommer" in text for text in desk.at_member())
    await desk.admin.taps("Trotzdem übernehmen")
    await desk.calm()
    assert "Frau Sommer kümmert sich um Ihren Fall #1." in desk.at_member()
    await desk.answers("von Frau Sommer", who=desk.admin)
    assert "Antwort der Kammer (Frau Sommer):\n\nvon Frau Sommer" in desk.at_member()
    (told,) = await desk.answers("doch noch von Frau Lang")
    assert "Fall #1 hat Frau Sommer" in told.text


async def test_without_the_role_nothing_goes_to_a_member(desk):
    await desk.hand_off()
    (told,) = await desk.answers(who=desk.editor)
    assert "Rolle „agent“" in told.text
    (told,) = await desk.answers(who=Colleague(desk.program, desk.telegram, 4711))
    assert "/rollen 4711 agent" in told.text
    assert len(desk.at_member()) == 2


async def test_taking_handing_over_closing_and_reopening(desk):
    await desk.hand_off()
    await desk.agent.taps("Übernehmen")
    await desk.calm()
    assert "Frau Lang kümmert sich um Ihren Fall #1." in desk.at_member()
    (rows,) = await desk.agent.taps("Weitergeben")
    assert rows.labels == ["Frau Sommer", "Zurücklegen", "Zurück"]
    (back,) = await desk.agent.taps("Zurück")
    assert back.labels == ["Weitergeben", "Vorlage", "Schließen", "Als Entwurf"]
    await desk.agent.taps("Weitergeben")
    await desk.agent.taps("Frau Sommer")
    await desk.calm()
    assert "Frau Sommer kümmert sich um Ihren Fall #1." in desk.at_member()
    await desk.admin.taps("Schließen")
    await desk.calm()
    assert desk.telegram.topics[desk.thread] == {
        "name": "✅ #1 Meine Karte ist seit Montag gesperrt, warum?",
        "closed": True,
    }
    assert "abgeschlossen" in desk.at_member()[-1]
    (told,) = await desk.answers()
    assert "geschlossen" in told.text
    desk.member.shown += [_closing(desk)]
    (said,) = await desk.member.taps("Wieder öffnen")
    assert "wieder offen" in said.text
    await desk.calm()
    assert desk.telegram.topics[desk.thread]["closed"] is False
    assert desk.in_group()[-1] == "Das Mitglied hat den Fall wieder geöffnet."


def _closing(desk):
    """What the member has been told by a delivery, to tap on it."""
    from tests.support.member import Said

    closing = next(
        Said("sendMessage", parameters)
        for parameters in reversed(desk.telegram.of("sendMessage"))
        if "abgeschlossen" in parameters["text"]
    )
    closing.message = 1
    return closing


async def test_a_topic_closed_by_hand_closes_the_ticket(desk):
    await desk.hand_off()
    await desk.agent.closes(desk.thread)
    await desk.calm()
    assert desk.ticket().state == "closed"
    assert "abgeschlossen" in desk.at_member()[-1]
    await desk.agent.closes(desk.thread, closed=False)
    await desk.calm()
    assert desk.ticket().state == "open"
    assert "wieder offen" in desk.at_member()[-1]


async def test_a_deleted_topic_is_made_anew_with_all_that_was_said(desk):
    await desk.hand_off("Erste Frage zur gesperrten Karte")
    await desk.answers("Erste Antwort")
    old = desk.thread
    desk.telegram.delete_topic(old)
    await desk.member.says("Zweite Frage dazu")
    await desk.calm()
    assert desk.thread != old
    texts = desk.in_group()[-4:]
    assert "#1" in texts[0]
    assert texts[1:] == [
        "Mitglied:\nErste Frage zur gesperrten Karte",
        "Frau Lang an das Mitglied:\nErste Antwort",
        "Mitglied:\nZweite Frage dazu",
    ]
    await desk.answers("Zweite Antwort", to=desk.post(1))
    assert "Zweite Antwort" in desk.at_member()[-1]


async def test_a_closed_topic_is_no_obstacle(desk):
    await desk.hand_off()
    desk.telegram.fail("sendMessage", (400, "Bad Request: TOPIC_CLOSED"))
    await desk.program.context.work(ticket_alarm.ring, desk.program.desk, now=desk.program.desk.clock())
    await desk.program.context.courier.idle()
    desk.telegram.faults["sendMessage"].clear()
    await desk.member.says("noch etwas")
    await desk.calm()
    assert "noch etwas" in desk.in_group()[-1]


async def test_formatting_pictures_and_documents(desk):
    await desk.hand_off()
    bold = {"entities": [{"type": "bold", "offset": 0, "length": 4}]}
    await desk.answers("Bitte <warten>", **bold)
    assert "<b>Bitt</b>e &lt;warten&gt;" in desk.telegram.of("sendMessage")[-1]["text"]
    photo = [{"file_id": "F1", "file_unique_id": "u1", "width": 10, "height": 10}]
    await desk.answers(None, photo=photo, caption="So sieht es aus")
    sent = desk.telegram.of("sendPhoto")[-1]
    assert (int(sent["chat_id"]), sent["photo"]) == (desk.member.chat, "F1")
    assert "So sieht es aus" in sent["caption"]
    document = {"file_id": "D1", "file_unique_id": "u2", "file_name": "Antrag.pdf"}
    await desk.member.sends(document=document, caption="Das Formular von Dr. Brandt")
    await desk.calm()
    sent = desk.telegram.of("sendDocument")[-1]
    assert (int(sent["chat_id"]), sent["document"]) == (GROUP, "D1")
    assert "Brandt" not in sent["caption"]
    (told,) = await desk.answers(None, voice={"file_id": "V", "file_unique_id": "v", "duration": 1})
    assert "ging nicht hinaus" in told.text


async def test_an_entry_of_the_faq_is_an_answer_in_two_taps(desk):
    await desk.hand_off("Ist meine PIN sicher?")
    (rows,) = await desk.agent.taps("Vorlage")
    assert rows.labels[0] == "PIN sicher?"
    await desk.agent.taps("PIN sicher?")
    await desk.calm()
    assert "Antwort der Kammer (Frau Lang):\n\nPIN und PUK waren" in desk.at_member()[-1]
    assert "Frau Lang an das Mitglied:\nPIN und PUK waren" in desk.in_group()[-1]
    assert desk.ticket().state == "taken"
    (told,) = await desk.answers("auch ich", who=desk.admin)
    assert "hat Frau Lang" in told.text


async def test_who_opens_other_buttons_is_told_what_the_next_tap_does(desk):
    await desk.hand_off()
    await desk.agent.taps("Vorlage")
    await desk.agent.taps("Zurück")
    await desk.agent.taps("Weitergeben")
    await asyncio.sleep(0.02)
    said = [parameters.get("text") for parameters in desk.telegram.of("answerCallbackQuery")]
    assert "geht sofort an das Mitglied" in said[0]
    assert said[1] is None
    assert "der hat den Fall" in said[2]


async def test_thanks_are_no_question_for_which_an_entry_is_looked_for(desk):
    await desk.hand_off("Ist meine PIN sicher?")
    await desk.answers("Ja.")
    await desk.member.says("super danke")
    await desk.calm()
    (rows,) = await desk.agent.taps("Vorlage")
    assert rows.labels[0] == "PIN sicher?"


async def test_the_head_says_since_when_somebody_waits(desk):
    await desk.hand_off()
    assert "wartet seit" in desk.in_group()[0]
    await desk.answers()
    assert "beantwortet" in desk.in_group()[0]
    await desk.member.says("Und wie lange noch?")
    await desk.calm()
    assert "wartet seit" in desk.in_group()[0]


async def test_edits_are_mirrored_both_ways(desk):
    await desk.hand_off()
    assert await desk.member.edits("Meine Karte ist seit Dienstag gesperrt") == []
    await desk.calm()
    assert desk.in_group()[-1] == "Mitglied:\nMeine Karte ist seit Dienstag gesperrt"
    await desk.answers("Morgen wieder frei")
    await desk.agent.edits("Übermorgen wieder frei")
    await desk.calm()
    assert desk.at_member()[-1] == "Antwort der Kammer (Frau Lang):\n\nÜbermorgen wieder frei"
    assert desk.signs()[-2:] == ["👀", "👍"]


async def test_an_answer_is_taken_back(desk):
    await desk.hand_off()
    await desk.answers("Falscher Fall")
    (told,) = await desk.agent.says("/zurueckziehen", thread=desk.thread, to=desk.agent.last["message_id"])
    await desk.calm()
    assert "gelöscht" in told.text
    assert not any("Falscher Fall" in text for text in desk.at_member())
    desk.program.desk.clock.advance(hours=49)
    await desk.answers("Richtiger Fall")
    last = desk.agent.last["message_id"]
    desk.program.desk.clock.advance(hours=49)
    (told,) = await desk.agent.says("/zurueckziehen", thread=desk.thread, to=last)
    assert "lässt sich nicht löschen" in told.text


async def test_withdrawn_words_vanish_in_the_group(desk):
    await desk.hand_off("Erste Frage zur Karte")
    await desk.member.says("etwas Persönliches")
    await desk.calm()
    await desk.member.says("zurückziehen")
    await desk.member.taps("Nur die letzte Nachricht")
    await desk.calm()
    assert desk.in_group()[-1] == "Mitglied:\nvom Mitglied zurückgezogen"
    await desk.member.says("zurückziehen")
    await desk.calm()
    assert desk.ticket().state == "closed"
    assert desk.in_group()[-1] == "Das Mitglied hat den Fall zurückgezogen."
    assert not any("Erste Frage" in text for text in desk.in_group())


async def test_a_blocked_member_is_shown_in_the_topic(desk):
    await desk.hand_off()
    await desk.agent.taps("Übernehmen")
    await desk.calm()
    desk.telegram.fail("sendMessage", (403, "Forbidden: bot was blocked by the user"))
    await desk.answers()
    assert "Nicht zugestellt: Das Mitglied hat den Bot blockiert" in desk.in_group()[-1]
    await desk.agent.taps("Erneut senden")
    await desk.agent.taps("Erneut senden")
    await desk.calm()
    assert [text for text in desk.at_member() if "vom Tausch" in text] == [
        "Antwort der Kammer (Frau Lang):\n\nDas kommt vom Tausch."
    ]


async def test_an_answer_that_may_have_arrived_is_not_repeated_by_itself(desk):
    await desk.hand_off()
    await desk.agent.taps("Übernehmen")
    await desk.calm()
    LOST.__cause__ = TimeoutError()
    desk.telegram.fail("sendMessage", LOST)
    await desk.answers()
    assert "Zustellung unklar" in desk.in_group()[-1]
    desk.program.desk.clock.advance(hours=1)
    await asyncio.sleep(0.05)
    assert not any("vom Tausch" in text for text in desk.at_member())
    await desk.agent.taps("Erneut senden")
    await desk.calm()
    assert "vom Tausch" in desk.at_member()[-1]


async def test_a_message_to_the_group_that_may_have_arrived_comes_once_more_and_says_so(desk):
    await desk.hand_off()
    LOST.__cause__ = TimeoutError()
    desk.telegram.fail("sendMessage", LOST)
    await desk.member.says("Noch eine Angabe")
    await desk.calm()
    desk.program.desk.clock.advance(minutes=2)
    await desk.calm()
    assert desk.in_group()[-1] == "Mitglied:\nNoch eine Angabe\n(evtl. doppelt)"


async def test_what_comes_after_a_message_in_doubt_brings_it_along_and_says_so(desk):
    await desk.hand_off()
    LOST.__cause__ = TimeoutError()
    desk.telegram.fail("sendMessage", LOST)
    await desk.member.says("Noch eine Angabe")
    await desk.calm()
    await desk.member.says("Und noch eine")
    await desk.calm()
    assert desk.in_group()[-2:] == ["Mitglied:\nNoch eine Angabe\n(evtl. doppelt)", "Mitglied:\nUnd noch eine"]
    desk.program.desk.clock.advance(minutes=2)
    await desk.calm()
    assert desk.in_group()[-1] == "Mitglied:\nUnd noch eine"


async def test_a_group_that_moved_loses_nothing(desk, caplog):
    moved = (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -1005550000000})
    desk.telegram.fail("createForumTopic", moved)
    await desk.member.says("mensch")
    await desk.member.says("Meine Karte ist gesperrt")
    end = time.monotonic() + 5
    while "staff.chat" not in caplog.text or "sending" in desk.states().values():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    assert desk.in_group() == []
    told = await desk.agent.says(migrate_to_chat_id=-1005550000000)
    assert told == []
    assert any(
        str(parameters["chat_id"]) == "-1005550000000" and "-1005550000000" in parameters["text"]
        for parameters in desk.telegram.of("sendMessage")
    )
    assert set(desk.states().values()) == {"queued"}


async def test_a_group_without_topics_gets_tickets_all_the_same(desk):
    desk.telegram.fail("createForumTopic", (400, "Bad Request: the chat is not a forum"))
    await desk.hand_off()
    assert len(desk.in_group()) == 2
    await desk.agent.says("Antwort ohne Thema", to=desk.post())
    await desk.calm()
    assert "Antwort ohne Thema" in desk.at_member()[-1]


async def test_the_alarm_rings_once_for_each_time_of_waiting(desk):
    await desk.hand_off()
    clock, ring = desk.program.desk.clock, ticket_alarm.ring
    clock.advance(minutes=119)
    assert await desk.program.context.work(ring, desk.program.desk, now=clock()) == 0
    clock.advance(minutes=2)
    assert await desk.program.context.work(ring, desk.program.desk, now=clock()) == 1
    assert await desk.program.context.work(ring, desk.program.desk, now=clock()) == 0
    await desk.calm()
    assert desk.in_group()[-1] == "⏰ Wartet seit 2 Std. 1 Min."
    await desk.agent.taps("Übernehmen")
    await desk.answers()
    await desk.member.says("Und dann?")
    clock.advance(days=4)
    assert await desk.program.context.work(ring, desk.program.desk, now=clock()) == 1
    await desk.calm()
    assert "Frau Lang, das Mitglied wartet seit 4 Tagen" in desk.in_group()[-1]


async def test_the_list_of_open_tickets(desk):
    (said,) = await desk.agent.says("/offene")
    assert said.text == "Keine offenen Fälle."
    await desk.hand_off()
    other = Member(desk.program, desk.telegram, 7002)
    await other.says("vorfall melden")
    await other.says("Jemand gab sich als Kammer aus")
    await desk.calm()
    (said,) = await desk.agent.says("/offene")
    lines = plain(said.text).splitlines()
    assert lines[0] == "Offene Fälle: 2"
    assert "Meldung eines Betrugs" in lines[1]
    assert f"https://t.me/c/1900100200/{desk.thread}" in said.text


async def test_erasure_while_a_ticket_is_open(desk):
    await desk.hand_off("Ein sehr eigener Satz")
    await desk.member.says("/loeschen")
    await desk.member.taps("Endgültig löschen")
    await desk.calm()
    assert desk.messages() == []
    ticket = desk.ticket()
    assert (ticket.chat, ticket.state, ticket.subject) == (None, "closed", None)
    assert "Alles über das Mitglied ist gelöscht" in desk.in_group()[-1]
    assert not any("eigener Satz" in text for text in desk.in_group())
    assert desk.telegram.topics[ticket.thread] == {"name": "✅ #1 Anliegen", "closed": True}
    assert await desk.answers(to=ticket.card) != []


async def test_each_change_is_told_once_in_each_direction(desk):
    await desk.hand_off()
    await desk.agent.taps("Übernehmen")
    await desk.agent.taps("Übernehmen")
    await desk.calm()
    await desk.agent.taps("Schließen")
    await desk.agent.taps("Schließen")
    await desk.calm()
    keys = [key for key in desk.states() if ":v" in key]
    assert sorted(keys) == [
        "ticket:1:v0:group",
        "ticket:1:v1:group",
        "ticket:1:v1:member",
        "ticket:1:v2:group",
        "ticket:1:v2:member",
    ]


async def test_a_reply_to_an_untaken_ticket_tells_its_change_with_the_answer(desk):
    await desk.hand_off()
    await desk.answers()
    assert not any("kümmert sich" in text for text in desk.at_member())
    assert "ticket:1:v1:member" in desk.states()


async def test_an_answer_that_begins_with_a_slash_is_not_lost_silently(desk):
    await desk.hand_off()
    (told,) = await desk.answers("/karte ist der Befehl dafür")
    assert "ging nicht hinaus" in told.text
    assert not any("/karte ist der Befehl" in text for text in desk.at_member())
    (told,) = await desk.agent.says("/karte", thread=desk.thread)
    assert "gibt es hier nicht" in told.text


async def test_who_answers_as_the_group_learns_that_it_goes_to_nobody(desk):
    await desk.hand_off()
    to = {"from": BOT | {"username": desk.program.context.bot.username}, "text": "…"}
    reply = {"message_id": desk.post(), "date": START, "chat": {"id": GROUP, "type": "supergroup"}, **to}
    group = {"id": GROUP, "type": "supergroup", "title": "x"}
    (told,) = await desk.agent.says("Eine Antwort", thread=desk.thread, sender_chat=group, reply_to_message=reply)
    assert "mit Ihrem eigenen Namen" in told.text
    assert await desk.agent.says("unter uns", thread=desk.thread, sender_chat=group) == []


async def test_what_another_bot_found_is_no_answer(desk):
    await desk.hand_off()
    (told,) = await desk.answers("PIN und PUK …", via_bot=BOT)
    assert "ging nicht hinaus" in told.text
    assert not any("PIN und PUK" in text for text in desk.at_member())


async def test_another_file_in_an_answer_is_told(desk):
    await desk.hand_off()
    document = {"file_id": "D1", "file_unique_id": "u2", "file_name": "Antrag.pdf"}
    await desk.answers(None, document=document, caption="Der Antrag")
    changed = desk.agent.last | {"document": document | {"file_id": "D2"}, "edit_date": desk.agent.last["date"] + 60}
    (told,) = await desk.agent.deliver(edited_message=changed)
    await desk.calm()
    assert "hat noch die erste" in told.text
    changed |= {"document": document, "caption": "Der Antrag von heute"}
    assert await desk.agent.deliver(edited_message=changed) == []


async def test_in_a_new_group_old_numbers_of_messages_mean_nothing(desk):
    await desk.hand_off("Ein Satz des ersten Mitglieds")
    old = desk.post()
    rules = desk.program.desk.rules
    staff = rules.staff.model_copy(update={"chat": GROUP - 1})
    object.__setattr__(desk.program.desk, "rules", replace(rules, staff=staff))
    moved = {"chat": {"id": GROUP - 1, "type": "supergroup", "title": "neu", "is_forum": True}}
    body = desk.agent._message("Für jemand ganz anderen", None, old) | moved
    body["reply_to_message"] |= moved
    await desk.agent.intake.take(desk.telegram.update(message=body))
    await desk.calm()
    assert not any("ganz anderen" in text for text in desk.at_member())
    await desk.member.says("Noch etwas dazu")
    await desk.calm()
    there = [plain(text) for (chat, _), text in sorted(desk.telegram.messages.items()) if chat == GROUP - 1]
    assert there[-2:] == ["Mitglied:\nEin Satz des ersten Mitglieds", "Mitglied:\nNoch etwas dazu"]
    assert desk.ticket().posted_in == GROUP - 1


async def test_an_erasure_reaches_what_is_on_its_way_to_the_group(desk):
    await desk.hand_off()
    say, sent = desk.box._sender.say, []

    async def slowly(chat, reply, answered_by=None):
        result = await say(chat, reply, answered_by)
        if chat == GROUP and "sehr eigener" in str(reply.html):
            sent.append(result.message)
            await desk.member.says("/loeschen")
            await desk.member.taps("Endgültig löschen")
        return result

    desk.box._sender.say = slowly
    await desk.member.says("Ein sehr eigener Satz")
    await desk.calm()
    assert len(sent) == 1
    assert not any("sehr eigener" in text for text in desk.in_group())


async def test_the_name_of_the_topic_follows_an_edit(desk):
    await desk.hand_off("Ich, Hannelore, finde meine Karte nicht")
    await desk.member.edits("Ich finde meine Karte nicht")
    await desk.calm()
    assert desk.telegram.topics[desk.thread]["name"] == "❓ #1 Ich finde meine Karte nicht"
    assert not any("Hannelore" in text for text in desk.in_group())
    with desk.program.database.engine.connect() as connection:
        names = sqlalchemy.inspect(desk.program.database.engine).get_table_names()
        stored = repr([connection.execute(sqlalchemy.text(f"SELECT * FROM {name}")).all() for name in names])
    assert "Hannelore" not in stored


CRISIS = "Ich kann nicht mehr und will nicht mehr leben."


@pytest.mark.parametrize("listening", [False, True])
async def test_in_a_crisis_the_numbers_come_first_whatever_else_is_said(desk, listening):
    if listening:
        await desk.hand_off()
    (said, *_) = await desk.member.says(f"{CRISIS} Meine PIN ist 8341")
    words = plain(said.text)
    assert "112" in words
    assert words.index("112") < words.index("PIN")
    await desk.calm()
    assert any("Krise." in text for text in desk.in_group()) is listening
    assert not any("8341" in text for text in desk.in_group())


async def test_a_crisis_that_was_written_into_a_message_later_is_one(desk):
    await desk.hand_off()
    (said, *_) = await desk.member.edits(CRISIS)
    await desk.calm()
    assert "112" in said.text
    assert any("Krise." in text for text in desk.in_group())


async def test_a_crisis_below_a_picture_is_a_crisis(desk):
    photo = [{"file_id": "F1", "file_unique_id": "u1", "width": 10, "height": 10}]
    (said,) = await desk.member.sends(photo=photo, caption=CRISIS)
    assert "112" in said.text
    await desk.hand_off()
    (said,) = await desk.member.sends(photo=photo, caption=CRISIS)
    await desk.calm()
    assert "112" in said.text
    assert any("Krise." in text for text in desk.in_group())
