"""The staff group's menu and /hilfe name every command that there is, and no other."""

import json

from handlers import desk_menu, profile, staff
from tests.support.colleague import AGENT, GROUP, Colleague
from texts import sentences


def test_every_command_of_the_group_is_in_the_menu_and_the_other_way_round():
    told = {key.partition(".")[2] for key in sentences("de") if key.startswith("desk-commands.")}
    assert told == set(desk_menu.names(staff.COMMANDS))


def test_each_command_has_one_name_there(program):
    names = desk_menu.names(staff.COMMANDS)
    assert len(names) == len(set(staff.COMMANDS.values()))
    for name in names:
        assert 1 <= len(desk_menu.told(program.texts, name)) <= 256


def test_what_is_done_most_comes_first():
    names = desk_menu.names(staff.COMMANDS)
    assert names[:4] == ["hilfe", "offene", "zurueckziehen", "meldung"]
    assert names[-4:] == ["status", "version", "neuladen", "sicherung"]


async def test_the_menu_is_set_for_the_group_alone(program, telegram):
    await profile.present(program.context)
    scoped = [call for call in telegram.of("setMyCommands") if str(GROUP) in json.dumps(call.get("scope", ""))]
    (call,) = scoped
    assert [command["command"] for command in call["commands"]] == desk_menu.names(staff.COMMANDS)
    assert "language_code" not in call


async def test_help_in_the_group_lists_them_all(program, telegram):
    (said,) = await Colleague(program, telegram, AGENT).says("/hilfe")
    for name in desk_menu.names(staff.COMMANDS):
        assert f"/{name} – " in said.text
    assert len(said.text) < 4096
