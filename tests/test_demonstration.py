"""Whoever plays the demonstration finds enough staff for everything that takes two."""

import settings
from config.staff import StaffMember
from demonstration import with_demo_staff
from messenger import people
from messenger.store import Store

BOT = 1000000001


def test_two_admins_an_agent_and_somebody_without_a_role_are_in_the_group(tmp_path):
    staff = with_demo_staff(settings.load({})).config.staff
    roles = {member.id: member.role for member in staff.members}
    assert sorted(roles.values()) == ["admin", "admin", "agent"]
    store = Store(tmp_path)
    people.fill(store, BOT, 1)
    inside = {row[0] for row in store.rows("SELECT person FROM members WHERE chat = ?", staff.chat)}
    assert inside == {BOT, people.VOGT, *roles}
    assert {member.name for member in staff.members} == {
        f"{person['first_name']} {person['last_name']}"
        for (number,) in store.rows("SELECT id FROM people")
        if number in roles and (person := store.body("SELECT body FROM people WHERE id = ?", number))
    }
    assert all(isinstance(member, StaffMember) for member in staff.members)


def test_a_folder_from_before_gets_the_new_colleagues_and_keeps_the_rest(tmp_path):
    store = Store(tmp_path)
    people.fill(store, BOT, 1)
    for table, column in (("people", "id"), ("members", "person")):
        store.write(f"DELETE FROM {table} WHERE {column} IN (?, ?)", people.LANG, people.VOGT)
    store.write("UPDATE members SET status = 'left' WHERE person = ?", people.KELLER)
    store.write("UPDATE topics SET closed = 1")
    people.fill(store, BOT, 2)
    found = dict(store.rows("SELECT person, status FROM members WHERE chat = ?", people.STAFF_GROUP))
    assert (found[people.LANG], found[people.VOGT], found[people.KELLER]) == ("member", "member", "left")
    assert [row[0] for row in store.rows("SELECT closed FROM topics")] == [1, 1]
    assert store.row("SELECT count(*) FROM people") == (7,)
