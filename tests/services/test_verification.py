"""From the code on the letter to the own cards, and what an attacker gets: nothing.

Played through Telegram's updates, on both databases.
"""

import asyncio
import time

import pytest
import sqlalchemy

from db.models import AuditEvent, Chat, Delivery, Letter, LetterRequest, Link
from db.session import Session
from tests.support.member import Member
from tests.support.register import another_letter, enrol, give_card
from vault import codes


@pytest.fixture(autouse=True)
def no_floor(program):
    """The floor has its own test."""
    rules = program.desk.rules
    quick = rules.verification.model_copy(update={"floor_seconds": 0.0})
    object.__setattr__(rules, "verification", quick)


@pytest.fixture
def yilmaz(program):
    enrolled = enrol(program)
    give_card(program, enrolled, breach_2025=("name", "email", "id-document"))
    give_card(program, enrolled, "SMC-B", "80276883110000095711", breach_2025=None)
    return enrolled


def rows(program, model):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(model)))


async def verify(member, enrolled, digits="4566"):
    await member.says(enrolled.typed)
    await member.says(digits)
    return (await member.taps("Ja"))[0]


async def test_the_whole_way(member, program, yilmaz):
    (said,) = await member.says("/karte")
    assert "Aktivierungscode" in said.text
    (said,) = await member.taps("Code eingeben")
    assert "16 Zeichen" in said.text
    said, deleted = await member.says(yilmaz.typed.lower().replace("-", " "))
    assert "vier Ziffern" in said.text
    assert deleted.method == "deleteMessage"
    said, deleted = await member.says("4566")
    assert "…01 verbinden?" in said.text
    assert deleted.method == "deleteMessage"
    said, _ = await member.says("ja")
    assert "Verbunden" in said.text
    (said,) = await member.taps("Meine Karten zeigen")
    assert "eHBA …0578" in said.text
    assert "SMC-B …5711" in said.text
    assert "Name, E-Mail-Adresse, Ausweisdaten" in said.text
    assert "nicht auf der Liste vom 10.02.2025" in said.text
    assert "noch nicht bekannt" in said.text  # incidents without a list
    assert "80276001081699900578" not in said.text
    assert "Ausweisdaten, neuer Ausweis?" in said.labels  # only because these data are affected here
    assert said.parameters["protect_content"] in (True, "true")
    (letter,) = rows(program, Letter)
    assert (letter.state, letter.redeemed_by) == ("redeemed", member.chat)


async def test_the_deep_link_is_the_same_way(member, telegram, yilmaz):
    said, deleted = await member.says(f"/start {yilmaz.code.symbols}")
    assert "vier Ziffern" in said.text
    assert deleted.method == "deleteMessage"


async def test_steps_can_be_ticked_off_and_are_still_there_tomorrow(member, clock, yilmaz):
    await verify(member, yilmaz)
    await member.says("/karte")
    (said,) = await member.taps("Was jetzt tun: Datenvorfall bei D-Trust (Januar 2025)")
    assert "Erledigt: 0 von 5" in said.text
    (said,) = await member.taps("☐ Karte weiter benutzen")
    assert said.method == "editMessageText"
    assert "Erledigt: 1 von 5" in said.text
    clock.advance(days=1)
    await member.says("/karte")
    (said,) = await member.taps("Was jetzt tun: Datenvorfall bei D-Trust (Januar 2025)")
    assert "☑ Karte weiter benutzen" in said.labels


async def test_the_card_message_is_deleted_after_a_day(member, program, clock, yilmaz):
    await verify(member, yilmaz)
    (said,) = await member.says("/karte")
    (deletion,) = [row for row in rows(program, Delivery) if row.kind == "deletion"]
    assert deletion.reply["target"] == said.message
    assert (deletion.due_at - clock()).total_seconds() == 24 * 3600


# ---- every failure looks alike


async def failing(program, clock, yilmaz, kind):
    """A code that does not work, for each reason."""
    if kind == "unknown":
        return codes.printed(codes.new_code())
    if kind == "not dispatched":
        return enrol(program, "4711002", dispatched=False).typed
    if kind == "expired":
        old = enrol(program, "4711003")
        clock.advance(days=22)
        return old.typed
    state = {"frozen": "frozen", "withdrawn": "withdrawn", "used by another": "redeemed"}[kind]

    def change(session):
        session.execute(sqlalchemy.update(Letter).where(Letter.id == yilmaz.letter).values(state=state, redeemed_by=1))

    program.database.work(change)
    return yilmaz.typed


