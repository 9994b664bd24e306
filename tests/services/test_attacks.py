"""What an attacker tries, and what goes wrong by itself: each was possible once.

Played through Telegram's updates, on both databases.
"""

import asyncio
import time

import pytest
import sqlalchemy
from telegram.error import NetworkError

from db import links as ties
from db import members
from db.models import AuditEvent, Chat, Delivery, HandledUpdate, Letter, Link, Question, Suppression, Throttle, Tick
from db.models import Member as MemberRow
from db.session import Session
from handlers import courier
from services import links, privacy, throttles, verification
from services.turn import begin
from tests.support.member import Member
from tests.support.register import another_letter, enrol, give_card
from vault import codes

STEPS = "Was jetzt tun: Datenvorfall bei D-Trust (Januar 2025)"


@pytest.fixture(autouse=True)
def no_floor(program, monkeypatch):
    set_floor(program, 0.0)
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.05)


def set_floor(program, seconds):
    rules = program.desk.rules
    object.__setattr__(rules, "verification", rules.verification.model_copy(update={"floor_seconds": seconds}))


@pytest.fixture
def yilmaz(program):
    enrolled = enrol(program)
    give_card(program, enrolled, breach_2025=("name", "email", "id-document"))
    return enrolled


@pytest.fixture
def other(program):
    return enrol(program, "4711009", digits="1111")


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


def change(program, model, **values):
    program.database.work(lambda session: session.execute(sqlalchemy.update(model).values(**values)))


def turn_of(program, session, chat):
    return begin(session, program.desk, chat=chat, client="de", now=program.desk.clock())


async def verify(member, enrolled, digits="4566"):
    await member.says(enrolled.typed)
    await member.says(digits)
    return (await member.taps("Ja"))[0]


async def tap(member, data):
    return await member.deliver(member.telegram.tap(member.chat, 1, data))


def forwarded(telegram):
    return {"type": "user", "date": 1, "sender_user": telegram.person(5)}


# ---- ways in


async def test_a_forwarded_start_link_redeems_nothing(member, program, telegram, yilmaz):
    await member.says(f"/start {yilmaz.code.symbols}", forward_origin=forwarded(telegram))
    assert rows(program, Letter)[0].claimed_by is None


@pytest.mark.parametrize("way", ["edit", "forward"])
async def test_a_code_that_counts_for_nothing_is_still_taken_out_of_the_chat(member, program, telegram, yilmaz, way):
    text = yilmaz.typed.replace("0", "O").replace("1", "I")
    if way == "edit":
        await member.says("pin sicher?")
        said = await member.edits(text)
    else:
        said = await member.says(text, forward_origin=forwarded(telegram))
    assert said[0].text == program.texts.say("code.refused", "de")
    assert said[-1].method == "deleteMessage"
    assert rows(program, Letter)[0].claimed_by is None
    assert rows(program, Throttle) == []


async def test_a_mistyped_code_in_a_long_question_is_kept_nowhere(member, program):
    code = "K7QM2F9TXW3BOHRN"  # the check symbol is wrong, and O is no symbol
    await member.says(f"xyzzy plugh quux frobnicate gronk zorkmid {code} blarg wibble")
    assert code not in repr([row.words for row in rows(program, Question)])


async def test_an_edit_looks_up_nothing(member, program, yilmaz):
    await verify(member, yilmaz)
    await member.says("pin sicher?")
    for text in ("meine karte", "meine daten"):
        for said in await member.edits(text):
            assert "0578" not in said.text


async def test_a_channel_that_speaks_in_a_group_is_nobody(member, program, telegram, yilmaz):
    body = telegram.message(777000, "@auskunft_bot pin sicher?") | {
        "chat": {"id": -100500, "type": "supergroup", "title": "x"},
        "sender_chat": {"id": -100600, "type": "channel", "title": "y"},
    }
    body["entities"] = [{"type": "mention", "offset": 0, "length": 13}]
    assert await member.deliver(telegram.update(message=body)) == []


@pytest.mark.parametrize("way", ["said", "start", "edited", "caption"])
async def test_a_code_that_a_group_could_read_is_frozen(member, program, telegram, yilmaz, way):
    """Also when nobody spoke to us."""
    text = f"/start {yilmaz.code.symbols}" if way == "start" else f"mein code: {yilmaz.typed}"
    words = {"caption": text} if way == "caption" else {"text": text}
    body = telegram.message(5, text="…") | {"chat": {"id": -100500, "type": "supergroup", "title": "x"}} | words
    if way == "caption":
        del body["text"]
    update = {"edited_message": body | {"edit_date": body["date"] + 5}} if way == "edited" else {"message": body}
    assert await member.deliver(telegram.update(**update)) == []
    assert rows(program, Letter)[0].state == "frozen"


