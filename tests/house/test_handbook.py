"""The desk's guide is true: its commands, buttons, marks and states exist, and its ticket runs as printed.

That its settings, links and files exist is looked at in `test_docs`, as for every page.
"""

import asyncio
import re
from pathlib import Path

import pytest

from handlers import commands, editors, outbox, staff, topic_replies
from handlers.outbox import Outbox
from handlers.ticket_carrier import TicketCarrier
from handlers.ticket_replies import RECEIVED
from markup import plain
from tests.support.colleague import GROUP, STAFF, Colleague
from tests.support.member import Member
from texts import sentences

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs"
GUIDE = (FOLDER / "handbuch.md").read_text(encoding="utf-8")
(DIALOGUE,) = re.findall(r"```\n(.*?)```", GUIDE, re.DOTALL)
SAID = sentences("de")
BIGGEST = 150_000  # bytes of a picture


def table(heading):
    """The rows of the first table below a heading, as cells."""
    below = GUIDE.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in below.splitlines() if line[:1] == "|"]
    return rows[2:]


# ---- what is named


def test_every_command_of_the_guide_exists():
    known = {*staff.COMMANDS, *commands.WISHES, *editors.COMMANDS, "start", "id"}
    assert set(re.findall(r"`/([a-z]+)", GUIDE)) <= known


def test_every_command_of_the_group_is_in_its_table_in_german():
    first = {}
    for name, command in staff.COMMANDS.items():
        first.setdefault(command, name)
    assert sorted(row[0].strip("`/") for row in table("Alle Befehle")) == sorted(first.values())


def test_roles_are_those_that_there_are():
    assert {row[0].strip("`") for row in table("Was Sie brauchen")} == {"agent", "editor", "admin"}
    allowed = {word for row in table("Alle Befehle") for word in re.findall(r"`([a-z]+)`", row[2])}
    assert allowed <= {"agent", "editor", "admin"}


def test_every_button_of_the_guide_exists():
    labels = {text for key, text in SAID.items() if "buttons." in key}
    labels |= {SAID[key] for key in ("approval.yes", "approval.no", "news.look", "news.no-more", "statistics.as-csv")}
    shapes = [re.compile(re.sub(r"\\{[a-z_]+\\}", ".+", re.escape(label))) for label in labels]
    named = {" ".join(label.split()) for label in re.findall(r"\[([^\[\]]+)\](?!\()", GUIDE)}
    assert len(named) > 30  # it found them
    assert [label for label in sorted(named) if not any(shape.fullmatch(label) for shape in shapes)] == []


def test_every_mark_of_the_guide_exists_and_every_mark_is_in_its_table():
    shown = {RECEIVED, topic_replies.ARRIVED, topic_replies.SENT, topic_replies.INTERNAL, topic_replies.URGENT}
    shown |= set(topic_replies.SIGNS.values())
    listed = {row[0] for row in table("Alle Zeichen")}
    assert shown <= listed
    code = (ROOT / "handlers" / "notice_replies.py").read_text(encoding="utf-8")
    assert [mark for mark in listed - shown if not any(mark in text for text in (*SAID.values(), code))] == []


def test_every_state_of_the_guide_exists():
    phases = {text for key, text in SAID.items() if re.match(r"(circular|draft)\.phase\.", key)}
    tickets = {SAID[f"ticket-desk.card.{state}"] for state in ("open", "closed")}
    assert {row[0] for row in table("Alle Zustände")} == phases | tickets


def test_pictures_are_small():
    for name in re.findall(r"!\[[^\]]+\]\((pictures/[a-z]+\.png)\)", GUIDE):
        assert (FOLDER / name).stat().st_size < BIGGEST, name


def test_what_the_bot_says_by_itself_is_quoted_as_it_stands():
    assert "vom Mitglied zurückgezogen" in plain(SAID["ticket-desk.post.withdrawn"])
    assert "meist innerhalb von" in SAID["tickets.when.open"]
    assert "wieder ab" in SAID["tickets.when.closed"]


# ---- the ticket, from the question to its end


@pytest.fixture
async def stage(program, telegram, monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.01)
    monkeypatch.setattr(outbox, "BREATH", 0.005)
    monkeypatch.setattr(outbox, "PER_SECOND", 500.0)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)
    box = Outbox(program.context, carriers=TicketCarrier(program.context).carriers())
    task = asyncio.create_task(box.run())
    yield Stage(program, telegram)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_ticket_runs_as_printed(stage):
    lines = DIALOGUE.strip().splitlines()
    assert len(lines) > 15
    for line in lines:
        await stage.play(line)
    assert stage.signs() == []  # every one is printed


class Stage:
    """Plays the lines of the dialogue. What must be seen is waited for: the outbox brings it."""

    def __init__(self, program, telegram):
        self.program, self.telegram = program, telegram
        self.member = Member(program, telegram)
        self.staff = {one.name: Colleague(program, telegram, one.id) for one in STAFF.members}
        self.seen_signs = 0

    async def play(self, line):
        who, said = line.split(": ", 1) if " tippt: " not in line else line.split(" tippt: ", 1)
        if line.startswith("Mitglied tippt: "):
            await self.member.taps(said.strip("[]"))
        elif " tippt: " in line:
            await self.staff[who].taps(said.strip("[]"))
        elif who == "Mitglied":
            await self.member.says(said)
        elif who.endswith(", Notiz"):
            await self.staff[who.removesuffix(", Notiz")].says(said, thread=self.thread())
        elif who.endswith(", Antwort"):
            await self.staff[who.removesuffix(", Antwort")].says(said, thread=self.thread(), to=self.asked())
        else:
            await self.sees(who, said, line)

    async def sees(self, who, said, line):
        shape = re.compile(".*".join(re.escape(part) for part in re.split(r" ?… ?", said)))
        looks = {
            "Bot": lambda: any(shape.fullmatch(text) for text in self.texts(self.member.chat)),
            "Im Thema": lambda: any(said in text for text in self.texts(GROUP)),
            "Thema": lambda: said in {topic["name"] for topic in self.telegram.topics.values()},
            "Zeichen": lambda: self.signs() == said.split(),
        }
        for _ in range(1000):
            if looks[who]():
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail(f"not seen: {line}\n{self.texts(self.member.chat)}\n{self.texts(GROUP)}\n{self.signs()}")
        if who == "Zeichen":
            self.seen_signs += len(said.split())

    def texts(self, chat):
        """Everything that stands in a chat, in one line each."""
        return [" ".join(plain(text).split()) for (at, _), text in sorted(self.telegram.messages.items()) if at == chat]

    def signs(self):
        given = [one["reaction"][0]["emoji"] for one in self.telegram.of("setMessageReaction")]
        return given[self.seen_signs :]

    def thread(self):
        return max(self.telegram.topics)

    def asked(self):
        """The member's newest message in the topic."""
        found = [at for (chat, at), text in self.telegram.messages.items() if chat == GROUP and "Mitglied:" in text]
        return max(found)
