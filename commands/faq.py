"""`python bot.py faq …`: check the FAQ files, ask them, measure them, see how an answer looks."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import checks
from commands import findings, gaps, picture, preview, trials, versions
from commands.findings import Format
from commands.shared import LANGUAGE, load_settings, refuse, tell, watch
from faq import engine, trial
from faq import schema as faq_schema
from faq.check import check as check_entries
from faq.check import is_advice
from faq.ending import must_be_whole
from faq.entry import LANGUAGES
from faq.entry import Language as Spoken
from faq.library import Library
from faq.loader import SHIPPED, read_files
from faq.match import Reading
from faq.probes import Probe, read_probes
from faq.trial import Trial
from handlers.reasons import reasons
from markup import plain
from services.clock import system
from settings import Settings
from strict_yaml import Problem, Problems, nearest
from texts import Texts, sentences

app = typer.Typer(help="The FAQ files: check them, ask them, measure them.")

Content = Annotated[Path, typer.Option("--content", help="folder of FAQ files; the test questions are in ../tests")]
Question = Annotated[str, typer.Argument(help="what a member might write")]
OneLanguage = Annotated[Spoken | None, typer.Option("--language", help="only the test questions in this language")]


def open_library(settings: Settings, folder: Path = SHIPPED) -> Library:
    """The library in a folder, or the end of the program with everything that is wrong with its files."""
    try:
        return _open(settings, folder)
    except Problems as problems:
        tell(problems)


def _open(settings: Settings, folder: Path) -> Library:
    return Library.open(folder, checks.thresholds_of(settings), checks.texts_of(settings).fill)


@app.command()
def check(
    content: Content = SHIPPED,
    output: Annotated[Format, typer.Option("--format", help="for people, GitHub or programs")] = Format.TEXT,
) -> None:
    """Check the FAQ files: mistakes, and advice on what could be better. Exit status 1 when there is a mistake."""
    settings = load_settings()
    library, problems = _problems(settings, content)
    findings.show(problems, content, output)
    if output is Format.TEXT and library and not problems:
        typer.echo(checks.all_good(library.store, checks.texts_of(settings), LANGUAGE))
    if not all(is_advice(problem) for problem in problems):
        raise typer.Exit(1)


def _problems(settings: Settings, folder: Path) -> tuple[Library | None, list[Problem]]:
    """Everything that is wrong or could be better, with the library if it can be used."""
    try:
        if folder.resolve() == SHIPPED.resolve():
            with contextlib.suppress(OSError):  # who may not read the home folder checks without it
                must_be_whole(folder, checks.history_of(settings))
        library = _open(settings, folder)
        files = read_files(folder)
    except Problems as found:
        return None, list(found.problems)
    probes: list[Probe] = []
    problems: list[Problem] = []
    try:
        probes = read_probes(folder, library.store.entries)
    except Problems as found:
        problems += found.problems
    fill = checks.texts_of(settings).fill
    problems += check_entries(
        files, library.matcher, probes, today=system().date(), fill=fill, watch=watch("checked.watch")
    )
    return library, problems


@app.command("test")
def run_test(
    content: Content = SHIPPED,
    language: OneLanguage = None,
    before: Annotated[Path | None, typer.Option(help="an earlier folder: which questions now lead elsewhere?")] = None,
    image: Annotated[Path | None, typer.Option("--picture", help="write a picture: png, svg or pdf")] = None,
    worst: Annotated[int, typer.Option(help="how many confusions to show", min=0)] = 20,
) -> None:
    """Ask the test questions: how many find their entry, and which entries are taken for each other."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    if image and (image.suffix not in picture.ENDINGS or not image.absolute().parent.is_dir()):
        refuse(texts.say_plain("trial.no-picture", LANGUAGE, path=image, endings=", ".join(picture.ENDINGS)))
    library = open_library(settings, content)
    probes = _probes(content, library)
    if not probes:
        refuse(texts.say_plain("trial.none", LANGUAGE, folder=content.parent / "tests"))
    tried = trial.run(probes, library.matcher, watch("trial.watch"))
    languages = (language,) if language else LANGUAGES
    for spoken in languages:
        trials.show(tried.of(spoken), spoken, texts, worst)
    if before:
        trials.show_moves(trial.moved(_tried(settings, before, probes), tried), texts)
    if image:
        picture.draw({spoken: tried.of(spoken) for spoken in languages}, texts, image)
        typer.echo(texts.say_plain("trial.picture", LANGUAGE, path=image))


def _probes(folder: Path, library: Library) -> list[Probe]:
    try:
        return read_probes(folder, library.store.entries)
    except Problems as problems:
        tell(problems)


def _tried(settings: Settings, folder: Path, probes: list[Probe]) -> Trial:
    return trial.run(probes, open_library(settings, folder).matcher, watch("trial.watch"))


@app.command()
def ask(question: Question, content: Content = SHIPPED) -> None:
    """Show what would be answered to a question, and why."""
    settings = load_settings()
    _explain(open_library(settings, content).read(question), checks.texts_of(settings))


@app.command()
def why(question: Question, content: Content = SHIPPED) -> None:
    """Show everything that the matcher knows about a question: each entry that came near, with its confidence."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    library = open_library(settings, content)
    reading = library.read(question)
    _explain(reading, texts)
    trials.show_matches(reading, library, texts)


def _explain(reading: Reading, texts: Texts) -> None:
    for line in reasons(reading, texts, LANGUAGE):
        typer.echo(plain(line))


@app.command("preview")
def show_preview(
    entry: Annotated[str, typer.Argument(metavar="ID", help="the id of an entry")], content: Content = SHIPPED
) -> None:
    """Show an answer as members get it, in both languages, with its buttons."""
    settings = load_settings()
    texts = checks.texts_of(settings)
    store = open_library(settings, content).store
    if entry not in store.entries:
        reason = texts.say_plain("preview.no-entry", LANGUAGE, id=entry)
        if near := nearest(entry, sorted(store.entries)):
            reason += " " + texts.say_plain("problem.near", LANGUAGE, near=near)
        refuse(reason)
    preview.show(store, entry, settings, Console())


@app.command()
def schema(content: Content = SHIPPED) -> None:
    """Write the JSON Schema of the FAQ files, for editors that complete and underline while one types."""
    path = content / faq_schema.FILE
    path.write_text(faq_schema.schema(hints()), encoding="utf-8")
    typer.echo(checks.texts_of(load_settings()).say_plain("hint.written", LANGUAGE, path=path))


def hints() -> dict[str, str]:
    """What each key of the FAQ files means, as `faq.schema` wants it."""
    return {key.removeprefix("hint."): text for key, text in sentences(LANGUAGE).items() if key.startswith("hint.")}


@app.command("engine")
def run_engine() -> None:
    """Answer JSON lines on standard input, for measurements (docs/matching.md)."""
    engine.main(thresholds=checks.thresholds_of(load_settings()))


app.command("history")(versions.history)


@app.command("undo")
def undo(version: Annotated[str, typer.Argument(help="how a version's name begins, see `history`")]) -> None:
    """Bring an earlier version of the FAQ files back."""
    versions.undo(version)


@app.command("gaps")
def find_gaps(
    weeks: Annotated[int, typer.Option(help="how many weeks back", min=1)] = 4,
    most: Annotated[int, typer.Option(help="how many groups to show", min=1)] = 20,
) -> None:
    """Show what members asked without a good answer, grouped, with lines to paste."""
    gaps.show(weeks, most)
