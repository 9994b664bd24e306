"""Files that nobody else may read: made in a locked drawer, put in their place when all of them are complete."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from strict_yaml import Problem, Problems

_PREFIX: Final = ".letters-"


@contextmanager
def drawer(folder: Path) -> Iterator[Path]:
    """A directory of mode 0700 inside `folder`, removed in any case.

    What a killed run left behind there is removed as well: the lock on `folder` tells that nobody is at work.
    Raises `Problems` when somebody is.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problems([Problem(folder.name, 0, "", "letters.busy")]) from None
        for left in folder.glob(f"{_PREFIX}*/"):
            shutil.rmtree(left)
        inside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        try:
            yield inside
        finally:
            shutil.rmtree(inside)
    finally:
        os.close(lock)


def private(path: Path) -> int:
    """A descriptor of a new file of mode 0600. Raises FileExistsError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def publish(places: Mapping[Path, Path]) -> None:
    """Moves complete files to their places, in order, all of them or none; on disk when this returns.

    A place is empty (the caller has looked, under the drawer's lock) and on the file system of the drawer.
    """
    done: list[Path] = []
    try:
        for source, place in places.items():
            source.replace(place)
            done.append(place)
        for folder in {place.parent for place in done}:
            _sync_folder(folder)
    except BaseException:
        for place in done:
            with suppress(OSError):
                place.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
