"""`python bot.py audit …`: whether the audit log is whole, and what happened last."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import checks
from commands.shared import LANGUAGE, load_settings, refuse, tell, watch
from db import audit, schema
from db.audit import Event
from db.session import Database
from services import anchors, chain
from services.chain import BrokenAt, Intact, Why
from settings import Settings
from strict_yaml import Problems
from texts import Texts, day
from vault.keyring import Keyring, folder_of

app = typer.Typer(help="The audit log: check it, show the newest events.")

WHY = {
    Why.CHANGED: "audit.changed",
    Why.MISSING: "audit.missing",
    Why.UNKNOWN_KEY: "audit.unknown-key",
    Why.HEAD: "audit.head",
    Why.BEYOND: "audit.beyond",
    Why.SEGMENT: "audit.segment",
    Why.CUT: "audit.cut",
    Why.ANCHOR: "audit.other-anchor",
}
SHORT = 10  # characters of a pseudonym: enough to see that two events are about the same person


@app.command()
def verify() -> None:
    """Check that no event was changed, removed or moved. Exit status 1 when one was; names the first place."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    ring = _keyring(settings)
    database = _database(settings, texts)
    try:
        found = chain.verify_beside(database, ring, anchors.read(settings.home), watch("audit.watch"))
    finally:
        database.close()
    typer.echo(in_words(found, texts))
    if isinstance(found, BrokenAt):
        raise typer.Exit(1)


def in_words(found: Intact | BrokenAt, texts: Texts) -> str:
    """What a check of the log found, for operators."""
    if isinstance(found, BrokenAt):
        why = texts.say_plain(WHY[found.why], LANGUAGE)
        return texts.say_plain("audit.broken", LANGUAGE, seq=found.seq, why=why)
    intact = texts.say_plain("audit.intact", LANGUAGE, count=found.count, head=found.head)
    if found.anchored_at is None:
        return f"{intact}\n{texts.say_plain('audit.no-anchor', LANGUAGE, file=anchors.FILE)}"
    at = f"{day(found.anchored_at, LANGUAGE)}, {found.anchored_at:%H:%M} UTC"
    return f"{intact}\n{texts.say_plain('audit.anchored', LANGUAGE, count=found.anchors, at=at)}"


@app.command()
def show(count: Annotated[int, typer.Option("--last", help="how many events", min=1, max=10_000)] = 20) -> None:
    """Show the newest events: who did what, when. There is no personal data in them."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    database = _database(settings, texts)
    try:
        events = database.work(audit.last, count)
    finally:
        database.close()
    unreadable = texts.say_plain("audit.unreadable", LANGUAGE)
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for stored in events:
        table.add_row(str(stored.seq), *(_cells(stored.event) if stored.event else (unreadable,)))
    Console(highlight=False, markup=False).print(table)


def _cells(event: Event) -> tuple[str, ...]:
    shortened = {name: str(value)[: SHORT if name == "chat" else None] for name, value in event.detail.items()}
    detail = " ".join(f"{name}={value}" for name, value in shortened.items())
    return f"{event.at:%Y-%m-%d %H:%M:%S}Z", event.tag, event.actor, (event.subject or "–")[:SHORT], detail


def _database(settings: Settings, texts: Texts) -> Database:
    database = Database(settings.database_url.get_secret_value())
    if schema.version(database) is not schema.Version.CURRENT:
        database.close()
        refuse(texts.say_plain("audit.no-database", LANGUAGE))
    return database


def _keyring(settings: Settings) -> Keyring:
    try:
        return Keyring.load(folder_of(settings.home, os.environ))
    except Problems as problems:
        tell(problems)
