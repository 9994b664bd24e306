"""`python bot.py backup` and `python bot.py restore`."""

import contextlib
import getpass
import os
from pathlib import Path
from typing import Annotated, Never

import typer
from rich.console import Console

import building
import checks
from backup import shelf
from commands.shared import LANGUAGE, load_settings, refuse, tell
from db import copies
from db.session import Database
from services import backups, restoring
from services.backups import Made, Refused, Why
from services.clock import system
from services.restoring import Order, Restored
from settings import Settings
from strict_yaml import Problems
from texts import Texts, day
from vault.keyring import Keyring, folder_of

app = typer.Typer(help="Backups of the database.")

WHY = {
    Why.BUSY: "backup.busy",
    Why.DATABASE: "backup.database",
    Why.EMPTY: "backup.empty",
    Why.DISK: "backup.disk",
    Why.EXISTS: "backup.exists",
    Why.NO_FILE: "backup.no-file",
    Why.NOT_ONE: "backup.not-one",
    Why.UNKNOWN_KEY: "backup.unknown-key",
    Why.DAMAGED: "backup.damaged",
    Why.INCOMPLETE: "backup.incomplete",
    Why.NEWER: "backup.newer",
    Why.OTHER_KIND: "backup.other-kind",
    Why.IN_USE: "backup.in-use",
    Why.NOT_EMPTY: "backup.not-empty",
    Why.AUDIT: "backup.audit",
}


@app.command()
def backup(
    to: Annotated[Path | None, typer.Option(help="folder for the backup; backups in the home folder otherwise")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="then delete backups in it older than 35 days")] = False,
) -> None:
    """Back up the database, sealed and checked. The bot may go on running. The keys are not in it."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    ring = _keyring(settings)
    url = settings.database_url.get_secret_value()
    if not copies.is_there(url):
        _end(Refused(Why.EMPTY), texts)
    database = Database(url)
    try:
        with _status("backup.making", texts):
            made = backups.make(
                database,
                ring,
                home=settings.home,
                folder=(to or settings.home / shelf.FOLDER).absolute(),
                now=system(),
                actor=_actor(),
                prune=prune,
            )
    finally:
        database.close()
    if isinstance(made, Refused):
        _end(made, texts)
    _tell_made(made, texts)


def _tell_made(made: Made, texts: Texts) -> None:
    size = f"{made.size / 1_000_000:.1f}"
    values = {"path": made.path, "tables": len(made.manifest.rows), "rows": made.rows, "size": size}
    typer.echo(texts.say_plain("backup.made", LANGUAGE, **values))
    if made.pruned:
        typer.echo(texts.say_plain("backup.pruned", LANGUAGE, count=len(made.pruned)))
    typer.echo(texts.say_plain("backup.keys", LANGUAGE))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="the backup")],
    force: Annotated[bool, typer.Option("--force", help="replace a database that is not empty")] = False,
    broken_audit: Annotated[
        bool, typer.Option("--broken-audit", help="restore although the audit log in it is not whole")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="only try whether it could be restored")] = False,
) -> None:
    """Put a backup in the place of the database, without those who were erased since. Stop the bot first."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    order = Order(
        file=file,
        url=settings.database_url.get_secret_value(),
        ring=_keyring(settings),
        home=settings.home,
        folder=settings.home / shelf.FOLDER,
        now=system(),
        actor=_actor(),
        verification=settings.config.verification,
        force=force,
        broken_audit=broken_audit,
        trial=check,
    )
    if check:
        _tell_restored(_restore(order, texts), order, texts)
        return
    try:
        with building.only_one(settings.home, texts):
            restored = _restore(order, texts)
    except building.CannotStart:
        refuse(texts.say_plain("backup.bot-runs", LANGUAGE))
    _tell_restored(restored, order, texts)


def _restore(order: Order, texts: Texts) -> Restored:
    with _status("backup.restoring", texts):
        restored = restoring.restore(order)
    if isinstance(restored, Refused):
        _end(restored, texts)
    return restored


def _tell_restored(restored: Restored, order: Order, texts: Texts) -> None:
    at = restored.manifest.made_at
    values = {"date": day(at, LANGUAGE), "time": f"{at:%H:%M}", "rows": sum(restored.manifest.rows.values())}
    typer.echo(texts.say_plain("backup.could-be" if order.trial else "backup.restored", LANGUAGE, **values))
    if restored.erased:
        typer.echo(texts.say_plain("backup.erased", LANGUAGE, count=restored.erased))
    if not restored.is_present_known:
        typer.echo(texts.say_plain("backup.present-unreadable", LANGUAGE))
    if restored.present:
        typer.echo(texts.say_plain("backup.present", LANGUAGE, path=restored.present))
    if restored.lost:
        typer.echo(texts.say_plain("backup.lost", LANGUAGE))
        for tag, count in restored.lost.items():
            typer.echo(f"  {count:>6} × {tag}")


def _end(refused: Refused, texts: Texts) -> Never:
    refuse(texts.say_plain(WHY[refused.why], LANGUAGE, what=refused.what))


def _actor() -> str:
    """Who is at the console, as the audit log names them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "console"
    known = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "._-"))
    return f"staff:{known or 'console'}"[:64]


def _status(key: str, texts: Texts) -> contextlib.AbstractContextManager[object]:
    """Shows that something is going on, where somebody watches."""
    console = Console(stderr=True)
    return console.status(texts.say_plain(key, LANGUAGE)) if console.is_terminal else contextlib.nullcontext()


def _keyring(settings: Settings) -> Keyring:
    try:
        return Keyring.load(folder_of(settings.home, os.environ))
    except Problems as problems:
        tell(problems)
