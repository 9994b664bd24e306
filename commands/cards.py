"""`python bot.py cards …`: the lists of incidents."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import checks
from commands import imports
from commands.imports import Apply, By, ConfirmBy, Enc, File, RejectsFile, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings, refuse
from config.incidents import Incident
from db import findings, incidents
from services import lists
from services.imports import Order, Progress, Verdict
from services.lists import ListPlan
from settings import Settings
from texts import Texts, day

app = typer.Typer(help="Cards: the lists of incidents.")

LABELS = {
    "rows": "imported.rows",
    "affected": "imported.affected",
    "new_cards": "imported.new_cards",
    "changed_cards": "imported.changed_cards",
    "new": "imported.new",
    "changed": "imported.changed",
    "removed": "imported.removed",
    "unchanged": "imported.unchanged",
    "unknown_members": "imported.unknown_members",
    "rejected": "imported.rejected",
    "findings_before": "imported.findings_before",
    "notices": "imported.notices",
}


@app.command("import")
def import_(
    file: File,
    incident: Annotated[str, typer.Option("--incident", metavar="ID", help="as in config.yaml")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="the list's date, as 2026-11-24")],
    apply: Apply = False,
    by: By = None,
    confirm_by: ConfirmBy = None,
    encoding: Enc = "utf-8",
    rejects: RejectsFile = None,
    skip_unknown: Annotated[bool, typer.Option("--skip-unknown", help="leave out cards of nobody we know")] = False,
    yes: Yes = False,
) -> None:
    """Read an incident's list and show what would change; with --apply carry it out, as a whole or not at all.

    Members whose findings change are told that there is news. Exit status 0 when everything is right, 1 when the list
    cannot be carried out as it is, 2 when it cannot be read.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    wanted = imports.wishes(texts, apply=apply, yes=yes, by=by, confirm_by=confirm_by, rejects=rejects)
    about = _incident(settings, texts, incident), _date(texts, as_of)
    _import(settings, texts, file, encoding, about, wanted, skip_unknown=skip_unknown)


def _incident(settings: Settings, texts: Texts, name: str) -> Incident:
    found = next((incident for incident in settings.config.incidents if incident.id == name), None)
    if found is None:
        known = ", ".join(incident.id for incident in settings.config.incidents) or "–"
        refuse(texts.say_plain("imported.no-incident", LANGUAGE, id=name, known=known))
    return found


def _date(texts: Texts, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(texts.say_plain("imported.date", LANGUAGE, text=text))


def _import(
    settings: Settings,
    texts: Texts,
    file: Path,
    encoding: str,
    about: tuple[Incident, date],
    wanted: imports.Wishes,
    *,
    skip_unknown: bool,
) -> None:
    rules, (incident, as_of) = settings.config.imports, about
    with (
        office(settings) as (database, desk),
        imports.opened(file, lists.columns(rules), rules, encoding, texts) as table,
    ):

        def make(progress: Progress) -> ListPlan:
            return lists.plan(
                database, desk, rules, table, incident, as_of, skip_unknown=skip_unknown, progress=progress
            )

        def carry_out(order: Order) -> Verdict:
            return database.work(lists.apply, desk, made, order, now=desk.clock())

        with imports.watched(table, texts, make) as made:
            values = {"file": file.name, "incident": incident.id, "date": day(as_of, LANGUAGE)}
            title = texts.say_plain("imported.title-list", LANGUAGE, **values)
            imports.finish(made, title, LABELS, _reasons(made, settings, texts), wanted, texts, carry_out)


def _reasons(plan: ListPlan, settings: Settings, texts: Texts) -> dict[Verdict, str]:
    percent = f"{settings.config.imports.findings_changed_percent:g}"
    newest = day(plan.newest.as_of, LANGUAGE) if plan.newest else "–"
    return imports.reasons(plan, texts) | {
        Verdict.NEEDS_SECOND: texts.say_plain("imported.refused-needs-second-list", LANGUAGE, percent=percent),
        Verdict.OLDER: texts.say_plain("imported.refused-older", LANGUAGE, date=newest),
        Verdict.FUTURE: texts.say_plain("imported.refused-future", LANGUAGE),
    }


@app.command("list")
def show_lists() -> None:
    """Show the incidents with the date of their newest list and how many cards it names."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    with office(settings) as (database, _):
        figures, dates = database.work(incidents.figures), database.work(findings.list_dates)
    grid = Table(box=None, padding=(0, 2, 0, 0))
    for key in ("imported.list-incident", "imported.list-as-of"):
        grid.add_column(texts.say_plain(key, LANGUAGE))
    for key in ("imported.list-cards", "imported.affected"):
        grid.add_column(texts.say_plain(key, LANGUAGE), justify="right")
    for incident in settings.config.incidents:
        as_of, own = dates.get(incident.id), figures.get(incident.id, incidents.Figures(0, 0))
        newest = day(as_of, LANGUAGE) if as_of else texts.say_plain("imported.list-none", LANGUAGE)
        grid.add_row(incident.id, newest, str(own.cards), str(own.affected))
    Console(highlight=False, markup=False).print(grid)
