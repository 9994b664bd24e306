"""`python bot.py keys …`: the keys, which lie outside the database."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Never

import typer
from rich.console import Console
from rich.progress import Progress

import checks
from commands.office import office
from commands.shared import LANGUAGE, USAGE, load_settings, refuse
from services import rotation
from services.clock import system
from settings import Settings
from strict_yaml import Problem, Problems
from texts import day, explain
from vault.key import Purpose
from vault.keyring import Keyring, folder_of, problems_in
from vault.sealing import Unreadable

app = typer.Typer(help="The keys, which lie outside the database: make, rotate, check.")


def _folder(settings: Settings) -> Path:
    return folder_of(settings.home, os.environ)


@app.command()
def new() -> None:
    """Make the folder of keys, with a new key for each purpose. Never writes over keys that are there."""
    settings = load_settings()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        keyring = Keyring.create(_folder(settings), today=system().date())
    except Problems as problems:
        _refuse(problems.problems)
    typer.echo(checks.texts_of(settings).say_plain("keys.created", LANGUAGE, folder=keyring.folder))


@app.command()
def rotate(purpose: Annotated[Purpose, typer.Argument(help="what the new key is for")]) -> None:
    """Add a new key for one purpose, which is used from then on; the older ones still open what they sealed."""
    settings = load_settings()
    try:
        keyring = Keyring.load(_folder(settings)).add(purpose, today=system().date())
    except Problems as problems:
        _refuse(problems.problems)
    values = {"purpose": purpose, "key": keyring.current(purpose).id, "folder": keyring.folder}
    typer.echo(checks.texts_of(settings).say_plain("keys.rotated", LANGUAGE, **values))


@app.command()
def reseal() -> None:
    """Bring everything that is sealed under older keys under those in use. May be stopped and started again."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    with office(settings) as (database, desk), Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        try:
            changed = rotation.reseal(database, desk, lambda count: progress.update(task, completed=count))
        except Unreadable:
            refuse(texts.say_plain("keys.unreadable", LANGUAGE))
    typer.echo(texts.say_plain("keys.resealed", LANGUAGE, count=changed))


@app.command()
def check() -> None:
    """Report everything that is wrong with the keys, or which are in use."""
    settings = load_settings()
    folder = _folder(settings)
    problems = problems_in(folder)
    if problems:
        _refuse(problems)
    texts = checks.texts_of(settings)
    keyring = Keyring.load(folder)
    typer.echo(texts.say_plain("keys.good", LANGUAGE, folder=folder))
    for purpose in Purpose:
        current, *older = keyring.every(purpose)
        values = {"purpose": purpose, "key": current.id, "date": day(current.since, LANGUAGE)}
        if older:
            values["older"] = ", ".join(key.id for key in older)
        typer.echo("  " + texts.say_plain("keys.since-older" if older else "keys.since", LANGUAGE, **values))


def _refuse(problems: Sequence[Problem]) -> Never:
    for problem in problems:
        typer.echo(explain(problem, LANGUAGE), err=True)
    raise typer.Exit(USAGE) from None