async def test_a_confirmation_after_the_code_was_withdrawn_links_nothing(member, program, yilmaz):
    await member.says(yilmaz.typed)
    await member.says("4566")
    change(program, Letter, state="withdrawn")
    (said,) = await member.taps("Ja")
    assert said.text == program.texts.say("code.refused", "de")
    assert rows(program, Link) == []


@pytest.mark.parametrize("when", ["before the digits", "before the yes"])
async def test_a_member_who_left_the_register_meanwhile_is_not_linked(member, program, clock, yilmaz, when):
    await member.says(yilmaz.typed)
    if when == "before the yes":
        await member.says("4566")
    change(program, MemberRow, missing_since=clock())
    said = await (member.taps("Ja") if when == "before the yes" else member.says("4566"))
    assert said[0].text == program.texts.say("code.refused", "de")
    assert rows(program, Link) == []


async def test_a_link_to_somebody_who_left_the_register_shows_nothing(member, program, clock, yilmaz):
    await verify(member, yilmaz)
    program.database.work(members.set_missing, [yilmaz.member], clock())  # an import at the very same moment
    (said,) = await member.says("/karte")
    assert "0578" not in said.text


async def test_digits_are_tried_one_after_the_other(program, telegram, yilmaz):
    """Twenty chats that each were the last to type the code, for a moment."""

    def attempt(session, chat, digits):
        verification.submit(turn_of(program, session, chat), codes.Typed(yilmaz.code))
        return verification.check_digits(turn_of(program, session, chat), digits)

    loop = asyncio.get_running_loop()
    tries = (
        loop.run_in_executor(program.database.executor, program.database.work, attempt, chat, f"{chat:04}")
        for chat in range(1, 21)
    )
    await asyncio.gather(*tries, return_exceptions=True)
    (letter,) = rows(program, Letter)
    assert letter.digit_errors <= 3
    assert letter.state == "frozen"


async def test_a_code_typed_where_a_number_was_asked_for_is_a_code(member, program, yilmaz):
    await member.says("neuen brief anfordern")
    said = await member.says(yilmaz.typed)
    assert "vier Ziffern" in said[0].text


# ---- what time, calls and repetition tell


async def test_the_last_step_takes_the_same_time_too(program, telegram, yilmaz):
    right, wrong = Member(program, telegram, 1), Member(program, telegram, 2)
    await right.says(yilmaz.typed)
    await right.says("4566")
    set_floor(program, 0.4)
    took = []
    for person in (right, wrong):
        began = time.perf_counter()
        said = await tap(person, "1a:confirm")
        took.append(time.perf_counter() - began)
        assert [one.method for one in said] == ["sendMessage"]
    assert all(seconds >= 0.4 for seconds in took), took


@pytest.mark.parametrize("way", ["typed", "deep link"])
async def test_a_repeated_code_is_deleted_and_takes_its_time(member, program, yilmaz, way):
    await verify(member, yilmaz)
    set_floor(program, 0.4)
    began = time.perf_counter()
    said = await member.says(yilmaz.typed if way == "typed" else f"/start {yilmaz.code.symbols}")
    assert time.perf_counter() - began >= 0.4
    assert "Verbunden" in said[0].text
    assert said[-1].method == "deleteMessage"


async def test_a_second_tap_on_yes_is_no_wrong_code(member, program, yilmaz):
    await verify(member, yilmaz)
    (said,) = await member.taps("Ja")
    assert "Verbunden" in said.text
    assert rows(program, Throttle) == []


