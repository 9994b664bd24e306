"""`python bot.py register …`: the association's list of members."""

from pathlib import Path

import typer

import checks
from commands import imports
from commands.imports import Apply, By, ConfirmBy, Enc, File, RejectsFile, Yes
from commands.office import office
from commands.shared import LANGUAGE, load_settings
from services import register
from services.imports import Order, Progress, Verdict
from services.register import RegisterPlan
from settings import Settings
from texts import Texts

app = typer.Typer(help="The register: the association's list of members.")

LABELS = {
    "rows": "imported.rows",
    "new": "imported.new",
    "changed": "imported.changed",
    "unchanged": "imported.unchanged",
    "back": "imported.back",
    "missing": "imported.missing",
    "gone": "imported.gone",
    "rejected": "imported.rejected",
    "links_open": "imported.links_open",
    "links_resting": "imported.links_resting",
    "links_ended": "imported.links_ended",
}


@app.callback()
def register_commands() -> None:
    """The register: the association's list of members."""


@app.command("import")
def import_(
    file: File,
    apply: Apply = False,
    by: By = None,
    confirm_by: ConfirmBy = None,
    encoding: Enc = "utf-8",
    rejects: RejectsFile = None,
    yes: Yes = False,
) -> None:
    """Read a list of members and show what would change; with --apply carry it out, as a whole or not at all.

    Exit status 0 when everything is right, 1 when the list cannot be carried out as it is, 2 when it cannot be read.
    """
    settings = load_settings()
    texts = checks.texts_of(settings)
    wanted = imports.wishes(texts, apply=apply, yes=yes, by=by, confirm_by=confirm_by, rejects=rejects)
    _import(settings, texts, file, encoding, wanted)


def _import(settings: Settings, texts: Texts, file: Path, encoding: str, wanted: imports.Wishes) -> None:
    rules = settings.config.imports
    columns = register.columns(rules)
    with office(settings) as (database, desk), imports.opened(file, columns, rules, encoding, texts) as table:

        def make(progress: Progress) -> RegisterPlan:
            return register.plan(database, desk, rules, table, progress=progress)

        def carry_out(order: Order) -> Verdict:
            return database.work(register.apply, desk, made, order, now=desk.clock())

        with imports.watched(table, texts, make) as made:
            title = texts.say_plain("imported.title-register", LANGUAGE, file=file.name)
            imports.finish(made, title, LABELS, _reasons(made, settings, texts), wanted, texts, carry_out)


def _reasons(plan: RegisterPlan, settings: Settings, texts: Texts) -> dict[Verdict, str]:
    percent = f"{settings.config.imports.links_ended_percent:g}"
    second = texts.say_plain("imported.refused-needs-second-register", LANGUAGE, percent=percent)
    return imports.reasons(plan, texts) | {Verdict.NEEDS_SECOND: second}
