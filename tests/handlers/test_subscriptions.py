"""What a chat wants to hear about: chosen by tapping or typing, ended by one tap, kept and erased."""

import asyncio
import dataclasses

import pytest

from db import chats, subscriptions
from db.models import ShownAnswer, Subscription
from db.session import Session
from handlers.notice_progress import NoticeProgress
from services import retention
from services.subscriptions import version
from tests.support.colleague import EDITOR, GROUP, Colleague
from tests.support.member import Member
from tests.support.notices import EN, notice, released, rows, sending, until_over


def subjects(program, chat=7001):
    return program.database.work(subscriptions.of_chat, chat)


async def test_subjects_are_switched_on_and_off_in_place(member, program):
    (shown,) = await member.says("/abo")
    assert "☐ Neues zum Datenvorfall" in shown.labels
    (shown,) = await member.taps("☐ Neues zum Datenvorfall")
    assert shown.method == "editMessageText"
    assert "☑ Neues zum Datenvorfall" in shown.labels
    assert subjects(program) == ("breach",)
    await member.taps("☑ Neues zum Datenvorfall")
    assert subjects(program) == ()


@pytest.mark.parametrize(
    ("typed", "before", "after"),
    [
        ("abo 1", (), ("breach",)),
        ("Abo Kartentausch", (), ("exchange",)),
        ("subscribe 2", (), ("exchange",)),
        ("abo 1", ("breach",), ()),
        ("Keine Mitteilungen zum Datenvorfall mehr.", ("breach",), ()),
        ("no more news about the data incident", ("breach",), ()),
        ("unsubscribe from exchange", ("breach", "exchange"), ("breach",)),
        ("abo 99", ("breach",), ("breach",)),
    ],
)
async def test_typing_works_too(member, program, typed, before, after):
    await member.says("/start")
    for subject in before:
        program.database.work(subscriptions.put, member.chat, subject, program.desk.clock())
    await member.says(typed)
    assert subjects(program) == after


async def test_one_tap_below_a_notice_ends_it_and_the_notice_stays(member, program, telegram):
    await member.says("abo 1")
    await released(program, telegram)
    async with sending(program):
        await until_over(program)
    call = next(call for call in reversed(telegram.of("sendMessage")) if call["chat_id"] == str(member.chat))
    key = call["reply_markup"]["inline_keyboard"][0][0]
    assert key["text"] == "Keine Mitteilungen dazu mehr"
    keyboard = call["reply_markup"]["inline_keyboard"]
    (told,) = await member.deliver(telegram.tap(member.chat, 5, key["callback_data"], keyboard=keyboard))
    assert told.method == "sendMessage"
    assert "keine Mitteilungen mehr" in told.text
    assert subjects(program) == ()


async def test_who_only_tapped_is_written_to_in_the_language_of_the_app(program, telegram):
    emma = Member(program, telegram, 7002, language="en")
    await emma.says("/start")
    await emma.says("/abo")
    await emma.taps("☐ News about the data incident")
    await released(program, telegram)
    async with sending(program):
        await until_over(program)
    assert EN in [call["text"].split("\n")[0] for call in telegram.of("sendMessage") if call["chat_id"] == "7002"]


async def test_the_label_below_a_notice_can_be_typed(member, program, telegram):
    await member.says("abo 1")
    await released(program, telegram)
    async with sending(program):
        await until_over(program)
    await member.says("Keine Mitteilungen dazu mehr")
    assert subjects(program) == ()


async def test_a_pause_keeps_the_choice(member, program):
    await member.says("abo 1")
    await member.says("/pause")
    (shown,) = await member.says("/abo")
    assert "abgeschaltet" in shown.text
    assert "Mitteilungen wieder an" in shown.labels
    assert subjects(program) == ("breach",)


async def test_the_member_sees_and_erases_it(member, program):
    await member.says("abo 1")
    await member.says("abo 3")
    await member.says("Ist meine PIN sicher?")
    (shown,) = await member.says("/meinedaten")
    assert "Neues zum Datenvorfall, Änderungen an Antworten" in shown.text
    await member.says("/loeschen")
    await member.taps("Endgültig löschen")
    with Session(program.database.engine) as session:
        assert session.query(Subscription).count() == session.query(ShownAnswer).count() == 0


async def test_shown_answers_are_kept_only_for_who_wants_to_hear_of_changes(member, program, clock):
    await member.says("Ist meine PIN sicher?")
    assert program.database.work(subscriptions.kept, member.chat) == 0
    await member.says("abo 3")  # also the answer that was just shown
    assert program.database.work(subscriptions.kept, member.chat) == 1
    clock.advance(weeks=9)
    program.database.work(retention.forget, program.desk, bot=program.context.bot_id, now=clock.now)
    assert program.database.work(subscriptions.kept, member.chat) == 0
    assert subjects(program) == ("answers",)  # and the chat is not forgotten, though it wrote so long ago


async def test_a_subscriber_who_blocked_the_bot_is_forgotten(member, program, clock):
    await member.says("abo 1")
    await program.context.work(_block, member.chat, clock.now)
    clock.advance(days=40)
    program.database.work(retention.forget, program.desk, bot=program.context.bot_id, now=clock.now)
    assert subjects(program) == ()


def _block(session, chat, now):
    chats.block(session, chat, now)


def changed(program, entry, **texts):
    """The FAQ with another answer to one entry, in the place of the old one."""
    library = program.desk.library
    old = library.store.entries[entry]
    new = old.model_copy(update={"de": old.de.model_copy(update=texts)})
    entries = {**library.store.entries, entry: new}
    store = library.store.model_copy(update={"entries": entries, "digest": "another"})
    program.desk.shelf.replace(dataclasses.replace(library, store=store))


async def test_a_changed_answer_is_proposed_and_nothing_is_sent_without_people(member, program, telegram, clock):
    await member.says("abo 3")
    await member.says("Ist meine PIN sicher?")
    progress = NoticeProgress(program.context)
    changed(program, "pin-safe", answer="Ja. Neu: Die PIN war auch im Januar nicht dabei.")
    await progress.look_for_late()
    assert notice(program) is None  # editors may still be at it
    clock.advance(minutes=11)
    await progress.look_for_late()
    await progress.look_for_late()
    proposed = notice(program)
    assert (proposed.state, proposed.audience) == ("proposed", "saw:pin-safe")
    assert [row.kind for row in rows(program, "desk")] == ["desk"]
    assert rows(program) == []
    async with sending(program):
        for _ in range(500):
            if telegram.of("sendMessage")[-1]["chat_id"] == str(GROUP):
                break
            await asyncio.sleep(0.01)
    shown = await Colleague(program, telegram, EDITOR).taps("Öffnen")
    assert "hat sich geändert" in shown[0].text
    assert "Geht an <b>1</b>" in shown[-1].text
    await Colleague(program, telegram, EDITOR).taps("Verwerfen")
    clock.advance(minutes=11)
    await progress.look_for_late()
    assert notice(program).state == "discarded"  # and it is not proposed again


def test_spelling_of_punctuation_is_no_change(shipped):
    entry = shipped.store.entries["pin-safe"]
    spelt = entry.model_copy(update={"de": entry.de.model_copy(update={"answer": f"<b>{entry.de.answer}</b> !"})})
    other = entry.model_copy(update={"de": entry.de.model_copy(update={"answer": entry.de.answer + " Seit Mai."})})
    assert version(spelt) == version(entry) != version(other)
