"""The folder of key files, as it is read: only when nobody else can read or change it.

Files have mode 0600, the folder 0700. Links are refused, because what they lead to may change.
"""

import errno
import os
import stat
from pathlib import Path

from strict_yaml import Problem
from vault.key import Purpose
from vault.keyfile import Ring, parse

MOST_BYTES = 64 * 1024
OTHERS = 0o077
ENDING = ".key"
UNFINISHED = ".creating"  # lies in the folder while its files are made; keys beside it were never used
KNOWN = {f"{purpose}{ENDING}" for purpose in Purpose}
NOT_OURS = {"lost+found"}  # what a volume brings along


def path_of(folder: Path, purpose: Purpose) -> Path:
    return folder / f"{purpose}{ENDING}"


def is_begun(folder: Path) -> bool:
    """Whether the making of keys was cut off in this folder: nothing was ever used from it."""
    return folder.is_dir() and (os.path.lexists(folder / UNFINISHED) or not any(folder.iterdir()))


def check_folder(folder: Path) -> Problem | None:
    """What is wrong with the folder itself."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return problem(folder, "no-folder")
    except OSError as error:
        return problem(folder, "unreadable", reason=reason_of(error))
    if stat.S_ISLNK(status.st_mode):
        return problem(folder, "folder-link")
    if not stat.S_ISDIR(status.st_mode):
        return problem(folder, "not-folder")
    if status.st_mode & OTHERS:
        return problem(folder, "folder-open", mode=_mode(status))
    if _is_foreign(status):
        return problem(folder, "owner", owner=str(status.st_uid))
    return problem(folder, "unfinished") if os.path.lexists(folder / UNFINISHED) else None


def read(folder: Path, purpose: Purpose) -> Ring:
    """The keys of one purpose, or what is wrong with their file."""
    path = path_of(folder, purpose)
    content = _content(path)
    if isinstance(content, Problem):
        return Ring(problems=(content,))
    return parse(path, purpose, content)


def _content(path: Path) -> bytes | Problem:
    try:
        # Not blocking: a pipe in place of the file must not stop the start.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return problem(path, "missing")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return problem(path, "link")
        return problem(path, "unreadable", reason=reason_of(error))
    try:
        return _check_file(path, os.fstat(handle)) or os.read(handle, MOST_BYTES)  # what is open, not what has the name
    finally:
        os.close(handle)


def _check_file(path: Path, status: os.stat_result) -> Problem | None:
    if not stat.S_ISREG(status.st_mode):
        return problem(path, "not-file")
    if status.st_mode & OTHERS:
        return problem(path, "open", mode=_mode(status))
    if _is_foreign(status):
        return problem(path, "owner", owner=str(status.st_uid))
    return problem(path, "large", most=str(MOST_BYTES // 1024)) if status.st_size > MOST_BYTES else None


def strays(folder: Path) -> list[Problem]:
    """What lies in the folder and does not belong there, such as an editor's copy of a key."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []  # that it cannot be read is said elsewhere
    return [problem(folder / name, "stray") for name in names if name not in KNOWN | NOT_OURS]


def stamp(folder: Path) -> tuple[tuple[int, int, int], ...]:
    """Changes when a file does. Raises OSError when one is gone."""
    found = (path_of(folder, purpose).stat() for purpose in Purpose)
    return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in found)


def _is_foreign(status: os.stat_result) -> bool:
    """Whether somebody else owns it and so can change it. Root, who may read everything, may also serve another."""
    us = os.geteuid()
    return us != 0 and status.st_uid not in (0, us)


def _mode(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"


def reason_of(error: OSError) -> str:
    return error.strerror or type(error).__name__


def problem(path: Path, code: str, **values: str) -> Problem:
    return Problem(str(path), 0, "", f"vault.{code}", values)
