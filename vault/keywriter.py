"""How the folder of key files changes: no key is ever lost, none is written over.

A new file is made only where there is none. A rotation writes the old lines and the new one beside the file, brings
them to the disk and renames. Writers take turns by a lock on the folder.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from strict_yaml import Problem
from vault.disk import keep_names, new_handle
from vault.key import Purpose
from vault.keyfile import Ring, new_line
from vault.keyfolder import UNFINISHED, check_folder, path_of, problem, read, reason_of

FOLDER_MODE = 0o700


def create(folder: Path, today: date) -> Problem | None:
    """Makes the folder and a file with one new key for each purpose.

    Returns why not, and then nothing that was there has changed. A creation that was cut off is begun anew.
    """
    try:
        if not os.path.lexists(folder):
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            folder.chmod(FOLDER_MODE)  # whatever the umask left of it
            keep_names(folder.parent)
        wrong = check_folder(folder)
        if wrong and wrong.code != "vault.unfinished":
            return wrong
        with _locked(folder):
            return _create(folder, today)
    except OSError as error:
        reason = reason_of(error)
    return problem(folder, "unwritable", reason=reason)


def _create(folder: Path, today: date) -> Problem | None:
    unfinished = folder / UNFINISHED
    if unfinished.exists():
        for purpose in Purpose:
            path_of(folder, purpose).unlink(missing_ok=True)
    there = [path for path in (path_of(folder, purpose) for purpose in Purpose) if os.path.lexists(path)]
    if there:
        return problem(folder, "exists", files=", ".join(path.name for path in there))
    if not unfinished.exists():
        _write_new(unfinished, "")
    keep_names(folder)
    for purpose in Purpose:
        _write_new(path_of(folder, purpose), new_line(purpose, (), today))
    keep_names(folder)
    unfinished.unlink()
    keep_names(folder)
    return None


def append(folder: Path, purpose: Purpose, today: date) -> list[Problem]:
    """Adds a new key, which is in use from then on. Returns why not."""

    def add(ring: Ring, path: Path) -> list[Problem]:
        _replace(path, [*_lines(path), new_line(purpose, ring.keys, today)])
        return []

    return _change(folder, purpose, add)


def remove(folder: Path, purpose: Purpose, key_id: str) -> list[Problem]:
    """Takes an old key out, for ever. Returns why not."""

    def take_out(ring: Ring, path: Path) -> list[Problem]:
        if key_id not in {key.id for key in ring.keys}:
            return [problem(path, "unknown-key", key=key_id)]
        if key_id == ring.keys[-1].id:
            return [problem(path, "retire-current", key=key_id)]
        _replace(path, [line for line in _lines(path) if line.split()[:1] != [key_id]])
        return []

    return _change(folder, purpose, take_out)


def _change(folder: Path, purpose: Purpose, change: Callable[[Ring, Path], list[Problem]]) -> list[Problem]:
    wrong = check_folder(folder)
    if wrong:
        return [wrong]
    try:
        with _locked(folder):
            ring = read(folder, purpose)  # as it is now, under the lock: another process may have added one
            return list(ring.problems) or change(ring, path_of(folder, purpose))
    except OSError as error:
        reason = reason_of(error)
    return [problem(folder, "unwritable", reason=reason)]


def _lines(path: Path) -> list[str]:
    return [line + "\n" for line in path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()]


def _replace(path: Path, lines: list[str]) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)  # left by a crash; nobody else writes while we hold the lock
    _write_new(beside, "".join(lines))
    before = path.stat()
    if os.geteuid() != before.st_uid:
        os.chown(beside, before.st_uid, before.st_gid)  # root rotates, the bot's own user reads
    beside.replace(path)
    keep_names(path.parent)


def _write_new(path: Path, text: str) -> None:
    handle = new_handle(path)
    with open(handle, "w", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123  a handle, not a path
        file.write(text)
        file.flush()
        os.fsync(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
