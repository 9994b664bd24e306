"""`python bot.py faq history` and `faq undo`: the accepted versions of the FAQ files, and the way back."""

from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

import checks
from commands.shared import LANGUAGE, load_settings, refuse, tell
from faq.difference import Difference, difference
from faq.entry import Store
from faq.history import History, Version
from faq.loader import SHIPPED, digest, load
from services.clock import system
from settings import Settings
from strict_yaml import Problems

HERE = ZoneInfo("Europe/Berlin")


def history() -> None:
    """List the accepted versions of the FAQ files, newest first, with what changed in each."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    versions = _readable(settings).versions()
    if not versions:
        typer.echo(texts.say_plain("versions.none", LANGUAGE))
        return
    current = digest(SHIPPED)
    table = Table(*(texts.label(f"versions.{name}", LANGUAGE) for name in ("id", "at", "change")))
    before: Store | None = None
    rows = []
    for version in versions:
        store = _store(version)
        what = _change(difference(before, store)) if before and store else ""
        mark = " *" if version.digest == current else ""
        rows.append((version.digest[:8] + mark, f"{version.at.astimezone(HERE):%d.%m.%Y %H:%M}", what))
        before = store or before
    for row in reversed(rows):
        table.add_row(*row)
    Console().print(table)
    typer.echo(texts.say_plain("versions.current", LANGUAGE))


def undo(version: str) -> None:
    """Bring an earlier version back. The present files are kept as a version of their own first."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    kept = _readable(settings)
    found = kept.find(version)
    if found is None:
        refuse(texts.say_plain("versions.unknown", LANGUAGE, version=version))
    try:
        checks.open_library(settings, texts, found.folder)
    except Problems as problems:  # the program has become stricter since
        tell(problems)
    kept.keep(SHIPPED, system())
    History.restore(found, SHIPPED)
    typer.echo(texts.say_plain("versions.restored", LANGUAGE, version=found.digest[:8]))


def _readable(settings: Settings) -> History:
    try:
        return checks.readable_history(settings)
    except Problems as problems:
        tell(problems)


def _store(version: Version) -> Store | None:
    try:
        return load(Path(version.folder))
    except Problems:
        return None


def _change(changed: Difference) -> str:
    signs = (("+", changed.added), ("~", changed.changed), ("−", changed.removed))
    return " ".join(f"{sign}{entry}" for sign, entries in signs for entry in entries)
