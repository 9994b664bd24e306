"""Roles are given and taken in the staff group; an admin by two."""

import pytest

from db import staff_roles
from tests.support.colleague import ADMIN, AGENT, EDITOR, Colleague

NEW = 4711


@pytest.fixture
def admin(program, telegram):
    return Colleague(program, telegram, ADMIN)


async def test_the_list_names_everybody(admin):
    (said,) = await admin.says("/rollen")
    assert "Frau Sommer (9001): admin, in config.yaml" in said.text
    assert "/rollen 123456789 agent" in said.text


async def test_a_role_is_given_and_works_at_once_and_is_taken_again(program, telegram, admin):
    guest = Colleague(program, telegram, NEW)
    (said,) = await guest.says("/rollen")
    assert f"/rollen {NEW} agent" in said.text
    (said,) = await admin.says(f"/rollen {NEW} editor")
    assert f"({NEW}) hat jetzt die Rolle „editor“" in said.text
    (said,) = await guest.says("/rollen")
    assert f"({NEW}): editor" in said.text
    (said,) = await admin.says(f"/rollen {NEW} weg")
    assert "keine Rolle mehr" in said.text
    (said,) = await guest.says("/rollen")
    assert "brauchen Sie eine Rolle" in said.text


@pytest.mark.parametrize("user", [AGENT, EDITOR])
async def test_only_an_admin_gives_roles(program, telegram, user):
    (said,) = await Colleague(program, telegram, user).says(f"/rollen {NEW} agent")
    assert "„admin“" in said.text
    assert f"({NEW})" not in (await Colleague(program, telegram, user).says("/rollen"))[0].text


async def test_nobody_gets_a_role_who_is_not_in_the_group(telegram, admin):
    telegram.left.add(NEW)
    (said,) = await admin.says(f"/rollen {NEW} agent")
    assert "nicht in dieser Gruppe" in said.text


async def test_roles_of_the_settings_stay(admin):
    (said,) = await admin.says(f"/rollen {AGENT} weg")
    assert "config.yaml" in said.text


@pytest.mark.parametrize("words", ["abc agent", "4711", "4711 chef", "4711 agent jetzt", "-5 agent"])
async def test_what_is_no_order_says_how_one_looks(admin, words):
    (said,) = await admin.says(f"/rollen {words}")
    assert said.text.startswith("Geben:")


async def test_an_admin_is_made_by_two(program, telegram, admin):
    (said,) = await admin.says(f"/rollen {NEW} admin")
    assert "Außer Ihnen hat niemand die Rolle „admin“" in said.text
    assert "config.yaml" in said.text
    second = Colleague(program, telegram, 4712)
    await program.context.work(_second_admin, 4712, program.desk.clock())
    (card,) = await admin.says(f"/rollen {NEW} admin")
    assert "Freigeben" in card.labels
    assert f"Aylin ({NEW}) soll" in card.text
    (said,) = await admin.taps("Freigeben")
    assert "selbst angefragt" in said.text
    said, cleared = await second.taps("Freigeben")
    assert (cleared.method, cleared.labels) == ("editMessageReplyMarkup", [])
    assert f"{NEW} hat jetzt die Rolle „admin“" in said.text


def _second_admin(session, user, now):
    staff_roles.give(session, user, "admin", by=ADMIN, now=now)
