"""The letters of the demonstration: one for each demo member, with a code that works.

Only for the messenger on this computer. Here, and nowhere else, a code in clear is kept: in the PDF and in an index
beside it, so that a newcomer can play a member. Letters are kept over starts; whoever can no longer use the own one,
because it is too old or the link was ended, gets a new one.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import tables
from config.letters import LetterColumns
from db import batches
from db.batches import Addressee
from db.session import Database, Session
from demo import REGISTER, DemoPerson, people
from printing import render_one
from services import addresses, letters
from services.addresses import Recipient
from services.deliveries import HERE
from services.desk import Desk
from services.letters import Draft, Slip
from services.printrun import Press
from strict_yaml import Problem, Problems
from vault import codes, index

INDEX: Final = "letters.json"
ACTOR: Final = "demo"


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """What a newcomer may know of a demo letter. `pdf` is a file beside the index."""

    name: str
    pdf: str
    code: str  # as printed
    digits: str  # of the second check
    language: str
    reference: str
    valid_until: str


def make_demo_letters(
    database: Database, desk: Desk, press: Press, folder: Path, now: datetime
) -> tuple[DemoLetter, ...]:
    """Writes what is missing to `folder`; returns the letters that lie there then. None when there is no demo member.

    Raises `Problems` when the association's own template has a mistake.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = _kept(folder)
    members = database.work(_members, desk)
    needed = database.work(_needed, members, kept, now)
    recipients = _recipients(desk, [member for _, member in members if member.id in needed])
    if recipients:
        made = database.work(letters.draft, desk, recipients, now.astimezone(HERE).date(), now)
        by_member = {slip.recipient.member: slip for slip in made.slips}
        new = {p.number: _written(p, by_member[m.id], made, press, folder) for p, m in members if m.id in by_member}
        database.work(_store, desk, made, now)
        for letter in new.values():
            _part(folder / letter.pdf).replace(folder / letter.pdf)
        kept |= new
    known = {person.number for person, _ in members}
    kept = {number: letter for number, letter in kept.items() if number in known}
    _write(folder / INDEX, json.dumps(_plain(kept), ensure_ascii=False, indent=1).encode())
    return tuple(kept.values())


def _members(session: Session, desk: Desk) -> list[tuple[DemoPerson, Addressee]]:
    ring = desk.keys.ring
    marks = {mark: person for person in people() for mark in index.candidates(ring, person.number, kind="member")}
    return [(marks[member.number_mark], member) for member in batches.with_marks(session, list(marks))]


def _needed(
    session: Session, members: list[tuple[DemoPerson, Addressee]], kept: dict[str, DemoLetter], now: datetime
) -> set[int]:
    """The ids of members who have no letter here that they could use or have used."""
    live = batches.live(session, [letter.reference for letter in kept.values()], now)
    unreached = {member.id for member in batches.unreached(session, now)}
    lost = {m.id for p, m in members if p.number not in kept or kept[p.number].reference not in live}
    return lost | unreached


def _recipients(desk: Desk, members: list[Addressee]) -> tuple[Recipient, ...]:
    with tables.read(REGISTER, addresses.columns(LetterColumns())) as table:
        return addresses.merge(table, desk.keys.ring, members).recipients


def _store(session: Session, desk: Desk, made: Draft, now: datetime) -> None:
    problem = letters.keep(session, desk, made, now=now, actor=ACTOR, confirmed_by=ACTOR)
    batch = batches.batch(session, made.batch)
    if problem or batch is None:
        raise Problems([problem or Problem(made.batch, 0, "", "letters.no-batch")])
    letters.make_valid(session, desk, batch, made.day, now=now, actor=ACTOR, confirmed_by=ACTOR)


def _written(person: DemoPerson, slip: Slip, made: Draft, press: Press, folder: Path) -> DemoLetter:
    """Writes the letter beside its place."""
    printed = codes.printed(slip.code)
    letter = slip.recipient.letter(slip.reference, 1, printed, press.link(slip.code), made.until, is_demo=True)
    pdf = f"letter-{person.name.split()[-1].lower()}.pdf"
    _write_part(folder / pdf, render_one(letter, press.sender, day=made.day, template=press.template))
    until = made.until.isoformat()
    return DemoLetter(person.name, pdf, printed, person.digits, person.language, slip.reference, until)


def _plain(kept: dict[str, DemoLetter]) -> list[dict[str, str]]:
    return [{"number": number, **asdict(letter)} for number, letter in kept.items()]


def _kept(folder: Path) -> dict[str, DemoLetter]:
    """The letters of earlier starts by member number, as far as their files are still there."""
    try:
        listed = json.loads((folder / INDEX).read_bytes())
        found = {entry.pop("number"): DemoLetter(**entry) for entry in listed}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
    return {number: letter for number, letter in found.items() if (folder / letter.pdf).is_file()}


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _write_part(path: Path, content: bytes) -> None:
    descriptor = os.open(_part(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _write(path: Path, content: bytes) -> None:
    _write_part(path, content)
    _part(path).replace(path)
