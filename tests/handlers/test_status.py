"""/status, /version, /neuladen, /sicherung: for admins, begun at once and told when over."""

import asyncio
import shutil
import tomllib
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy

import checks
from db import faults, schema
from db.models import AuditEvent
from db.session import Session
from faq.history import History
from faq.loader import SHIPPED
from handlers import outbox, upkeep
from handlers.editing import Editing
from handlers.health import Health
from handlers.machine import VERSION, Machine
from handlers.outbox import Outbox
from handlers.reloading import Reloading
from services import backups
from tests.support.colleague import ADMIN, AGENT, EDITOR, Colleague
from tests.support.outbox import calm

ROOT = Path(__file__).parent.parent.parent
LEADS = SimpleNamespace(is_leader=True, has_leader=True, skew=0.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox, "POLL", 0.01)
    monkeypatch.setattr(outbox, "CHAT_EVERY", 0.0)


@pytest.fixture
async def admin(program, telegram, tmp_path):
    context = program.context
    health = Health(context, program.settings.config.serving, LEADS, lambda: None, polls=True)
    health.is_started = True
    begun_at = program.desk.clock() - timedelta(hours=3)
    context.machine = Machine(tmp_path, History(tmp_path / "history"), health, begun_at)
    task = asyncio.create_task(Outbox(context).run())
    yield Colleague(program, telegram, ADMIN)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_status_names_every_part(program, admin):
    def break_something(session):
        at = program.desk.clock() - timedelta(hours=2)
        for number in range(7):
            where = {"kind": "ValueError", "place": "handlers/x.py:12 act", "update_id": number}
            faults.record(session, reference=f"F-AAAA{number}", now=at - timedelta(minutes=number), **where)
        faults.record(session, reference="F-OLD00", now=at - timedelta(days=2), **where)

    program.database.work(break_something)
    (said,) = await admin.says("/status")
    kind = "SQLite" if program.database.is_sqlite else "PostgreSQL"
    for words in (
        f"Auskunft {VERSION}", "seit 3 h 00 und führt", "Von Telegram zuletzt gehört", f"Datenbank: {kind}, ",
        f"Stufe {schema.newest()}", f"Fassung {program.desk.store.digest[:8]}", "Letzte Sicherung: noch keine",
        "Zu verschicken: nichts", "Offene Fälle: 0", "Fehler am letzten Tag: 7", "F-AAAA0", "… und 2 weitere",
    ):  # fmt: skip
        assert words in said.text, words
    assert "F-OLD00" not in said.text
    assert "⚠️" not in said.text


async def test_what_is_wrong_is_named_with_what_to_do(program, admin):
    program.context.figures.token_refused = True
    (said,) = await admin.says("/status")
    assert "Telegram nimmt das Token nicht an" in said.text


async def test_the_version(admin):
    (said,) = await admin.says("/version")
    assert f"Auskunft {VERSION}" in said.text


def test_the_version_is_that_of_the_project():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION


@pytest.mark.parametrize("user", [AGENT, EDITOR])
@pytest.mark.parametrize("command", ["status", "version", "neuladen", "sicherung"])
async def test_others_are_told_which_role_it_takes(program, telegram, admin, tmp_path, user, command):
    (said,) = await Colleague(program, telegram, user).says(f"/{command}")
    assert "„admin“" in said.text
    await calm(program)
    assert not list(tmp_path.glob("backups/*"))


async def test_a_backup_is_made_and_told(program, telegram, admin, tmp_path):
    (said,) = await admin.says("/sicherung")
    assert "Die Sicherung läuft" in said.text
    await calm(program)
    (made,) = tmp_path.glob("backups/*.backup")
    told = telegram.of("sendMessage")[-1]["text"]
    assert made.name in told
    assert "MB" in told
    with Session(program.database.engine) as session:
        event = session.scalars(sqlalchemy.select(AuditEvent).where(AuditEvent.tag == "staff:backup:made")).one()
    assert event.actor == f"staff:{ADMIN}"
    (said,) = await admin.says("/status")
    assert "Letzte Sicherung: 15.01." in said.text


async def test_one_backup_at_a_time_and_members_do_not_wait(program, telegram, admin, member, monkeypatch):
    go_on = asyncio.Event()
    begun = []

    async def slowly(act):
        begun.append(act)
        await go_on.wait()
        return act()

    monkeypatch.setattr(upkeep, "aside", slowly)
    await admin.says("/sicherung")
    (said,) = await admin.says("/sicherung")
    assert "schon eine Sicherung" in said.text
    assert await member.says("/hilfe")
    go_on.set()
    await calm(program)
    assert len(begun) == 1


async def test_a_backup_that_fails_says_why(program, telegram, admin, monkeypatch):
    monkeypatch.setattr(upkeep.backups, "make", lambda *_, **__: backups.Refused(backups.Why.DISK, "No space left"))
    await admin.says("/sicherung")
    await calm(program)
    told = telegram.of("sendMessage")[-1]["text"]
    assert "nicht gelungen" in told
    assert "No space left" in told


@pytest.fixture
def content(program, tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    library = program.desk.library

    def open_edited(edited):
        today = program.desk.clock().date()
        return checks.open_edited(program.texts, edited, before=library, today=today)

    reloading = Reloading(program.context, folder, History(tmp_path / "history"), open_edited, lambda _: None)
    program.context.editing = Editing(program.context, reloading, program.texts.fill)
    yield folder
    program.desk.shelf.replace(library)


async def test_the_faq_is_read_anew(program, telegram, admin, content):
    await admin.says("/neuladen")
    await calm(program)
    assert "wie sie in den Dateien steht" in telegram.of("sendMessage")[-1]["text"]
    path = content / "safety.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("owner:", "besitzer:", 1), encoding="utf-8")
    for _ in range(2):  # also what was refused before is told
        await admin.says("/neuladen")
        await calm(program)
        assert "safety.yaml, Zeile" in telegram.of("sendMessage")[-1]["text"]
    with Session(program.database.engine) as session:
        tags = [event.tag for event in session.scalars(sqlalchemy.select(AuditEvent).order_by(AuditEvent.seq))]
    assert tags == ["staff:faq:reloaded", "staff:faq:refused", "staff:faq:refused"]


async def test_where_it_cannot_be_done_that_is_said(program, telegram):
    admin = Colleague(program, telegram, ADMIN)
    for command in ("/neuladen", "/sicherung"):
        (said,) = await admin.says(command)
        assert "kann dieser Prozess nicht" in said.text
    (said,) = await admin.says("/status")
    assert "Datenbank" in said.text


async def test_why_is_told_in_the_group_as_in_the_private_chat(program, telegram):
    agent = Colleague(program, telegram, AGENT)
    (said,) = await agent.says("/warum ist meine pin sicher")
    assert "pin-safe" in said.text
    (said,) = await agent.says("/warum")
    assert "Frage dahinter" in said.text