@pytest.mark.parametrize("kind", ["unknown", "not dispatched", "expired", "frozen", "withdrawn", "used by another"])
async def test_all_failures_are_one(member, program, telegram, clock, yilmaz, kind):
    code = await failing(program, clock, yilmaz, kind)
    telegram.calls.clear()
    said = await member.says(code)
    assert [call for call, _ in telegram.calls] == ["sendMessage", "deleteMessage"]
    assert said[0].text == program.texts.say("code.refused", "de")
    assert said[0].labels == ["Neuen Brief anfordern", "Lieber telefonisch", "Abbrechen"]


async def test_a_success_makes_as_many_calls_as_a_failure(member, telegram, yilmaz):
    telegram.calls.clear()
    await member.says(yilmaz.typed)
    assert [call for call, _ in telegram.calls] == ["sendMessage", "deleteMessage"]


async def test_every_answer_to_a_code_takes_the_same_time(program, telegram, yilmaz):
    rules = program.desk.rules
    slow = rules.verification.model_copy(update={"floor_seconds": 0.4})
    object.__setattr__(rules, "verification", slow)
    for chat, code in ((1, yilmaz.typed), (2, codes.printed(codes.new_code()))):
        begin = time.perf_counter()
        await Member(program, telegram, chat).says(code)
        assert 0.4 <= time.perf_counter() - begin < 1.5


async def test_a_typing_error_is_no_guess(member, program, yilmaz):
    wrong = yilmaz.typed[:-1] + ("2" if yilmaz.typed[-1] != "2" else "3")
    for _ in range(8):
        said = await member.says(wrong)
        assert "Tippfehler" in said[0].text
    said = await member.says(yilmaz.typed)
    assert "vier Ziffern" in said[0].text


async def test_wrong_codes_pause_this_chat_and_nobody_else(member, program, telegram, clock, yilmaz):
    for _ in range(5):
        said = await member.says(codes.printed(codes.new_code()))
        assert "nicht geklappt" in said[0].text
    for code in (codes.printed(codes.new_code()), yilmaz.typed):
        said = await member.says(code)
        assert said[0].text == program.texts.say("code.paused", "de")  # the same for a right code
    said = await Member(program, telegram, 7002).says(yilmaz.typed)
    assert "vier Ziffern" in said[0].text
    clock.advance(hours=1, minutes=1)
    said = await member.says(yilmaz.typed)
    assert "vier Ziffern" in said[0].text


async def test_a_restart_or_a_new_letter_does_not_reset_the_count(member, program, clock, yilmaz):
    for _ in range(5):
        await member.says(codes.printed(codes.new_code()))
    newer = another_letter(program, yilmaz)
    said = await member.says(newer.typed)
    assert said[0].text == program.texts.say("code.paused", "de")


async def test_ten_in_a_day_and_thirty_ever(member, program, clock, yilmaz):
    for _ in range(4):  # days
        for _ in range(3):
            for _ in range(4):
                await member.says(codes.printed(codes.new_code()))
            clock.advance(minutes=70)
        clock.advance(days=1, hours=1)
    clock.advance(days=40)
    said = await member.says(yilmaz.typed)
    assert said[0].text == program.texts.say("code.paused", "de")  # until staff unlock


# ---- the second check


async def test_three_wrong_digits_freeze_the_code(member, program, telegram, yilmaz):
    await member.says(yilmaz.typed)
    for left in (2, 1):
        said = await member.says("0000")
        assert f"Versuche: {left}" in said[0].text
    said = await member.says("0000")
    assert "nicht geklappt" in said[0].text
    assert rows(program, Letter)[0].state == "frozen"
    said = await Member(program, telegram, 7002).says(yilmaz.typed)
    assert "nicht geklappt" in said[0].text


async def test_digit_errors_count_over_chats(program, telegram, yilmaz):
    for chat in (1, 2, 3):
        thief = Member(program, telegram, chat)
        await thief.says(yilmaz.typed)
        await thief.says("0000")
    assert rows(program, Letter)[0].state == "frozen"


async def test_no_means_nothing_is_redeemed(member, program, yilmaz):
    await member.says(yilmaz.typed)
    await member.says("4566")
    await member.taps("Nein")
    assert rows(program, Letter)[0].state == "dispatched"
    assert rows(program, Link) == []


async def test_a_confirmation_without_a_claim_redeems_nothing(member, program, telegram, yilmaz):
    await Member(program, telegram, 7002).says(yilmaz.typed)
    said = await member.deliver(telegram.tap(member.chat, 1, "1a:confirm"))
    assert "nicht geklappt" in said[0].text
    assert rows(program, Link) == []


