"""Notices: written, tried out, released by two, sent, paused, stopped, corrected."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from db import audiences, chats, staff_roles
from db.audiences import Audience
from handlers import notice_progress, outbox
from handlers.notice_progress import NoticeProgress
from services import deliveries, links
from services.imports import Order
from services.links import Whose
from tests.support.colleague import ADMIN, AGENT, EDITOR, GROUP, Colleague
from tests.support.member import Member
from tests.support.notices import DE, EN, drafted, link, notice, released, rows, sending, subscribe, until_over
from tests.support.register import give_card


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.02)
    monkeypatch.setattr(outbox, "BREATH", 0.01)
    monkeypatch.setattr(outbox, "PER_SECOND", 500.0)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)
    monkeypatch.setattr(notice_progress, "EDIT_EVERY", 0.0)


def sent_to(telegram, chat):
    return [call for call in telegram.of("sendMessage") if str(call["chat_id"]) == str(chat)]


async def until(condition, seconds=10.0):
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "waited in vain"
        await asyncio.sleep(0.01)


async def test_what_is_missing_is_asked_for_and_two_people_send_it(program, telegram):
    for chat in (101, 102, 103):
        subscribe(program, chat, language="en" if chat == 103 else None)
    editor, admin = Colleague(program, telegram, EDITOR), Colleague(program, telegram, ADMIN)
    (asked,) = await editor.says(f"/meldung {DE}")
    assert "Englisch" in asked.text
    (asked,) = await editor.says(EN)
    assert "Schaltfläche" in asked.text
    assert "Keine Schaltfläche" in asked.labels
    (asked,) = await editor.taps("Keine Schaltfläche")
    assert "Abo „Neues zum Datenvorfall“ (3)" in asked.labels
    german, english, card = await editor.taps("Abo „Neues zum Datenvorfall“ (3)")
    assert DE in german.text
    assert EN in english.text
    assert "Geht an <b>3</b>" in card.text
    assert "Freigabe anfordern" not in card.labels

    (told,) = await editor.taps("Test an mich")
    assert "START" in told.text
    own = Member(program, telegram, EDITOR)
    await own.says("/start")
    await editor.taps("Test an mich")
    async with sending(program):
        await until(lambda: len(sent_to(telegram, EDITOR)) == 3)
        assert [call["text"] for call in sent_to(telegram, EDITOR)[1:]] == [german.text, english.text]

        _, asked = await editor.taps("Freigabe anfordern")
        assert DE in asked.text
        assert EN in asked.text
        (told,) = await editor.taps("Freigeben")
        assert "andere Person" in told.text
        assert rows(program) == []
        (shown,) = await admin.taps("Freigeben")
        assert shown.method == "editMessageText"
        assert "0 %" in shown.text
        await until_over(program)
        await until(lambda: [row.state for row in rows(program, "desk")] == ["delivered"])
    assert [sent_to(telegram, chat)[0]["text"] for chat in (101, 102, 103)] == [german.text, german.text, english.text]
    result = sent_to(telegram, GROUP)[-1]["text"]
    assert "gesendet: <b>3</b> von 3" in result
    assert "Sagt die FAQ" in result


async def test_the_second_person_sees_where_the_button_leads(program, telegram):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    await editor.taps("Ändern")
    await editor.taps("Schaltfläche")
    await editor.says("pin-safe")
    await Member(program, telegram, EDITOR).says("/start")
    async with sending(program):
        await editor.taps("Test an mich")
        _, asked = await editor.taps("Freigabe anfordern")
    title = program.desk.store.entries["pin-safe"].de.title
    assert f"<b>Schaltfläche:</b> {title}" in asked.text


async def test_agents_write_no_notices(program, telegram):
    (told,) = await Colleague(program, telegram, AGENT).says(f"/meldung {DE}")
    assert "editor" in told.text
    assert notice(program) is None


async def test_only_what_was_asked_for_is_taken_as_a_text(program, telegram):
    editor = Colleague(program, telegram, EDITOR)
    await editor.says(f"/meldung {DE}")
    await Colleague(program, telegram, ADMIN).says("Bitte heute noch.")
    assert await editor.says("Zu deiner Frage von gestern", to=4711) == []
    assert notice(program).text_en == ""
    question = max(id_ for chat, id_ in telegram.messages if chat == GROUP)
    await editor.says(EN, to=question)
    assert notice(program).text_en == EN


async def test_a_draft_survives_a_restart_and_is_found_again(program, telegram):
    editor = Colleague(program, telegram, EDITOR)
    await editor.says(f"/meldung {EN}")
    assert notice(program).text_en == EN  # the language of a text is heard
    (listed,) = await editor.says("/meldung")
    assert "Entwurf" in listed.text
    (asked,) = await Colleague(program, telegram, ADMIN).taps(f"Öffnen {notice(program).id}")
    assert "Deutsch" in asked.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Wichtig: Sie sind betroffen und müssen handeln.", "persönliches Ergebnis"),
        ("Bitte melden Sie sich an: https://meine-kammer.example/login jetzt", "Eingabeseite"),
        ("Kurz", "zu kurz"),
        ("Alles dazu. " * 200, "zu lang"),
    ],
)
async def test_what_must_not_go_out_is_said_at_once(program, telegram, text, told):
    (said,) = await Colleague(program, telegram, EDITOR).says(f"/meldung {text}")
    assert told in said.text
    assert "Deutsch" in said.text


async def test_a_changed_draft_must_be_tried_and_released_again(program, telegram):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    await editor.taps("Freigabe anfordern")
    await editor.taps("Ändern")
    await editor.taps("Deutscher Text")
    (told,) = await Colleague(program, telegram, ADMIN).taps("Freigeben")
    assert "zurückgenommen" in told.text
    shown = await editor.says("Der Bericht ist da, und er ist lang.")
    assert "Freigabe anfordern" not in shown[-1].labels
    assert rows(program) == []


async def test_a_test_that_did_not_arrive_is_done_again(program, telegram, clock):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    clock.advance(seconds=1)
    await editor.taps("Test an mich")
    telegram.fail("sendMessage", *[(403, "Forbidden: bot was blocked by the user")] * 2)
    async with sending(program):
        await until(lambda: {row.state for row in rows(program, "trial")} == {"delivered", "refused"})
    (told,) = await editor.taps("Freigabe anfordern")
    assert "START" in told.text
    await Member(program, telegram, EDITOR).says("/start")
    clock.advance(seconds=1)
    await editor.taps("Test an mich")
    shown = await editor.taps("Freigabe anfordern")
    assert "Freigeben" in shown[-1].labels


async def test_two_who_release_at_the_same_moment_send_it_once(program, telegram):
    for chat in range(101, 111):
        subscribe(program, chat)
    editor = await drafted(program, telegram, "Abo „Neues zum Datenvorfall“")
    await editor.taps("Freigabe anfordern")
    card = Colleague(program, telegram, ADMIN)
    other = Colleague(program, telegram, 9004)
    await program.context.work(_make_admin, 9004, program.desk.clock())
    await asyncio.gather(card.taps("Freigeben"), other.taps("Freigeben"))
    assert len(rows(program)) == 10
    assert sum("schon freigegeben" in call["text"] for call in sent_to(telegram, GROUP)) == 1


def _make_admin(session, user, now):
    staff_roles.give(session, user, "admin", by=ADMIN, now=now)


async def test_who_left_the_group_cannot_release(program, telegram):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    await editor.taps("Freigabe anfordern")
    telegram.left.add(ADMIN)
    (told,) = await Colleague(program, telegram, ADMIN).taps("Freigeben")
    assert "nicht mehr in der Gruppe" in told.text
    assert notice(program).state == "waiting"


async def test_what_is_refused_or_not_answered_is_a_draft_again(program, telegram, clock):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    await editor.taps("Freigabe anfordern")
    (told,) = await Colleague(program, telegram, ADMIN).taps("Ablehnen")
    assert "Frau Sommer" in told.text
    assert notice(program).state == "draft"
    await editor.taps("Freigabe anfordern")
    clock.advance(hours=25)
    await NoticeProgress(program.context).look_for_late()
    assert notice(program).state == "draft"
    async with sending(program):
        await until(lambda: [row.state for row in rows(program, "desk")] == ["delivered"])
    (told,) = await Colleague(program, telegram, ADMIN).taps("Freigeben")
    assert "Frist" in told.text
    assert rows(program) == []


# ---- whom it reaches


async def test_a_notice_to_nobody_is_told_at_once_and_leads_nowhere(program, telegram):
    editor = Colleague(program, telegram, EDITOR)
    await Member(program, telegram, EDITOR).says("/start")
    await editor.says(f"/meldung {DE}")
    await editor.says(EN)
    await editor.taps("Keine Schaltfläche")
    *_, card = await editor.taps("Abo „Neues zum Datenvorfall“ (0)")
    assert f"Niemand würde Mitteilung {notice(program).id} bekommen" in card.text
    assert "Als Nächstes" not in card.text
    assert card.labels == ["Ändern", "Verwerfen"]
    subscribe(program, 101)
    await editor.taps("Ändern")
    await editor.taps("Empfänger")
    *_, card = await editor.taps("Abo „Neues zum Datenvorfall“ (1)")
    assert card.labels == ["Test an mich", "Ändern", "Verwerfen"]


@pytest.mark.parametrize("label", ["Test an mich", "Freigabe anfordern"])
async def test_who_has_left_before_the_test_or_the_release_is_not_asked_for(program, telegram, label):
    subscribe(program, 101)
    editor = await drafted(program, telegram)
    tests = len(rows(program, "trial"))
    program.database.work(chats.block, 101, program.desk.clock())
    (told,) = await editor.taps(label)
    assert "Niemand würde" in told.text
    assert told.labels == ["Ändern", "Verwerfen"]
    assert notice(program).state == "draft"
    assert len(rows(program, "trial")) == tests


async def test_a_correction_to_nobody_can_only_be_discarded(program, telegram):
    subscribe(program, 101)
    editor = await released(program, telegram)
    async with sending(program):
        await until_over(program)
        await until(lambda: {row.state for row in rows(program, "desk")} == {"delivered"})
    program.database.work(chats.block, 101, program.desk.clock())
    await editor.taps("Als Korrektur nachsenden")
    await editor.says("Im Bericht stand ein falsches Datum, richtig ist Mai.")
    await editor.says("The report named a wrong date, May is right.")
    *_, card = await editor.taps("Keine Schaltfläche")
    assert "Niemand würde diese Korrektur bekommen" in card.text
    assert card.labels == ["Ändern", "Verwerfen"]


async def test_whoever_left_between_queueing_and_sending_gets_nothing(program, telegram):
    people = {chat: link(program, chat) for chat in range(201, 207)}
    await released(program, telegram, "Alle Verbundenen")
    assert len(rows(program)) == 6
    now = program.desk.clock()
    order = Order("anna", "bernd")
    work = program.database.work
    work(links.revoke, program.desk, Whose(chat=201), reason="Missbrauch", order=order, now=now)
    await Member(program, telegram, 202).says("/abmelden")
    await Member(program, telegram, 202).says("/pause")
    paused = Member(program, telegram, 203)
    await paused.says("/pause")
    erased = Member(program, telegram, 204)
    await erased.says("/loeschen")
    await erased.taps("Endgültig löschen")
    work(chats.block, 205, now)
    before = len(telegram.calls)
    async with sending(program):
        await until_over(program)
    got = {int(call["chat_id"]) for method, call in telegram.calls[before:] if method == "sendMessage"} - {
        EDITOR,
        GROUP,
    }
    assert got == {206}
    assert people[206].member in {row.member for row in rows(program)}


async def test_those_affected_get_a_neutral_sentence_and_look_it_up(program, telegram):
    affected, other = link(program, 301), link(program, 302)
    incident = program.desk.rules.incidents[0]
    label, name = f"Betroffene: {incident.title.de}", incident.id.replace("-", "_")
    give_card(program, affected, **{name: ["name"]})
    give_card(program, other, number="80276001081699900579", **{name: None})
    await released(program, telegram, label)
    async with sending(program):
        await until_over(program)
    assert sent_to(telegram, 302) == []
    (message,) = sent_to(telegram, 301)
    assert DE not in message["text"]
    assert incident.title.de not in message["text"]
    data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    (read,) = await Member(program, telegram, 301).deliver(telegram.tap(301, 5, data))
    assert read.text.startswith(DE)
    assert "…" in read.text
    (refused,) = await Member(program, telegram, 302).deliver(telegram.tap(302, 5, data))
    assert DE not in refused.text
    (stranger,) = await Member(program, telegram, 303).deliver(telegram.tap(303, 5, data))
    assert DE not in stranger.text


# ---- on the way


async def test_it_can_be_paused_gone_on_with_and_stopped(program, telegram):
    for chat in range(401, 411):
        subscribe(program, chat)
    editor = await released(program, telegram)
    await editor.taps("Anhalten")
    async with sending(program):
        await asyncio.sleep(0.3)
        assert {row.state for row in rows(program)} == {"queued"}
        await editor.taps("Weiter")
        await until(lambda: Counter(row.state for row in rows(program))["delivered"] == 10)
        await until_over(program)
    assert notice(program).state == "done"


async def test_stopping_asks_once_more_and_keeps_the_rest_from_going_out(program, telegram):
    for chat in range(401, 411):
        subscribe(program, chat)
    editor = await released(program, telegram)
    (asked,) = await editor.taps("Abbrechen")
    assert "10" in asked.text
    assert notice(program).state == "paused"
    (told,) = await editor.taps("Endgültig abbrechen")
    assert "abgebrochen" in told.text
    assert {row.state for row in rows(program)} == {"cancelled"}
    assert notice(program).state == "stopped"


@pytest.mark.parametrize("label", ["Anhalten", "Abbrechen"])
async def test_when_everybody_has_it_there_is_nothing_to_hold_back(program, telegram, label):
    subscribe(program, 401)
    editor = await released(program, telegram)
    async with sending(program):
        await until(lambda: [row.state for row in rows(program)] == ["delivered"])
        (told,) = await editor.taps(label)
        assert "angehalten" not in told.text
        assert "abbrechen?" not in told.text
        await until_over(program)
    assert notice(program).state == "done"


async def test_what_comes_back_while_it_is_paused_waits_too(program, telegram):
    subscribe(program, 401)
    editor = await released(program, telegram)
    now = program.desk.clock()
    (due,) = program.database.work(deliveries.claim, now, 5)
    await editor.taps("Anhalten")
    program.database.work(deliveries.retry, due.id, now)
    assert program.database.work(deliveries.claim, now, 5) == []
    await editor.taps("Weiter")
    assert [one.id for one in program.database.work(deliveries.claim, now, 5)] == [due.id]


async def test_a_crash_in_between_repeats_what_is_in_doubt_once_and_nothing_else(program, telegram, clock):
    for chat in range(501, 511):
        subscribe(program, chat)
    await released(program, telegram)
    claimed = program.database.work(deliveries.claim, clock.now, 4)
    assert len(claimed) == 4  # …and the process is gone
    async with sending(program):
        await until(lambda: Counter(row.state for row in rows(program))["delivered"] == 6)
        progress = NoticeProgress(program.context)
        await progress.look()
        assert "unklar, in 10 Minuten noch einmal: 4" in telegram.of("editMessageText")[-1]["text"]
        assert notice(program).state == "sending"
        clock.advance(minutes=11)
        await until_over(program)
    times = Counter(int(call["chat_id"]) for call in telegram.of("sendMessage") if 500 < int(call["chat_id"]) < 511)
    assert times == dict.fromkeys(range(501, 511), 1)
    counts = program.database.work(audiences.counts, notice(program).id)
    assert (counts.all, counts.sent, counts.unclear) == (10, 10, 0)


async def test_answers_to_one_come_before_what_goes_to_many(program, telegram):
    for chat in range(601, 700):
        subscribe(program, chat)
    await released(program, telegram)
    now = program.desk.clock()
    later = now + timedelta(hours=1)
    key = {"key": "deletion:7:7", "chat": 7, "kind": deliveries.Kind.DELETION, "reply": {"target": 7}}
    program.database.work(deliveries.queue, due_at=later, now=now, **key)
    first, *_ = program.database.work(deliveries.claim, later, 1)
    assert first.kind == "deletion"


async def test_who_was_not_reached_is_told_without_numbers(program, telegram):
    for chat in (701, 702):
        subscribe(program, chat)
    editor = await drafted(program, telegram)
    async with sending(program):
        await editor.taps("Freigabe anfordern")
        original = telegram.on_sendMessage

        async def blocked(parameters):
            if int(parameters["chat_id"]) == 702:
                return 403, "Forbidden: bot was blocked by the user"
            return await original(parameters)

        telegram.on_sendMessage = blocked
        await Colleague(program, telegram, ADMIN).taps("Freigeben")
        await until_over(program)
        await until(lambda: [row.state for row in rows(program, "desk")] == ["delivered"] * 2)
    (sent, file) = rows(program, "desk")
    assert "Bot blockiert: 1" in sent.reply["html"]
    name, text = file.reply["file"]
    assert name.endswith(".csv")
    assert "702" not in text
    assert "Bot blockiert" in text
    assert len(text.splitlines()) == 2


async def test_a_correction_goes_to_those_who_got_the_first(program, telegram):
    for chat in (801, 802):
        subscribe(program, chat)
    editor = await released(program, telegram)
    async with sending(program):
        await until_over(program)
        await until(lambda: {row.state for row in rows(program, "desk")} == {"delivered"})
        subscribe(program, 803)
        await editor.taps("Als Korrektur nachsenden")
        await editor.says("Im Bericht stand ein falsches Datum, richtig ist Mai.")
        await editor.says("The report named a wrong date, May is right.")
        shown = await editor.taps("Keine Schaltfläche")
        assert "Korrektur zu unserer Mitteilung vom" in shown[0].text
        assert "Geht an <b>2</b>" in shown[-1].text
        await editor.taps("Test an mich")
        await editor.taps("Freigabe anfordern")
        await Colleague(program, telegram, ADMIN).taps("Freigeben")
        await until_over(program)
    assert [len(sent_to(telegram, chat)) for chat in (801, 802, 803)] == [2, 2, 0]
    assert notice(program).corrects is not None


def test_an_audience_is_read_back_from_what_is_stored():
    for audience in (Audience("linked"), Audience("subscribers", "breach"), Audience("got", "12")):
        assert Audience.of(str(audience)) == audience
