"""The demonstration's members and lists: invented people, made by the same imports as everybody else.

Only for the messenger on this computer. The card numbers are published test cards of gematik; names and addresses in
`demo/register.csv` are for the demonstration's letters and are not stored.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import tables
from config.imports import Imports
from config.incidents import Incident
from db import incidents, members
from db.session import Database
from services import lists, register
from services.desk import Desk
from services.imports import Order
from vault import index

FOLDER: Final = Path(__file__).parent / "demo"
REGISTER: Final = FOLDER / "register.csv"
LISTS: Final = {
    "breach-2025": date(2025, 3, 14),
    "exchange-rsa": date(2025, 10, 1),
    "exchange-chip": date(2025, 11, 14),
}
ORDER: Final = Order("demo")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """What the page and the letter of the demonstration may tell a newcomer."""

    name: str
    number: str
    digits: str  # of the second check
    language: str


def people() -> tuple[DemoPerson, ...]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return tuple(DemoPerson(row["Name"], row["Mitgliedsnummer"], row["EFN-Endziffern"], row["Sprache"]) for row in rows)


def demo_digits(last_name: str) -> str:
    """The digits of the second check of a demo member. Raises KeyError when there is no such member."""
    return {person.name.split()[-1]: person.digits for person in people()}[last_name]


def make_demo(database: Database, desk: Desk) -> None:
    """Fills an empty register with the demo members, and each incident that has no list yet with the demo list.

    A register that somebody else filled is left alone, and so are its incidents.
    """
    if not database.work(members.stamp)[0]:
        _import_register(database, desk)
    marks = index.candidates(desk.keys.ring, people()[0].number, kind="member")
    if database.work(members.find, marks) is None:
        return
    for incident in desk.rules.incidents:
        if incident.id in LISTS and database.work(incidents.newest, incident.id) is None:
            _import_list(database, desk, incident)


def _import_register(database: Database, desk: Desk) -> None:
    rules = Imports()  # as the demo files are written, whatever config.yaml says by now
    with (
        tables.read(REGISTER, register.columns(rules)) as table,
        register.plan(database, desk, rules, table) as plan,
    ):
        database.work(register.apply, desk, plan, ORDER, now=desk.clock())


def _import_list(database: Database, desk: Desk, incident: Incident) -> None:
    rules, as_of = Imports(), LISTS[incident.id]
    with (
        tables.read(FOLDER / f"{incident.id}.csv", lists.columns(rules)) as table,
        lists.plan(database, desk, rules, table, incident, as_of) as plan,
    ):
        database.work(lists.apply, desk, plan, ORDER, now=desk.clock())