async def test_the_confirmation_cannot_skip_the_second_check(member, program, telegram, yilmaz):
    await member.says(yilmaz.typed)
    said = await member.deliver(telegram.tap(member.chat, 1, "1a:confirm"))
    assert rows(program, Link) == [], said


async def test_of_twenty_at_once_one_redeems(program, telegram, yilmaz):
    people = [Member(program, telegram, chat) for chat in range(1, 21)]

    def claim(session, chat):
        from services import verification
        from services.turn import begin

        turn = begin(session, program.desk, chat=chat, client="de", now=program.desk.clock())
        verification.submit(turn, codes.Typed(yilmaz.code))
        turn = begin(session, program.desk, chat=chat, client="de", now=program.desk.clock())
        verification.check_digits(turn, "4566")

    for person in people:
        program.database.work(claim, person.chat)
    # Only the last to type it may confirm; all try at the same moment.
    await asyncio.gather(
        *(person.intake.take(telegram.tap(person.chat, 1, "1a:confirm")) for person in people), return_exceptions=True
    )
    await program.context.courier.idle()
    assert len(rows(program, Link)) == 1


async def test_a_lost_answer_may_be_asked_for_again(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    clock.advance(minutes=5)
    said = await member.says(yilmaz.typed)
    assert "Verbunden" in said[0].text
    said = await Member(program, telegram, 7002).says(yilmaz.typed)
    assert "nicht geklappt" in said[0].text
    clock.advance(minutes=6)
    said = await member.says(yilmaz.typed)
    assert "nicht geklappt" in said[0].text


# ---- only here, only now, only by oneself


async def test_edits_and_forwards_redeem_nothing(member, program, telegram, yilmaz):
    await member.says("pin sicher?")
    await member.edits(yilmaz.typed)
    origin = {"type": "user", "date": 1, "sender_user": telegram.person(5)}
    await member.says(yilmaz.typed, forward_origin=origin)
    assert rows(program, Letter)[0].claimed_by is None


async def test_a_code_posted_in_a_group_is_frozen_silently(member, program, telegram, yilmaz):
    text = f"@auskunft_bot {yilmaz.typed}"
    body = telegram.message(5, text) | {"chat": {"id": -100500, "type": "supergroup", "title": "x"}}
    body["entities"] = [{"type": "mention", "offset": 0, "length": 13}]
    (said,) = await member.deliver(telegram.update(message=body))
    assert "privat" in said.text
    assert rows(program, Letter)[0].state == "frozen"


async def test_groups_and_inline_know_no_cards(member, program, telegram, yilmaz):
    await verify(member, yilmaz)
    text = "@auskunft_bot /karte"
    body = telegram.message(member.chat, text) | {"chat": {"id": -100500, "type": "supergroup", "title": "x"}}
    body["entities"] = [{"type": "mention", "offset": 0, "length": 13}]
    for one in await member.deliver(telegram.update(message=body)):
        assert "0578" not in one.text


async def test_a_stranger_learns_nothing_by_number(member, program, yilmaz):
    for text in ("80276001081699900578", "80276999999999999999", "0578", "betroffen? mitglied 4711001"):
        first = await member.says(text)
        assert not any("0578" in one.text or "eHBA …" in one.text for one in first)


async def test_a_foreign_and_an_own_number_get_the_same_words(member, program, yilmaz):
    await verify(member, yilmaz)
    own = await member.says("80276001081699900578")
    foreign = await member.says("80276999999999999999")
    assert own[0].text == foreign[0].text


# ---- the life of a link


async def test_a_second_account_waits_and_the_first_may_object(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    said = await verify(second, another_letter(program, yilmaz))
    assert "24 Stunden" in said.text
    assert [row.chat for row in rows(program, Delivery) if row.kind == "objection"] == [member.chat]
    (said,) = await second.says("/karte")
    assert "Aktivierungscode" in said.text
    (said,) = await member.deliver(telegram.tap(member.chat, 1, "1a:object"))
    assert "abgelehnt" in said.text
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "Aktivierungscode" in said.text
    (said,) = await member.says("/karte")
    assert "eHBA" in said.text


async def test_without_objection_the_newer_account_takes_over(member, program, telegram, clock, yilmaz):
    await verify(member, yilmaz)
    second = Member(program, telegram, 7002)
    await verify(second, another_letter(program, yilmaz))
    clock.advance(hours=25)
    (said,) = await second.says("/karte")
    assert "eHBA" in said.text
    (said,) = await member.says("/karte")
    assert "Aktivierungscode" in said.text
    assert sorted(row.state for row in rows(program, Link)) == ["active", "ended"]


async def test_a_link_sleeps_when_it_is_not_used_or_too_old(member, program, clock, yilmaz):
    await verify(member, yilmaz)
    clock.advance(days=179)
    (said,) = await member.says("/karte")
    assert "eHBA" in said.text
    clock.advance(days=181)
    (said,) = await member.says("/karte")
    assert "Aktivierungscode" in said.text
    await verify(member, another_letter(program, yilmaz))
    (said,) = await member.says("/karte")
    assert "eHBA" in said.text


async def test_a_chat_of_one_member_is_not_given_to_another(member, program, yilmaz):
    await verify(member, yilmaz)
    other = enrol(program, "4711009", digits="1111")
    said = await verify(member, other, "1111")
    assert "anderen Mitgliedschaft" in said.text
    assert [row.state for row in rows(program, Letter)][-1] == "dispatched"


async def test_the_independent_notice_is_queued(member, program):
    enrolled = enrol(program, email="a.yilmaz@praxis.example")
    await verify(member, enrolled)
    (mail,) = [row for row in rows(program, Delivery) if row.kind == "mail"]
    assert mail.member == enrolled.member
    assert "praxis" not in repr(mail.reply)


# ---- a new letter


async def test_a_new_letter_gets_the_same_words_for_everybody(member, program, telegram, clock, yilmaz):
    texts = []
    for chat, number in ((1, "4711001"), (2, "9999999"), (3, "4711001")):
        person = Member(program, telegram, chat)
        await person.says("neuen brief anfordern")
        said = await person.says(number)
        texts.append((said[0].text, [one.method for one in said]))
    assert len({text for text, _ in texts}) == 1
    assert len(rows(program, LetterRequest)) == 1  # the second wish within a week is no second letter
    for week in range(1, 5):
        clock.advance(days=8)
        person = Member(program, telegram, 100 + week)
        await person.says("neuen brief anfordern")
        await person.says("4711001")
    states = [row.state for row in rows(program, LetterRequest)]
    assert states == ["open"] * 4 + ["held"]  # more than four a year are decided by staff


# ---- rights


async def test_signing_off_is_at_once(member, program, yilmaz):
    await verify(member, yilmaz)
    await member.says("/abmelden")
    (said,) = await member.taps("Ja, abmelden")
    assert "Erledigt" in said.text
    (said,) = await member.says("/karte")
    assert "Aktivierungscode" in said.text


async def test_erasing_leaves_nothing_of_the_chat(member, program, telegram, yilmaz):
    await verify(member, yilmaz)
    await member.says("/karte")
    (said,) = await member.says("/loeschen")
    assert "Endgültig löschen" in said.labels
    said, deleted = await member.taps("Endgültig löschen")
    assert deleted.method == "deleteMessage"
    assert "Erledigt" in said.text
    assert rows(program, Chat) == []
    assert rows(program, Link) == []
    with program.database.engine.connect() as connection:
        tables = sqlalchemy.inspect(connection).get_table_names()
        stored = repr([connection.execute(sqlalchemy.text(f"SELECT * FROM {name}")).all() for name in tables])
    assert str(member.chat) not in stored


async def test_my_data_as_a_file(member, telegram, yilmaz):
    await verify(member, yilmaz)
    (said,) = await member.says("/meinedaten")
    assert "…0578" in said.text
    await member.taps("Als Datei")
    assert telegram.of("sendDocument")


async def test_every_look_up_is_audited_without_a_name(member, program, yilmaz):
    await member.says("/karte")
    await verify(member, yilmaz)
    await member.says("/karte")
    tags = [row.tag for row in rows(program, AuditEvent)]
    assert {"member:cards:refused", "member:code:redeemed", "member:link:created", "member:cards:viewed"} <= set(tags)
    audited = repr([(row.actor, row.subject, row.detail) for row in rows(program, AuditEvent)])
    assert "4711001" not in audited
    assert str(member.chat) not in audited


async def test_a_question_in_between_is_answered(member, program, yilmaz):
    await member.says("code eingeben")
    (said,) = await member.says("pin sicher?")
    assert "PIN" in said.text
    said = await member.says(yilmaz.typed)
    assert "vier Ziffern" in said[0].text


async def test_an_erasure_is_kept_outside_the_database_at_once(member, program, yilmaz):
    kept = []

    async def keep():
        kept.append(True)

    program.context.when_erased = keep
    await verify(member, yilmaz)
    await member.says("/loeschen")
    assert kept == []
    await member.taps("Endgültig löschen")
    await asyncio.sleep(0)
    assert kept == [True]
