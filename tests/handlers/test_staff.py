"""The staff group: who is heard there, and who is not."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import staff_buttons
from handlers.staff_buttons import StaffButton
from tests.support.colleague import EDITOR, GROUP, Colleague
from tests.support.member import Member


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'one.sqlite'}"  # what is stored has its own tests


@given(st.text())
def test_no_data_from_outside_breaks_the_reading_of_buttons(data):
    button = staff_buttons.unpack(data)
    assert button is None or staff_buttons.pack(button) == data


@pytest.mark.parametrize("button", [StaffButton("t", "take", 1), StaffButton("ticket", "take", 1, "x" * 49)])
def test_a_button_that_could_not_be_read_back_is_not_made(button):
    with pytest.raises(ValueError, match="callback"):
        staff_buttons.pack(button)


async def test_who_has_no_role_learns_how_to_get_one(program, telegram):
    guest = Colleague(program, telegram, 4711)
    (said,) = await guest.says("/zahlen")
    assert "/rollen 4711 agent" in said.text
    assert await guest.says("Wann ist die Besprechung?") == []


async def test_a_group_that_speaks_for_itself_is_nobody(program, telegram):
    (said,) = await Colleague(program, telegram).says(
        "/zahlen", sender_chat={"id": GROUP, "type": "supergroup", "title": "x"}
    )
    assert "Anonym" in said.text


@pytest.mark.parametrize("text", ["/lücken", "/LÜCKEN", "/luecken"])
async def test_a_command_may_be_typed_with_umlauts(program, telegram, text):
    (said,) = await Colleague(program, telegram).says(text)
    assert "ohne gute Antwort" in said.text


async def test_a_command_that_does_not_exist_is_told(program, telegram):
    (said,) = await Colleague(program, telegram).says("/offenen")
    assert "/hilfe" in said.text
    assert await Colleague(program, telegram).says("/offenen@another_bot") == []


async def test_what_staff_say_among_themselves_is_not_answered(program, telegram):
    assert await Colleague(program, telegram).says("Ist die PIN sicher? @auskunft_bot") == []


async def test_a_forged_tap_changes_nothing(program, telegram):
    colleague = Colleague(program, telegram)
    message = colleague._message("…", None, None)
    query = {"id": "1", "from": colleague.person(), "chat_instance": "2", "message": message, "data": "2x:y:z"}
    assert await colleague.deliver(callback_query=query) == []
    await asyncio.sleep(0)
    assert telegram.of("answerCallbackQuery")


async def test_who_left_the_group_has_left_the_desk(program, telegram):
    editor = Member(program, telegram, EDITOR)
    (said,) = await editor.says("/warum pin sicher?")
    assert "pin-safe" in said.text
    telegram.left.add(EDITOR)
    (said,) = await editor.says("/warum pin sicher?")
    assert "pin-safe" not in said.text