async def test_a_repeated_code_does_not_speak_of_a_link_that_is_none(member, program, telegram, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    newer = another_letter(program, yilmaz)
    await verify(second, newer)
    said = await second.says(newer.typed)
    assert "24 Stunden" in said[0].text
    await tap(member, "1a:object")
    said = await second.says(newer.typed)
    assert said[0].text == program.texts.say("code.refused", "de")


# ---- one chat and two members


async def test_a_chat_whose_link_waits_takes_no_other_member(member, program, telegram, clock, yilmaz, other):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    said = await verify(second, other, "1111")
    assert "anderen Mitgliedschaft" in said.text
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "eHBA" in said.text
    assert sorted(row.state for row in rows(program, Link)) == ["active", "ended"]


async def test_a_link_that_sleeps_can_be_left_for_another_membership(member, program, clock, yilmaz, other):
    await verify(member, yilmaz)
    clock.advance(days=181)
    other = another_letter(program, other)
    assert "anderen Mitgliedschaft" in (await verify(member, other, "1111")).text
    await member.says("/abmelden")
    await member.taps("Ja, abmelden")
    assert "Verbunden" in (await verify(member, other, "1111")).text


async def test_signing_off_while_the_link_waits_ends_it(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    (said,) = await second.says("/abmelden")
    assert "Ja, abmelden" in said.labels
    await second.taps("Ja, abmelden")
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "0578" not in said.text
    (said,) = await member.says("/karte")
    assert "0578" in said.text


# ---- when the objection is over


async def test_the_older_chat_sees_nothing_once_its_time_is_over(member, program, telegram, clock, yilmaz):
    """Also when the newer one has not written yet."""
    await verify(member, yilmaz)
    await verify(Member(program, telegram, 7002), another_letter(program, yilmaz))
    clock.advance(hours=25)
    (said,) = await member.says("/karte")
    assert "0578" not in said.text
    assert {row.chat: row.state for row in rows(program, Link)} == {member.chat: "ended", 7002: "active"}


async def test_nobody_objects_too_late(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    clock.advance(hours=25)
    (said,) = await tap(member, "1a:object")
    assert "nichts" in said.text
    (said,) = await second.says("/karte")
    assert "0578" in said.text


async def test_links_begin_and_sleep_by_themselves(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    await verify(Member(program, telegram, 7002), another_letter(program, yilmaz))
    clock.advance(hours=25)
    assert program.database.work(links.keep_time, program.desk, clock()) == 1
    assert {row.chat: row.state for row in rows(program, Link)} == {member.chat: "ended", 7002: "active"}
    clock.advance(days=181)
    assert program.database.work(links.keep_time, program.desk, clock()) == 1
    assert {row.chat: row.state for row in rows(program, Link)} == {member.chat: "ended", 7002: "dormant"}


async def test_waiting_is_not_using(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    clock.advance(days=190)
    (said,) = await second.says("/karte")
    assert "0578" not in said.text


async def test_a_blocked_older_chat_does_not_stop_the_newer_one(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    change(program, Chat, blocked_at=clock())
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    (said,) = await second.says("/karte")
    assert "0578" not in said.text
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "0578" in said.text


async def test_who_comes_back_too_late_must_wait_as_well(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    clock.advance(hours=25)
    assert "24 Stunden" in (await verify(member, another_letter(program, yilmaz))).text
    (said,) = await second.says("/karte")
    assert "0578" in said.text


# ---- throttles


async def test_a_right_code_does_not_wipe_other_counters(member, program, yilmaz):
    for _ in range(2):
        await member.says("neuen brief anfordern")
        await member.says("9999999")
    await verify(member, yilmaz)
    assert [row.rule for row in rows(program, Throttle)] == ["letter-24h"]


async def test_erasing_keeps_only_counters_that_still_count(member, program, clock, yilmaz):
    for _ in range(5):
        await member.says(codes.printed(codes.new_code()))
    await tap(member, "1a:erase-yes")
    assert (await member.says(yilmaz.typed))[0].text == program.texts.say("code.paused", "de")
    clock.advance(days=2)
    await tap(member, "1a:erase-yes")
    assert [row.rule for row in rows(program, Throttle)] == ["wrong-ever"]
    clock.advance(days=31)
    program.database.work(throttles.forget, clock())
    assert rows(program, Throttle) == []


async def test_counters_that_still_count_are_not_forgotten(member, program, clock, yilmaz):
    for _ in range(5):
        await member.says(codes.printed(codes.new_code()))
    change(program, Throttle, paused_until=clock() + throttles.FOR_EVER)
    clock.advance(days=400)
    program.database.work(throttles.forget, clock())
    assert (await member.says(yilmaz.typed))[0].text == program.texts.say("code.paused", "de")


@pytest.mark.parametrize("way", ["/meinedaten", "/id", "1a:my-data", "1m::pin-safe"])
async def test_commands_and_taps_are_a_flood_too(member, program, telegram, way):
    most = program.desk.rules.messages_per_minute
    said = []
    for _ in range(most + 5):
        said += await (member.says(way) if way.startswith("/") else tap(member, way))
    assert len([one for one in said if one.method == "sendMessage"]) == most + 1
    assert (said[-1].method, said[-1].text) == ("sendMessage", program.texts.say("limits.slow-down", "de"))
    assert len(rows(program, AuditEvent)) in (0, most)


# ---- after the link has ended


async def is_told_after(program, telegram, member, happens):
    """What Telegram hears that was owed while it was down, and something happened meanwhile."""
    telegram.fail("sendMessage", *[NetworkError("down")] * 3)
    await member.intake.take(telegram.update(message=telegram.message(member.chat, "/karte")))
    while not telegram.of("sendMessage"):
        await asyncio.sleep(0.01)
    program.database.work(happens)
    before = len(telegram.calls)
    await program.context.courier.idle()
    return repr(telegram.calls[before:])


@pytest.mark.parametrize("end", ["revoked", "asleep", "erased"])
async def test_cards_that_are_still_owed_are_not_told_after_the_end(member, program, telegram, clock, yilmaz, end):
    await verify(member, yilmaz)
    telegram.calls.clear()

    def happens(session):
        tie = ties.of_chat(session, member.chat)
        if end == "revoked":
            ties.end(session, tie.id, "revoked", clock())
        elif end == "asleep":
            ties.sleep(session, tie.id, "missing")
        else:
            privacy.erase(turn_of(program, session, member.chat))

    assert "0578" not in await is_told_after(program, telegram, member, happens)
    assert [row.owed for row in rows(program, HandledUpdate) if row.owed] == []


async def test_cards_that_are_still_owed_are_told_when_nothing_happened(member, program, telegram, yilmaz):
    await verify(member, yilmaz)
    telegram.calls.clear()
    assert "0578" in await is_told_after(program, telegram, member, lambda session: None)


async def test_what_is_owed_to_an_erased_chat_stays_nowhere(member, program, telegram, yilmaz):
    """The program was killed before it could say it."""
    await verify(member, yilmaz)
    telegram.fail("sendMessage", *[NetworkError("down")] * 50)
    await member.intake.take(telegram.update(message=telegram.message(member.chat, "/karte")))
    await program.context.courier.finish(0)
    assert [row for row in rows(program, HandledUpdate) if row.owed]
    program.database.work(lambda session: privacy.erase(turn_of(program, session, member.chat)))
    assert [row for row in rows(program, HandledUpdate) if row.owed or row.chat] == []


# ---- erasure


async def test_what_was_said_before_an_erasure_does_not_bring_the_chat_back(member, program, telegram, yilmaz):
    """A reply was on its way while the chat was erased."""
    telegram.fail("sendMessage", *[NetworkError("down")] * 2)
    await member.intake.take(telegram.update(message=telegram.message(member.chat, "/meinedaten")))
    program.database.work(lambda session: privacy.erase(turn_of(program, session, member.chat)))
    await program.context.courier.idle()
    assert rows(program, Delivery) == []
    assert rows(program, Chat) == []


async def test_an_erasure_takes_personal_messages_out_of_the_chat(member, program, yilmaz):
    await verify(member, yilmaz)
    (shown,) = await member.says("/karte")
    await member.says("/loeschen")
    said, *deleted = await member.taps("Endgültig löschen")
    assert "Erledigt" in said.text
    assert [(one.method, one.message) for one in deleted] == [("deleteMessage", shown.message)]
    assert rows(program, Delivery) == []


async def test_who_comes_back_and_goes_again_is_erased_again(member, program, clock):
    for _ in range(2):
        await member.says("/start")
        clock.advance(days=3)
        await tap(member, "1a:erase-yes")
    assert [row.at for row in rows(program, Suppression)] == [clock()]


async def test_erasing_a_link_that_sleeps_leaves_no_trace(member, program, clock, yilmaz):
    await verify(member, yilmaz)
    await member.says("/karte")
    await member.taps(STEPS)
    await member.taps("☐ Karte weiter benutzen")
    assert rows(program, Tick)
    clock.advance(days=181)
    await tap(member, "1a:erase-yes")
    assert rows(program, Tick) == []
    assert rows(program, Link) == []
    assert rows(program, MemberRow)[0].subject_key is None


async def test_erasing_a_link_that_waits_takes_nothing_from_the_member(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    await member.says("/karte")
    await member.taps(STEPS)
    await member.taps("☐ Karte weiter benutzen")
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    await tap(second, "1a:erase-yes")
    assert len(rows(program, Tick)) == 1
    assert rows(program, MemberRow)[0].subject_key is not None
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "0578" not in said.text
    (said,) = await member.says("/karte")
    assert "0578" in said.text


async def test_an_older_chat_erases_nothing_of_the_newer_one(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    clock.advance(hours=25)
    await second.says("/karte")
    await second.taps(STEPS)
    await second.taps("☐ Karte weiter benutzen")
    await tap(member, "1a:erase-yes")
    assert len(rows(program, Tick)) == 1
    assert [row.chat for row in rows(program, Link)] == [7002]


# ---- the record


async def test_steps_are_audited_as_well(member, program, yilmaz):
    await tap(member, "1k:breach-2025:")
    await verify(member, yilmaz)
    await member.says("/karte")
    await member.taps(STEPS)
    await member.taps("☐ Karte weiter benutzen")
    tags = [row.tag for row in rows(program, AuditEvent)]
    assert tags.count("member:cards:refused") == 1
    assert tags.count("member:cards:viewed") == 2
    assert tags.count("member:step:ticked") == 1
