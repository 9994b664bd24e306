"""A change to the FAQ files: tried on a copy, then written in one step, or not at all.

Nobody ever reads half a file, and nobody else writes meanwhile: whoever changes the folder holds it. What is written
is taken over like any edit of a person, by `handlers.reloading`.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from faq import check as faq_check
from faq import writing
from faq.difference import Difference, difference
from faq.history import replace
from faq.library import Library
from faq.loader import Fill, load_with_files
from faq.writing import Change, Edit, MorePhrasings, NewEntry, NoPlace
from strict_yaml import Problem, Problems


@dataclass(frozen=True)
class Proof:
    """What the files of a folder would mean: the library, and everything that can be said about what is new in it.

    Without a library the files cannot be used at all, for these problems.
    """

    library: Library | None
    problems: tuple[Problem, ...]
    difference: Difference

    @property
    def mistakes(self) -> list[Problem]:
        """What refuses the edit."""
        return [problem for problem in self.problems if not faq_check.is_advice(problem)]


def prove(folder: Path, *, before: Library, today: date, fill: Fill | None) -> Proof:
    """Reads the files and checks what is new or changed since the library `before`."""
    try:
        store, files = load_with_files(folder, fill)
    except Problems as refused:
        return Proof(None, refused.problems, Difference())
    library = before.edited(store)
    edit = difference(before.store, store)
    touched = {*edit.added, *edit.changed}
    found = faq_check.check(files, library.matcher, today=today, fill=fill, only=touched)
    return Proof(library, tuple(found), edit)


def try_out(folder: Path, change: Change, *, before: Library, today: date, fill: Fill | None) -> Proof | NoPlace:
    """What would become of a change; the folder stays as it is. Raises `Problems` and KeyError as `writing.edited`."""
    edit = writing.edited(folder, change)
    if isinstance(edit, NoPlace):
        return edit
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        for path in folder.glob("*.yaml"):
            shutil.copy2(path, copy)
        (copy / edit.name).write_bytes(edit.after)
        return prove(copy, before=before, today=today, fill=fill)


def write(folder: Path, change: Change) -> Edit | NoPlace:
    """Writes a change. Raises OSError where the folder cannot be written, `Problems` and KeyError as `edited`."""
    with held(folder):
        edit = writing.edited(folder, change)
        if isinstance(edit, Edit):
            replace(folder / edit.name, edit.after)
        return edit


def take_back(folder: Path, edit: Edit) -> bool:
    """Undoes what was written just now; False when somebody has written the file since."""
    with held(folder):
        path = folder / edit.name
        if path.read_bytes() != edit.after:
            return False
        replace(path, edit.before)
        return True


def is_in(change: Change, library: Library) -> bool:
    """Whether the library says already what the change would bring: it was written before."""
    entries = library.store.entries
    if isinstance(change, NewEntry):
        known = entries.get(change.entry.id)
        return known is not None and known.model_copy(update={"as_of": change.entry.as_of}) == change.entry
    return change.entry in entries and not missing(change, library)


def missing(change: MorePhrasings, library: Library) -> MorePhrasings | None:
    """The phrasings that the entry does not have yet; None when it has all of them."""
    entry = library.store.entries[change.entry]
    new = [
        (language, text)
        for language, text in change.phrasings
        if text.casefold() not in {known.casefold() for known in entry.wording(language).ask}
    ]
    return MorePhrasings(change.entry, tuple(new)) if new else None


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder against other processes of this program that write into it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
